#include "domain/rule.h"
#include "base/mem.h"
#include "rule_impl.h"

#include <stdlib.h>
#include <string.h>

static const struct rule_info table[] = {
    { "blank-if", false, { ARG_COND }, "S204", "条件に当てはまるときは空欄でなければならない", rule_blank_if },
    { "blank-names", true, { ARG_PERSONS }, "W01", "氏名・性別・フリガナの空欄を知らせる", rule_blank_names },
    { "card-number", false, { ARG_NONE }, "E19", "在留カード等の番号の形である", rule_card_number },
    { "filed-within",
      true,
      { ARG_DATE, ARG_INT },
      NULL,
      "その日から決められた日数のうちに届け出ている",
      rule_filed_within },
    { "filled", false, { ARG_NONE }, NULL, "空欄ではない", rule_filled },
    { "has", true, { ARG_PERSONS, ARG_ATTR, ARG_TEXT }, NULL, "記載事項がその値の人がいれば知らせる", rule_has },
    { "in-dictionary", false, { ARG_NONE }, "W10", "町字が住所辞書にある", rule_in_dictionary },
    { "known-persons",
      true,
      { ARG_PERSONS },
      "E21",
      "番号か氏名・生年月日・性別が同じ人がいないか調べる",
      rule_known_persons },
    { "leaving-planned", true, { ARG_PERSONS }, "W32", "転出を予定している人がいれば知らせる", rule_leaving_planned },
    { "living", false, { ARG_NONE }, "E20", "現存者である", rule_living },
    { "member-of", false, { ARG_HOUSEHOLD }, "E34", "その世帯の人である", rule_member_of },
    { "my-number", false, { ARG_NONE }, "E09", "個人番号の検査数字が合う", rule_my_number },
    { "new-head", false, { ARG_NONE }, "S226", "まだ世帯主ではない", rule_new_head },
    { "not-after", false, { ARG_DATE }, "E02", "その日より後ではない", rule_not_after },
    { "not-before", false, { ARG_DATE }, "S202", "その日より前ではない", rule_not_before },
    { "not-before-resident",
      true,
      { ARG_PERSONS, ARG_DATE },
      "E17",
      "住民となった日より前ではない",
      rule_not_before_resident },
    { "not-left", false, { ARG_DATE }, "S208", "その日に転出予定日を過ぎていない", rule_not_left },
    { "not-same-address",
      true,
      { ARG_PERSONS, ARG_SINGLE, ARG_HOUSEHOLD, ARG_REF },
      "E31",
      "新しい住所が今の住所と違う",
      rule_not_same_address },
    { "once", false, { ARG_NONE }, "S203", "同じ人が二度現れない", rule_once },
    { "one-household", true, { ARG_PERSONS }, "S207", "全員が同じ世帯の人である", rule_one_household },
    { "other-household",
      true,
      { ARG_PERSONS, ARG_HOUSEHOLD },
      "E33",
      "入る世帯が今の世帯と違う",
      rule_other_household },
    { "own-city", false, { ARG_NONE }, "S206", "この市区町村の住所コードである", rule_own_city },
    { "removed", false, { ARG_NONE }, "E20", "除票の人である", rule_removed },
    { "report-if", false, { ARG_COND }, NULL, "条件に当てはまるとき知らせる", rule_report_if },
    { "resident-code", false, { ARG_NONE }, "E09", "住民票コードの検査数字が合う", rule_resident_code },
    { "rows-for", true, { ARG_PERSONS, ARG_PERSONS, ARG_COND }, "E07", "条件に当てはまる人の行がある", rule_rows_for },
    { "same-lot", true, { ARG_SINGLE, ARG_HOUSEHOLD }, "E32", "入る世帯と所番地が同じである", rule_same_lot },
    { "within-months", false, { ARG_PARAM }, NULL, "受け付けた日から決められた月数より古くない", rule_within_months },
};

const struct rule_info *rules(size_t *ret_n)
{
    *ret_n = ARRAY_LEN(table);
    return table;
}

static const struct rule_info *rule_find(struct span name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (span_is(name, table[i].name))
            return &table[i];
    return NULL;
}

