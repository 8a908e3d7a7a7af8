#include "domain/fieldtype.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/effect.h"
#include "domain/kana.h"
#include "domain/name.h"
#include "domain/relation.h"
#include "scan_in.h"

#include <string.h>

/* ---- typed text ---- */

static void typed_plain(const struct field *f, const struct rulebook *b, const char *typed, struct buf *ret)
{
    (void)f;
    (void)b;
    struct span text = scan_trim(span_of(typed));
    buf_add(ret, text.p, text.n);
}

static enum name_kind name_kind_of(const struct field *f)
{
    if (f->attr == ATTR_NAME_ALPHA)
        return NAME_ALPHA;
    return f->attr == ATTR_ALIAS ? NAME_ALIAS : NAME_PERSON;
}

static void typed_name(const struct field *f, const struct rulebook *b, const char *typed, struct buf *ret)
{
    (void)b;
    name_typed(name_kind_of(f), span_of(typed), ret);
}

static void typed_kana(const struct field *f, const struct rulebook *b, const char *typed, struct buf *ret)
{
    (void)f;
    (void)b;
    kana_wide(span_of(typed), ret);
}

/* Capitals and digits in half width; a name on a card keeps its blanks. */
static void typed_alpha(const struct field *f, const struct rulebook *b, const char *typed, struct buf *ret)
{
    if (f->attr == ATTR_NAME_ALPHA) {
        typed_name(f, b, typed, ret);
        return;
    }
    const char *p = typed, *end = typed + strlen(typed);
    while (p < end) {
        uint32_t cp = utf8_next(&p, end);
        if (cp > 0xFF00 && cp < 0xFF5F)
            cp -= 0xFEE0;
        if (cp >= 'a' && cp <= 'z')
            cp -= 'a' - 'A';
        if (cp != ' ' && cp != 0x3000)
            buf_addcp(ret, cp == UTF8_BAD ? 0xFFFD : cp);
    }
}

/* Full-width digits to half width; blanks and hyphens between them dropped. */
static void typed_digits(const struct field *f, const struct rulebook *b, const char *typed, struct buf *ret)
{
    (void)f;
    (void)b;
    const char *p = typed, *end = typed + strlen(typed);
    while (p < end) {
        uint32_t cp = utf8_next(&p, end);
        if (cp >= 0xFF10 && cp <= 0xFF19)
            buf_addc(ret, (char)('0' + (cp - 0xFF10)));
        else if (cp != ' ' && cp != 0x3000 && cp != '-' && cp != 0xFF0D && cp != 0x2010)
            buf_addcp(ret, cp == UTF8_BAD ? 0xFFFD : cp);
    }
}

static void typed_date(const struct field *f, const struct rulebook *b, const char *typed, struct buf *ret)
{
    (void)f;
    struct date d;
    char text[DATE_TEXT];
    if (date_read(typed, &d, NULL) == OK || date_typed(typed, &b->eras, &d, NULL) != OK) {
        buf_adds(ret, typed);
        return;
    }
    date_text(d, text);
    buf_adds(ret, text);
}

/* Days are kept in 和暦; the calendar of a birthday depends on who was born (notice_calendar). */
static void typed_datex(const struct field *f, const struct rulebook *b, const char *typed, struct buf *ret)
{
    struct datex x;
    if (datex_read(typed, &b->eras, &x, NULL) != OK && datex_typed(typed, &b->eras, &x, NULL) != OK) {
        buf_adds(ret, typed);
        return;
    }
    if (f->attr != ATTR_BIRTH_ON)
        (void)datex_to_era(&x, &b->eras, &x);
    datex_text(&x, ret);
}

static void typed_relation(const struct field *f, const struct rulebook *b, const char *typed, struct buf *ret)
{
    (void)f;
    (void)b;
    struct relation r;
    bool over;
    if (relation_parse(typed, &r, &over, NULL) != OK || over)
        buf_adds(ret, typed);
    else
        relation_text(&r, ret);
}

/* ---- shown ---- */

static void show_plain(const struct field *f, const struct rulebook *b, const char *value, struct buf *ret)
{
    (void)f;
    (void)b;
    buf_adds(ret, value);
}

static void show_date(const struct field *f, const struct rulebook *b, const char *value, struct buf *ret)
{
    struct date d;
    if (date_read(value, &d, NULL) != OK)
        buf_adds(ret, value);
    else if (f->attr == ATTR_STAY_UNTIL)
        date_show_western(d, ret);
    else
        date_show(d, &b->eras, ret);
}

static void show_datex(const struct field *f, const struct rulebook *b, const char *value, struct buf *ret)
{
    (void)f;
    struct datex x;
    if (datex_read(value, &b->eras, &x, NULL) != OK)
        buf_adds(ret, value);
    else
        datex_show(&x, &b->eras, ret);
}

static void show_choice(const struct field *f, const struct rulebook *b, const char *value, struct buf *ret)
{
    buf_adds(ret, rulebook_label(b, f->table, value));
}

static void show_flag(const struct field *f, const struct rulebook *b, const char *value, struct buf *ret)
{
    (void)f;
    (void)b;
    buf_adds(ret, strcmp(value, "1") == 0 ? "あり" : value);
}

/* ---- judged ---- */

