#include "fieldlook.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/kind.h"

#include <string.h>

/* Dates. */

static const char wrong_day[] = "日付として読めません。R8.7.1、R080701、20260701、2026/7/1のように入力してください。";
static const char wrong_datex[] =
    "日付として読めません。R8.7.1のように、わからないときは「昭和25年頃」「年月日不詳」のように入力してください。";

static enum form_leave read_date(const struct form *f, const struct form_field *field, const char *typed,
                                 struct buf *ret, const char **ret_wrong)
{
    struct date d;
    struct errinfo e;
    char text[DATE_TEXT];
    (void)field;
    if (date_typed(typed, f->eras, &d, &e) != OK) {
        *ret_wrong = wrong_day;
        return FORM_WRONG;
    }
    date_text(d, text);
    buf_adds(ret, text);
    return FORM_FINE;
}

static void show_date(const struct form *f, const struct form_field *field, const char *code, struct buf *ret)
{
    struct date d;
    struct errinfo e;
    (void)field;
    if (date_read(code, &d, &e) == OK)
        date_show(d, f->eras, ret);
    else
        buf_adds(ret, code);
}

/* The form that a clerk types: "R8.7.1". The latest era that holds the day. */
static void edit_date(const struct form *f, const struct form_field *field, const char *code, struct buf *ret)
{
    struct date d;
    struct errinfo e;
    (void)field;
    if (date_read(code, &d, &e) != OK) {
        buf_adds(ret, code);
        return;
    }
    for (size_t i = f->eras->n; i-- > 0;) {
        const struct era *era = &f->eras->e[i];
        if (date_cmp(era->from, d) <= 0) {
            buf_printf(ret, "%c%d.%d.%d", era->key, d.y - era->from.y + 1, d.m, d.d);
            return;
        }
    }
    buf_adds(ret, code);
}

static enum form_leave read_datex(const struct form *f, const struct form_field *field, const char *typed,
                                  struct buf *ret, const char **ret_wrong)
{
    struct datex d;
    struct errinfo e;
    (void)field;
    if (datex_typed(typed, f->eras, &d, &e) != OK) {
        *ret_wrong = wrong_datex;
        return FORM_WRONG;
    }
    datex_text(&d, ret);
    return FORM_FINE;
}

static void show_datex(const struct form *f, const struct form_field *field, const char *code, struct buf *ret)
{
    struct datex d;
    struct errinfo e;
    (void)field;
    if (datex_read(code, f->eras, &d, &e) == OK)
        datex_show(&d, f->eras, ret);
    else
        buf_adds(ret, code);
}

static void edit_datex(const struct form *f, const struct form_field *field, const char *code, struct buf *ret)
{
    struct datex d;
    struct errinfo e;
    (void)field;
    if (datex_read(code, f->eras, &d, &e) != OK)
        buf_adds(ret, code);
    else if (d.kind == DX_UNKNOWN)
        buf_adds(ret, d.words);
    else if (d.era)
        buf_printf(ret, "%c%d.%d.%d", d.era, d.y, d.m, d.d);
    else
        buf_printf(ret, "%d.%d.%d", d.y, d.m, d.d);
}

/* Choices: the code, or the beginning of one label. */

static const char no_choice[] = "選べる値ではありません。番号を入力するか、F2で候補から選んでください。";

/* Where the codes are words, a number means the place in the list. */
static const json_t *nth_choice(const json_t *choices, const char *typed)
{
    size_t i, n = 0;
    json_t *c;
    json_array_foreach (choices, i, c) {
        const char *code = json_string_value(json_object_get(c, "code"));
        if (!code || (code[0] >= '0' && code[0] <= '9'))
            return NULL;
    }
    for (const char *p = typed; *p; p++) {
        if (*p < '0' || *p > '9' || n > json_array_size(choices))
            return NULL;
        n = n * 10 + (size_t)(*p - '0');
    }
    return n ? json_array_get(choices, n - 1) : NULL;
}

static enum form_leave read_choice(const struct form *f, const struct form_field *field, const char *typed,
                                   struct buf *ret, const char **ret_wrong)
{
    size_t i, hits = 0;
    const json_t *hit = NULL;
    json_t *c;
    (void)f;
    json_array_foreach (field->choices, i, c) {
        const char *code = json_string_value(json_object_get(c, "code"));
        const char *label = json_string_value(json_object_get(c, "label"));
        if (code && strcmp(code, typed) == 0) {
            buf_adds(ret, code);
            return FORM_FINE;
        }
        if (code && label && strncmp(label, typed, strlen(typed)) == 0) {
            bool whole = strcmp(label, typed) == 0;
            hit = hit && !whole ? hit : c;
            hits = whole ? 1 : hits + 1;
            if (whole)
                break;
        }
    }
    if (hits == 0 && (hit = nth_choice(field->choices, typed)))
        hits = 1;
    if (hits == 1) {
        buf_adds(ret, json_string_value(json_object_get(hit, "code")));
        return FORM_FINE;
    }
    *ret_wrong = no_choice;
    return hits > 1 ? FORM_ASK : FORM_WRONG;
}

