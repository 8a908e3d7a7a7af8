#include "base/mem.h"
#include "base/utf8.h"
#include "date_parts_in.h"
#include "domain/date.h"

#include <string.h>

#define WORDS_MAX 72 /* characters, spec A.4 */

/* Sort day where the text says less than a day. */
#define SORT_UNKNOWN ((struct date){ 1, 1, 1 })

static enum err malformed(struct errinfo *reterr, const char *why)
{
    return err_set(reterr, E_INVALID, MSG_BAD_DATE, NULL, "%s", why);
}

/* A day in a calendar that may not exist there (30 February, a lunar day): day 1–31 of month 1–12. Its place in
 * the order is the last day of the month at most. */
static enum err from_parts(const struct date_parts *p, struct datex *ret, struct errinfo *reterr)
{
    struct date t = date_parts_nominal(p);
    if (p->y < 1 || t.y > 9999)
        return malformed(reterr, "no such year");
    if (p->m < 1 || p->m > 12 || p->d < 1 || p->d > 31)
        return err_set(reterr, E_INVALID, MSG_NOT_A_DAY, NULL, "no such month or day");
    struct datex x = { .kind = DX_DAY, .era = p->era != NULL ? p->era->key : '\0', .y = p->y, .m = p->m, .d = p->d };
    bool lunar = date_parts_lunar(p);
    if (lunar || !date_valid(t))
        x.kind = DX_NODAY;
    if (t.d > month_length(t.y, t.m))
        t.d = month_length(t.y, t.m);
    if (p->era != NULL && !lunar && !era_holds(p->era, t))
        return malformed(reterr, "outside its era");
    x.sort = t;
    *ret = x;
    return OK;
}

/* ---- words (不詳) ---- */

/* Y year of an era or 西暦, M month, D and E days, S season, J third of a month; the rest stands as it is. */
static const char *const patterns[] = {
    "Y年頃",
    "Y年M月頃",
    "Y年M月D日頃",
    "推定Y年M月D日",
    "推定Y年M月",
    "Y年S",
    "Y年M月J",
    "Y年M月J頃",
    "年月日不詳",
    "Y年月日不詳",
    "Y年M月日不詳",
    "Y年M月D日からE日頃までの間",
    "Y年M月推定D日からE日までの間",
    "Y年M月D日頃からE日頃までの間",
};

static const struct word_value {
    const char *word;
    int value;
} seasons[] = { { "春", 4 }, { "夏", 7 }, { "秋", 10 }, { "冬", 1 } },
  thirds[] = { { "上旬", 5 }, { "中旬", 15 }, { "下旬", 25 } };

struct words { /* what the words say; 0 = nothing */
    struct date_parts from;
    int last_day;
    struct span era; /* as it was typed */
};

static bool scan_word(struct scan *s, const struct word_value *table, size_t n, int *ret)
{
    for (size_t i = 0; i < n; i++) {
        if (scan_literal(s, table[i].word)) {
            *ret = table[i].value;
            return true;
        }
    }
    return false;
}

static bool scan_words_year(struct scan *s, const struct eras *eras, struct words *w)
{
    const char *from = s->p;
    w->from.era = scan_era(s, eras);
    if (w->from.era != NULL) {
        w->era = (struct span){ from, (size_t)(s->p - from) };
        return scan_year(s, 2, &w->from.y) && w->from.y > 0;
    }
    (void)scan_literal(s, "西暦");
    return scan_number(s, 4, 4, &w->from.y) && w->from.y > 0;
}

static bool scan_part(struct scan *s, uint32_t part, const struct eras *eras, struct words *w)
{
    switch (part) {
    case 'Y':
        return scan_words_year(s, eras, w);
    case 'M':
        return scan_number(s, 1, 2, &w->from.m) && w->from.m >= 1 && w->from.m <= 12;
    case 'D':
        return scan_number(s, 1, 2, &w->from.d) && w->from.d >= 1 && w->from.d <= 31;
    case 'E':
        return scan_number(s, 1, 2, &w->last_day) && w->last_day >= w->from.d && w->last_day <= 31;
    case 'S':
        return scan_word(s, seasons, ARRAY_LEN(seasons), &w->from.m);
    case 'J':
        return scan_word(s, thirds, ARRAY_LEN(thirds), &w->from.d);
    default:
        return scan_char(s, part);
    }
}

static bool match(struct span typed, const char *pattern, const struct eras *eras, struct words *ret)
{
    struct scan s = scan_of(typed);
    struct scan want = scan_of(span_of(pattern));
    struct words w = { 0 };
    while (!scan_end(&want)) {
        if (!scan_part(&s, scan_take(&want), eras, &w))
            return false;
    }
    if (!scan_end(&s))
        return false;
    *ret = w;
    return true;
}

