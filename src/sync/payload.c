#include "sync/payload.h"
#include "base/mem.h"
#include "jsonx.h"

#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 4000
#define ACKS_MAX   64

#define TEXT(n)       \
    {                 \
        n, 's', false \
    }
#define TEXT_OPT(n)  \
    {                \
        n, 's', true \
    }

static const struct payload_key notice_keys[] = {
    TEXT("no"),
    TEXT("kind"),
    TEXT("received_at"),
    TEXT("received_on"),
    TEXT_OPT("outage_no"),
    TEXT_OPT("office"),
    TEXT_OPT("terminal"),
    TEXT("entered_by"),
    TEXT_OPT("examined_by"),
    TEXT_OPT("decided_by"),
    { "values", 'a', false },
    { "acks", 'a', false },
    { "base", 'a', false },
    TEXT("forms_digest"),
    { "supersedes", 'i', true },
};
static const struct payload_key decide_keys[] = {
    TEXT("no"),
    TEXT("kind"),
    TEXT("received_at"),
    TEXT("received_on"),
    TEXT_OPT("outage_no"),
    TEXT_OPT("office"),
    TEXT_OPT("terminal"),
    TEXT("entered_by"),
    TEXT_OPT("examined_by"),
    TEXT("decided_by"),
    { "values", 'a', false },
    { "acks", 'a', false },
    { "base", 'a', false },
    TEXT("forms_digest"),
    { "supersedes", 'i', true },
};
static const struct payload_key withdraw_keys[] = { TEXT("no"), TEXT("reason"), { "supersedes", 'i', true } };
static const struct payload_key issue_keys[] = {
    TEXT("no"),           TEXT("kind"),      TEXT("request"), { "copies", 'i', false }, { "persons", 'a', false },
    TEXT("content_hash"), TEXT("issued_at"), TEXT("as_of"),   { "fee", 'i', false },    TEXT_OPT("outage_no"),
};
static const struct payload_key void_keys[] = { TEXT("no"), TEXT("reason") };
static const struct payload_key phase_keys[] = {
    TEXT("no"), TEXT("phase"), TEXT("type"), TEXT("at"), TEXT("reason"), TEXT_OPT("outage_no"),
};
static const struct payload_key restrict_keys[] = {
    TEXT("no"),   TEXT_OPT("person"), TEXT_OPT("household"),    TEXT("kind"),     { "levels", 'o', false },
    TEXT("from"), TEXT_OPT("until"),  { "support", 'o', true }, TEXT_OPT("note"),
};
static const struct payload_key release_keys[] = { TEXT("no"), TEXT("reason"), TEXT("on") };

static const struct op_kind kinds[] = {
    { "notice.enter", "仮登録", false, notice_keys, ARRAY_LEN(notice_keys) },
    { "notice.decide", "本登録", false, decide_keys, ARRAY_LEN(decide_keys) },
    { "notice.withdraw", "取下げ", false, withdraw_keys, ARRAY_LEN(withdraw_keys) },
    { "cert.issue", "証明書交付", false, issue_keys, ARRAY_LEN(issue_keys) },
    { "cert.void", "証明書廃棄", false, void_keys, ARRAY_LEN(void_keys) },
    { "outage.phase", "作動停止の段階", false, phase_keys, ARRAY_LEN(phase_keys) },
    { "restrict.set", "抑止の設定", false, restrict_keys, ARRAY_LEN(restrict_keys) },
    { "restrict.release", "抑止の解除", true, release_keys, ARRAY_LEN(release_keys) },
};

static const struct {
    char type;
    json_type json;
} types[] = { { 's', JSON_STRING }, { 'i', JSON_INTEGER }, { 'o', JSON_OBJECT }, { 'a', JSON_ARRAY } };

const struct op_kind *op_kind_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static json_type json_of(char type)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i].type == type)
            return types[i].json;
    BUG("payload key of type %c", type);
}

