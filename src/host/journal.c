#include "journal.h"
#include "base/cur.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "host/branches.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct row {
    int64_t seq, at_ms;
    struct span who, what, detail;
};

static void row_hash(const struct row *r, const uint8_t before[DIGEST_SIZE], uint8_t ret[DIGEST_SIZE])
{
    struct buf b = BUF_INIT;
    buf_add(&b, before, DIGEST_SIZE);
    put_u64(&b, (uint64_t)r->seq);
    put_u64(&b, (uint64_t)r->at_ms);
    put_bytes(&b, r->who);
    put_bytes(&b, r->what);
    put_bytes(&b, r->detail);
    digest_sha256(b.p, b.len, ret);
    buf_done(&b);
}

static enum err last_row(struct host_backend *b, int64_t *ret_seq, uint8_t ret_hash[DIGEST_SIZE],
                         struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(b, Q_JOURNAL_LAST);
    enum err e = q_row(&q, &have, reterr);
    memset(ret_hash, 0, DIGEST_SIZE);
    *ret_seq = 0;
    if (e == OK && have) {
        *ret_seq = q_get_int(&q, "seq");
        e = q_get_fixed(&q, "hash", ret_hash, DIGEST_SIZE, reterr);
    }
    q_done(&q);
    return e;
}

enum err journal_add(struct host_backend *b, int64_t at_ms, const char *who, const char *what, json_t *detail,
                     struct errinfo *reterr)
{
    uint8_t before[DIGEST_SIZE], hash[DIGEST_SIZE];
    int64_t last = 0;
    char *text = json_dumps(detail, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(detail);
    MUST(text);
    enum err e = last_row(b, &last, before, reterr);
    if (e == OK) {
        struct row r = { last + 1, at_ms, span_of(who), span_of(what), span_of(text) };
        row_hash(&r, before, hash);
        struct q q = q_get(b, Q_JOURNAL_ADD);
        q_int(&q, ":seq", r.seq);
        q_int(&q, ":at_ms", at_ms);
        q_text(&q, ":who", who);
        q_text(&q, ":what", what);
        q_text(&q, ":detail", text);
        q_blob(&q, ":hash", hash, sizeof hash);
        e = q_run(&q, reterr);
    }
    free(text);
    return e;
}

enum err journal(struct host *h, const char *who, const char *what, json_t *detail, struct errinfo *reterr)
{
    return journal_add(h->b, host_now(h), who, what, detail, reterr);
}

enum err host_journal_verify(struct host *h, uint64_t *ret_rows, struct errinfo *reterr)
{
    uint8_t before[DIGEST_SIZE] = { 0 }, hash[DIGEST_SIZE], stored[DIGEST_SIZE];
    uint64_t n = 0;
    bool have = false;
    struct q q = q_get(h->b, Q_JOURNAL_ALL);
    enum err e;
    while ((e = q_row(&q, &have, reterr)) == OK && have) {
        struct row r = { q_get_int(&q, "seq"), q_get_int(&q, "at_ms"), q_get_span(&q, "who"), q_get_span(&q, "what"),
                         q_get_span(&q, "detail") };
        row_hash(&r, before, hash);
        e = q_get_fixed(&q, "hash", stored, sizeof stored, reterr);
        if (e == OK && ((uint64_t)r.seq != n + 1 || memcmp(hash, stored, sizeof hash) != 0))
            e = err_set(reterr, E_CORRUPT, "S444", "journal", "row %lld does not fit the chain", (long long)r.seq);
        if (e != OK)
            break;
        memcpy(before, hash, sizeof before);
        n++;
    }
    q_done(&q);
    if (e == OK)
        *ret_rows = n;
    return e;
}
