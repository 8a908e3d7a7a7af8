#include "oplog.h"
#include "base/cur.h"
#include "base/mem.h"
#include "stmt_in.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define CANONICAL_VERSION 1

static const char *const trust_names[] = {
    [LOG_TRUST_HOST] = "host",
    [LOG_TRUST_LOCAL] = "local",
    [LOG_TRUST_SUSPICIOUS] = "suspicious",
};
_Static_assert(ARRAY_LEN(trust_names) == LOG_TRUSTS, "a trust has no name");

/* The members of a row once, for binding, reading and hashing. The order is that of the canonical row. */
static const struct text_member {
    const char *column;
    size_t at;
} texts[] = {
    { "office", offsetof(struct oplog, office) },        { "terminal", offsetof(struct oplog, terminal) },
    { "operator", offsetof(struct oplog, operator_id) }, { "session", offsetof(struct oplog, session) },
    { "approver", offsetof(struct oplog, approver) },    { "function", offsetof(struct oplog, function) },
    { "action", offsetof(struct oplog, action) },        { "subjects", offsetof(struct oplog, subjects) },
    { "reason", offsetof(struct oplog, reason) },        { "ticket", offsetof(struct oplog, ticket) },
    { "device", offsetof(struct oplog, device) },        { "issue_no", offsetof(struct oplog, issue_no) },
    { "place", offsetof(struct oplog, place) },          { "result", offsetof(struct oplog, result) },
    { "detail", offsetof(struct oplog, detail) },
};
static const struct number_member {
    const char *column;
    size_t at;
} numbers[] = {
    { "seq", offsetof(struct oplog, seq) },
    { "mono_ms", offsetof(struct oplog, mono_ms) },
    { "at_ms", offsetof(struct oplog, at_ms) },
    { "rev_before", offsetof(struct oplog, rev_before) },
    { "rev_after", offsetof(struct oplog, rev_after) },
    { "pages", offsetof(struct oplog, pages) },
};

static const char **text_of(struct oplog *r, size_t i)
{
    return (const char **)((char *)r + texts[i].at);
}

static int64_t *number_of(struct oplog *r, size_t i)
{
    return (int64_t *)((char *)r + numbers[i].at);
}

/* hash = SHA-256(prev | version | numbers | boot | texts | flags | detail hash) */
static void hash_row(struct db *db, struct oplog *r, uint8_t ret[OPLOG_HASH])
{
    struct buf b = BUF_INIT;
    buf_add(&b, r->prev, OPLOG_HASH);
    put_u8(&b, CANONICAL_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        put_u64(&b, (uint64_t)*number_of(r, i));
    buf_add(&b, r->boot, OPLOG_BOOT);
    put_bytes(&b, span_of(trust_names[r->trust]));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        put_bytes(&b, span_of(*text_of(r, i)));
    put_u8(&b, r->my_number);
    put_u8(&b, r->seal);
    buf_add(&b, r->detail_hash, OPLOG_HASH);
    db_hash(db, b.p, b.len, ret);
    buf_done(&b);
}

static enum err insert_row(struct db *db, struct oplog *r, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPLOG_INSERT);
    char name[32];
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        snprintf(name, sizeof name, ":%s", texts[i].column);
        stmt_text(q, name, *text_of(r, i));
    }
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        snprintf(name, sizeof name, ":%s", numbers[i].column);
        stmt_i64(q, name, *number_of(r, i));
    }
    stmt_text(q, ":trust", trust_names[r->trust]);
    stmt_blob(q, ":boot", r->boot, OPLOG_BOOT);
    stmt_i64(q, ":my_number", r->my_number);
    stmt_i64(q, ":seal", r->seal);
    stmt_blob(q, ":detail_hash", r->detail_hash, OPLOG_HASH);
    stmt_blob(q, ":prev", r->prev, OPLOG_HASH);
    stmt_blob(q, ":hash", r->hash, OPLOG_HASH);
    return stmt_run(q, reterr);
}

enum err oplog_append(struct db *db, struct oplog *r, struct errinfo *reterr)
{
    struct oplog_head head;
    const struct clock *c = db_clock(db);
    MUST(r->trust < LOG_TRUSTS);
    TRY(oplog_head(db, &head, reterr));
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!*text_of(r, i))
            *text_of(r, i) = "";
    r->seq = head.seq + 1;
    r->at_ms = c->wall_ms(c->self);
    r->mono_ms = c->mono_ms(c->self);
    memcpy(r->prev, head.hash, OPLOG_HASH);
    hash_row(db, r, r->hash);
    return insert_row(db, r, reterr);
}

