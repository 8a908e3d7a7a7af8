/*
 * Stops (作動停止): of what types they are, in which state the counter is, and who may move it on. A person declares a
 * stop and a person ends it; the program by itself only suspects one (暫定停止), which is read-only. Pure: clock,
 * counts and the actor's roles are arguments. Source: 技術的基準 第七; spec standard §2.1, §2.2, §2.7.
 */
#ifndef DOMAIN_OUTAGE_H
#define DOMAIN_OUTAGE_H

#include "base/buf.h"
#include <stdint.h>

enum counter_state {
    COUNTER_NORMAL,     /* 通常 */
    COUNTER_SUSPECT,    /* 障害疑い(暫定停止): look-ups of the copy only */
    COUNTER_OUTAGE,     /* 作動停止中 */
    COUNTER_RECOVERING, /* 復旧処理中 */
    COUNTER_RECONCILED, /* 照合済 */
    COUNTER_STATES
};
const char *counter_state_name(enum counter_state);  /* "normal" */
const char *counter_state_label(enum counter_state); /* 通常 */
/* COUNTER_STATES when unknown. */
enum counter_state counter_state_by_name(struct span name);

/* What is down. A stop may be of several types at once and they may change: each change is a phase. */
enum outage_type {
    OUTAGE_LINK,    /* L 回線停止 */
    OUTAGE_HOST,    /* H ホスト停止 */
    OUTAGE_BRANCH,  /* B 端末機停止 */
    OUTAGE_POWER,   /* P 停電 */
    OUTAGE_PLANNED, /* M 計画停止 */
    OUTAGE_SAFETY,  /* S 保全停止: suspected misuse; nothing is issued, nothing replayed until released */
    OUTAGE_DRILL,   /* D 訓練: never mixed with another */
    OUTAGE_TYPES
};
#define OUTAGE_BIT(type) (1u << (type))
char outage_type_letter(enum outage_type);
const char *outage_type_label(enum outage_type);
/* "LH" ↔ set of bits. An empty set, an unknown or repeated letter, or D with another is E_INVALID (S501). */
enum err outage_types_read(struct span letters, unsigned *ret, struct errinfo *) NODISCARD;
void outage_types_text(unsigned types, struct buf *ret);
void outage_types_labels(unsigned types, struct buf *ret); /* 回線停止・ホスト停止 */

/* Roles that matter here, as bits; the service maps its role keys to them. */
enum outage_role { OUTAGE_BY_SUP = 1, OUTAGE_BY_BM = 2, OUTAGE_BY_RSP = 4, OUTAGE_BY_SYS = 8, OUTAGE_BY_ITSELF = 16 };
unsigned outage_role_bit(struct span role_key); /* 0 for roles that have no say */

enum outage_event {
    OUTAGE_SUSPECT,   /* FAIL_N heartbeats failed */
    OUTAGE_DECLARE,   /* 停止宣言: a supervisor says that it is one, and of what type */
    OUTAGE_CANCEL,    /* 取消: it was none; only while nothing was entered and the host answers again */
    OUTAGE_RATIFY,    /* 追認 of an automatic or absent-supervisor stop */
    OUTAGE_CHANGE,    /* 種別変更: a new phase of the same stop */
    OUTAGE_END,       /* 復旧宣言: link stable, intake closed */
    OUTAGE_RELAPSE,   /* it fails again while being replayed: same number, new phase */
    OUTAGE_RECONCILE, /* 照合済: everything posted and the table balances */
    OUTAGE_CLOSE,     /* 終結: certified by the 住民記録責任者 */
    OUTAGE_EVENTS
};
const char *outage_event_name(enum outage_event);
const char *outage_event_label(enum outage_event);

/* What the step depends on. */
struct outage_facts {
    unsigned types;     /* of the open stop, 0: none */
    unsigned new_types; /* OUTAGE_DECLARE, OUTAGE_CHANGE: the types it is to have */
    unsigned roles;     /* of who moves it */
    bool host_answers;  /* the last heartbeat was answered */
    bool copy_level; /* all that the host had when it last answered is in the copy, and the restriction list is fresh */
    int64_t answers_n;   /* answered heartbeats in a row */
    int64_t answers_ms;  /* and for how long */
    int64_t stable_n;    /* parameter STABLE_OK_N */
    int64_t stable_ms;   /* parameter STABLE_MIN */
    int64_t entered;     /* notices entered or certificates issued since the suspicion */
    int64_t open_items;  /* unposted, held, in conflict */
    int64_t differences; /* lines of the reconciliation table that neither balance nor are explained */
    bool skew_too_large; /* branch clock is off: times of the stop are doubtful */
    bool skew_accepted;  /* a supervisor looked at the doubtful times */
};

/* The state after the event. E_INVALID (S502) where the event does not belong to the state, E_DENIED (S503, S513, S514:
 * by whom) for who may not, E_CONFLICT (S504 …) for a condition that does not hold; `item` names it. */
enum err outage_step(enum counter_state, enum outage_event, const struct outage_facts *, enum counter_state *ret,
                     struct errinfo *) NODISCARD;

/* Conditions of the step that leads on from a state (取消, 復旧宣言, 照合, 終結), whether each holds, and the message
 * of one that does not. */
void outage_needs(enum counter_state, const struct outage_facts *,
                  void (*cb)(void *arg, const char *label, bool holds, const char *msg), void *arg);

/* Reconciliation (照合表): what went in is what came out, line by line. */
struct outage_counts {
    int64_t received;                                          /* 受付 of the book */
    int64_t posted, by_host_office, withdrawn, returned, held; /* … and what became of it */
    int64_t ops, op_pending, op_sent, op_held, op_conflict, op_rejected, op_applied, op_withdrawn;
    int64_t cert_numbers, cert_handed, cert_spoiled, cert_void;
    int64_t sheets_used, sheets_good, sheets_spoiled;
    int64_t fee_due, fee_taken, fee_exempt, fee_open;
    int64_t unanswered; /* 応答未確認: must be none */
};
struct outage_line {
    const char *key;   /* "notices" */
    const char *label; /* 受付件数 = 反映済 + 本庁代行 + 取下げ + 返戻 + 保留 */
    int64_t left, right;
};
#define OUTAGE_LINES 6
void outage_balance(const struct outage_counts *, struct outage_line ret[OUTAGE_LINES]);

#endif