/* The part of the calendar that the words leave open must meet the era. */
static bool meets_era(const struct words *w)
{
    const struct era *e = w->from.era;
    if (e == NULL || date_parts_lunar(&w->from))
        return true;
    int y = date_parts_year(&w->from);
    int first_month = w->from.m != 0 ? w->from.m : 1, last_month = w->from.m != 0 ? w->from.m : 12;
    struct date first = { y, first_month, w->from.d != 0 ? w->from.d : 1 };
    struct date last = { y, last_month, w->from.d != 0 ? w->from.d : month_length(y, last_month) };
    return date_cmp(last, e->from) >= 0 && (e->to.y == 0 || date_cmp(first, e->to) <= 0);
}

static struct date words_sort(const struct words *w)
{
    if (w->from.y == 0)
        return SORT_UNKNOWN;
    struct date t = { date_parts_year(&w->from), w->from.m != 0 ? w->from.m : 1, w->from.d != 0 ? w->from.d : 1 };
    if (t.d > month_length(t.y, t.m))
        t.d = month_length(t.y, t.m);
    return t;
}

/* The words with the name of the era in full: what is stored is what will be printed (S50年頃 → 昭和50年頃). */
static bool spell_out(struct span typed, const struct words *w, char *ret, size_t size)
{
    struct buf b = BUF_INIT;
    const char *era = w->from.era != NULL ? w->from.era->name : "";
    const char *rest = w->era.p != NULL ? w->era.p + w->era.n : typed.p;
    buf_add(&b, typed.p, w->era.p != NULL ? (size_t)(w->era.p - typed.p) : 0);
    buf_adds(&b, era);
    buf_add(&b, rest, (size_t)(typed.p + typed.n - rest));
    bool fits = b.len < size;
    if (fits)
        memcpy(ret, buf_str(&b), b.len + 1);
    buf_done(&b);
    return fits;
}

static enum err from_words(struct span typed, const struct eras *eras, struct datex *ret, struct errinfo *reterr)
{
    struct datex x = { .kind = DX_UNKNOWN };
    if (typed.n >= sizeof x.words)
        return malformed(reterr, "too long");
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        struct words w;
        if (!match(typed, patterns[i], eras, &w))
            continue;
        if (!meets_era(&w))
            return malformed(reterr, "outside its era");
        if (!spell_out(typed, &w, x.words, sizeof x.words))
            return malformed(reterr, "too long");
        x.sort = words_sort(&w);
        *ret = x;
        return OK;
    }
    return malformed(reterr, "neither a day nor one of the expressions for an unknown day");
}

enum err datex_typed(const char *typed, const struct eras *eras, struct datex *ret, struct errinfo *reterr)
{
    struct date_parts parts;
    if (date_parts_typed(span_of(typed), eras, &parts))
        return from_parts(&parts, ret, reterr);
    return from_words(scan_trim(span_of(typed)), eras, ret, reterr);
}

/* S50, S50.2, 1977/2, 昭和50年, 1977年2月; m stays 0 for a year. */
static bool part_of_a_day(struct span typed, const struct eras *eras, struct date_parts *ret)
{
    struct scan s = scan_of(scan_trim(typed));
    struct date_parts p = { .era = scan_era(&s, eras) };
    if (p.era == NULL)
        (void)scan_literal(&s, "西暦");
    if (!(p.era != NULL ? scan_year(&s, 2, &p.y) : scan_number(&s, 4, 4, &p.y)) || p.y < 1)
        return false;
    *ret = p;
    bool words = scan_literal(&s, "年");
    if (scan_end(&s))
        return true;
    if (!words && !scan_char(&s, '.') && !scan_char(&s, '/') && !scan_char(&s, '-'))
        return false;
    if (!scan_number(&s, 1, 2, &ret->m) || (words && !scan_literal(&s, "月")))
        return false;
    return scan_end(&s) && ret->m >= 1 && ret->m <= 12;
}

enum err datex_typed_range(const char *typed, const struct eras *eras, struct date *ret_from, struct date *ret_to,
                           struct errinfo *reterr)
{
    struct date_parts p;
    struct datex x;
    if (!part_of_a_day(span_of(typed), eras, &p)) {
        TRY(datex_typed(typed, eras, &x, reterr));
        *ret_from = *ret_to = x.sort;
        return OK;
    }
    struct date from = { date_parts_year(&p), p.m ? p.m : 1, 1 }, to = { from.y, p.m ? p.m : 12, 0 };
    to.d = month_length(to.y, to.m);
    if (p.era != NULL && date_cmp(from, p.era->from) < 0)
        from = p.era->from;
    if (p.era != NULL && p.era->to.y != 0 && date_cmp(to, p.era->to) > 0)
        to = p.era->to;
    if (date_cmp(from, to) > 0)
        return malformed(reterr, "outside its era");
    *ret_from = from;
    *ret_to = to;
    return OK;
}

/* ---- the other calendar ---- */

static bool has_day(const struct datex *x)
{
    return x->kind == DX_DAY || x->kind == DX_NODAY;
}

