/* Operations on notices while the counter is stopped: they wait, and the book follows. */
#include "base/mem.h"
#include "outbox_in.h"
#include "stmt_in.h"
#include "store/outage_book.h"

#include <string.h>

/* One line for each row: id, blank, revision. */
static void base_text(const struct outbox_new *op, struct buf *ret)
{
    for (size_t i = 0; i < op->n_base; i++)
        buf_printf(ret, "%s %lld\n", op->base[i].id, (long long)op->base[i].rev);
}

static enum err add_waiting(struct db *db, const struct outbox_new *op, const char *outage_no, struct errinfo *reterr)
{
    char now_text[CLOCK_TEXT];
    struct buf base = BUF_INIT;
    int64_t now = db_now(db);
    clock_iso_jst(now, now_text);
    base_text(op, &base);
    struct stmt *q = stmt_get(db, Q_WAIT_INSERT);
    stmt_text(q, ":outage_no", outage_no);
    stmt_text(q, ":kind", op->kind);
    stmt_text(q, ":lane", op->lane);
    stmt_text(q, ":payload", op->payload);
    stmt_text(q, ":base", buf_str(&base));
    stmt_text(q, ":operator", op->operator_id);
    stmt_text(q, ":approver", op->approver_id ? op->approver_id : "");
    stmt_text(q, ":now_text", now_text);
    stmt_i64(q, ":made_ms", now);
    enum err e = stmt_run(q, reterr);
    buf_done(&base);
    return e;
}

/* Is the notice in the book? One that was handed to the host office is typed in there, and not here (二重入力). */
static enum err book_has(struct db *db, const struct outbox_new *op, bool *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_HAS_NOTICE);
    stmt_text(q, ":payload", op->payload);
    enum err e = stmt_one(q, reterr);
    if (e == OK) {
        *ret = col_i64(q, "n") > 0;
        if (col_i64(q, "host") > 0)
            e = err_set(reterr, E_DENIED, "S543", NULL, "handed over to the host office");
    }
    stmt_done(q);
    return e;
}

/* Received and typed in at once: the book gets its row now. */
static enum err book_open(struct db *db, const struct outbox_new *op, const char *outage_no, struct errinfo *reterr)
{
    struct buf no = BUF_INIT;
    char now_text[CLOCK_TEXT];
    char *text[3] = { NULL };
    static const char *const columns[] = { "no", "kind", "received_at" };
    clock_iso_jst(db_now(db), now_text);
    struct stmt *q = stmt_get(db, Q_OUTBOX_PAYLOAD);
    stmt_text(q, ":payload", op->payload);
    enum err e = stmt_one(q, reterr);
    for (size_t i = 0; e == OK && i < ARRAY_LEN(columns); i++)
        text[i] = xstrdup(col_text(q, columns[i]));
    stmt_done(q);
    if (e == OK) {
        const struct book_entry b = { .received_at = *text[2] ? text[2] : now_text,
                                      .entered_by = op->operator_id,
                                      .kind = text[1],
                                      .notice_no = text[0],
                                      .persons = (int64_t)op->n_base,
                                      .state = BOOK_ENTERED };
        e = book_add(db, outage_no, &b, &no, reterr);
    }
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        wipe_str(text[i]);
    buf_done(&no);
    return e;
}

static enum err book_follow(struct db *db, const struct outbox_new *op, enum book_state s, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_BOOK_FOLLOW);
    stmt_text(q, ":payload", op->payload);
    stmt_text(q, ":state", book_state_name(s));
    return stmt_run(q, reterr);
}

/* The book of the stop follows what is done to the notice. */
static enum err keep_book(struct db *db, const struct outbox_new *op, const char *outage_no, bool has,
                          struct errinfo *reterr)
{
    static const struct {
        const char *kind;
        enum book_state state;
    } follows[] = { { "notice.enter", BOOK_ENTERED },
                    { "notice.decide", BOOK_DECIDED },
                    { "notice.withdraw", BOOK_WITHDRAWN } };
    size_t i = 0;
    while (i < ARRAY_LEN(follows) && strcmp(follows[i].kind, op->kind) != 0)
        i++;
    if (i == ARRAY_LEN(follows))
        return OK;
    if (!has && follows[i].state == BOOK_ENTERED)
        return book_open(db, op, outage_no, reterr);
    return book_follow(db, op, follows[i].state, reterr);
}

/* A notice of which the host knows nothing yet is withdrawn without telling it. */
static enum err withdraw_waiting(struct db *db, const struct outbox_new *op, const char *outage_no, bool *ret_done,
                                 struct errinfo *reterr)
{
    bool known = true;
    if (strcmp(op->kind, "notice.withdraw") != 0)
        return OK;
    struct stmt *q = stmt_get(db, Q_OUTBOX_KNOWN);
    stmt_text(q, ":payload", op->payload);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        known = col_i64(q, "n") > 0;
    stmt_done(q);
    if (e == OK && !known) {
        q = stmt_get(db, Q_WAIT_WITHDRAW);
        stmt_text(q, ":payload", op->payload);
        stmt_text(q, ":outage_no", outage_no);
        e = stmt_run(q, reterr);
    }
    if (e == OK)
        *ret_done = !known;
    return e;
}

enum err outbox_add_in_stop(struct db *db, const struct outbox_new *op, const char *outage_no, struct errinfo *reterr)
{
    bool done = false, has = false;
    TRY(book_has(db, op, &has, reterr));
    TRY(withdraw_waiting(db, op, outage_no, &done, reterr));
    if (!done)
        TRY(add_waiting(db, op, outage_no, reterr));
    return keep_book(db, op, outage_no, has, reterr);
}
