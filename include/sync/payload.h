/*
 * Payloads of operations: JSON text. A notice travels as kind and values, nothing derived; the host derives the effect
 * itself. The table of kinds says which keys each payload must have; unknown keys are refused.
 */
#ifndef SYNC_PAYLOAD_H
#define SYNC_PAYLOAD_H

#include "domain/notice.h"
#include "sync/op.h"

struct notice_payload {                          /* notice.enter, notice.decide */
    struct notice *notice;                       /* owned; kind, no and values */
    char *received_at;                           /* ISO with offset: when the counter took it */
    char *received_on;                           /* "2026-07-01": legal day, deadlines are judged on it */
    char *outage_no;                             /* 障害受付番号, NULL = none */
    char *office, *terminal;                     /* 入力場所 as people call it, 入力端末; NULL = not told */
    char *entered_by, *examined_by, *decided_by; /* NULL while not done */
    char **acks;                                 /* acknowledged warnings, "W03" */
    size_t n_acks;
    struct op_base *base;
    size_t n_base;
    char *forms_digest;  /* hex */
    uint64_t supersedes; /* seq of an own operation in conflict or rejected that this one replaces, 0 = none */
};
void notice_payload_init(struct notice_payload *);
void notice_payload_done(struct notice_payload *); /* wipes */
enum err notice_payload_encode(const struct notice_payload *, struct buf *ret, struct errinfo *) NODISCARD;
enum err notice_payload_decode(struct span json, struct notice_payload *ret, struct errinfo *) NODISCARD;

/*  kind             payload keys (? = may be left out)
 *  notice.enter     as struct notice_payload
 *  notice.decide    as struct notice_payload, decided_by given
 *  notice.withdraw  no, reason, supersedes?
 *  cert.issue       no, kind, request, copies, persons[{id,rev}], content_hash, issued_at, as_of, fee, outage_no?
 *  cert.void        no, reason
 *  outage.phase     no, phase, type, at, reason, outage_no?
 *  restrict.set     no, person?, household?, kind, levels{process: level}, from, until?, support{}?, note?
 *  restrict.release no, reason, on
 *  log.head         seq, head, at
 * restrict.*: codes of domain/restrict.h; `no` is the id of the restriction row; exactly one of person and household.
 */
struct op_kind {
    const char *name;
    const char *label;  /* 本登録 … */
    bool second_person; /* approver must be there and be another person */
    const struct payload_key *keys;
    size_t n_keys;
};
struct payload_key {
    const char *name;
    char type; /* s text, i integer, o object, a array */
    bool optional;
};
const struct op_kind *op_kind_find(const char *name); /* NULL when unknown */
/* Is it a JSON object with exactly the keys of its kind? E_INVALID names the key. */
enum err payload_check(const struct op_kind *, struct span json, struct errinfo *) NODISCARD;

#endif
