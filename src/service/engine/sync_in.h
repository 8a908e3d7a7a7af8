/* What the methods around the exchange with the host share. */
#ifndef SERVICE_SYNC_IN_H
#define SERVICE_SYNC_IN_H

#include "service/engine.h"
#include "service/shield.h"
#include "store/outage.h"
#include "store/replica.h"

/* NULL when this process has none (a test, a branch without a host). */
struct engine *sync_engine(const struct call *);
/* Status of the engine, or that of a host nobody has heard of. */
void sync_state(const struct call *, struct engine_status *ret);

/* "…T…+09:00", or "" for 0. */
void sync_set_time(json_t *object, const char *key, int64_t ms);
/* Text and remedy of a message: object {msg,text,remedy}; nothing when msg is "". */
void sync_set_message(const struct call *, json_t *object, const char *key, const char *msg);

/* Who confirms a step: with `approver` another person who may call `method`, else the operator once more. ret_second is
 * the other person's id or ""; ret_roles the bits of domain/outage.h of all who confirmed. */
enum err sync_confirm(struct call *, const char *method, bool two, const char **ret_second, unsigned *ret_roles,
                      struct errinfo *) NODISCARD;
/* Bits of domain/outage.h of an operator. */
unsigned sync_roles(unsigned roles);

/* The stop that is open: E_CONFLICT S510 when there is none. The caller outage_done's it. */
enum err sync_open_outage(struct call *, struct outage *ret, struct errinfo *) NODISCARD;
/* What a step depends on, as it is now. */
enum err sync_facts(struct call *, const struct outage *, struct outage_facts *ret, struct errinfo *) NODISCARD;

/* Brings up to date what the recovery has to know: which unanswered operations were found (応答未確認), and which
 * certificates were issued on records that had changed (発行再照合). Inside a transaction. */
enum err replay_recheck(struct call *, const struct outage *, struct errinfo *) NODISCARD;

/* Adds the name of a person to the list; one who may not stand in a list is left out. */
enum err sync_add_person(const struct shield *, json_t *list, const char *id, struct errinfo *) NODISCARD;
/* Title of the kind of notice in a payload, else the label of the operation. */
const char *sync_title(const struct call *, const char *op_kind, const json_t *payload);

#endif
