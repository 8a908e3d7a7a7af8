/* What the files of the outbox share. */
#ifndef STORE_OUTBOX_IN_H
#define STORE_OUTBOX_IN_H

#include "store/incarnation.h"
#include "store/outbox.h"

/* What outbox_use registered; a bug when nothing was. */
const struct outbox_codec *outbox_codec(const struct db *);
/* Numbers, encodes, chains and stores; *ret_seq is the number. */
enum err outbox_number(struct db *, const struct outbox_new *, const char *outage_no, int64_t *ret_seq,
                       struct errinfo *) NODISCARD;
/* Lets it wait for the replay of this stop, and keeps the book. */
enum err outbox_add_in_stop(struct db *, const struct outbox_new *, const char *outage_no, struct errinfo *) NODISCARD;
/* E_DENIED when nothing may be entered. */
enum err outbox_allowed(struct db *, struct errinfo *) NODISCARD;
/* OP_STATES when unknown. */
enum op_state op_state_by_name(const char *name);

#endif
