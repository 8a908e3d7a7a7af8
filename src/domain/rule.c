#include "domain/rule.h"
#include "base/mem.h"
#include "rule_in.h"

static const struct rule_info table[] = {
    { "ahead-months", false, { ARG_PARAM }, NULL, "受け付けた日から決められた月数より先ではない", rule_ahead_months },
    { "blank-if", false, { ARG_COND }, "S204", "条件に当てはまるときは空欄でなければならない", rule_blank_if },
    { "blank-names", true, { ARG_PERSONS }, "W01", "氏名・性別・フリガナの空欄を知らせる", rule_blank_names },
    { "calendar", false, { ARG_REF }, "S234", "日本人は和暦、外国人は西暦である", rule_calendar },
    { "card-number", false, { ARG_NONE }, "E19", "在留カード等の番号の形である", rule_card_number },
    { "elsewhere", false, { ARG_NONE }, "S232", "この市区町村の外である", rule_elsewhere },
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
    { "not-planned", false, { ARG_NONE }, "S236", "転出の予定がない", rule_not_planned },
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
    { "rows-only",
      true,
      { ARG_PERSONS, ARG_PERSONS, ARG_COND },
      "S233",
      "条件に当てはまる人だけの行がある",
      rule_rows_only },
    { "same-lot", true, { ARG_SINGLE, ARG_HOUSEHOLD }, "E32", "入る世帯と所番地が同じである", rule_same_lot },
    { "same-person", false, { ARG_NONE }, "E25", "氏名・生年月日・性別が除票と同じである", rule_same_person },
    { "town-code", false, { ARG_NONE }, "S237", "住所コードが町字と合う", rule_town_code },
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
        ret->arg[i] = *ret_word = all ? span_trim(rest) : word_next(&rest);
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
