/*
 * Backups of the host's database while it works. What a finished and synced copy holds is durable: only then may a
 * branch forget that it sent it. Marks are taken when the copy starts, which is before the moment the copy is of.
 */
#include "base/fsx.h"
#include "base/mem.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mark {
    char branch[OP_BRANCH_MAX + 1];
    uint8_t incarnation[OP_INCARNATION];
    uint64_t upto;
};

struct backup_maker {
    struct host_copy *copy; /* NULL between two */
    const struct host_backend_ops *ops;
    char *path;
    struct mark *mark;
    size_t n;
    int64_t next_ms; /* monotonic: not before */
};

void backup_maker_free(struct backup_maker *m)
{
    if (!m)
        return;
    if (m->copy && m->ops->copy_finish(m->copy, NULL) != OK)
        unlink(m->path);
    free(m->path);
    free(m->mark);
    free(m);
}

/* Lives of branches that have received more than is durable. */
static enum err take_marks(struct host *h, struct backup_maker *m, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_RUN_ALL);
    enum err e;
    m->n = 0;
    while ((e = q_row(&q, &have, reterr)) == OK && have) {
        struct mark k = { .upto = (uint64_t)q_get_int(&q, "received_upto") };
        if (k.upto == (uint64_t)q_get_int(&q, "durable_upto"))
            continue;
        q_get_text(&q, "branch", k.branch, OP_BRANCH_MAX);
        e = q_get_fixed(&q, "incarnation", k.incarnation, OP_INCARNATION, reterr);
        if (e != OK)
            break;
        m->mark = xrealloc(m->mark, m->n + 1, sizeof *m->mark);
        m->mark[m->n++] = k;
    }
    q_done(&q);
    return e;
}

static enum err start(struct host *h, struct backup_maker *m, struct errinfo *reterr)
{
    int y, mo, d, sec;
    clock_jst(host_now(h), &y, &mo, &d, &sec);
    char *dir = fs_join(h->dir, "backup");
    free(m->path);
    m->path = xprintf("%s/host-%04d%02d%02d-%02d%02d%02d.db", dir, y, mo, d, sec / 3600, sec / 60 % 60, sec % 60);
    enum err e = fs_mkdir_p(dir, 0700, reterr);
    if (e == OK)
        e = h->b->ops->copy_start(h->b, m->path, &m->copy, reterr);
    free(dir);
    return e;
}

static enum err mark_durable(struct host *h, const struct mark *k, struct errinfo *reterr)
{
    uint64_t host_seq = 0;
    struct buf hex = BUF_INIT;
    struct q q = q_get(h->b, Q_RUN_DURABLE);
    q_life(&q, k->branch, k->incarnation);
    q_int(&q, ":durable_upto", (int64_t)k->upto);
    TRY(q_run(&q, reterr));
    hex_add(&hex, k->incarnation, OP_INCARNATION);
    char *body = xprintf("{\"incarnation\":\"%s\",\"durable_upto\":%llu}", buf_str(&hex), (unsigned long long)k->upto);
    enum err e = feed_write(h, FEED_NOTICE, "durable", k->branch, span_of(body), &host_seq, reterr);
    free(body);
    buf_done(&hex);
    return e;
}

static enum err mark_all(struct host *h, const struct backup_maker *m, struct errinfo *reterr)
{
    TRY(h->b->ops->begin(h->b, reterr));
    enum err e = OK;
    for (size_t i = 0; e == OK && i < m->n; i++)
        e = mark_durable(h, &m->mark[i], reterr);
    return host_end(h, e, reterr);
}

/* Names sort by time: the oldest go. */
static void drop_old(struct host *h, int64_t keep)
{
    char **name = NULL;
    size_t n = 0;
    char *dir = fs_join(h->dir, "backup");
    if (fs_list(dir, ".db", &name, &n, NULL) == OK) {
        for (size_t i = 0; i + (size_t)keep < n; i++) {
            char *path = fs_join(dir, name[i]);
            unlink(path);
            free(path);
        }
        fs_list_free(name, n);
    }
    free(dir);
}

static enum err finish(struct host *h, struct backup_maker *m, struct errinfo *reterr)
{
    struct host_copy *copy = m->copy;
    m->copy = NULL;
    TRY(m->ops->copy_finish(copy, reterr));
    TRY(mark_all(h, m, reterr));
    drop_old(h, rulebook_param_int(h->book, "GEN_KEEP"));
    return OK;
}

enum err host_backup_step(struct host *h, bool *ret_more, struct errinfo *reterr)
{
    int left = 0;
    int64_t now = h->clock.mono_ms(h->clock.self);
    *ret_more = false;
    if (!h->b->ops->copy_start)
        return OK;
    if (!h->backup) {
        h->backup = xcalloc(1, sizeof *h->backup);
        h->backup->ops = h->b->ops;
        h->backup->next_ms = now;
    }
    struct backup_maker *m = h->backup;
    if (!m->copy) {
        if (now < m->next_ms)
            return OK;
        TRY(take_marks(h, m, reterr));
        if (m->n == 0)
            return OK;
        m->next_ms = now + rulebook_param_int(h->book, "HOST_BACKUP_MIN") * MINUTE_MS;
        TRY(start(h, m, reterr));
    }
    TRY(m->ops->copy_step(m->copy, &left, reterr));
    *ret_more = left > 0;
    return left > 0 ? OK : finish(h, m, reterr);
}
