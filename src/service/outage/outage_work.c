#include "outage/outage_work.h"
#include "base/mem.h"
#include "engine/sync_in.h"
#include "service/auth.h"
#include "store/outage_book.h"
#include "store/replica.h"

#include <string.h>

unsigned stop_roles(unsigned roles)
{
    unsigned bits = 0;
    for (unsigned r = 0; r < ROLE_COUNT; r++)
        if (roles & ROLE_BIT(r))
            bits |= outage_role_bit(span_of(role_code((enum role)r)));
    return bits;
}

static enum err roles_of(struct call *c, const char *operator_id, unsigned *ret, struct errinfo *reterr)
{
    struct operator_row *o = NULL;
    TRY(operator_get(c->svc->db, operator_id, &o, reterr));
    *ret |= stop_roles(o->roles);
    operator_free(o);
    return OK;
}

enum err stop_confirm(struct call *c, const char *method, bool two, const char **ret_second, unsigned *ret_roles,
                      struct errinfo *reterr)
{
    const char *approver = call_text(c, "approver"), *password = call_text(c, "password");
    bool other = *approver && strcmp(approver, call_operator(c)) != 0;
    unsigned roles = 0;
    if (two || *approver) /* oneself is told so (S004), not passed over */
        TRY(auth_second(c, approver, password, method, reterr));
    else
        TRY(auth_again(c, password, reterr));
    TRY(roles_of(c, call_operator(c), &roles, reterr));
    if (other)
        TRY(roles_of(c, approver, &roles, reterr));
    *ret_second = other ? approver : "";
    *ret_roles = roles;
    return OK;
}

enum err stop_open(struct call *c, struct outage *ret, struct errinfo *reterr)
{
    bool found = false;
    TRY(outage_current(c->svc->db, ret, &found, reterr));
    return found ? OK : call_refuse(reterr, E_CONFLICT, "S510", NULL);
}

/* Lines that neither balance nor are explained. */
static enum err differences(struct call *c, const char *no, const struct outage_counts *n, int64_t *ret,
                            struct errinfo *reterr)
{
    struct outage_line line[OUTAGE_LINES];
    outage_balance(n, line);
    *ret = 0;
    for (int i = 0; i < OUTAGE_LINES; i++) {
        bool explained = line[i].left == line[i].right;
        if (!explained)
            TRY(book_explained(c->svc->db, no, line[i].key, line[i].left - line[i].right, &explained, reterr));
        *ret += !explained;
    }
    return OK;
}

/* What changed while nobody heard of it is here, and who is protected is known (復旧の前の差分取得). */
static enum err copy_level(struct call *c, const struct engine_status *st, bool *ret, struct errinfo *reterr)
{
    struct replica rep;
    TRY(replica_get(c->svc->db, &rep, reterr));
    int64_t age = call_now(c) - rep.skew_ms - rep.list_ms;
    *ret = st->level && rep.list_ms && age <= rulebook_param_int(c->svc->book, "SUPP_MAX_H") * HOUR_MS;
    return OK;
}

enum err stop_level(struct call *c, struct errinfo *reterr)
{
    struct engine_status st;
    bool level = false;
    sync_state(c, &st);
    TRY(copy_level(c, &st, &level, reterr));
    return level ? OK : call_refuse(reterr, E_CONFLICT, "S512", "副本");
}

enum err stop_facts(struct call *c, const struct outage *o, struct outage_facts *ret, struct errinfo *reterr)
{
    const struct rulebook *book = c->svc->book;
    struct engine_status st;
    struct outage_counts n = { .received = 0 };
    struct outage_facts f = { .types = o ? o->types : 0 };
    sync_state(c, &st);
    if (o) {
        TRY(book_counts(c->svc->db, o->no, &n, &f.open_items, reterr));
        TRY(differences(c, o->no, &n, &f.differences, reterr));
    }
    int64_t allowed = rulebook_param_int(book, "CLOCK_DIFF_S") * 1000;
    TRY(copy_level(c, &st, &f.copy_level, reterr));
    f.host_answers = st.host == HOST_OK;
    f.answers_n = st.answers;
    f.answers_ms = st.stable_ms;
    f.stable_n = rulebook_param_int(book, "STABLE_OK_N");
    f.stable_ms = rulebook_param_int(book, "STABLE_MIN") * MINUTE_MS;
    f.entered = n.received + n.cert_numbers;
    f.skew_too_large = st.skew_ms > allowed || st.skew_ms < -allowed;
    *ret = f;
    return OK;
}