enum err oplog_head(struct db *db, struct oplog_head *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPLOG_HEAD);
    struct oplog_head head = { 0 };
    bool have = false;
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have) {
        head.seq = col_i64(q, "seq");
        e = col_fixed(q, "hash", head.hash, OPLOG_HASH, reterr);
    }
    stmt_done(q);
    if (e == OK)
        *ret = head;
    return e;
}

enum err oplog_head_sent(struct db *db, const struct oplog_head *head, const char *place, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPLOG_HEAD_ADD);
    stmt_i64(q, ":seq", head->seq);
    stmt_blob(q, ":hash", head->hash, OPLOG_HASH);
    stmt_i64(q, ":at_ms", db_now(db));
    stmt_text(q, ":place", place);
    return stmt_run(q, reterr);
}

enum err oplog_hash_at(struct db *db, int64_t seq, uint8_t ret[OPLOG_HASH], bool *ret_have, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPLOG_HASH_AT);
    stmt_i64(q, ":seq", seq);
    enum err e = stmt_row(q, ret_have, reterr);
    if (e == OK && *ret_have)
        e = col_fixed(q, "hash", ret, OPLOG_HASH, reterr);
    stmt_done(q);
    return e;
}

enum err oplog_head_newest(struct db *db, const char *place, struct oplog_head *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPLOG_HEAD_NEWEST);
    struct oplog_head head = { 0 };
    bool have = false;
    stmt_text(q, ":place", place);
    enum err e = stmt_row(q, &have, reterr);
    if (e == OK && have) {
        head.seq = col_i64(q, "seq");
        e = col_fixed(q, "hash", head.hash, OPLOG_HASH, reterr);
    }
    stmt_done(q);
    if (e == OK)
        *ret = head;
    return e;
}

static enum err read_trust(const struct stmt *q, enum log_trust *ret, struct errinfo *reterr)
{
    for (size_t i = 0; i < LOG_TRUSTS; i++)
        if (strcmp(trust_names[i], col_text(q, "trust")) == 0) {
            *ret = (enum log_trust)i;
            return OK;
        }
    return err_set(reterr, E_CORRUPT, NULL, "oplog", "trust");
}

/* The texts are borrowed from the statement. */
static enum err read_row(const struct stmt *q, struct oplog *r, struct errinfo *reterr)
{
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *text_of(r, i) = col_text(q, texts[i].column);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        *number_of(r, i) = col_i64(q, numbers[i].column);
    r->my_number = col_i64(q, "my_number") != 0;
    r->seal = col_i64(q, "seal") != 0;
    TRY(read_trust(q, &r->trust, reterr));
    TRY(col_fixed(q, "boot", r->boot, OPLOG_BOOT, reterr));
    TRY(col_fixed(q, "detail_hash", r->detail_hash, OPLOG_HASH, reterr));
    TRY(col_fixed(q, "prev", r->prev, OPLOG_HASH, reterr));
    return col_fixed(q, "hash", r->hash, OPLOG_HASH, reterr);
}

struct subject_of {
    struct db *db;
    int64_t seq;
    bool missing;
};

static enum err has_subject(void *arg, struct span subject, struct errinfo *reterr)
{
    struct subject_of *s = arg;
    struct stmt *q = stmt_get(s->db, Q_OPLOG_SUBJECT_HAS);
    bool have = false;
    stmt_span(q, ":subject", subject);
    stmt_i64(q, ":seq", s->seq);
    enum err e = stmt_row(q, &have, reterr);
    stmt_done(q);
    if (e == OK && !have)
        s->missing = true;
    return e;
}

static void found(struct oplog_check *c, enum oplog_fault fault, int64_t bad)
{
    c->fault = fault;
    c->bad = bad;
    c->done = true;
}

/* `indexed`: up to which row the index of persons has to be whole. */
static enum err check_row(struct db *db, struct oplog_check *c, struct oplog *r, int64_t indexed,
                          struct errinfo *reterr)
{
    uint8_t hash[OPLOG_HASH];
    struct subject_of s = { db, r->seq, false };
    hash_row(db, r, hash);
    if (r->seq != c->at.seq + 1)
        found(c, LOG_MISSING, c->at.seq + 1);
    else if (memcmp(r->prev, c->at.hash, OPLOG_HASH) != 0)
        found(c, LOG_CHAIN, r->seq);
    else if (memcmp(r->hash, hash, OPLOG_HASH) != 0)
        found(c, LOG_CHANGED, r->seq);
    if (c->done)
        return OK;
    if (r->seq <= indexed)
        TRY(oplog_each_subject(r->subjects, has_subject, &s, reterr));
    if (s.missing) {
        found(c, LOG_SUBJECT, r->seq);
        return OK;
    }
    c->at.seq = r->seq;
    memcpy(c->at.hash, r->hash, OPLOG_HASH);
    return OK;
}

