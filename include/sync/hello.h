/*
 * Greeting (接続確認): what branch and host know of each other, exchanged before anything else; JSON. It detects a
 * restored host (epoch, applied_upto), a restored or copied branch (incarnation, chain), drifted clocks and old forms,
 * and gives each branch its turn after an outage of the whole city. Source: spec sync §2.4, §2.12, §2.13.
 */
#ifndef SYNC_HELLO_H
#define SYNC_HELLO_H

#include "crypto/keys.h"
#include "sync/batch.h"
#include "sync/feed.h"

#define HELLO_PROTO 1
#define HELLO_MAX   (64u << 10)

struct hello {
    int proto;
    char branch[OP_BRANCH_MAX + 1];
    uint8_t incarnation[OP_INCARNATION];
    bool trial;
    char app[OP_APP_MAX + 1];
    uint32_t schema;
    uint8_t forms_digest[32];
    bool has_epoch;
    uint8_t epoch[FEED_EPOCH]; /* as last heard */
    uint64_t cursor;           /* feed position committed at the branch */
    uint64_t last_seq;         /* of the outbox, 0 = none yet */
    uint8_t chain[OP_HASH];    /* after last_seq */
    uint64_t log_seq;          /* operation log (操作履歴): length and head, counter-signed by the host */
    uint8_t log_head[32];
    uint64_t log_known_seq;     /* where the host signed last, as far as is known here, 0 = nowhere */
    uint8_t log_known_head[32]; /* what the log has there now */
    int64_t wall_ms;
    uint64_t disk_free; /* bytes */
};

enum welcome_status {
    WELCOME_OK,
    WELCOME_WAIT,        /* come back after retry_ms */
    WELCOME_QUARANTINED, /* C8: the host takes no operation of this branch */
    WELCOME_REENROL,     /* branch store is older than what the host has of it, or a copy: needs a new incarnation */
    WELCOME_UPGRADE,     /* protocol or schema not spoken */
    WELCOME_STATUSES
};
const char *welcome_status_name(enum welcome_status); /* "ok" … */

struct welcome {
    enum welcome_status status;
    char msg[24]; /* row of data/messages.tsv, "" = none */
    int proto;
    uint8_t host_id[HOST_ID];
    uint8_t epoch[FEED_EPOCH];
    bool trial;
    int64_t now_ms;
    int64_t retry_ms;
    uint64_t received_upto; /* operations the host holds of this incarnation, gap-free */
    uint8_t received_chain[OP_HASH];
    bool chain_ok;         /* hello.chain is what the host has at hello.last_seq, or the host is behind */
    uint64_t applied_upto; /* decided and not held */
    uint64_t durable_upto; /* in a finished backup */
    uint64_t feed_head;
    uint64_t feed_min;      /* cursors below need a snapshot */
    int64_t restriction_ms; /* restriction list is complete as of this time once feed_head is read */
    uint32_t batch_ops, batch_bytes, feed_bytes; /* limits for this branch now */
    uint8_t forms_digest[32];
    int64_t skew_ms;        /* branch clock minus host clock as measured here */
    int64_t cert_until_ms;  /* end of this branch's certificate */
    uint64_t log_known;     /* where the host signed the log last */
    struct buf log_receipt; /* host's signature over (branch, incarnation, log_seq, log_head, now_ms); may be empty */
};
void welcome_init(struct welcome *);
void welcome_done(struct welcome *);

enum err hello_encode(const struct hello *, struct buf *ret, struct errinfo *) NODISCARD;
enum err hello_decode(struct span json, struct hello *ret, struct errinfo *) NODISCARD;
enum err welcome_encode(const struct welcome *, struct buf *ret, struct errinfo *) NODISCARD;
enum err welcome_decode(struct span json, struct welcome *ret, struct errinfo *) NODISCARD;
/* The bytes log_receipt signs, under the label LOG_RECEIPT_LABEL. */
#define LOG_RECEIPT_LABEL "madoguchi log receipt 1"
void hello_log_statement(const struct hello *, int64_t host_ms, struct buf *ret);

#endif
