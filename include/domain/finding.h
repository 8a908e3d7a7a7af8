/*
 * What a check finds (エラー・警告): a message at a place of the notice.
 */
#ifndef DOMAIN_FINDING_H
#define DOMAIN_FINDING_H

#include <stdbool.h>
#include <stddef.h>

struct rulebook;

/* Result of a check. Errors must be mended, alerts must be acknowledged (spec F); the message says which it is. */
struct finding {
    char msg[24]; /* row of data/messages.tsv */
    char section[40];
    int row;
    char field[40];
    char *about; /* subject for the message text (a name, a date), or NULL */
};
struct findings {
    struct finding *f;
    size_t n, cap;
};
/* Section "" means the whole notice. What is there already is not added twice. */
void findings_add(struct findings *, const char *msg, const char *section, int row, const char *field,
                  const char *about);
void findings_done(struct findings *);
bool findings_blocking(const struct rulebook *, const struct findings *); /* holds an error */

#endif