static const char *check_text(const struct field *f, const struct rulebook *b, const char *value)
{
    (void)b;
    struct span s = span_of(value);
    return utf8_valid(s) && !utf8_forbidden(s) && utf8_count(s) <= (size_t)f->max ? NULL : "E19";
}

static const char *check_name(const struct field *f, const struct rulebook *b, const char *value)
{
    (void)b;
    if (name_check(name_kind_of(f), span_of(value), f->max, NULL) != OK)
        return "E19";
    return name_has_unregistered(span_of(value)) ? "W09" : NULL;
}

static const char *check_kana(const struct field *f, const struct rulebook *b, const char *value)
{
    (void)b;
    return kana_check(span_of(value), f->max, NULL) == OK ? NULL : "E19";
}

static const char *check_alpha(const struct field *f, const struct rulebook *b, const char *value)
{
    if (f->attr == ATTR_NAME_ALPHA)
        return check_name(f, b, value);
    size_t n = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    return !value[n] && n <= (size_t)f->max ? NULL : "E19";
}

static const char *check_digits(const struct field *f, const struct rulebook *b, const char *value)
{
    (void)b;
    size_t n = strspn(value, "0123456789");
    return !value[n] && n <= (size_t)f->max ? NULL : "E19";
}

/* E05 or E06, as the reader of the date found. */
static const char *date_message(const struct errinfo *e)
{
    return strcmp(e->msg, "E05") == 0 ? "E05" : "E06";
}

static const char *check_date(const struct field *f, const struct rulebook *b, const char *value)
{
    (void)f;
    struct date d;
    struct errinfo e = { 0 };
    if (date_read(value, &d, &e) == OK)
        return NULL;
    if (strcmp(e.msg, "E05") == 0)
        return "E05";
    /* Not canonical: what a clerk typed and value_typed could not take. */
    return date_typed(value, &b->eras, &d, &e) == OK ? "E06" : date_message(&e);
}

static const char *check_datex(const struct field *f, const struct rulebook *b, const char *value)
{
    (void)f;
    struct datex x;
    struct errinfo e = { 0 };
    if (datex_read(value, &b->eras, &x, &e) != OK)
        return date_message(&e);
    return x.kind == DX_NODAY ? "W17" : NULL;
}

static const char *check_choice(const struct field *f, const struct rulebook *b, const char *value)
{
    const struct code_table *t = rulebook_table(b, f->table);
    for (size_t i = 0; t && i < t->n; i++)
        if (strcmp(t->c[i].code, value) == 0)
            return NULL;
    return "S209";
}

static const char *check_flag(const struct field *f, const struct rulebook *b, const char *value)
{
    (void)f;
    (void)b;
    return strcmp(value, "1") == 0 ? NULL : "S209";
}

static const char *check_person(const struct field *f, const struct rulebook *b, const char *value)
{
    (void)f;
    (void)b;
    return strlen(value) <= PERSON_ID_MAX || person_new_row(value) >= 0 ? NULL : "S211";
}

static const char *check_relation(const struct field *f, const struct rulebook *b, const char *value)
{
    (void)f;
    (void)b;
    struct relation r;
    bool over = false;
    if (relation_parse(value, &r, &over, NULL) != OK)
        return "E11";
    return over ? "W33" : NULL;
}

static const char *check_zip(const struct field *f, const struct rulebook *b, const char *value)
{
    (void)f;
    (void)b;
    return strlen(value) == 7 && strspn(value, "0123456789") == 7 ? NULL : "S205";
}

static const struct {
    void (*typed)(const struct field *, const struct rulebook *, const char *, struct buf *);
    void (*show)(const struct field *, const struct rulebook *, const char *, struct buf *);
    const char *(*check)(const struct field *, const struct rulebook *, const char *);
} types[] = {
    [FT_TEXT] = { typed_plain, show_plain, check_text },
    [FT_NAME] = { typed_name, show_plain, check_name },
    [FT_KANA] = { typed_kana, show_plain, check_kana },
    [FT_ALPHA] = { typed_alpha, show_plain, check_alpha },
    [FT_DIGITS] = { typed_digits, show_plain, check_digits },
    [FT_DATE] = { typed_date, show_date, check_date },
    [FT_DATEX] = { typed_datex, show_datex, check_datex },
    [FT_CHOICE] = { typed_plain, show_choice, check_choice },
    [FT_FLAG] = { typed_plain, show_flag, check_flag },
    [FT_PERSON] = { typed_plain, show_plain, check_person },
    [FT_HOUSEHOLD] = { typed_digits, show_plain, check_person },
    [FT_RELATION] = { typed_relation, show_plain, check_relation },
    [FT_ZIP] = { typed_digits, show_plain, check_zip },
    [FT_TOWN] = { typed_plain, show_plain, check_text },
};
_Static_assert(ARRAY_LEN(types) == FT_COUNT, "a field type has no row");

void value_typed(const struct field *f, const struct rulebook *b, const char *typed, struct buf *ret)
{
    types[f->type].typed(f, b, typed, ret);
}

void value_show(const struct field *f, const struct rulebook *b, const char *value, struct buf *ret)
{
    types[f->type].show(f, b, value, ret);
}

const char *value_problem(const struct field *f, const struct rulebook *b, const char *value)
{
    return types[f->type].check(f, b, value);
}
