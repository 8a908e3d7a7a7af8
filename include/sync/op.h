/*
 * Operation (操作): what a branch tells the host, once. Its id (branch, incarnation, seq) is given when the entry is
 * committed at the branch; seq has no gaps within an incarnation. One encoder, one decoder, one encoding: two
 * operations are the same when their bytes are. Numbers big-endian, texts length-prefixed. Texts are as typed: never
 * normalised. Source: spec sync §2.2, §2.13.
 */
#ifndef SYNC_OP_H
#define SYNC_OP_H

#include "base/buf.h"

#define OP_BRANCH_MAX   32 /* = CERT_NAME_MAX: the name in the branch's certificate */
#define OP_INCARNATION  8  /* random, redrawn when the store is created or restored */
#define OP_KIND_MAX     32
#define OP_LANE_MAX     48
#define OP_PERSON_MAX   16
#define OP_OPERATOR_MAX 32
#define OP_APP_MAX      32
#define OP_BASE_MAX     400
#define OP_PAYLOAD_MAX  (160u << 10)
#define OP_MAX          (192u << 10) /* encoded */
#define OP_HASH         32

enum op_flag { OPF_TRIAL = 1, OPF_DRILL = 2, OPF_OUTAGE = 4, OPF_ALL = 7 }; /* 試行, 訓練, 作動停止中 */

struct op_base { /* the history row an effect was based on */
    char id[OP_PERSON_MAX + 1];
    int64_t rev;
};

struct op {
    char branch[OP_BRANCH_MAX + 1];
    uint8_t incarnation[OP_INCARNATION];
    uint64_t seq; /* from 1 */
    uint32_t flags;
    char kind[OP_KIND_MAX + 1]; /* "notice.decide" …: row of op_kind_find */
    char lane[OP_LANE_MAX + 1]; /* operations of one lane apply in order; "" = none */
    uint64_t lane_prev;         /* seq of the operation before it in the lane, 0 = none */
    struct op_base *base;       /* owned; ascending by id, each id once */
    size_t n_base;
    char *payload; /* owned; JSON text, see sync/payload.h */
    size_t payload_len;
    char operator_id[OP_OPERATOR_MAX + 1]; /* who did it; for notice.decide who decided */
    char approver[OP_OPERATOR_MAX + 1];    /* second person, "" = none; never the operator */
    int64_t wall_ms;                       /* branch clock: evidence, never order */
    int64_t host_ms;                       /* last host time seen, 0 = never */
    int64_t since_host_ms;                 /* monotonic time since then */
    uint8_t boot_id[16];
    char app[OP_APP_MAX + 1]; /* program version */
    uint32_t schema;          /* store schema number */
    uint8_t forms_digest[32];
};

void op_init(struct op *);
void op_done(struct op *); /* wipes and frees what it owns */
void op_set_payload(struct op *, const char *json, size_t n);
/* Keeps the list sorted; a second entry of an id keeps the lower rev. */
void op_add_base(struct op *, const char *id, int64_t rev);

/* E_INVALID when a member is too long, misses or is out of range; nothing is appended then. */
enum err op_encode(const struct op *, struct buf *ret, struct errinfo *) NODISCARD;
/* Exactly one operation that op_encode could have written (E_CORRUPT otherwise). The caller op_done's ret. */
enum err op_decode(struct span, struct op *ret, struct errinfo *) NODISCARD;

/* SHA-256 of the encoding. */
void op_hash(struct span encoded, uint8_t ret[OP_HASH]);
/* chain(0) of an incarnation, and chain(n) = SHA-256(chain(n-1) | hash(n)). */
void op_chain_start(const char *branch, const uint8_t incarnation[OP_INCARNATION], uint8_t ret[OP_HASH]);
void op_chain_next(const uint8_t before[OP_HASH], const uint8_t hash[OP_HASH], uint8_t ret[OP_HASH]);

/* Short text for people and logs: "E1-000123". */
void op_show(const char *branch, uint64_t seq, struct buf *ret);

#endif
