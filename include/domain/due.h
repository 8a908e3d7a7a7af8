/*
 * Levels of a due date (期限の段階): 予定 → 接近 within the lead time → 当日 → 超過 → 上申, when it is overdue for
 * longer than the office allows and the next role is told. Pure. Source: spec/standard.md M4.
 */
#ifndef DOMAIN_DUE_H
#define DOMAIN_DUE_H

#include "domain/date.h"
#include "domain/role.h"

enum due_level { DUE_PLANNED, DUE_NEAR, DUE_TODAY, DUE_OVERDUE, DUE_ESCALATED, DUE_LEVELS };

enum due_level due_level(struct date due, struct date today, int lead_days, int escalate_days);
const char *due_level_name(enum due_level);  /* "near" */
const char *due_level_label(enum due_level); /* 接近 */
/* To whom an escalated one is shown as well; the role itself where there is none above. */
enum role role_above(enum role);

#endif