/* Compares the row just found good with the heads kept elsewhere. */
static void check_known(struct oplog_check *c, const struct oplog_head *known, size_t n)
{
    for (size_t i = 0; i < n && !c->done; i++)
        if (known[i].seq == c->at.seq && memcmp(known[i].hash, c->at.hash, OPLOG_HASH) != 0)
            found(c, LOG_HEAD, c->at.seq);
}

/* Heads the store remembers itself, between two rows of the walk: their rows were read and hashed. */
static enum err check_remembered(struct db *db, struct oplog_check *c, const struct oplog *r, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPLOG_HEADS);
    bool have = false;
    enum err e;
    stmt_i64(q, ":after", r->seq - 1);
    stmt_i64(q, ":upto", r->seq);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        uint8_t hash[OPLOG_HASH];
        e = col_fixed(q, "hash", hash, OPLOG_HASH, reterr);
        if (e == OK && memcmp(hash, r->hash, OPLOG_HASH) != 0)
            found(c, LOG_HEAD, r->seq);
        if (e != OK)
            break;
    }
    stmt_done(q);
    return e;
}

/* The end of the log was reached: is there a head behind it? */
static enum err check_tail(struct db *db, struct oplog_check *c, const struct oplog_head *known, size_t n,
                           struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPLOG_HEADS_BEYOND);
    bool have = false;
    stmt_i64(q, ":after", c->at.seq);
    enum err e = stmt_row(q, &have, reterr);
    stmt_done(q);
    for (size_t i = 0; i < n; i++)
        have = have || known[i].seq > c->at.seq;
    if (e == OK && have)
        found(c, LOG_HEAD, c->at.seq + 1);
    c->done = true;
    return e;
}

enum err oplog_verify(struct db *db, struct oplog_check *c, const struct oplog_head *known, size_t n, int64_t max,
                      struct errinfo *reterr)
{
    bool have = false;
    enum err e = OK;
    int64_t rows = 0, indexed = 0;
    TRY(oplog_indexed(db, &indexed, reterr));
    struct stmt *q = stmt_get(db, Q_OPLOG_FROM);
    stmt_i64(q, ":after", c->at.seq);
    stmt_i64(q, ":max", max);
    while (!c->done && (e = stmt_row(q, &have, reterr)) == OK && have) {
        struct oplog r = { 0 };
        rows++;
        if (read_row(q, &r, NULL) != OK)
            found(c, LOG_CHANGED, c->at.seq + 1);
        else
            e = check_row(db, c, &r, indexed, reterr);
        if (e == OK && !c->done)
            e = check_remembered(db, c, &r, reterr);
        if (e != OK)
            break;
        check_known(c, known, n);
    }
    stmt_done(q);
    if (e == OK && !c->done && rows < max)
        e = check_tail(db, c, known, n, reterr);
    return e;
}

const char *oplog_fault_label(enum oplog_fault f)
{
    static const char *const labels[] = {
        [LOG_SOUND] = "異常なし",     [LOG_MISSING] = "記録の欠落",       [LOG_CHAIN] = "記録のつながりの不一致",
        [LOG_CHANGED] = "記録の変更", [LOG_SUBJECT] = "対象者索引の欠落", [LOG_HEAD] = "控えた記録の末尾との不一致",
    };
    return labels[f];
}

static struct stmt *list_statement(struct db *db, const struct oplog_filter *f)
{
    struct stmt *q;
    if (f->subject) {
        q = stmt_get(db, Q_OPLOG_LIST_SUBJECT);
        stmt_text(q, ":subject", f->subject);
    } else {
        q = stmt_get(db, f->operator_id ? Q_OPLOG_LIST_OPERATOR : Q_OPLOG_LIST);
    }
    stmt_text(q, ":operator", f->operator_id);
    stmt_text(q, ":function", f->function);
    stmt_text(q, ":action", f->action);
    stmt_text(q, ":result", f->result);
    stmt_i64(q, ":from", f->from_ms);
    stmt_i64(q, ":to", f->to_ms ? f->to_ms : INT64_MAX);
    stmt_i64(q, ":before", f->before ? f->before : INT64_MAX);
    stmt_i64(q, ":max", f->limit);
    return q;
}

enum err oplog_list(struct db *db, const struct oplog_filter *f, void (*cb)(void *arg, const struct oplog *), void *arg,
                    struct errinfo *reterr)
{
    bool have = false;
    enum err e;
    if (f->subject)
        TRY(oplog_index(db, 1, INT64_MAX, reterr));
    struct stmt *q = list_statement(db, f);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct oplog r = { 0 };
        if ((e = read_row(q, &r, reterr)) != OK)
            break;
        cb(arg, &r);
    }
    stmt_done(q);
    return e;
}
