/*
 * What status.get and dashboard.get tell is brought by the parts of the service: one row per part in
 * src/service/parts.def, `STATUS(function)` or `DASHBOARD(function)`. A part sets its members of the result and no
 * others; what it cannot know it leaves out. status.get is asked every few seconds, before the login as well, and
 * shows no personal data.
 */
#ifndef SERVICE_STATUS_H
#define SERVICE_STATUS_H

#include "service/method.h"

typedef enum err status_part(struct call *, json_t *result, struct errinfo *);

#endif
