/* Answers of the host as HTTP status and JSON. Private to the host layer. */
#ifndef HOST_REPLY_H
#define HOST_REPLY_H

#include "domain/rulebook.h"
#include "host/serve.h"

#include <jansson.h>

/* Steals o. */
void reply_json(json_t *take, struct host_reply *ret);
/* {"error":{"code","msg","item","text"}} with the text of data/messages.tsv; members of `more` (stolen, may be NULL)
 * are added beside "error". */
void reply_error(const struct rulebook *, const struct errinfo *, json_t *more, struct host_reply *ret);

#endif