bool datex_to_era(const struct datex *x, const struct eras *eras, struct datex *ret)
{
    const struct era *holds = NULL;
    if (!has_day(x) || x->era != '\0')
        return false;
    for (size_t i = 0; i < eras->n; i++) {
        if (!era_holds(&eras->e[i], x->sort))
            continue;
        if (holds != NULL)
            return false;
        holds = &eras->e[i];
    }
    struct date_parts parts = { .era = holds, .m = x->m, .d = x->d };
    if (holds == NULL)
        return false;
    parts.y = x->y - holds->from.y + 1;
    return !date_parts_lunar(&parts) && from_parts(&parts, ret, NULL) == OK;
}

bool datex_to_western(const struct datex *x, const struct eras *eras, struct datex *ret)
{
    struct date_parts parts = { .y = x->y, .m = x->m, .d = x->d };
    if (!has_day(x) || x->era == '\0')
        return false;
    parts.era = era_by_key(eras, x->era);
    if (parts.era == NULL || date_parts_lunar(&parts))
        return false;
    parts.y = date_parts_year(&parts);
    parts.era = NULL;
    return from_parts(&parts, ret, NULL) == OK;
}

/* ---- canonical text ---- */

static enum err read_unknown(const char *canonical, struct datex *ret, struct errinfo *reterr)
{
    struct datex x = { .kind = DX_UNKNOWN };
    char sort[DATE_TEXT];
    size_t n = strlen(canonical);
    if (n < sizeof sort || canonical[sizeof sort - 1] != '/')
        return malformed(reterr, "no sort day before the words");
    memcpy(sort, canonical, sizeof sort - 1);
    sort[sizeof sort - 1] = '\0';
    TRY(date_read(sort, &x.sort, reterr));
    struct span words = span_of(canonical + sizeof sort);
    if (words.n == 0 || words.n >= sizeof x.words || utf8_count(words) > WORDS_MAX || utf8_forbidden(words) != 0)
        return malformed(reterr, "words are missing, too long or hold a control character");
    memcpy(x.words, words.p, words.n);
    *ret = x;
    return OK;
}

enum err datex_read(const char *canonical, const struct eras *eras, struct datex *ret, struct errinfo *reterr)
{
    if (*canonical == '\0') {
        *ret = (struct datex){ .kind = DX_NONE };
        return OK;
    }
    if (*canonical == '?')
        return read_unknown(canonical + 1, ret, reterr);

    struct date_parts parts = { .era = era_by_key(eras, *canonical) };
    struct scan s = scan_of(span_of(canonical + (parts.era != NULL ? 1 : 0)));
    int year_digits = parts.era != NULL ? 2 : 4;
    if (!scan_number(&s, year_digits, year_digits, &parts.y) || !scan_char(&s, '.') ||
        !scan_number(&s, 2, 2, &parts.m) || !scan_char(&s, '.') || !scan_number(&s, 2, 2, &parts.d) || !scan_end(&s))
        return malformed(reterr, "not a canonical day");
    struct datex x;
    TRY(from_parts(&parts, &x, reterr));
    struct buf again = BUF_INIT;
    datex_text(&x, &again);
    bool same = span_is(buf_span(&again), canonical); /* full-width digits are for typing only */
    buf_done(&again);
    if (!same)
        return malformed(reterr, "not a canonical day");
    *ret = x;
    return OK;
}

void datex_text(const struct datex *x, struct buf *ret)
{
    char sort[DATE_TEXT];
    switch (x->kind) {
    case DX_NONE:
        break;
    case DX_UNKNOWN:
        date_text(x->sort, sort);
        buf_printf(ret, "?%s/%s", sort, x->words);
        break;
    case DX_DAY:
    case DX_NODAY:
        if (x->era != '\0')
            buf_printf(ret, "%c%02d.%02d.%02d", x->era, x->y, x->m, x->d);
        else
            buf_printf(ret, "%04d.%02d.%02d", x->y, x->m, x->d);
        break;
    }
}

/* ---- shown text ---- */

void datex_show(const struct datex *x, const struct eras *eras, struct buf *ret)
{
    const struct era *e = x->era != '\0' ? era_by_key(eras, x->era) : NULL;
    if (x->kind == DX_NONE)
        return;
    if (x->kind == DX_UNKNOWN)
        buf_adds(ret, x->words);
    else if (e == NULL)
        buf_printf(ret, "%d年%d月%d日", x->y, x->m, x->d);
    else if (x->y == 1)
        buf_printf(ret, "%s元年%d月%d日", e->name, x->m, x->d);
    else
        buf_printf(ret, "%s%d年%d月%d日", e->name, x->y, x->m, x->d);
}

void datex_show_short(const struct datex *x, const struct eras *eras, struct buf *ret)
{
    const struct era *e = x->era != '\0' ? era_by_key(eras, x->era) : NULL;
    if (x->kind == DX_NONE)
        buf_adds(ret, "          ");
    else if (x->kind == DX_UNKNOWN)
        buf_adds(ret, x->words);
    else if (e == NULL)
        buf_printf(ret, "%4d.%2d.%2d", x->y, x->m, x->d);
    else if (x->y == 1)
        buf_printf(ret, "%s元.%2d.%2d", e->abbrev, x->m, x->d);
    else
        buf_printf(ret, "%s%2d.%2d.%2d", e->abbrev, x->y, x->m, x->d);
}
