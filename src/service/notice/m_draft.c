/* Drafts (下書き): what is being typed, saved as it is typed, with locks on whom it is about. */
#include "base/mem.h"
#include "domain/notice_points.h"
#include "methods.h"
#include "notice/notice_work.h"
#include "store/drafts.h"
#include "store/operator.h"

#include <stdlib.h>
#include <string.h>

enum { BOOK_NO_MAX = 60 };

static void tell_id(json_t *row, int64_t id)
{
    char text[24];
    snprintf(text, sizeof text, "D%lld", (long long)id);
    set_text(row, "id", text);
}

struct owner {
    struct call *call;
    bool mine;
    int64_t saved_ms;
    char kind[40], notice_no[CASE_NO_MAX + 1];
};

static void read_owner(void *arg, const struct draft *d)
{
    struct owner *o = arg;
    o->mine = strcmp(d->operator_id, call_operator(o->call)) == 0;
    o->saved_ms = d->saved_ms;
    snprintf(o->kind, sizeof o->kind, "%s", d->kind);
    snprintf(o->notice_no, sizeof o->notice_no, "%s", d->notice_no);
}

/* A draft of the operator himself: nobody reads or changes another's. */
static enum err own_draft(struct call *c, int64_t *ret_id, struct notice **ret, struct owner *o, struct errinfo *reterr)
{
    struct notice *n = NULL;
    *ret_id = draft_id(call_text(c, "id"));
    *o = (struct owner){ .call = c };
    TRY(draft_get(c->svc->db, *ret_id, &n, read_owner, o, reterr));
    if (!o->mine) {
        notice_free(n);
        return call_refuse(reterr, E_DENIED, "S225", call_text(c, "id"));
    }
    *ret = n;
    return OK;
}

/* ---- save ---- */

static enum err save_values(struct call *c, int64_t id, const struct notice *n, struct errinfo *reterr)
{
    return draft_save(c->svc->db, id, n->v, n->n, !call_bool(c, "part"), reterr);
}

/* Values that are cleared, for a save of a part. */
static enum err clear_values(struct call *c, int64_t id, struct errinfo *reterr)
{
    const json_t *values = call_json(c, "values");
    for (size_t i = 0; call_bool(c, "part") && i < json_array_size(values); i++) {
        const json_t *v = json_array_get(values, i);
        const char *text = json_string_value(json_object_get(v, "v"));
        if (text && *text)
            continue;
        struct notice_value empty = { .section = arena_strdup(c->arena, json_string_value(json_object_get(v, "s"))),
                                      .row = (int)json_integer_value(json_object_get(v, "r")),
                                      .field = arena_strdup(c->arena, json_string_value(json_object_get(v, "f"))) };
        TRY(draft_save(c->svc->db, id, &empty, 1, false, reterr));
    }
    return OK;
}

/* Takes or prolongs the locks. Who holds one already is told, not refused: what was typed is saved in any case. */
static enum err take_locks(struct call *c, int64_t id, enum lock_of what, const struct idlist *ids, json_t *busy,
                           struct errinfo *reterr)
{
    int64_t lease = rulebook_param_int(c->svc->book, "LOCK_LEASE_S") * SECOND_MS;
    for (size_t i = 0; i < ids->n; i++) {
        struct errinfo why;
        enum err e = lock_take(c->svc->db, what, ids->id[i], call_operator(c), id, lease, &why);
        if (e == E_BUSY) {
            json_t *row = add_object(busy);
            set_text(row, what == LOCK_PERSON ? "id" : "household", ids->id[i]);
            set_text(row, "operator", why.item);
        } else if (e != OK) {
            *reterr = why;
            return e;
        }
    }
    return OK;
}

static enum err lock_all(struct call *c, int64_t id, const struct notice_work *w, struct errinfo *reterr)
{
    struct idlist people = { 0 }, households = { 0 };
    json_t *busy = set_list(c->result, "locked");
    enum err e = notice_touches(w->kind, w->notice, &people, &households, reterr);
    if (e == OK)
        e = take_locks(c, id, LOCK_PERSON, &people, busy, reterr);
    if (e == OK)
        e = take_locks(c, id, LOCK_HOUSEHOLD, &households, busy, reterr);
    for (size_t i = 0; i < people.n; i++)
        call_subject(c, people.id[i]);
    idlist_done(&people);
    idlist_done(&households);
    return e;
}

