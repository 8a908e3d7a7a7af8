#include "gate/internal.h"
#include "store/txn.h"
#include <stdlib.h>
#include <string.h>

struct session *session_open(struct service *svc, const struct service_peer *peer)
{
    struct session *s = xcalloc(1, sizeof *s);
    uint8_t id[SESSION_ID / 2] = { 0 };
    struct buf hex = BUF_INIT;
    if (svc->passwords.random(id, sizeof id, NULL) != OK)
        BUG("no random numbers");
    hex_add(&hex, id, sizeof id);
    memcpy(s->id, buf_str(&hex), SESSION_ID + 1);
    buf_done(&hex);
    s->svc = svc;
    s->peer = *peer;
    s->next = svc->sessions;
    svc->sessions = s;
    return s;
}

/* Sessions end and lock without a request, too: that is told to the log in a transaction of its own. */
static void log_change(struct session *s, const char *function, const char *reason)
{
    struct service *svc = s->svc;
    struct oplog row = service_row(svc, function, "login");
    row.operator_id = s->op->id;
    row.session = s->id;
    row.reason = reason;
    if (txn_begin(svc->db, NULL) != OK)
        return; /* the store has stopped; there is nothing the end of a session could wait for */
    if (txn_end(svc->db, service_append(svc, &row, NULL), NULL) != OK)
        return;
}

void session_login(struct session *s, struct operator_row *take, bool must_change)
{
    session_logout(s);
    s->op = take;
    s->must_change = must_change;
    s->login_ms = s->used_ms = mono_ms(s->svc);
}

void session_logout(struct session *s)
{
    operator_free(s->op);
    s->op = NULL;
    s->locked = s->must_change = false;
    memset(&s->log_check, 0, sizeof s->log_check);
}

bool session_in_use(const struct session *s)
{
    return s->op != NULL;
}

void session_close(struct session *s)
{
    if (!s)
        return;
    struct session **at = &s->svc->sessions;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    gate_drop(s);
    if (s->op)
        log_change(s, "session.logout", "接続の終了");
    session_logout(s);
    free(s);
}

/* Ends or locks what has been open or idle for too long. */
static void grow_old(struct session *s)
{
    int64_t now = mono_ms(s->svc);
    const struct rulebook *book = s->svc->book;
    if (!s->op)
        return;
    if (now - s->login_ms >= rulebook_param_int(book, "SESSION_MAX_H") * HOUR_MS) {
        log_change(s, "session.logout", "利用時間の限度");
        session_logout(s);
    } else if (!s->locked && now - s->used_ms >= rulebook_param_int(book, "IDLE_LOCK_MIN") * MINUTE_MS) {
        log_change(s, "session.lock", "操作のない時間の限度");
        s->locked = true;
    }
}

void sessions_tick(struct service *svc)
{
    for (struct session *s = svc->sessions; s; s = s->next)
        grow_old(s);
}

/* Why a session may not go on, as its log row tells it; NULL when it may. */
static enum err why_over(struct session *s, const struct operator_row *now, const char **ret, struct errinfo *reterr)
{
    bool locked = false;
    TRY(auth_locked(s->svc, now->id, s->peer.uid, &locked, reterr));
    *ret = locked || !auth_is_valid(s->svc, now)            ? "操作者の停止"
           : now->password_set_ms != s->op->password_set_ms ? "パスワードの変更"
                                                            : NULL;
    return OK;
}

/* Rights count as they are now, not as they were at login (ASVS 8.3.2); with another password than the one that opened
 * it, a session is somebody else's (7.4.3). */
static enum err refresh(struct session *s, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    const char *over = NULL;
    TRY(operator_get(s->svc->db, s->op->id, &o, reterr));
    enum err e = why_over(s, o, &over, reterr);
    if (e != OK || over) {
        operator_free(o);
        TRY(e);
        log_change(s, "session.logout", over);
        session_logout(s);
        return call_refuse(reterr, E_DENIED, "S005", NULL);
    }
    operator_free(s->op);
    s->op = o;
    return OK;
}

enum err session_check(struct call *c, struct errinfo *reterr)
{
    struct session *s = c->session;
    unsigned flags = c->method->flags;
    grow_old(s);
    if (s->op)
        TRY(refresh(s, reterr));
    if (flags & M_BEFORE_LOGIN)
        return OK;
    if (!s->op)
        return call_refuse(reterr, E_DENIED, "S005", NULL);
    if (s->locked && !(flags & M_LOCKED))
        return call_refuse(reterr, E_DENIED, "S006", NULL);
    if (s->must_change && !(flags & M_EXPIRED))
        return call_refuse(reterr, E_DENIED, "S008", NULL);
    if (!s->locked && !(flags & M_BACKGROUND))
        s->used_ms = mono_ms(s->svc);
    return OK;
}
