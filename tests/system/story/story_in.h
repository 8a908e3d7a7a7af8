/* What the two files of the story share. Every step returns false when the service was lost under way: it is then
 * taken again from its beginning. */
#ifndef TESTS_SYSTEM_STORY_IN_H
#define TESTS_SYSTEM_STORY_IN_H

#include "check.h"

#include "base/mem.h"
#include "story.h"

struct step {
    const char *what;
    bool (*take)(struct story *);
};
void story_take(struct story *, const struct step *, size_t n);

/* NULL: the service went away and nobody knows what became of the call. A refusal ends the test. */
json_t *story_ask(struct story *, enum teller, const char *method, json_t *take_params);
bool story_done(json_t *take_answer); /* not NULL */
void story_keep(char **at, const char *value);
/* Asks until holds(answer) says so. */
bool story_until(struct story *, enum teller, const char *method, const json_t *params,
                 bool (*holds)(const json_t *answer), const char *what);
const char *story_operator(enum teller);
struct client *story_session(struct story *, enum teller);

/* Steps that come twice. `book`: the line of the book of the stop, or NULL. */
bool story_enter(struct story *, enum teller, const char *kind, json_t *take_values, const char *book, char **ret_no);
bool story_decide(struct story *, const char *no);
bool story_posted(struct story *, const char *no);
bool story_certificate(struct story *, const char *person, const char *name, bool second);
void story_printed(struct story *, const char *what, bool there);
json_t *story_arrival(const struct story *);
bool story_row(struct story *, const char *person, const char *no, const char *filed_on);

#endif
