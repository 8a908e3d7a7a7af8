/*
 * Reads forms/ and data/ into one rulebook. Strict: an unknown word, a missing column, two kinds with one menu key,
 * a form that does not fit 80x24 are errors that name file, line and what was expected; nothing is half loaded.
 * The digest of everything read is written into the operation log at every start, so that it is always known
 * which rules were in force.
 */
#ifndef FORM_CATALOG_H
#define FORM_CATALOG_H

#include "domain/rulebook.h"

struct catalog_report { /* all errors of one run, for `madoguchi-ctl forms check` */
    char **line;
    size_t n;
};

/* `forms` holds *.form, `data` holds parameters.tsv, messages.tsv, holidays.tsv, tables/ (eras.tsv among them).
 * `overrides` is a file of parameter values of this office, or NULL. On E_INVALID every problem found is in
 * ret_report (may be NULL); reterr holds the first. */
enum err catalog_load(const char *forms, const char *data, const char *overrides, struct rulebook **ret,
                      struct catalog_report *ret_report, struct errinfo *) NODISCARD;
void catalog_report_done(struct catalog_report *);
void rulebook_free(struct rulebook *);
/* Everything that was read, in a fixed order, for the digest (the hash is the caller's). */
enum err catalog_bytes(const char *forms, const char *data, struct buf *ret, struct errinfo *) NODISCARD;

/* Directories: $MADOGUCHI_SHARE, else the installed share directory, else the source tree when run from a build. */
char *catalog_share_dir(const char *argv0) __attribute__((returns_nonnull));

#endif
