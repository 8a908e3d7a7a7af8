#include "base/mem.h"
#include "domain/checkdigit.h"
#include "effect_work_in.h"
#include "rule_in.h"

#include <stdlib.h>
#include <string.h>

/* Checks of one field. A blank value passes all of them but `filled`. */

void rule_not_after(const struct check *c, const struct site *at, const struct rule_call *call)
{
    struct date value, limit;
    if (value_day(c, site_value(c, at), &value) && check_day(c, at, call->arg[0], &limit) && date_cmp(value, limit) > 0)
        report(c, at, call, NULL);
}

void rule_not_before(const struct check *c, const struct site *at, const struct rule_call *call)
{
    struct date value, limit;
    if (!value_day(c, site_value(c, at), &value) || !check_day(c, at, call->arg[0], &limit) ||
        date_cmp(value, limit) >= 0)
        return;
    struct buf shown = BUF_INIT;
    date_show(limit, &c->ctx->book->eras, &shown);
    report(c, at, call, buf_str(&shown));
    buf_done(&shown);
}

void rule_within_months(const struct check *c, const struct site *at, const struct rule_call *call)
{
    char *param = span_dup(call->arg[0]);
    int months = (int)rulebook_param_int(c->ctx->book, param);
    struct date value;
    if (value_day(c, site_value(c, at), &value) && date_cmp(date_add_months(value, months), c->ctx->received) < 0)
        report(c, at, call, param);
    free(param);
}

void rule_ahead_months(const struct check *c, const struct site *at, const struct rule_call *call)
{
    char *param = span_dup(call->arg[0]);
    int months = (int)rulebook_param_int(c->ctx->book, param);
    struct date value;
    if (value_day(c, site_value(c, at), &value) && date_cmp(value, date_add_months(c->ctx->received, months)) > 0)
        report(c, at, call, rulebook_param(c->ctx->book, param));
    free(param);
}

void rule_living(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct resident *r = check_person(c, site_value(c, at));
    if (r && !resident_living(r))
        report(c, at, call, resident_shown_name(r));
}

void rule_removed(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct resident *r = check_person(c, site_value(c, at));
    if (r && resident_living(r))
        report(c, at, call, resident_shown_name(r));
}

void rule_not_left(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct resident *r = check_person(c, site_value(c, at));
    struct date planned, day;
    if (r && value_day(c, resident_get(r, ATTR_PLANNED_ON), &planned) && check_day(c, at, call->arg[0], &day) &&
        date_cmp(planned, day) <= 0)
        report(c, at, call, resident_shown_name(r));
}

/* What was planned stays on the record: another plan needs 転出取消 first (spec A.3). */
void rule_not_planned(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct resident *r = check_person(c, site_value(c, at));
    if (r && *resident_get(r, ATTR_PLANNED_ON))
        report(c, at, call, resident_shown_name(r));
}

/* With or without the name of the prefecture: those of other prefectures must have it where names are the same. */
void rule_elsewhere(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct rulebook *b = c->ctx->book;
    const char *v = site_value(c, at);
    size_t pref = strlen(b->own_pref), city = strlen(b->own_city);
    if (strncmp(v, b->own_pref, pref) == 0)
        v += pref;
    if (city && strncmp(v, b->own_city, city) == 0)
        report(c, at, call, NULL);
}

void rule_member_of(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct resident *r = check_person(c, site_value(c, at));
    const char *no = ref_value(at, c->notice, call->arg[0]);
    if (r && *no && !resident_is(r, ATTR_HOUSEHOLD, no))
        report(c, at, call, resident_shown_name(r));
}

void rule_new_head(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct resident *r = check_person(c, site_value(c, at));
    if (r && resident_is_head(r))
        report(c, at, call, resident_shown_name(r));
}

void rule_once(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const char *value = site_value(c, at);
    for (int row = 0; *value && row < at->row; row++) {
        if (strcmp(notice_get(c->notice, at->section->id, row, at->field->key), value) != 0)
            continue;
        const struct resident *r = check_person(c, value);
        report(c, at, call, r ? resident_shown_name(r) : value);
    }
}

void rule_blank_if(const struct check *c, const struct site *at, const struct rule_call *call)
{
    if (*site_value(c, at) && cond_true(at, c->notice, call->arg[0]))
        report(c, at, call, NULL);
}

void rule_filled(const struct check *c, const struct site *at, const struct rule_call *call)
{
    if (blank_text(site_value(c, at)))
        report(c, at, call, NULL);
}

void rule_report_if(const struct check *c, const struct site *at, const struct rule_call *call)
{
    if (cond_true(at, c->notice, call->arg[0]))
        report(c, at, call, site_value(c, at));
}

void rule_my_number(const struct check *c, const struct site *at, const struct rule_call *call)
{
    struct span value = span_of(site_value(c, at));
    if (value.n && !my_number_ok(value))
        report(c, at, call, NULL);
    else if (value.n && my_number_odd(value))
        report_at(c, at->section, at->row, at->field, "W13", NULL);
}

void rule_resident_code(const struct check *c, const struct site *at, const struct rule_call *call)
{
    struct span value = span_of(site_value(c, at));
    bool judged = strcmp(rulebook_param(c->ctx->book, "RESIDENT_CODE_CD"), "yes") == 0;
    if (value.n && (judged ? !resident_code_ok(value) : value.n != 11))
        report(c, at, call, NULL);
}

/* Two capitals, eight digits, two capitals. */
void rule_card_number(const struct check *c, const struct site *at, const struct rule_call *call)
{
    static const char CAPITALS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", DIGITS[] = "0123456789";
    const char *v = site_value(c, at);
    bool good =
        strlen(v) == 12 && strspn(v, CAPITALS) == 2 && strspn(v + 2, DIGITS) == 8 && strspn(v + 10, CAPITALS) == 2;
    if (*v && !good)
        report(c, at, call, NULL);
}

void rule_own_city(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const char *v = site_value(c, at), *own = c->ctx->book->own_city_code;
    if (*v && strncmp(v, own, strlen(own)) != 0)
        report(c, at, call, NULL);
}

void rule_in_dictionary(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const char *town = site_value(c, at);
    if (*town && !rulebook_town_code(c->ctx->book, town))
        report(c, at, call, town);
}

void rule_town_code(const struct check *c, const struct site *at, const struct rule_call *call)
{
    const struct field *town = section_field_of_attr(at->section, ATTR_ADDR_TOWN);
    const char *name = town ? notice_get(c->notice, at->section->id, at->row, town->key) : "";
    const char *code = rulebook_town_code(c->ctx->book, name);
    if (code && strncmp(code, site_value(c, at), strlen(site_value(c, at))) != 0) /* its beginning is no other code */
        report(c, at, call, code);
}
