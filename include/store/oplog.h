/*
 * Operation log (操作記録): who did or saw what, when, where, to whom, and how it ended. Rows are chained —
 * hash(n) = SHA-256(hash(n-1) | canonical row n) — and written in the transaction of what they tell, a look-up before
 * it is shown. Triggers refuse every change. A cut tail is found by heads that left the branch. Holds 宛名番号, never
 * names. Source: 標準仕様書 10.2; spec/reliability.md §3.4; spec/standard.md M2.
 */
#ifndef STORE_OPLOG_H
#define STORE_OPLOG_H

#include "base/buf.h"
#include <stdint.h>

struct db;

#define OPLOG_HASH 32
#define OPLOG_BOOT 16

enum log_trust { LOG_TRUST_HOST, LOG_TRUST_LOCAL, LOG_TRUST_SUSPICIOUS, LOG_TRUSTS }; /* of the wall clock */

/* One row. Texts may be NULL or empty when appended, never NULL when read. */
struct oplog {
    int64_t seq; /* without gaps, from 1; given by oplog_append */
    uint8_t boot[OPLOG_BOOT];
    int64_t mono_ms, at_ms; /* given by oplog_append from the store's clock */
    enum log_trust trust;
    const char *office, *terminal;
    const char *operator_id, *session, *approver;
    const char *function; /* method of the service: "resident.get" */
    const char *action;   /* view, list, print, add, change, delete, login, config, export … */
    const char *subjects; /* 宛名番号 separated by blanks */
    int64_t rev_before, rev_after;
    const char *reason;
    const char *ticket; /* 受付番号, 請求番号 */
    bool my_number;     /* 個人番号 was shown or searched by */
    bool seal;          /* 公印 was printed */
    const char *device, *issue_no;
    int64_t pages;
    const char *place;               /* 処理場所, 発行場所 */
    const char *result;              /* "ok" or the name of an enum err */
    const char *detail;              /* old and new of a setting and the like; no personal data */
    uint8_t detail_hash[OPLOG_HASH]; /* of the request's parameters without secrets */
    uint8_t prev[OPLOG_HASH], hash[OPLOG_HASH];
};

/* Appends inside the transaction of what it tells; sets seq, times, prev and hash in `row`. */
enum err oplog_append(struct db *, struct oplog *row, struct errinfo *) NODISCARD;

struct oplog_head {
    int64_t seq; /* 0: the log is empty */
    uint8_t hash[OPLOG_HASH];
};
enum err oplog_head(struct db *, struct oplog_head *ret, struct errinfo *) NODISCARD;
/* Remembers that a head left the branch ("host", "paper", "file"). Inside a transaction. */
enum err oplog_head_sent(struct db *, const struct oplog_head *, const char *place, struct errinfo *) NODISCARD;

/* The newest that left for `place`; seq 0 when none did. */
enum err oplog_head_newest(struct db *, const char *place, struct oplog_head *ret, struct errinfo *) NODISCARD;
/* Hash of one row as it is now; *ret_have false when there is none. */
enum err oplog_hash_at(struct db *, int64_t seq, uint8_t ret[OPLOG_HASH], bool *ret_have, struct errinfo *) NODISCARD;

/* Walks the chain from the first row, and on from where the last call stopped. */
enum oplog_fault {
    LOG_SOUND,
    LOG_MISSING, /* a row is not there */
    LOG_CHAIN,   /* a row does not follow the one before it */
    LOG_CHANGED, /* a row is not what was hashed */
    LOG_SUBJECT, /* the index of persons lacks it */
    LOG_HEAD     /* a head that left the branch is not in the log: changed as a whole, or its tail was cut */
};
struct oplog_check {      /* zeroed by the caller before the first call */
    struct oplog_head at; /* last row that was found good */
    bool done;
    enum oplog_fault fault;
    int64_t bad; /* number of the first bad row */
};
/* At most max rows. `known` are heads kept elsewhere; those the store itself remembers are compared as well. */
enum err oplog_verify(struct db *, struct oplog_check *, const struct oplog_head *known, size_t n_known, int64_t max,
                      struct errinfo *) NODISCARD;
const char *oplog_fault_label(enum oplog_fault); /* Japanese */

/* The index of persons follows the log: enters those of up to max rows when at least `least` rows wait. In a
 * transaction of its own, or that of the caller. oplog_list makes the index whole where it asks for a person. */
enum err oplog_index(struct db *, int64_t least, int64_t max, struct errinfo *) NODISCARD;

/* Newest first. NULL or 0 in a member means any. */
struct oplog_filter {
    const char *operator_id, *subject, *function, *action, *result;
    int64_t from_ms, to_ms;
    int64_t before; /* rows with a smaller number only: next page */
    int limit;
};
enum err oplog_list(struct db *, const struct oplog_filter *, void (*cb)(void *arg, const struct oplog *), void *arg,
                    struct errinfo *) NODISCARD;

#endif
