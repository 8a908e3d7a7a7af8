#include "rule_in.h"
#include "base/mem.h"
#include "domain/finding.h"

#include <stdlib.h>
#include <string.h>

void report_at(const struct check *c, const struct section *s, int row, const struct field *f, const char *msg,
               const char *about)
{
    findings_add(c->out, msg, s ? s->id : "", row, f ? f->key : "", about);
}

void report(const struct check *c, const struct site *at, const struct rule_call *call, const char *about)
{
    char *msg = span_dup(call->msg);
    report_at(c, at->section, at->row, at->field, msg, about);
    free(msg);
}

const char *site_value(const struct check *c, const struct site *at)
{
    return notice_get(c->notice, at->section->id, at->row, at->field->key);
}

bool value_day(const struct check *c, const char *value, struct date *ret)
{
    struct datex x;
    if (!*value)
        return false;
    if (date_read(value, ret, NULL) == OK)
        return true;
    if (datex_read(value, &c->ctx->book->eras, &x, NULL) != OK || x.kind == DX_NONE)
        return false;
    *ret = x.sort;
    return true;
}

bool check_day(const struct check *c, const struct site *at, struct span ref, struct date *ret)
{
    bool today = span_is(ref, "today");
    if (today || span_is(ref, "received")) {
        *ret = today ? c->ctx->today : c->ctx->received;
        return true;
    }
    return value_day(c, ref_value(at, c->notice, ref), ret);
}

struct date check_filed(const struct check *c)
{
    struct date filed;
    return value_day(c, notice_filed_on(c->kind, c->notice), &filed) ? filed : c->ctx->received;
}

bool blank_text(const char *s)
{
    while (*s == ' ' || strncmp(s, "　", strlen("　")) == 0)
        s += *s == ' ' ? 1 : strlen("　");
    return !*s;
}

const struct resident *check_person(const struct check *c, const char *value)
{
    return *value ? resident_list_find(&c->world->people, value) : NULL;
}

const struct resident *row_person(const struct check *c, const struct section *s, int row)
{
    return check_person(c, notice_get(c->notice, s->id, row, section_field_of_type(s, FT_PERSON)->key));
}

const struct resident *household_voice(const struct check *c, const char *no)
{
    const struct resident *voice = NULL;
    for (size_t i = 0; i < c->world->people.n; i++) {
        const struct resident *r = c->world->people.r[i];
        if (resident_living(r) && resident_is(r, ATTR_HOUSEHOLD, no) && (!voice || resident_is_head(r)))
            voice = r;
    }
    return voice;
}

const struct section *call_section(const struct check *c, struct span id)
{
    for (size_t i = 0; i < c->kind->n; i++)
        if (span_is(id, c->kind->s[i].id))
            return &c->kind->s[i];
    BUG("no section");
}
