#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400, JST_S = 9 * 3600 };

static int64_t read_ms(clockid_t id)
{
    struct timespec t;
    MUST(clock_gettime(id, &t) == 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_wall(void *self)
{
    (void)self;
    return read_ms(CLOCK_REALTIME);
}

/* Counts sleep too: an unattended terminal must lock although its machine was suspended. */
static int64_t system_mono(void *self)
{
    (void)self;
    return read_ms(CLOCK_BOOTTIME);
}

struct clock clock_system(void)
{
    return (struct clock){ .wall_ms = system_wall, .mono_ms = system_mono };
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Proleptic Gregorian calendar counted in years that begin on 1 March, so that the leap day comes last:
 * an era of 400 years has 146,097 days, and month m (0 = March) begins on day (153 m + 2) / 5. */
enum { ERA_DAYS = 146097, EPOCH_SHIFT = 719468 };

static int64_t days_from_date(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = floor_div(y, 400);
    int64_t year = y - era * 400;
    int64_t day = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    return era * ERA_DAYS + year * 365 + year / 4 - year / 100 + day - EPOCH_SHIFT;
}

static void date_from_days(int64_t days, int *ret_y, int *ret_m, int *ret_d)
{
    days += EPOCH_SHIFT;
    int64_t era = floor_div(days, ERA_DAYS);
    int64_t left = days - era * ERA_DAYS;
    int64_t year = (left - left / 1460 + left / 36524 - left / 146096) / 365;
    int64_t day = left - (year * 365 + year / 4 - year / 100);
    int month = (int)((5 * day + 2) / 153);
    *ret_d = (int)(day - (153 * month + 2) / 5) + 1;
    *ret_m = month < 10 ? month + 3 : month - 9;
    *ret_y = (int)(year + era * 400) + (*ret_m <= 2);
}

void clock_jst(int64_t wall_ms, int *ret_y, int *ret_m, int *ret_d, int *ret_sec)
{
    int64_t sec = floor_div(wall_ms, 1000) + JST_S;
    int64_t days = floor_div(sec, DAY_S);
    date_from_days(days, ret_y, ret_m, ret_d);
    *ret_sec = (int)(sec - days * DAY_S);
}

void clock_iso_jst(int64_t wall_ms, char ret[CLOCK_TEXT])
{
    int y, m, d, s;
    clock_jst(wall_ms, &y, &m, &d, &s);
    int n = snprintf(ret, CLOCK_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d+09:00", y, m, d, s / 3600, s / 60 % 60, s % 60);
    MUST(n > 0 && n < CLOCK_TEXT);
}

static int days_in_month(int y, int m)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return days[m - 1] + (m == 2 && leap);
}

/* True when text has exactly the shape: 0 stands for a digit, everything else for itself. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape; text++, shape++)
        if (*shape == '0' ? *text < '0' || *text > '9' : *text != *shape)
            return false;
    return *text == '\0';
}

static int digits(const char *p, int n)
{
    int v = 0;
    while (n-- > 0)
        v = v * 10 + (*p++ - '0');
    return v;
}

/* RFC 3339 with whole seconds; the leap second and the "unknown" offset -00:00 are refused. */
enum err clock_parse(const char *text, int64_t *ret_ms, struct errinfo *reterr)
{
    bool utc = has_shape(text, "0000-00-00T00:00:00Z");
    bool east = has_shape(text, "0000-00-00T00:00:00+00:00");
    bool west = has_shape(text, "0000-00-00T00:00:00-00:00");
    if (!utc && !east && !west)
        return err_set(reterr, E_INVALID, NULL, NULL, "time: expected YYYY-MM-DDThh:mm:ss and Z or an offset");
    int y = digits(text, 4), m = digits(text + 5, 2), d = digits(text + 8, 2);
    int hour = digits(text + 11, 2), min = digits(text + 14, 2), sec = digits(text + 17, 2);
    if (y < 1 || m < 1 || m > 12 || d < 1 || d > days_in_month(y, m) || hour > 23 || min > 59 || sec > 59)
        return err_set(reterr, E_INVALID, NULL, NULL, "time: no such day or time of day");
    int off_h = utc ? 0 : digits(text + 20, 2), off_m = utc ? 0 : digits(text + 23, 2);
    if (off_h > 23 || off_m > 59 || (west && off_h == 0 && off_m == 0))
        return err_set(reterr, E_INVALID, NULL, NULL, "time: no such offset");
    int64_t offset = (off_h * 60 + off_m) * 60;
    int64_t local = days_from_date(y, m, d) * DAY_S + (hour * 60 + min) * 60 + sec;
    *ret_ms = (local - (west ? -offset : offset)) * 1000;
    return OK;
}
