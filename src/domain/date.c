#include "domain/date.h"
#include "base/clock.h"
#include "base/mem.h"
#include "date_parts_in.h"

#include <string.h>

#define YEAR_MAX   9999
#define SOLAR_FROM 1873 /* 明治6年: first year of the Gregorian calendar in Japan (明治5年太政官布告第337号) */

/* ---- calendar ---- */

int month_length(int y, int m)
{
    static const int len[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return m == 2 && leap ? 29 : len[m - 1];
}

bool date_valid(struct date t)
{
    return t.y >= 1 && t.y <= YEAR_MAX && t.m >= 1 && t.m <= 12 && t.d >= 1 && t.d <= month_length(t.y, t.m);
}

struct date date_of_ms(int64_t wall_ms)
{
    struct date d;
    int sec;
    clock_jst(wall_ms, &d.y, &d.m, &d.d, &sec);
    return d;
}

int date_cmp(struct date a, struct date b)
{
    if (a.y != b.y)
        return a.y < b.y ? -1 : 1;
    if (a.m != b.m)
        return a.m < b.m ? -1 : 1;
    return (a.d > b.d) - (a.d < b.d);
}

/* Days since 1 March of the year 0. Years begin in March, so that the leap day is the last of its year. */
static int day_number(struct date t)
{
    int y = t.m <= 2 ? t.y - 1 : t.y;
    int month = (t.m + 9) % 12; /* March = 0 */
    return y * 365 + y / 4 - y / 100 + y / 400 + (month * 153 + 2) / 5 + t.d - 1;
}

static struct date from_day_number(int n)
{
    int era = n / 146097, in_era = n % 146097; /* 400 years */
    int y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int in_year = in_era - (365 * y + y / 4 - y / 100);
    int month = (5 * in_year + 2) / 153;
    int d = in_year - (153 * month + 2) / 5 + 1;
    int m = month < 10 ? month + 3 : month - 9;
    return (struct date){ y + era * 400 + (m <= 2), m, d };
}

struct date date_add(struct date t, int days)
{
    return from_day_number(day_number(t) + days);
}

struct date date_add_months(struct date t, int months)
{
    int n = t.y * 12 + t.m - 1 + months;
    struct date r = { n / 12, n % 12 + 1, t.d };
    if (r.d > month_length(r.y, r.m))
        r.d = month_length(r.y, r.m);
    return r;
}

int date_days(struct date from, struct date to)
{
    return day_number(to) - day_number(from);
}

int date_weekday(struct date t)
{
    return (day_number(t) + 3) % 7; /* 1 March of the year 0 was a Wednesday */
}

int date_age(struct date birth, struct date on)
{
    int age = on.y - birth.y;
    if (on.m < birth.m || (on.m == birth.m && on.d < birth.d))
        age--;
    return age > 0 ? age : 0;
}

struct date date_attains(struct date birth, int age)
{
    struct date birthday = { birth.y + age, birth.m, birth.d };
    if (date_valid(birthday))
        return date_add(birthday, -1);
    return (struct date){ birthday.y, birthday.m, month_length(birthday.y, birthday.m) };
}

/* ---- canonical text ---- */

static void put_digits(char *at, int n, int value)
{
    for (; n > 0; n--, value /= 10)
        at[n - 1] = (char)('0' + value % 10);
}

void date_text(struct date t, char ret[DATE_TEXT])
{
    put_digits(ret, 4, t.y);
    ret[4] = '-';
    put_digits(ret + 5, 2, t.m);
    ret[7] = '-';
    put_digits(ret + 8, 2, t.d);
    ret[10] = '\0';
}

static bool read_digits(const char **p, int n, int *ret)
{
    int value = 0;
    for (; n > 0; n--, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        value = value * 10 + (**p - '0');
    }
    *ret = value;
    return true;
}

enum err date_read(const char *canonical, struct date *ret, struct errinfo *reterr)
{
    struct date t;
    const char *p = canonical;
    if (!read_digits(&p, 4, &t.y) || *p++ != '-' || !read_digits(&p, 2, &t.m) || *p++ != '-' ||
        !read_digits(&p, 2, &t.d) || *p != '\0')
        return err_set(reterr, E_INVALID, MSG_BAD_DATE, NULL, "not YYYY-MM-DD");
    if (!date_valid(t))
        return err_set(reterr, E_INVALID, MSG_NOT_A_DAY, NULL, "no such day");
    *ret = t;
    return OK;
}

/* ---- typed text ---- */

const struct era *era_by_key(const struct eras *eras, char key)
{
    for (size_t i = 0; i < eras->n; i++) {
        if (eras->e[i].key == key)
            return &eras->e[i];
    }
    return NULL;
}

static const struct era *scan_era_name(struct scan *s, const struct eras *eras)
{
    for (size_t i = 0; i < eras->n; i++) {
        if (scan_literal(s, eras->e[i].name))
            return &eras->e[i];
    }
    return NULL;
}

const struct era *scan_era(struct scan *s, const struct eras *eras)
{
    const struct era *e = scan_era_name(s, eras);
    if (e != NULL)
        return e;
    uint32_t cp = scan_peek(s);
    for (size_t i = 0; i < eras->n; i++) {
        uint32_t key = (uint32_t)eras->e[i].key;
        if (scan_literal(s, eras->e[i].abbrev))
            return &eras->e[i];
        if (cp == key || cp == (key | 0x20)) {
            (void)scan_take(s);
            return &eras->e[i];
        }
    }
    return NULL;
}

bool scan_year(struct scan *s, int max, int *ret)
{
    if (scan_literal(s, "元")) {
        *ret = 1;
        return true;
    }
    return scan_number(s, 1, max, ret);
}

/* R080401, 20260401 */
static bool compact(struct scan s, struct date_parts *ret)
{
    int year_digits = ret->era != NULL ? 2 : 4;
    return scan_number(&s, year_digits, year_digits, &ret->y) && scan_number(&s, 2, 2, &ret->m) &&
           scan_number(&s, 2, 2, &ret->d) && scan_end(&s);
}

/* R8.4.1, 2026/4/1, 2026-04-01: twice the same sign */
static bool separated(struct scan s, struct date_parts *ret)
{
    bool year = ret->era != NULL ? scan_year(&s, 2, &ret->y) : scan_number(&s, 4, 4, &ret->y);
    if (!year)
        return false;
    uint32_t sign = scan_take(&s);
    if (sign != '.' && sign != '/' && sign != '-')
        return false;
    return scan_number(&s, 1, 2, &ret->m) && scan_char(&s, sign) && scan_number(&s, 1, 2, &ret->d) && scan_end(&s);
}

/* 令和8年4月1日, 2026年4月1日 */
static bool in_words(struct scan s, struct date_parts *ret)
{
    bool year = ret->era != NULL ? scan_year(&s, 2, &ret->y) : scan_number(&s, 4, 4, &ret->y);
    return year && scan_literal(&s, "年") && scan_number(&s, 1, 2, &ret->m) && scan_literal(&s, "月") &&
           scan_number(&s, 1, 2, &ret->d) && scan_literal(&s, "日") && scan_end(&s);
}

bool date_parts_typed(struct span typed, const struct eras *eras, struct date_parts *ret)
{
    struct scan s = scan_of(scan_trim(typed));
    struct date_parts parts = { .era = scan_era(&s, eras) };
    if (parts.era == NULL)
        (void)scan_literal(&s, "西暦");
    if (!compact(s, &parts) && !separated(s, &parts) && !in_words(s, &parts))
        return false;
    *ret = parts;
    return true;
}

int date_parts_year(const struct date_parts *p)
{
    return p->era != NULL ? p->era->from.y + p->y - 1 : p->y;
}

struct date date_parts_nominal(const struct date_parts *p)
{
    return (struct date){ date_parts_year(p), p->m, p->d };
}

bool date_parts_lunar(const struct date_parts *p)
{
    return p->era != NULL && date_parts_year(p) < SOLAR_FROM;
}

bool era_holds(const struct era *e, struct date t)
{
    return date_cmp(t, e->from) >= 0 && (e->to.y == 0 || date_cmp(t, e->to) <= 0);
}

enum err date_typed(const char *typed, const struct eras *eras, struct date *ret, struct errinfo *reterr)
{
    struct date_parts parts;
    if (!date_parts_typed(span_of(typed), eras, &parts) || parts.y == 0)
        return err_set(reterr, E_INVALID, MSG_BAD_DATE, NULL, "not one of the forms of a date");
    struct date t = date_parts_nominal(&parts);
    if (!date_valid(t) || date_parts_lunar(&parts))
        return err_set(reterr, E_INVALID, MSG_NOT_A_DAY, NULL, "no such day");
    if (parts.era != NULL && !era_holds(parts.era, t))
        return err_set(reterr, E_INVALID, MSG_BAD_DATE, NULL, "outside its era");
    *ret = t;
    return OK;
}

/* ---- shown text ---- */

/* The latest era that holds the day; NULL before the solar calendar and outside the table. */
static const struct era *era_of(struct date t, const struct eras *eras)
{
    if (t.y < SOLAR_FROM)
        return NULL;
    for (size_t i = eras->n; i > 0; i--) {
        if (era_holds(&eras->e[i - 1], t))
            return &eras->e[i - 1];
    }
    return NULL;
}

void date_show_western(struct date t, struct buf *ret)
{
    if (t.y != 0)
        buf_printf(ret, "%d年%d月%d日", t.y, t.m, t.d);
}

void date_show(struct date t, const struct eras *eras, struct buf *ret)
{
    const struct era *e = era_of(t, eras);
    if (e == NULL) {
        date_show_western(t, ret);
        return;
    }
    int year = t.y - e->from.y + 1;
    if (year == 1)
        buf_printf(ret, "%s元年%d月%d日", e->name, t.m, t.d);
    else
        buf_printf(ret, "%s%d年%d月%d日", e->name, year, t.m, t.d);
}

void date_show_short(struct date t, const struct eras *eras, struct buf *ret)
{
    const struct era *e = era_of(t, eras);
    if (t.y == 0)
        buf_adds(ret, "          ");
    else if (e == NULL)
        buf_printf(ret, "%4d.%2d.%2d", t.y, t.m, t.d);
    else if (t.y == e->from.y)
        buf_printf(ret, "%s元.%2d.%2d", e->abbrev, t.m, t.d);
    else
        buf_printf(ret, "%s%2d.%2d.%2d", e->abbrev, t.y - e->from.y + 1, t.m, t.d);
}

/* ---- closing days ---- */

bool date_open(struct date t, const struct holidays *h)
{
    int weekday = date_weekday(t);
    if (weekday == 0 || weekday == 6)
        return false;
    size_t low = 0, high = h->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = date_cmp(h->d[mid], t);
        if (c == 0)
            return false;
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return true;
}

struct date date_deadline(struct date event, int days, const struct holidays *h)
{
    struct date last = date_add(event, days);
    while (!date_open(last, h))
        last = date_add(last, 1);
    return last;
}
