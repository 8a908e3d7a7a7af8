/*
 * What the sync engine and the link child (回線) say to each other. The engine decides what to ask and when; the child
 * only carries it: it holds the key, speaks TLS, and answers each question once, with what came back or with why
 * nothing did. One question at a time. The framing is app/msg.h; here are the bodies, each read to its last byte.
 */
#ifndef SERVICE_LINKMSG_H
#define SERVICE_LINKMSG_H

#include "crypto/ca.h"
#include "sync/batch.h"
#include "sync/hello.h"
#include "sync/result.h"
#include "sync/snapshot.h"

/* Numbers of messages; those to the child and those from it share one space. */
enum link_msg {
    LINK_CONFIG = 1, /* to: first and once */
    LINK_ASK = 2,    /* to */
    LINK_READY = 3,  /* from: keys are loaded, the wall is up */
    LINK_FAILED = 4, /* from: it cannot work; it ends after that */
    LINK_ANSWER = 5, /* from: to the question of the same tag */
    LINK_SIGN = 6, /* to, any time after READY: the statement of a copy of the store, to be signed (控えの署名) */
    LINK_SIGNED = 7, /* from: to the statement of the same tag */
    LINK_MSGS
};
#define LINK_TO_CHILD_MAX   (1u << 20)
#define LINK_FROM_CHILD_MAX (5u << 20)

struct link_config {
    struct span url;       /* https://host:port */
    struct span keys_dir;  /* branch.key, branch.crt, ca.crt */
    struct span policy;    /* file of data/tables/crypto_allow.tsv */
    struct span city;      /* 市区町村コード in the host's certificate */
    struct span host_name; /* name in the host's certificate, or empty: any host of the authority */
    bool trial;
    uint32_t connect_ms; /* a connection stands within that time */
    uint32_t stall_ms;   /* no byte for that long ends a transfer */
};
void link_config_put(const struct link_config *, struct buf *ret);
enum err link_config_take(struct span, struct link_config *ret, struct errinfo *) NODISCARD;

enum link_ask_kind {
    ASK_HEALTH,   /* is the host there? */
    ASK_HELLO,    /* body: hello JSON */
    ASK_OPS,      /* operations to be signed and sent */
    ASK_FEED,     /* after, max */
    ASK_SNAPSHOT, /* → manifest */
    ASK_CHUNK,    /* id, n */
    ASK_LIFE,     /* incarnation, after: what the host holds of an earlier life of this store */
    ASK_KINDS
};
const char *link_ask_name(enum link_ask_kind);

struct link_ask {
    enum link_ask_kind kind;
    struct span body;              /* HELLO */
    uint64_t after, max;           /* FEED, LIFE */
    uint8_t snapshot[SNAPSHOT_ID]; /* CHUNK */
    uint32_t chunk;                /* CHUNK */
    uint8_t host_id[HOST_ID];      /* OPS … */
    struct span branch;
    uint8_t incarnation[OP_INCARNATION];
    uint64_t first;
    uint8_t chain_before[OP_HASH];
    struct span *op; /* of link_ask_take: owned by the ask; of the sender: the sender's */
    uint32_t n_op;
};
void link_ask_put(const struct link_ask *, struct buf *ret);
/* Texts and operations are borrowed from the message; link_ask_done frees the list. */
enum err link_ask_take(struct span, struct link_ask *ret, struct errinfo *) NODISCARD;
void link_ask_done(struct link_ask *);

/* What became of a question. */
enum link_class {
    LINK_OK,        /* an authenticated answer: the host is there */
    LINK_TRANSPORT, /* not reached, cut, timed out, or the host is in trouble: try again, later and later */
    LINK_BUSY,      /* the host says when to come back */
    LINK_AUTH,      /* it does not accept us, or we do not accept it: stop and tell a person */
    LINK_CLOCK,     /* a certificate is not valid at this time: the same */
    LINK_STALE,     /* the host knows something else than we believe: greet again */
    LINK_GONE,      /* what was asked for is not there any more (a snapshot) */
    LINK_REFUSED,   /* the host cannot read this: never sent again unchanged */
    LINK_CLASSES
};
const char *link_class_name(enum link_class);
const char *link_class_label(enum link_class); /* 回線がつながりません */

struct link_answer {
    enum link_class class;
    uint16_t status;   /* of HTTP; 0 = none */
    uint32_t retry_ms; /* LINK_BUSY */
    uint32_t took_ms;
    struct span detail; /* for the log: no personal data */
    struct span body;
};
void link_answer_put(const struct link_answer *, struct buf *ret);
enum err link_answer_take(struct span, struct link_answer *ret, struct errinfo *) NODISCARD;

struct link_ready {
    int64_t cert_until_ms;
    char branch[CERT_NAME_MAX + 1]; /* the name in our certificate */
    char serial[CERT_SERIAL_HEX];   /* its number: another one after a new registration */
};
void link_ready_put(const struct link_ready *, struct buf *ret);
enum err link_ready_take(struct span, struct link_ready *ret, struct errinfo *) NODISCARD;

/* Answer to LINK_SIGN, whose body is the statement as it stands. */
#define BACKUP_LABEL       "madoguchi backup 1"
#define LINK_STATEMENT_MAX (16u << 10)
struct link_signed {
    enum err err;     /* and then nothing else */
    struct span cert; /* PEM */
    struct span sig;
};
void link_signed_put(const struct link_signed *, struct buf *ret);
enum err link_signed_take(struct span, struct link_signed *ret, struct errinfo *) NODISCARD;

/* LINK_FAILED carries an error. */
void link_failed_put(const struct errinfo *, struct buf *ret);
enum err link_failed_take(struct span, struct errinfo *ret, struct errinfo *) NODISCARD;

#endif
