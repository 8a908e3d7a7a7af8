/* What the files of the story share. Every step returns false when the service was lost under way: it is then
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

/* One value of a notice; the section that each notice has. */
void story_put(json_t *values, const char *section, int row, const char *field, const char *value);
void story_put_filer(json_t *values);
/* The one notice of the kind, whatever became of it; *ret_no stays when there is none. */
bool story_case(struct story *, const char *kind, char **ret_no);
/* Enters a notice unless it is there already; `book`: its line in the book of a stop, NULL: none. Takes values. */
bool story_enter(struct story *, enum teller, const char *kind, json_t *take_values, const char *book, char **ret_no);
/* The second person examines and decides what is not decided yet. */
bool story_decide(struct story *, const char *no);
bool story_posted(struct story *, const char *no);

json_t *story_request(struct story *, const char *person, const char *requester);
/* Request, preview and issue; with a second person exactly where one is needed (NULL: nobody). */
bool story_certificate(struct story *, const char *person, const char *requester, const char *approver);
/* The last print holds this text, or does not. */
void story_printed(struct story *, const char *what, bool there);
/* Exactly one row of the person's history was made by the notice, filed on that day. */
bool story_row(struct story *, const char *person, const char *no, const char *filed_on);

#endif