static enum err find_or_make(struct call *c, int64_t *ret_id, struct errinfo *reterr)
{
    struct notice *before = NULL;
    struct owner o;
    if (!*call_text(c, "id"))
        return draft_new(c->svc->db, call_text(c, "kind"), call_operator(c), call_text(c, "no"), call_text(c, "book"),
                         ret_id, reterr);
    TRY(own_draft(c, ret_id, &before, &o, reterr));
    notice_free(before);
    return strcmp(o.kind, call_text(c, "kind")) == 0 ? OK : call_refuse(reterr, E_INVALID, "S221", "kind");
}

static enum err save(struct call *c, struct errinfo *reterr)
{
    struct notice_work w = { 0 };
    int64_t id = 0, keep = rulebook_param_int(c->svc->book, "DRAFT_KEEP_D") * DAY_MS;
    TRY(draft_purge(c->svc->db, call_now(c) - keep, reterr));
    enum err e = notice_work_read(c, call_text(c, "kind"), call_json(c, "values"), &w, reterr);
    if (e == OK)
        e = find_or_make(c, &id, reterr);
    if (e == OK)
        e = save_values(c, id, w.notice, reterr);
    if (e == OK)
        e = clear_values(c, id, reterr);
    if (e == OK)
        e = lock_all(c, id, &w, reterr);
    if (e == OK) {
        tell_id(c->result, id);
        set_time(c->result, "saved_at", call_now(c));
    }
    notice_work_done(&w);
    return e;
}

/* ---- list, get, discard ---- */

struct listing {
    struct call *call;
    json_t *rows;
};

static void tell_draft(void *arg, const struct draft *d)
{
    struct listing *l = arg;
    const struct kind *k = kind_find(&l->call->svc->book->kinds, d->kind);
    json_t *row = add_object(l->rows);
    tell_id(row, d->id);
    set_text(row, "kind", d->kind);
    set_text(row, "title", k ? k->title : d->kind);
    set_text(row, "no", d->notice_no);
    set_time(row, "saved_at", d->saved_ms);
    set_int(row, "age_s", (call_now(l->call) - d->saved_ms) / SECOND_MS);
}

static enum err list(struct call *c, struct errinfo *reterr)
{
    struct listing l = { c, set_list(c->result, "rows") };
    return draft_list(c->svc->db, call_operator(c), tell_draft, &l, reterr);
}

static enum err get(struct call *c, struct errinfo *reterr)
{
    struct notice *n = NULL;
    struct owner o;
    int64_t id;
    TRY(own_draft(c, &id, &n, &o, reterr));
    tell_id(c->result, id);
    set_text(c->result, "kind", n->kind);
    set_text(c->result, "no", o.notice_no);
    set_time(c->result, "saved_at", o.saved_ms);
    notice_values_json(n, set_list(c->result, "values"));
    notice_free(n);
    return OK;
}

static enum err discard(struct call *c, struct errinfo *reterr)
{
    struct notice *n = NULL;
    struct owner o;
    int64_t id;
    TRY(own_draft(c, &id, &n, &o, reterr));
    notice_free(n);
    return draft_discard(c->svc->db, id, reterr);
}

static const struct param_spec save_params[] = {
    { "id", P_ID, false, 24, NULL },
    { "kind", P_ID, true, 40, NULL },
    { "values", P_LIST, true, NOTICE_VALUES_MAX, notice_value_param },
    { "part", P_BOOL, false, 0, NULL },
    { "no", P_ID, false, CASE_NO_MAX, NULL },
    { "book", P_ID, false, BOOK_NO_MAX, NULL },
    { 0 },
};
static const struct param_spec id_params[] = { { "id", P_ID, true, 24, NULL }, { 0 } };

#define WORKING (IN_NORMAL | IN_OUTAGE | IN_RECOVERING | IN_RECONCILED)

static const struct method m_draft_rows[] = {
    { .name = "draft.save",
      .summary =
          "入力中の届出を下書きとして保存し、対象の人と世帯を入力中にします。part が真なら、示した欄だけを改めます。"
          "book は停止時受付簿の番号です。",
      .result = "id, saved_at, locked[{id?,household?,operator}]",
      .action = "add",
      .states = WORKING,
      .params = save_params,
      .run = save },
    { .name = "draft.list",
      .summary = "自分の下書きを新しい順に返します。",
      .result = "rows[{id,kind,title,no,saved_at,age_s}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .run = list },
    { .name = "draft.get",
      .summary = "下書きの内容を返します。",
      .result = "id, kind, no, saved_at, values[{s,r,f,v}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = id_params,
      .run = get },
    { .name = "draft.discard",
      .summary = "下書きを捨て、入力中の印を外します。",
      .result = "",
      .action = "delete",
      .states = WORKING,
      .params = id_params,
      .run = discard },
};
METHOD_TABLE(m_draft);