static void show_choice(const struct form *f, const struct form_field *field, const char *code, struct buf *ret)
{
    size_t i;
    json_t *c;
    (void)f;
    json_array_foreach (field->choices, i, c) {
        const char *have = json_string_value(json_object_get(c, "code"));
        const char *label = json_string_value(json_object_get(c, "label"));
        if (have && label && strcmp(have, code) == 0) {
            buf_adds(ret, label);
            return;
        }
    }
    buf_adds(ret, code);
}

static const char flag_words[] = "1(はい)か空欄です。スペースで切り替わります。";

static enum form_leave read_flag(const struct form *f, const struct form_field *field, const char *typed,
                                 struct buf *ret, const char **ret_wrong)
{
    (void)f, (void)field;
    if (strcmp(typed, "1") == 0 || strcmp(typed, "はい") == 0) {
        buf_adds(ret, "1");
        return FORM_FINE;
    }
    if (strcmp(typed, "0") == 0)
        return FORM_FINE;
    *ret_wrong = flag_words;
    return FORM_WRONG;
}

static void show_flag(const struct form *f, const struct form_field *field, const char *code, struct buf *ret)
{
    (void)f, (void)field;
    buf_adds(ret, strcmp(code, "1") == 0 ? "はい" : code);
}

/* Somebody or something in the register: digits and 新N are numbers, anything else has to be looked up. */
static enum form_leave read_reference(const struct form *f, const struct form_field *field, const char *typed,
                                      struct buf *ret, const char **ret_wrong)
{
    static const char new_person[] = "新";
    size_t lead = strncmp(typed, new_person, sizeof new_person - 1) == 0 ? sizeof new_person - 1 : 0;
    const char *digits = typed + lead;
    (void)f, (void)field;
    if (*digits && strspn(digits, "0123456789") == strlen(digits)) {
        buf_adds(ret, typed);
        return FORM_FINE;
    }
    *ret_wrong = "候補から選んでください(F2)。";
    return FORM_ASK;
}

static enum form_leave read_zip(const struct form *f, const struct form_field *field, const char *typed,
                                struct buf *ret, const char **ret_wrong)
{
    (void)f, (void)field;
    if (strlen(typed) != 7) {
        *ret_wrong = "郵便番号は7桁です。";
        return FORM_WRONG;
    }
    buf_adds(ret, typed);
    return FORM_FINE;
}

static void show_zip(const struct form *f, const struct form_field *field, const char *code, struct buf *ret)
{
    (void)f, (void)field;
    if (strlen(code) == 7)
        buf_printf(ret, "%.3s-%s", code, code + 3);
    else
        buf_adds(ret, code);
}

static const struct field_look looks[] = {
    [FT_TEXT] = { .name = "text", .mode = EDIT_TEXT },
    [FT_NAME] = { .name = "name", .mode = EDIT_NAME },
    [FT_KANA] = { .name = "kana", .mode = EDIT_KANA },
    [FT_ALPHA] = { .name = "alpha", .mode = EDIT_ALPHA },
    [FT_DIGITS] = { .name = "digits", .mode = EDIT_DIGITS, .replace = true },
    [FT_DATE] = { .name = "date",
                  .mode = EDIT_DATE,
                  .cols = 17,
                  .replace = true,
                  .read = read_date,
                  .show = show_date,
                  .edit = edit_date },
    [FT_DATEX] = { .name = "datex",
                   .mode = EDIT_DATE,
                   .cols = 17,
                   .replace = true,
                   .read = read_datex,
                   .show = show_datex,
                   .edit = edit_datex },
    [FT_CHOICE] = { .name = "choice",
                    .mode = EDIT_DATE,
                    .replace = true,
                    .read = read_choice,
                    .show = show_choice,
                    .edit = show_choice },
    [FT_FLAG] = { .name = "flag",
                  .mode = EDIT_DATE,
                  .cols = 6,
                  .replace = true,
                  .read = read_flag,
                  .show = show_flag,
                  .edit = show_flag },
    [FT_PERSON] = { .name = "person",
                    .mode = EDIT_NAME,
                    .cols = 24,
                    .replace = true,
                    .ask = true,
                    .named = true,
                    .read = read_reference },
    [FT_HOUSEHOLD] = { .name = "household",
                       .mode = EDIT_NAME,
                       .cols = 24,
                       .replace = true,
                       .ask = true,
                       .named = true,
                       .read = read_reference },
    [FT_RELATION] = { .name = "relation", .mode = EDIT_TEXT, .cols = 18, .replace = true, .ask = true },
    [FT_ZIP] = { .name = "zip",
                 .mode = EDIT_DIGITS,
                 .cols = 9,
                 .replace = true,
                 .ask = true,
                 .read = read_zip,
                 .show = show_zip },
    [FT_TOWN] = { .name = "town", .mode = EDIT_TEXT, .cols = 32, .ask = true },
};
_Static_assert(sizeof looks / sizeof *looks == FT_COUNT, "a type of field has no look");

const struct field_look *field_look(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(looks); i++)
        if (strcmp(looks[i].name, name) == 0)
            return &looks[i];
    return NULL;
}
