/*
 * Due dates (期限の一覧): each noun has a provider, one line of due.def — `DUE(function)` — that tells what falls due.
 * What it is called, whose it is and how long before it is shown are rows of data/tables/due.tsv.
 */
#ifndef SERVICE_DUE_H
#define SERVICE_DUE_H

#include "domain/due.h"
#include "service/method.h"

struct due; /* one collection */
typedef enum err due_provider(struct due *, struct errinfo *);

struct call *due_call(const struct due *);
/* kind: a code of the table. ref: number of the case, the operator or the like, never a name; owner: an operator who
 * is shown it whatever his role, or NULL. */
void due_on(struct due *, const char *kind, struct date due, const char *ref, const char *owner);
void due_at(struct due *, const char *kind, int64_t due_ms, const char *ref, const char *owner);
/* About a person: logged as shown. The provider has asked the shield. */
void due_person(struct due *, const char *kind, struct date due, const char *person);

/* The table of kinds, when the service opens: each with the role it belongs to and how many days before it is shown. A
 * kind that the table does not have is not told. E_INVALID with the row. */
enum err due_check(const struct rulebook *, struct errinfo *) NODISCARD;

/* For other parts of the service: every item the operator of the call may see and that is near, due or late. */
enum err due_each(struct call *, void (*cb)(void *arg, const char *kind, enum due_level), void *arg,
                  struct errinfo *) NODISCARD;

#endif
