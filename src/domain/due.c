#include "domain/due.h"
#include "base/mem.h"

static const struct {
    const char *name, *label;
} levels[] = {
    [DUE_PLANNED] = { "planned", "予定" }, [DUE_NEAR] = { "near", "接近" },           [DUE_TODAY] = { "today", "当日" },
    [DUE_OVERDUE] = { "overdue", "超過" }, [DUE_ESCALATED] = { "escalated", "上申" },
};
_Static_assert(ARRAY_LEN(levels) == DUE_LEVELS, "a level has no name");

static const enum role above[] = {
    [ROLE_CLK] = ROLE_SUP, [ROLE_SUP] = ROLE_BM, [ROLE_BM] = ROLE_BM,
    [ROLE_RSP] = ROLE_BM,  [ROLE_SYS] = ROLE_BM, [ROLE_AUD] = ROLE_AUD,
};
_Static_assert(ARRAY_LEN(above) == ROLE_COUNT, "a role has nobody above");

enum due_level due_level(struct date due, struct date today, int lead_days, int escalate_days)
{
    int left = date_days(today, due);
    if (left > lead_days)
        return DUE_PLANNED;
    if (left > 0)
        return DUE_NEAR;
    if (left == 0)
        return DUE_TODAY;
    return -left > escalate_days ? DUE_ESCALATED : DUE_OVERDUE;
}

const char *due_level_name(enum due_level l)
{
    return levels[l].name;
}

const char *due_level_label(enum due_level l)
{
    return levels[l].label;
}

enum role role_above(enum role r)
{
    return above[r];
}
