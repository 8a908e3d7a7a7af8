/*
 * Stops of the counter (停止管理簿) with their phases (経過) and probes (切り分け). At most one is open; the state of
 * the counter that the gate of the service reads (meta key "counter.state") changes in the same transaction. Whether a
 * step may be taken is decided by domain/outage.h. Writes happen inside the caller's transaction.
 * Source: spec standard §2.1, §2.2.
 */
#ifndef STORE_OUTAGE_H
#define STORE_OUTAGE_H

#include "domain/outage.h"

struct db;

struct outage { /* texts are owned, never NULL; times 0 = not yet */
    char *no;
    enum counter_state state; /* COUNTER_NORMAL: over */
    bool cancelled;
    unsigned types;
    int64_t detected_ms, declared_ms, ratified_ms, expected_ms, ended_ms, reconciled_ms, closed_ms;
    char *detected_by, *declared_by, *ratified_by, *ended_by, *reconciled_by, *closed_by;
    char *symptoms, *contact_no, *cause;
    int64_t last_applied, last_made; /* operations when it began: between them the grey window */
    int64_t copy_as_of_ms, list_as_of_ms;
    int64_t intake_last; /* last number of the book when it was ended; -1 = open */
};
void outage_done(struct outage *);

/* The stop that is not over; *ret_found false and *ret untouched when there is none. */
enum err outage_current(struct db *, struct outage *ret, bool *ret_found, struct errinfo *) NODISCARD;
enum err outage_get(struct db *, const char *no, struct outage *ret, struct errinfo *) NODISCARD;
/* Newest first. The row is borrowed. */
enum err outage_list(struct db *, int64_t limit, void (*cb)(void *arg, const struct outage *), void *arg,
                     struct errinfo *) NODISCARD;

struct outage_act { /* who did what to it */
    enum outage_event event;
    enum counter_state to;
    unsigned types;          /* after the step */
    const char *operator_id; /* "auto": the program */
    const char *second;      /* "" = nobody */
    const char *reason;
};
struct outage_start {
    const char *office, *terminal;
    int64_t copy_as_of_ms, list_as_of_ms;
    struct outage_act act; /* OUTAGE_SUSPECT or OUTAGE_DECLARE */
};
/* Takes the number, writes the first phase and remembers what was sent and not answered (応答未確認). */
enum err outage_begin(struct db *, const struct outage_start *, struct buf *ret_no, struct errinfo *) NODISCARD;
/* The next phase. OUTAGE_CANCEL and OUTAGE_CLOSE end it. */
enum err outage_move(struct db *, const char *no, const struct outage_act *, struct errinfo *) NODISCARD;
/* 復旧見込み, 原因, 追認の連絡記録番号: may be filled in while it is open. NULL or 0 leaves as it is. */
enum err outage_note(struct db *, const char *no, int64_t expected_ms, const char *cause, const char *contact_no,
                     struct errinfo *) NODISCARD;

struct outage_phase {
    int64_t n, at_ms;
    const char *event, *state, *types, *operator_id, *second, *reason;
};
enum err outage_phases(struct db *, const char *no, void (*cb)(void *arg, const struct outage_phase *), void *arg,
                       struct errinfo *) NODISCARD;

struct outage_probe {
    int64_t n, at_ms;
    const char *what, *verdict, *detail, *operator_id;
};
/* n and at_ms are given. E_INVALID for an unknown word in what or verdict. */
enum err outage_probe_add(struct db *, const char *no, const struct outage_probe *, struct errinfo *) NODISCARD;
enum err outage_probes(struct db *, const char *no, void (*cb)(void *arg, const struct outage_probe *), void *arg,
                       struct errinfo *) NODISCARD;

/* 応答未確認: operations without an answer when it began, and what the host said since. */
struct outage_grey {
    int64_t seq;
    const char *kind, *subject;
    const char *found; /* "" not asked yet, "applied", "refused", "unknown" */
};
enum err outage_greys(struct db *, const char *no, void (*cb)(void *arg, const struct outage_grey *), void *arg,
                      struct errinfo *) NODISCARD;
/* Brings `found` up to date from the outbox. *ret_open: those still unanswered. */
enum err outage_grey_check(struct db *, const char *no, int64_t *ret_open, struct errinfo *) NODISCARD;

#endif
