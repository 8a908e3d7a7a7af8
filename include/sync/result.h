/*
 * Results (処理結果): what the host decided about each operation of a batch. A result is stored in the transaction of
 * its effect and answered with the same bytes ever after. A business refusal is a delivered operation. HELD is the one
 * answer that may become another: ask again, or read it from the feed (FEED_RESULT).
 */
#ifndef SYNC_RESULT_H
#define SYNC_RESULT_H

#include "sync/conflict.h"
#include "sync/op.h"

#define RESULT_DETAIL_MAX (64u << 10)
#define RESULT_MAX        (RESULT_DETAIL_MAX + 64)
#define RESULTS_N_MAX     500
#define RESULTS_RAW_MAX   (8u << 20) /* of one answer; the host stops before it and the branch sends the rest again */
#define RESULTS_MAX       (8u << 20) /* encoded */

enum op_code {
    OPR_APPLIED = 1,
    OPR_DUPLICATE = 2,   /* never stored: the name of a repeated item */
    OPR_HELD = 3,        /* waits for its lane */
    OPR_CONFLICT = 4,    /* a person decides; category says who */
    OPR_REJECTED = 5,    /* final; msg in detail */
    OPR_QUARANTINED = 6, /* branch is quarantined (C8); nothing was applied */
    OP_CODES
};
const char *op_code_name(enum op_code); /* "applied" … */

/* detail is a JSON object:
 *   applied   {"rows":[{"id","rev","was"?}…],"no"?,"drill"?}      was = provisional key ("T-1") of a new person
 *   held      {"waits_for":seq}
 *   conflict  {"msg","id","base":body|null,"theirs":body|null,"mine":body|null,"fields":["key"…],
 *              "rows":[{"id","base","now"}…]}
 *   rejected  {"msg":"E05","section"?,"row"?,"field"?,"item"?,"superseded_by"?}
 */
struct result {
    uint64_t seq;
    enum op_code code;
    enum conflict category; /* CONFLICT_NONE unless code = conflict or quarantined */
    uint64_t host_seq;      /* feed head after the effect; 0 when nothing was applied */
    int64_t host_ms;        /* when the host decided */
    char *detail;           /* owned; JSON text, "{}" at least */
};
void result_done(struct result *);
enum err result_encode(const struct result *, struct buf *ret, struct errinfo *) NODISCARD;
enum err result_decode(struct span, struct result *ret, struct errinfo *) NODISCARD;

/* Answer to a batch. `repeated` marks an operation that had been decided before this delivery (DUP); it stands outside
 * the stored bytes. */
struct results {
    char branch[OP_BRANCH_MAX + 1];
    uint8_t incarnation[OP_INCARNATION];
    uint64_t applied_upto; /* all up to here are decided and not held */
    uint64_t durable_upto; /* all up to here are in a finished backup: the branch may prune after its retention */
    struct result_item {
        bool repeated;
        uint8_t *bytes; /* owned; result_encode's */
        size_t len;
        struct result r;
    } * item;
    size_t n, cap;
};
void results_init(struct results *, const char *branch, const uint8_t incarnation[OP_INCARNATION]);
void results_done(struct results *);
/* Copies the bytes and decodes them. */
enum err results_add(struct results *, bool repeated, struct span result_bytes, struct errinfo *) NODISCARD;
enum err results_encode(const struct results *, struct buf *ret, struct errinfo *) NODISCARD;
enum err results_decode(struct span, struct results *ret, struct errinfo *) NODISCARD;

#endif
