/* The inside of one run of madoguchi-ctl, for the files that make up its framework; commands use app/ctl.h. */
#ifndef APP_CTL_RUN_H
#define APP_CTL_RUN_H

#include "app/ctl.h"
#include "base/buf.h"
#include "client/client.h"

struct ctl_given {
    const char *name, *value;
};

struct ctl {
    const struct ctl_command *cmd;
    const char *noun;  /* known as soon as the first word is */
    const char **word; /* everything that is no option: command words, then arguments */
    size_t n_words, skip;
    struct ctl_given *opt;
    size_t n_opts;
    bool json, help;

    char *dir, *share;
    struct instance instance;
    bool has_instance;
    struct client *client;
    int timeout_ms;

    struct buf out; /* text for people on its way to standard output */
    json_t *result;
    struct buf text, remedy; /* of a failure, in the reader's language */
    bool wrong_usage;
    struct {
        int64_t first_ms, last_ms;
        bool shown;
    } progress;
};

/* All tables in the order of the help. */
extern const struct ctl_table *const ctl_tables[];
extern const size_t ctl_tables_n;
extern const struct ctl_option ctl_common_options[]; /* ends with a row without name */

/* Reads the command line into c; when OK, c->cmd is set or c->help. Borrows argv. */
enum err ctl_parse(struct ctl *, int argc, char **argv, struct errinfo *) NODISCARD;
/* The help of one noun, one command or, with NULL, of everything. */
enum err ctl_help(struct ctl *, const char *noun, const char *sub, struct errinfo *) NODISCARD;
/* Connects and, when an operator is named, logs in. Nothing when that was done. */
enum err ctl_connect(struct ctl *, struct errinfo *) NODISCARD;
/* Writes what is left, the document and the failure; returns the exit status. */
int ctl_finish(struct ctl *, enum err, const struct errinfo *);

#endif
