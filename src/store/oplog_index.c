/*
 * The index of persons behind the operation log. A page of a search names hundreds of persons: entered one by one they
 * would touch as many pages of the store before the answer may leave. So the index follows in large sorted steps, and
 * whoever asks it makes it whole first. Nothing is lost meanwhile: the log rows name the persons themselves.
 */
#include "base/mem.h"
#include "oplog.h"
#include "stmt_in.h"
#include "store/meta.h"
#include "store/txn.h"

#include <stdlib.h>
#include <string.h>

#define META_INDEXED "oplog.indexed" /* number of the last row whose persons are in the index */

enum err oplog_each_subject(const char *subjects, enum err (*cb)(void *arg, struct span, struct errinfo *), void *arg,
                            struct errinfo *reterr)
{
    for (const char *p = subjects; *p;) {
        size_t n = strcspn(p, " ");
        if (n)
            TRY(cb(arg, (struct span){ p, n }, reterr));
        p += n + strspn(p + n, " ");
    }
    return OK;
}

enum err oplog_indexed(struct db *db, int64_t *ret, struct errinfo *reterr)
{
    return meta_get_i64(db, META_INDEXED, 0, ret, reterr);
}

struct entry {
    struct span subject; /* in `texts` */
    int64_t seq;
};
struct batch {
    struct buf texts; /* may move: a subject is kept as its place until all are there */
    struct {
        size_t at, n;
        int64_t seq;
    } * found;
    struct entry *entry;
    size_t n, cap;
    int64_t seq; /* row being read */
};

static enum err note(void *arg, struct span subject, struct errinfo *reterr)
{
    struct batch *b = arg;
    (void)reterr;
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 1024;
        b->found = xrealloc(b->found, b->cap, sizeof *b->found);
    }
    b->found[b->n].at = b->texts.len;
    b->found[b->n].n = subject.n;
    b->found[b->n++].seq = b->seq;
    buf_add(&b->texts, subject.p, subject.n);
    return OK;
}

static enum err read_rows(struct db *db, int64_t after, int64_t max, struct batch *b, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_OPLOG_SUBJECTS_FROM);
    bool have = false;
    enum err e;
    stmt_i64(q, ":after", after);
    stmt_i64(q, ":max", max);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        b->seq = col_i64(q, "seq");
        e = oplog_each_subject(col_text(q, "subjects"), note, b, reterr);
        if (e != OK)
            break;
    }
    stmt_done(q);
    return e;
}

static int in_order(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    size_t n = x->subject.n < y->subject.n ? x->subject.n : y->subject.n;
    int d = memcmp(x->subject.p, y->subject.p, n);
    if (d == 0)
        d = (x->subject.n > y->subject.n) - (x->subject.n < y->subject.n);
    return d ? d : (x->seq > y->seq) - (x->seq < y->seq);
}

static enum err write_sorted(struct db *db, struct batch *b, struct errinfo *reterr)
{
    b->entry = xcalloc(b->n, sizeof *b->entry);
    for (size_t i = 0; i < b->n; i++)
        b->entry[i] = (struct entry){ { b->texts.p + b->found[i].at, b->found[i].n }, b->found[i].seq };
    qsort(b->entry, b->n, sizeof *b->entry, in_order);
    for (size_t i = 0; i < b->n; i++) {
        struct stmt *q = stmt_get(db, Q_OPLOG_SUBJECT_ADD);
        stmt_span(q, ":subject", b->entry[i].subject);
        stmt_i64(q, ":seq", b->entry[i].seq);
        TRY(stmt_run(q, reterr));
    }
    return OK;
}

/* One step in the transaction of the caller. */
static enum err step(struct db *db, int64_t after, int64_t max, int64_t *ret_seq, struct errinfo *reterr)
{
    struct batch b = { .texts = BUF_INIT, .seq = after };
    enum err e = read_rows(db, after, max, &b, reterr);
    if (e == OK && b.n > 0)
        e = write_sorted(db, &b, reterr);
    if (e == OK)
        e = meta_set_i64(db, META_INDEXED, b.seq, reterr);
    if (e == OK)
        *ret_seq = b.seq;
    free(b.entry);
    free(b.found);
    buf_done(&b.texts);
    return e;
}

enum err oplog_index(struct db *db, int64_t least, int64_t max, struct errinfo *reterr)
{
    struct oplog_head head;
    int64_t at = 0;
    TRY(oplog_head(db, &head, reterr));
    TRY(oplog_indexed(db, &at, reterr));
    if (head.seq <= at || head.seq - at < least)
        return OK;
    TRY(txn_begin(db, reterr));
    return txn_end(db, step(db, at, max, &at, reterr), reterr);
}