/* Cuts "as MESSAGE" off the end. */
static struct span cut_message(struct span *text)
{
    struct span rest = *text, word, before = { 0 }, as = { 0 };
    while ((word = word_next(&rest)).n) {
        as = before;
        before = word;
    }
    /* now `before` is the last word and `as` the one in front of it */
    if (!as.n || !span_is(as, "as"))
        return (struct span){ 0 };
    text->n = (size_t)(as.p - text->p);
    return before;
}

static struct span trimmed(struct span s)
{
    while (s.n && *s.p == ' ')
        s.p++, s.n--;
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

/* A condition of a check on persons is about their rows. */
static struct site cond_site(const struct site *at, const struct rule_call *call)
{
    struct site here = *at;
    for (size_t i = 0; !here.section && i < here.kind->n; i++)
        if (call->rule->arg[0] == ARG_PERSONS && span_is(call->arg[0], here.kind->s[i].id))
            here.section = &here.kind->s[i];
    return here;
}

const char *rule_parse(const struct site *at, struct span text, struct rule_call *ret, struct span *ret_word)
{
    struct span msg = cut_message(&text), rest = text;
    struct span name = *ret_word = word_next(&rest);
    const struct rule_info *rule = rule_find(name);
    if (!rule)
        return "unknown check";
    if (rule->of_notice == (at->field != NULL))
        return rule->of_notice ? "expected this check under \"check\" of the form"
                               : "expected this check below a field";
    *ret = (struct rule_call){ .rule = rule, .msg = msg.n ? msg : span_of(rule->msg ? rule->msg : "") };
    for (size_t i = 0; i < CALL_ARGS && rule->arg[i] != ARG_NONE; i++) {
        bool all = rule->arg[i] == ARG_COND;
        ret->arg[i] = *ret_word = all ? trimmed(rest) : word_next(&rest);
        if (all)
            rest = (struct span){ 0 };
        if (!ret->arg[i].n)
            return "expected one more argument";
        struct site here = all ? cond_site(at, ret) : *at;
        const char *problem = arg_problem(rule->arg[i], &here, ret->arg[i]);
        if (problem)
            return problem;
    }
    *ret_word = word_next(&rest);
    if (ret_word->n)
        return "expected no further argument";
    *ret_word = name;
    return ret->msg.n ? NULL : "expected \"as MESSAGE\" behind this check";
}

/* ---- what the checks share ---- */

char *span_text(struct span s)
{
    return xstrndup(s.p ? s.p : "", s.n);
}

void report_at(const struct check *c, const struct section *s, int row, const struct field *f, const char *msg,
               const char *about)
{
    findings_add(c->out, msg, s ? s->id : "", row, f ? f->key : "", about);
}

void report(const struct check *c, const struct site *at, const struct rule_call *call, const char *about)
{
    char *msg = span_text(call->msg);
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

/* ---- the whole check ---- */

static void check_notice_rules(const struct check *c)
{
    struct site at = { .kind = c->kind };
    for (size_t i = 0; i < c->kind->n_checks; i++) {
        struct rule_call call;
        struct span word;
        const char *problem = rule_parse(&at, span_of(c->kind->checks[i]), &call, &word);
        MUST(!problem); /* the reader of forms has proved it */
        call.rule->run(c, &at, &call);
    }
}

/* Values that have no place in the form: then it is not this form, and the rest would be guesses. */
static bool has_strays(const struct findings *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->f[i].msg, "S220") == 0 || strcmp(f->f[i].msg, "S210") == 0)
            return true;
    return false;
}

enum err notice_check(const struct kind *k, const struct notice *n, const struct world *w, const struct effect_ctx *ctx,
                      struct findings *ret, struct errinfo *reterr)
{
    (void)reterr;
    struct check c = { .kind = k, .notice = n, .world = w, .ctx = ctx, .out = ret };
    check_values(&c);
    if (has_strays(ret))
        return OK;
    check_event(&c);
    check_notice_rules(&c);
    check_outcome(&c);
    return OK;
}
