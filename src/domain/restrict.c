#include "domain/restrict.h"
#include "base/mem.h"

#include <string.h>

/* What a way out does to the levels of the rows. */
static const struct {
    const char *code;
    enum restrict_level protects; /* least level of 支援 and 仮支援, whatever the row says */
    enum restrict_level stale;    /* when the list is too old or missing */
    bool details_open;            /* those who may see details get an alert in place of a refusal */
    bool opens;                   /* can be released for a time */
} processes[] = {
    [RP_ENTRY] = { "entry", RL_ALERT, RL_ALERT, false, false }, /* a notice cannot be turned away */
    [RP_CERTIFICATE] = { "certificate", RL_ERROR, RL_ERROR, false, true },
    [RP_VIEW] = { "view", RL_ERROR, RL_ERROR, true, false },
    [RP_LIST] = { "list", RL_ERROR, RL_ERROR, false, false },
    [RP_EXPORT] = { "export", RL_ERROR, RL_ERROR, false, false },
    [RP_PHONE] = { "phone", RL_ERROR, RL_ERROR, false, false },
};
_Static_assert(ARRAY_LEN(processes) == RP_COUNT, "a process has no row");

static const struct {
    const char *code, *label;
    enum restrict_reason reason;
    bool protects;
} kinds[] = {
    [RK_SUPPORT] = { "support", "支援措置", RR_SUPPORT, true },
    [RK_PROVISIONAL] = { "provisional", "仮支援措置", RR_PROVISIONAL, true },
    [RK_LOCK] = { "lock", "排他", RR_LOCK, false },
    [RK_OTHER] = { "other", "抑止", RR_OTHER, false },
};
_Static_assert(ARRAY_LEN(kinds) == RK_COUNT, "a kind has no row");

static const char *const reasons[] = {
    [RR_NONE] = "none",       [RR_OTHER] = "other", [RR_LOCK] = "lock", [RR_PROVISIONAL] = "provisional",
    [RR_SUPPORT] = "support", [RR_STALE] = "stale",
};
_Static_assert(ARRAY_LEN(reasons) == RR_COUNT, "a reason has no name");

static const char *const levels[] = { [RL_NONE] = "none", [RL_ALERT] = "alert", [RL_ERROR] = "error" };
_Static_assert(ARRAY_LEN(levels) == RL_COUNT, "a level has no name");

bool restrict_in_force(const struct restriction *r, struct date today)
{
    return !r->released && (kinds[r->kind].protects || r->from.y == 0 || date_cmp(r->from, today) <= 0);
}

bool restrict_opened(const struct restriction *r, const struct restrict_query *q)
{
    int64_t left = r->temp_until_ms - q->now_ms;
    return processes[q->process].opens && q->request && *q->request && strcmp(r->temp_request, q->request) == 0 &&
           left > 0 && left <= q->temp_max_ms;
}

bool restrict_protects(enum restrict_kind k)
{
    return kinds[k].protects;
}

static enum restrict_level stricter(enum restrict_level a, enum restrict_level b)
{
    return a > b ? a : b;
}

static enum restrict_level level_of(const struct restriction *r, enum restrict_process p)
{
    return kinds[r->kind].protects ? stricter(r->level[p], processes[p].protects) : r->level[p];
}

/* Alerts of the period: past its end, or ending soon. */
static void note_period(const struct restriction *r, const struct restrict_query *q, struct restrict_decision *d)
{
    if (r->until.y == 0)
        return;
    if (date_cmp(r->until, q->today) < 0)
        d->ended = true;
    else if (date_cmp(date_add_months(r->until, -q->alert_months), q->today) <= 0)
        d->ending = true;
}

static enum restrict_level weigh(const struct restrict_query *q, struct restrict_decision *d)
{
    enum restrict_level level = RL_NONE;
    for (size_t i = 0; i < q->n; i++) {
        const struct restriction *r = &q->row[i];
        if (!restrict_in_force(r, q->today))
            continue;
        note_period(r, q, d);
        enum restrict_level mine = level_of(r, q->process);
        if (restrict_opened(r, q)) {
            d->temporary = true;
            mine = mine > RL_NONE ? RL_ALERT : RL_NONE;
        }
        if (mine > level || (mine == level && mine > RL_NONE && kinds[r->kind].reason > d->reason)) {
            level = mine;
            d->reason = kinds[r->kind].reason;
        }
    }
    return level;
}

struct restrict_decision restrict_decide(const struct restrict_query *q)
{
    static const enum restrict_verdict verdicts[] = {
        [RL_NONE] = RV_ALLOW,
        [RL_ALERT] = RV_ALERT,
        [RL_ERROR] = RV_REFUSE,
    };
    struct restrict_decision d = { .reason = RR_NONE };
    MUST(q->process < RP_COUNT);
    enum restrict_level level = weigh(q, &d);
    bool stale = q->list_age_s < 0 || q->list_age_s > q->list_max_age_s;
    if (stale && processes[q->process].stale > level) {
        level = processes[q->process].stale;
        d.reason = RR_STALE;
    }
    if (level == RL_ERROR && q->may_see_details && processes[q->process].details_open)
        level = RL_ALERT;
    d.verdict = verdicts[level];
    d.msg = d.verdict == RV_REFUSE ? RESTRICT_MSG : NULL;
    return d;
}

const char *restrict_reason_code(enum restrict_reason r)
{
    MUST(r < RR_COUNT);
    return reasons[r];
}

const char *restrict_kind_code(enum restrict_kind k)
{
    MUST(k < RK_COUNT);
    return kinds[k].code;
}

const char *restrict_kind_label(enum restrict_kind k)
{
    MUST(k < RK_COUNT);
    return kinds[k].label;
}

enum restrict_kind restrict_kind_by_code(struct span code)
{
    for (size_t k = 0; k < RK_COUNT; k++) {
        if (span_is(code, kinds[k].code))
            return (enum restrict_kind)k;
    }
    return RK_COUNT;
}

const char *restrict_level_code(enum restrict_level l)
{
    MUST(l < RL_COUNT);
    return levels[l];
}

enum restrict_level restrict_level_by_code(struct span code)
{
    for (size_t l = 0; l < RL_COUNT; l++) {
        if (span_is(code, levels[l]))
            return (enum restrict_level)l;
    }
    return RL_COUNT;
}

const char *restrict_process_code(enum restrict_process p)
{
    MUST(p < RP_COUNT);
    return processes[p].code;
}

enum restrict_process restrict_process_by_code(struct span code)
{
    for (size_t p = 0; p < RP_COUNT; p++) {
        if (span_is(code, processes[p].code))
            return (enum restrict_process)p;
    }
    return RP_COUNT;
}

struct date restrict_year_end(struct date from)
{
    return date_attains(from, 1);
}
