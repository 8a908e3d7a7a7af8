/* The store opened by madoguchi-ctl itself: for set-up, recovery and examination while no daemon holds it. */
#ifndef APP_CTL_STORE_H
#define APP_CTL_STORE_H

#include "app/ctl.h"
#include "store/db.h"
#include "store/oplog.h"

struct alg_policy;
struct rulebook;
struct trialclock;

struct ctl_store {
    struct db *db;
    struct trialclock *clock;
    uint8_t boot[OPLOG_BOOT];
};

/* E_BUSY in the reader's language while the daemon runs. Close in any case. */
enum err ctl_store_open(struct ctl *, const struct instance *, bool create, struct ctl_store *ret,
                        struct errinfo *) NODISCARD;
void ctl_store_close(struct ctl_store *);

/* The rules of this installation; caller frees with rulebook_free. */
enum err ctl_rules(struct ctl *, struct rulebook **ret, struct errinfo *) NODISCARD;

/* The algorithms that may be used in this installation. */
enum err ctl_policy(struct ctl *, struct alg_policy *ret, struct errinfo *) NODISCARD;

/* A row of the operation log for what was done at the shell, by the account that did it. Inside a transaction. */
enum err ctl_store_log(struct ctl_store *, const struct instance *, const char *function, const char *detail,
                       struct errinfo *) NODISCARD;

#endif