enum err payload_check(const struct op_kind *kind, struct span json, struct errinfo *reterr)
{
    struct jx j;
    if (jx_load(json, OP_PAYLOAD_MAX, "payload", &j, reterr) != OK)
        return err_set(reterr, E_INVALID, "S410", "payload", "not one JSON object");
    for (size_t i = 0; i < kind->n_keys; i++)
        jx_get(&j, kind->keys[i].name, json_of(kind->keys[i].type), kind->keys[i].optional);
    enum err e = jx_end(&j, true, E_INVALID, kind->name, reterr);
    jx_done(&j);
    return e;
}

void notice_payload_init(struct notice_payload *p)
{
    memset(p, 0, sizeof *p);
}

void notice_payload_done(struct notice_payload *p)
{
    notice_free(p->notice);
    char *texts[] = { p->received_at, p->received_on, p->outage_no,  p->office,      p->terminal,
                      p->entered_by,  p->examined_by, p->decided_by, p->forms_digest };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
    for (size_t i = 0; i < p->n_acks; i++)
        free(p->acks[i]);
    free(p->acks);
    free(p->base);
    memset(p, 0, sizeof *p);
}

/* NULL leaves the key out. False when the text is not UTF-8. */
static bool set_opt(json_t *o, const char *key, const char *text)
{
    return !text || json_object_set_new(o, key, json_string(text)) == 0;
}

static bool set_values(json_t *o, const struct notice *n)
{
    json_t *a = json_array();
    bool ok = json_object_set_new(o, "values", a) == 0;
    for (size_t i = 0; ok && i < n->n; i++) {
        const struct notice_value *v = &n->v[i];
        ok = json_array_append_new(
                 a, json_pack("{s:s,s:i,s:s,s:s}", "s", v->section, "r", v->row, "f", v->field, "v", v->text)) == 0;
    }
    return ok;
}

static bool set_lists(json_t *o, const struct notice_payload *p)
{
    json_t *acks = json_array(), *base = json_array();
    bool ok = json_object_set_new(o, "acks", acks) == 0 && json_object_set_new(o, "base", base) == 0;
    for (size_t i = 0; ok && i < p->n_acks; i++)
        ok = json_array_append_new(acks, json_string(p->acks[i])) == 0;
    for (size_t i = 0; ok && i < p->n_base; i++)
        ok = json_array_append_new(base,
                                   json_pack("{s:s,s:I}", "id", p->base[i].id, "rev", (json_int_t)p->base[i].rev)) == 0;
    return ok;
}

static bool set_notice(json_t *o, const struct notice_payload *p)
{
    return set_opt(o, "no", p->notice->no) && set_opt(o, "kind", p->notice->kind) &&
           set_opt(o, "received_at", p->received_at) && set_opt(o, "received_on", p->received_on) &&
           set_opt(o, "outage_no", p->outage_no) && set_opt(o, "office", p->office) &&
           set_opt(o, "terminal", p->terminal) && set_opt(o, "entered_by", p->entered_by) &&
           set_opt(o, "examined_by", p->examined_by) && set_opt(o, "decided_by", p->decided_by) &&
           set_values(o, p->notice) && set_lists(o, p) && set_opt(o, "forms_digest", p->forms_digest) &&
           (!p->supersedes || json_object_set_new(o, "supersedes", json_integer((json_int_t)p->supersedes)) == 0);
}

enum err notice_payload_encode(const struct notice_payload *p, struct buf *ret, struct errinfo *reterr)
{
    if (!p->notice || !p->notice->no || !p->notice->kind || !p->received_at || !p->received_on || !p->entered_by ||
        !p->forms_digest)
        return err_set(reterr, E_INVALID, "S410", "payload", "notice is not complete");
    json_t *o = json_object();
    if (!set_notice(o, p)) {
        json_decref(o);
        return err_set(reterr, E_INVALID, "S410", "payload", "a text is not UTF-8");
    }
    struct buf text = BUF_INIT;
    jx_write(o, &text);
    enum err e = text.len <= OP_PAYLOAD_MAX ? OK : err_set(reterr, E_INVALID, "S410", "payload", "too long");
    if (e == OK)
        buf_add(ret, text.p, text.len);
    buf_done(&text);
    return e;
}

