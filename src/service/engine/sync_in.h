/* The exchange with the host, as the methods see it. */
#ifndef SERVICE_SYNC_IN_H
#define SERVICE_SYNC_IN_H

#include "service/engine.h"
#include "service/method.h"

/* NULL when this process has none (a test, a branch without a host). */
struct engine *sync_engine(const struct call *);
/* Status of the engine, or that of a host nobody has heard of. */
void sync_state(const struct call *, struct engine_status *ret);

/* Text and remedy of a message: object {msg,text,remedy}; nothing when msg is "". */
void sync_set_message(const struct call *, json_t *object, const char *key, const char *msg);

/* Title of the kind of notice in a payload, else the label of the operation. */
const char *op_title(const struct call *, const char *op_kind, const json_t *payload);

/* Member `load`: how far a full copy is (全件副本の取り込み). */
void sync_tell_load(const struct engine_status *, json_t *result);

#endif
