/* What the dashboard tells of notices: what waits, how long, what came today. */
#include "service/status.h"
#include "store/notices.h"

#include <string.h>

struct board {
    struct call *call;
    json_t *waiting, *today;
    int64_t now, late_ms;
    int64_t *bar;
};

/* Ages of open cases, each up to so many hours; the last has no end. */
static const struct {
    const char *label;
    int64_t hours;
} bars[] = {
    { "1時間内", 1 }, { "4時間内", 4 }, { "24時間内", 24 }, { "3日内", 72 }, { "3日超", INT64_MAX / HOUR_MS }
};

static const char *level(const struct board *b, int64_t age_ms)
{
    return age_ms > b->late_ms ? "late" : age_ms > b->late_ms / 2 ? "soon" : "ok";
}

static void tell_waiting(void *arg, enum case_state s, int64_t n, int64_t oldest_ms)
{
    struct board *b = arg;
    json_t *row = add_object(b->waiting);
    set_text(row, "state", case_state_key(s));
    set_text(row, "label", case_state_label(s, false));
    set_int(row, "count", n);
    set_int(row, "oldest_s", (b->now - oldest_ms) / SECOND_MS);
    set_text(row, "level", level(b, b->now - oldest_ms));
}

static void count_age(void *arg, int64_t received_ms)
{
    struct board *b = arg;
    int64_t age = b->now - received_ms;
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(bars) && age > bars[i].hours * HOUR_MS)
        i++;
    b->bar[i]++;
}

static void tell_today(void *arg, const struct case_count *n)
{
    struct board *b = arg;
    const struct kind *k = kind_find(&b->call->svc->book->kinds, n->kind);
    json_t *row = add_object(b->today);
    set_text(row, "kind", n->kind);
    set_text(row, "title", k ? k->title : n->kind);
    set_int(row, "count", n->received);
}

static int64_t start_of_day(int64_t now_ms)
{
    int y, m, d, sec;
    clock_jst(now_ms, &y, &m, &d, &sec);
    return now_ms - now_ms % SECOND_MS - sec * SECOND_MS;
}

static void tell_bars(const struct board *b, json_t *result)
{
    json_t *list = set_list(result, "age_bars");
    for (size_t i = 0; i < ARRAY_LEN(bars); i++) {
        json_t *row = add_object(list);
        int64_t from = i ? bars[i - 1].hours * HOUR_MS : 0;
        set_text(row, "label", bars[i].label);
        set_int(row, "count", b->bar[i]);
        set_text(row, "level", level(b, from + 1));
    }
}

status_part dashboard_notices;
enum err dashboard_notices(struct call *c, json_t *result, struct errinfo *reterr)
{
    int64_t count[ARRAY_LEN(bars)] = { 0 };
    struct board b = { .call = c,
                       .waiting = set_list(result, "waiting"),
                       .today = set_list(result, "today"),
                       .now = call_now(c),
                       .late_ms = rulebook_param_int(c->svc->book, "OPEN_NOTICE_H") * HOUR_MS,
                       .bar = count };
    int64_t day = start_of_day(b.now);
    TRY(case_waiting(c->svc->db, tell_waiting, &b, reterr));
    TRY(case_ages(c->svc->db, count_age, &b, reterr));
    TRY(case_statistics(c->svc->db, day, day + DAY_MS, tell_today, &b, reterr));
    tell_bars(&b, result);
    return OK;
}
