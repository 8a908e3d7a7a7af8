/*
 * madoguchi-ctl (管理コマンド): administration and examination from the shell. Each noun has a file
 * src/app/ctl/ctl_NOUN.c that exports one const table `ctl_NOUN_commands` and is named in src/app/ctl/ctl_nouns.def;
 * help, checks of options and the manual come from the tables. Commands that touch the register go through the same
 * service socket and the same gate as the counter. Exit status: 0 done, 1 refused by a rule, 2 wrong usage, 3 the
 * system failed. With --json standard output is exactly one JSON document: the result, or {"error":{…}}. Personal data
 * and passwords are never arguments: they come from standard input, a descriptor or a file.
 */
#ifndef APP_CTL_H
#define APP_CTL_H

#include "app/instance.h"
#include <jansson.h>
#include <stddef.h>

struct ctl; /* one run of the program */

struct ctl_option {
    const char *name; /* without the dashes */
    const char *arg;  /* what its value is called in the help, or NULL: a switch */
    const char *help; /* Japanese */
};

enum ctl_need {
    CTL_FREE,     /* needs nothing */
    CTL_INSTANCE, /* instance.conf is read before run */
    CTL_LOGIN,    /* also connected and logged in before run: --as is required */
};

struct ctl_command {
    const char *name;  /* noun: "clock" */
    const char *sub;   /* second word: "set"; NULL when the noun stands alone (then it is its only row) */
    const char *usage; /* what follows, for the help: "DATETIME"; NULL: nothing */
    const char *help;  /* one sentence, Japanese */
    const char *more;  /* further lines of `help COMMAND`, or NULL */
    size_t min_args, max_args;
    enum ctl_need need;
    const struct ctl_option *option; /* its own, beside the common ones; ends with a row without name. NULL: none */
    enum err (*run)(struct ctl *, struct errinfo *);
};

struct ctl_table {
    const struct ctl_command *c;
    size_t n;
};

/* The call: arguments behind the command words, options (NULL when absent, "" for a given switch). */
const char *ctl_arg(const struct ctl *, size_t i); /* NULL when there are fewer */
const char *ctl_opt(const struct ctl *, const char *name);
const char *ctl_dir(const struct ctl *);
/* instance.conf; BUG unless the command needs at least CTL_INSTANCE. */
const struct instance *ctl_instance(const struct ctl *);
/* Directory with forms/ and data/ (form/catalog.h). */
const char *ctl_share(const struct ctl *);

/* Asks the service: connects at the first question, and logs in when an operator was named. Steals params. */
enum err ctl_ask(struct ctl *, const char *method, json_t *params, json_t **ret_result, struct errinfo *) NODISCARD;

/* Members of an answer: "" and 0 when absent. */
const char *ctl_text(const json_t *object, const char *key);
int64_t ctl_number(const json_t *object, const char *key);

/* A secret from "--NAME-fd N" (one line) or "--NAME-file FILE" (mode 0600), else asked for on the terminal with
 * `prompt`. The command declares both options with the macros. Caller frees with wipe_str. */
enum err ctl_secret(struct ctl *, const char *name, const char *prompt, char **ret, struct errinfo *) NODISCARD;
#define CTL_SECRET_FD(name, what)                                  \
    {                                                              \
        name "-fd", "N", what "を記述子 N の1行から読む" \
    }
#define CTL_SECRET_FILE(name, what)                                                               \
    {                                                                                             \
        name "-file", "FILE", what "をファイルから読む (本人だけが読めるもの)" \
    }

/* What the command has to say: lines for people (nothing with --json), and the one document for programs. A document
 * set by a command that fails is printed too, with "error" added. */
void ctl_say(struct ctl *, const char *fmt, ...) PRINTF_LIKE(2, 3);
void ctl_result(struct ctl *, json_t *take); /* an object */
void ctl_say_json(struct ctl *, const json_t *);
/* A bar on the terminal with rate and remaining time; nothing when standard error is none or with --json. */
void ctl_progress(struct ctl *, const char *what, int64_t done, int64_t total);

/* Failing in the reader's language. refuse: sentence and remedy (may be NULL) for this one case; without it the text is
 * that of the service, or of the code. usage: exit status 2 and a pointer to the help. */
enum err ctl_refuse(struct ctl *, struct errinfo *, enum err code, const char *remedy, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
enum err ctl_usage(struct ctl *, struct errinfo *, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
