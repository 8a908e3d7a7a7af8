/*
 * Calendars of the birthdays in a notice: 和暦 for Japanese, 西暦 for foreign residents. Source: spec/domain.md A.3,
 * A.4.
 */
#ifndef DOMAIN_NOTICE_CALENDAR_H
#define DOMAIN_NOTICE_CALENDAR_H

#include "domain/notice.h"
#include "domain/rulebook.h"

/* Turns the birthdays of new persons over to the calendar of their 住民種別, where that is certain. For values as they
 * were typed, before anything looks at them. */
void notice_calendar(const struct kind *, const struct rulebook *, struct notice *);

#endif
