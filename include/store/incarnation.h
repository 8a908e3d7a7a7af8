/*
 * Incarnation of the store (保存庫の世代): random, drawn when the store is made and again whenever it was restored.
 * It lives in the store and in a file beside it; when the two differ, this is a copy or an older state, and nothing
 * new may be entered before it was registered again (再登録). Numbers of operations go on over incarnations; the wire
 * counts from the start of each. Source: spec sync §2.2, §2.12.
 */
#ifndef STORE_INCARNATION_H
#define STORE_INCARNATION_H

#include "base/buf.h"
#include <stdint.h>

struct db;

#define INCARNATION 8

struct incarnation {
    uint8_t id[INCARNATION];
    int64_t start; /* last operation of the one before */
    int64_t drawn_ms;
};

/* At every start, with 8 fresh random bytes. A new store without a side file takes them; otherwise the store and the
 * file must agree: *ret_ok is false and the store is blocked (S430) when they do not. The file is written before
 * the store: a crash between the two is mended when no operation was made yet. */
enum err incarnation_open(struct db *, const char *side_file, const uint8_t fresh[INCARNATION], bool *ret_ok,
                          struct errinfo *) NODISCARD;
enum err incarnation_get(struct db *, struct incarnation *ret, struct errinfo *) NODISCARD;
/* The one of this id, if it was ever ours. */
enum err incarnation_find(struct db *, const uint8_t id[INCARNATION], struct incarnation *ret, bool *ret_found,
                          struct errinfo *) NODISCARD;
struct past_life {
    int64_t n;     /* of the table; 0 = before the first */
    int64_t ended; /* its last operation here */
    struct incarnation inc;
};
/* The next earlier life behind number `n`; the present one is never given. */
enum err incarnation_past(struct db *, int64_t n, struct past_life *ret, bool *ret_found, struct errinfo *) NODISCARD;
/* After a new registration with the host: draws anew. Operations of the old incarnation without an answer become
 * conflicts of category C8, for a person to decide. Lifts the block. */
enum err incarnation_renew(struct db *, const char *side_file, const uint8_t fresh[INCARNATION], const char *reason,
                           struct errinfo *) NODISCARD;

/* Why nothing new may be entered, as a message id: "S430" copied or rolled back, "S431" the host demands a new
 * registration, "S432" quarantined. "" = nothing. */
enum err store_blocked(struct db *, char ret_msg[24], struct errinfo *) NODISCARD;
/* Inside a transaction; "" lifts it. */
enum err store_block(struct db *, const char *msg, struct errinfo *) NODISCARD;

/* What lifts a block: a certificate with another number than the one that was in force then (再登録). NULL forgets it.
 * Inside a transaction. */
enum err reenrol_await(struct db *, const char *serial, struct errinfo *) NODISCARD;
enum err reenrol_awaited(struct db *, struct buf *ret_serial, bool *ret_found, struct errinfo *) NODISCARD;

/* What the host holds of earlier lives is being brought back: how far that has come. Inside a transaction. */
struct recovery {
    bool running;
    bool renewed;          /* the present life was drawn for it */
    int64_t life;          /* past_life.n that is asked for; those before it are done */
    uint64_t after;        /* operations of it that are done, of the wire */
    int64_t found, resent; /* operations that were lost here, and that the host had never got */
};
enum err recovery_get(struct db *, struct recovery *ret, struct errinfo *) NODISCARD;
enum err recovery_set(struct db *, const struct recovery *, struct errinfo *) NODISCARD;

#endif
