/* Head of a branch's operation log as the host signed it last (操作記録の末尾). Private to host. */
#ifndef HOST_LOGHEAD_H
#define HOST_LOGHEAD_H

#include "host/host.h"

struct loghead {
    uint64_t seq; /* signed last, 0: none */
    uint8_t hash[32], incarnation[OP_INCARNATION];
    enum {
        LOGHEAD_NEW,      /* nothing signed yet in this life of the store */
        LOGHEAD_GROWN,    /* what was signed is still in it */
        LOGHEAD_UNPROVEN, /* an answer was lost: the branch does not know yet what was signed */
        LOGHEAD_SHORTER,
        LOGHEAD_CHANGED
    } verdict;
};
enum err loghead_judge(struct host *, const struct hello *, struct loghead *ret, struct errinfo *) NODISCARD;
bool loghead_is_broken(const struct loghead *);
/* Inside a transaction: the new head, or the quarantine with its row of the journal. */
enum err loghead_keep(struct host *, const struct loghead *, const struct hello *, bool quarantined,
                      struct errinfo *) NODISCARD;

#endif