static bool take_value(json_t *v, struct notice *n)
{
    struct jx j = { .o = v };
    if (!json_is_object(v))
        return false;
    char *section = jx_dup(&j, "s", false), *field = jx_dup(&j, "f", false), *text = jx_dup(&j, "v", false);
    int row = (int)jx_int(&j, "r", 0, VALUES_MAX);
    bool ok = jx_end(&j, true, E_INVALID, "value", NULL) == OK && *section && *field && *text &&
              *notice_get(n, section, row, field) == '\0';
    if (ok)
        notice_set(n, section, row, field, text);
    free(section);
    free(field);
    if (text)
        wipe_str(text);
    return ok;
}

static bool take_values(json_t *a, struct notice *n)
{
    size_t i;
    json_t *v;
    if (json_array_size(a) > VALUES_MAX)
        return false;
    json_array_foreach (a, i, v)
        if (!take_value(v, n))
            return false;
    return true;
}

static bool take_acks(json_t *a, struct notice_payload *p)
{
    size_t n = json_array_size(a);
    if (n > ACKS_MAX)
        return false;
    p->acks = n ? xcalloc(n, sizeof *p->acks) : NULL;
    for (; p->n_acks < n; p->n_acks++) {
        const char *s = json_string_value(json_array_get(a, p->n_acks));
        if (!s || !*s)
            return false;
        p->acks[p->n_acks] = xstrdup(s);
    }
    return true;
}

static bool take_base(json_t *a, struct notice_payload *p)
{
    size_t n = json_array_size(a);
    if (n > OP_BASE_MAX)
        return false;
    p->base = n ? xcalloc(n, sizeof *p->base) : NULL;
    for (; p->n_base < n; p->n_base++) {
        struct jx j = { .o = json_array_get(a, p->n_base) };
        if (!json_is_object(j.o))
            return false;
        jx_str(&j, "id", p->base[p->n_base].id, OP_PERSON_MAX);
        p->base[p->n_base].rev = jx_int(&j, "rev", 0, INT64_MAX);
        if (jx_end(&j, true, E_INVALID, "base", NULL) != OK)
            return false;
    }
    return true;
}

static void take_texts(struct jx *j, struct notice_payload *p)
{
    char *kind = jx_dup(j, "kind", false);
    p->notice = notice_new(kind ? kind : "");
    free(kind);
    p->notice->no = jx_dup(j, "no", false);
    p->received_at = jx_dup(j, "received_at", false);
    p->received_on = jx_dup(j, "received_on", false);
    p->outage_no = jx_dup(j, "outage_no", true);
    p->office = jx_dup(j, "office", true);
    p->terminal = jx_dup(j, "terminal", true);
    p->entered_by = jx_dup(j, "entered_by", false);
    p->examined_by = jx_dup(j, "examined_by", true);
    p->decided_by = jx_dup(j, "decided_by", true);
    p->forms_digest = jx_dup(j, "forms_digest", false);
    if (json_object_get(j->o, "supersedes"))
        p->supersedes = (uint64_t)jx_int(j, "supersedes", 1, INT64_MAX);
}

enum err notice_payload_decode(struct span json, struct notice_payload *ret, struct errinfo *reterr)
{
    struct jx j;
    struct notice_payload p;
    TRY(jx_load(json, OP_PAYLOAD_MAX, "payload", &j, reterr));
    notice_payload_init(&p);
    take_texts(&j, &p);
    json_t *values = jx_get(&j, "values", JSON_ARRAY, false), *acks = jx_get(&j, "acks", JSON_ARRAY, false);
    json_t *base = jx_get(&j, "base", JSON_ARRAY, false);
    enum err e = jx_end(&j, true, E_INVALID, "payload", reterr);
    if (e == OK && !(take_values(values, p.notice) && take_acks(acks, &p) && take_base(base, &p)))
        e = err_set(reterr, E_INVALID, "S410", "payload", "values, acknowledgements or base are malformed");
    jx_done(&j);
    if (e == OK)
        *ret = p;
    else
        notice_payload_done(&p);
    return e;
}
