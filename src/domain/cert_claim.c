/*
 * Does the requester bear the name that his class demands (請求できる人か)? Names are compared as search keys are:
 * without blanks, variant forms alike, because a form is filled in by hand. Source: 住基法 第12条第1項; spec C.5, E59.
 */
#include "base/mem.h"
#include "domain/certificate.h"
#include "domain/kana.h"
#include "domain/name.h"

static void key_of(const struct variants *variants, struct span text, struct buf *ret)
{
    struct buf wide = BUF_INIT;
    kana_wide(text, &wide);
    variant_key(variants, buf_span(&wide), ret);
    buf_done(&wide);
}

struct claim {
    const struct variants *variants;
    const char *name;
};

static bool same_name(const struct claim *c, struct span stored)
{
    struct buf want = BUF_INIT, have = BUF_INIT;
    key_of(c->variants, stored, &want);
    key_of(c->variants, span_of(c->name), &have);
    bool same = want.len && span_eq(buf_span(&want), buf_span(&have));
    buf_done(&want);
    buf_done(&have);
    return same;
}

/* 旧氏 takes the place of 氏. */
static bool same_as_before(const struct claim *c, const struct resident *r)
{
    struct span surname, given;
    struct buf whole = BUF_INIT;
    const char *old = resident_get(r, ATTR_OLD_SURNAME);
    name_split(span_of(resident_get(r, ATTR_NAME)), &surname, &given);
    if (*old)
        buf_printf(&whole, "%s%.*s", old, (int)given.n, given.p);
    bool same = same_name(c, buf_span(&whole));
    buf_done(&whole);
    return same;
}

static bool bears(const struct claim *c, const struct resident *r)
{
    static const enum attr names[] = { ATTR_NAME, ATTR_NAME_ALPHA, ATTR_ALIAS, ATTR_KANA, ATTR_ALIAS_KANA };
    bool same = same_as_before(c, r);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        same = same || same_name(c, span_of(resident_get(r, names[i])));
    return same;
}

static bool any_bears(const struct claim *c, const struct resident *const *r, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any = any || bears(c, r[i]);
    return any;
}

void cert_judge_claim(const struct cert_rules *rules, const struct cert_ask *ask, const struct cert_subjects *who,
                      struct findings *ret)
{
    const struct claim c = { rules->variants, ask->name ? ask->name : "" };
    const struct cert_requester *r = ask->requester;
    bool member = r->named == NAMED_MEMBER && any_bears(&c, who->member, who->household_n);
    if (r->named == NAMED_SELF && who->n > 1)
        findings_add(ret, "S333", "requester", 0, "class", r->label);
    if (r->named != NAMED_OTHER && !member && !any_bears(&c, who->newest, who->n))
        findings_add(ret, "S334", "requester", 0, "name", r->label);
    if (r->document && !ask->document_seen)
        findings_add(ret, "S332", "requester", 0, "document", r->label);
}
