/* What the methods of a stop (作動停止) share. */
#ifndef SERVICE_OUTAGE_WORK_H
#define SERVICE_OUTAGE_WORK_H

#include "service/method.h"
#include "store/outage.h"

/* Who confirms a step: with `approver` another person who may call `method`, else the operator once more. ret_second is
 * the other person's id or ""; ret_roles the bits of domain/outage.h of all who confirmed. */
enum err stop_confirm(struct call *, const char *method, bool two, const char **ret_second, unsigned *ret_roles,
                      struct errinfo *) NODISCARD;
/* Bits of domain/outage.h of an operator. */
unsigned stop_roles(unsigned roles);

/* The stop that is open: E_CONFLICT S510 when there is none. The caller outage_done's it. */
enum err stop_open(struct call *, struct outage *ret, struct errinfo *) NODISCARD;
/* What a step depends on, as it is now. */
enum err stop_facts(struct call *, const struct outage *, struct outage_facts *ret, struct errinfo *) NODISCARD;

/* E_CONFLICT S512 until the copy and the restriction list are as the host had them when it last answered. */
enum err stop_level(struct call *, struct errinfo *) NODISCARD;

/* Brings up to date what the recovery has to know: which unanswered operations were found (応答未確認), and which
 * certificates were issued on records that had changed (発行再照合). Inside a transaction. */
enum err replay_recheck(struct call *, const struct outage *, struct errinfo *) NODISCARD;

#endif
