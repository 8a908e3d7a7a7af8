/*
 * Who is told what became of an operation. A part of the service that adds operations to the outbox has one row in
 * src/service/owners.def, `OWNER("notice.", notice_told)`: every operation whose kind begins so concerns it
 * (several may be concerned). It is called in the transaction that stores the host's answer, and of what was applied in
 * the one that brings the rows it made into the copy; once for each piece of news, and again after a crash that rolled
 * that transaction back; it must not send anything and not look at the clock of the counter for order.
 */
#ifndef SERVICE_OWNER_H
#define SERVICE_OWNER_H

#include "service/service.h"
#include "store/outbox.h"

struct op_news {                       /* borrowed for the call */
    int64_t seq;                       /* of the outbox */
    const char *kind, *lane, *subject; /* subject: the payload's "no" */
    const char *operator_id, *outage_no;
    enum op_state state;   /* HELD, CONFLICT, REJECTED or APPLIED */
    const char *category;  /* "C2" of a conflict, else "" */
    const json_t *detail;  /* as the host said it: sync/result.h */
    const json_t *payload; /* of the operation */
    int64_t host_seq, host_ms;
};

/* Fails only when the store does; then nothing of the batch is taken and it is asked for again. */
typedef enum err op_owner_fn(struct service *, const struct op_news *, struct errinfo *);

#endif
