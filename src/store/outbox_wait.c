#include "store/outbox_wait.h"
#include "base/mem.h"
#include "outbox_in.h"
#include "stmt_in.h"

#include <stdlib.h>
#include <string.h>

static struct waiting waiting_of(const struct stmt *q)
{
    return (struct waiting){
        .id = col_i64(q, "id"),
        .kind = col_text(q, "kind"),
        .lane = col_text(q, "lane"),
        .subject = col_text(q, "subject"),
        .payload = col_text(q, "payload"),
        .operator_id = col_text(q, "operator"),
        .approver = col_text(q, "approver"),
        .received_at = col_text(q, "received_at"),
        .made_ms = col_i64(q, "made_ms"),
    };
}

enum err outbox_waiting(struct db *db, const char *outage_no, waiting_fn *cb, void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_WAIT_LIST);
    stmt_text(q, ":outage_no", outage_no);
    bool have = true;
    enum err e = OK;
    while (e == OK && (e = stmt_row(q, &have, reterr)) == OK && have) {
        struct waiting w = waiting_of(q);
        e = cb(arg, &w, reterr);
    }
    stmt_done(q);
    return e;
}

/* A waiting operation out of its statement, because numbering it uses others. */
struct taken {
    struct outbox_new op;
    char *text[7];
    struct outbox_base *base;
    size_t n_base;
};

static void taken_done(struct taken *t)
{
    for (size_t i = 0; i < ARRAY_LEN(t->text); i++)
        wipe_str(t->text[i]);
    for (size_t i = 0; i < t->n_base; i++)
        free((char *)t->base[i].id);
    free(t->base);
}

static enum err take_row(struct db *db, int64_t id, struct taken *t, struct errinfo *reterr)
{
    static const char *const names[] = { "kind", "lane", "payload", "operator", "approver", "outage_no", "base" };
    struct stmt *q = stmt_get(db, Q_WAIT_GET);
    stmt_i64(q, ":id", id);
    enum err e = stmt_one(q, reterr);
    if (e == OK && strcmp(col_text(q, "state"), "waiting") != 0)
        e = err_set(reterr, E_CONFLICT, "S540", NULL, "operation %lld does not wait", (long long)id);
    for (size_t i = 0; e == OK && i < ARRAY_LEN(names); i++)
        t->text[i] = xstrdup(col_text(q, names[i]));
    stmt_done(q);
    return e;
}

/* What base_text wrote. */
static enum err take_base(char *text, struct taken *t, struct errinfo *reterr)
{
    for (char *line = text, *end; *line; line = end + 1) {
        char *blank = strchr(line, ' ');
        end = strchr(line, '\n');
        if (!blank || !end || blank > end)
            return err_set(reterr, E_CORRUPT, NULL, "outbox_wait", "base of a waiting operation");
        t->base = xrealloc(t->base, t->n_base + 1, sizeof *t->base);
        t->base[t->n_base++] =
            (struct outbox_base){ xstrndup(line, (size_t)(blank - line)), strtoll(blank + 1, NULL, 10) };
    }
    return OK;
}

enum err outbox_take_up(struct db *db, int64_t id, int64_t *ret_seq, struct errinfo *reterr)
{
    struct taken t = { 0 };
    int64_t seq = 0;
    MUST(txn_depth(db) > 0);
    enum err e = outbox_allowed(db, reterr);
    if (e == OK)
        e = take_row(db, id, &t, reterr);
    if (e == OK)
        e = take_base(t.text[6], &t, reterr);
    if (e == OK) {
        t.op = (struct outbox_new){ .kind = t.text[0],
                                    .lane = t.text[1],
                                    .payload = t.text[2],
                                    .operator_id = t.text[3],
                                    .approver_id = t.text[4][0] ? t.text[4] : NULL,
                                    .base = t.base,
                                    .n_base = t.n_base };
        e = outbox_number(db, &t.op, t.text[5], &seq, reterr);
    }
    if (e == OK) {
        struct stmt *q = stmt_get(db, Q_WAIT_NUMBERED);
        stmt_i64(q, ":id", id);
        stmt_i64(q, ":seq", seq);
        e = stmt_run(q, reterr);
    }
    taken_done(&t);
    if (e == OK)
        *ret_seq = seq;
    return e;
}

enum err outbox_leave(struct db *db, const char *outage_no, const char *subject, bool elsewhere, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_WAIT_LEAVE);
    stmt_text(q, ":outage_no", outage_no);
    stmt_text(q, ":subject", subject);
    stmt_text(q, ":state", elsewhere ? "elsewhere" : "withdrawn");
    return stmt_run(q, reterr);
}
