/*
 * What the sync engine tells the cases (届出の結果): the host has decided about an operation on a notice. Called inside
 * the transaction that stores the result, or of what was applied, the one that brings its rows into the copy;
 * afterwards service_poke lets answers go that waited for it.
 */
#ifndef SERVICE_NOTICES_H
#define SERVICE_NOTICES_H

#include "domain/state.h"
#include "service/owner.h"

/* Owner of "notice." operations. Applied: the case is posted and its people are free. Conflict, refused: the case waits
 * for a person. Held: nothing yet. What the case has learned already, and a case that is not this branch's, changes
 * nothing. */
op_owner_fn notice_told;

struct call;
/* A conflict was settled by a person (競合の処理): STEP_POST when the host has it already, STEP_REOPEN to enter it
 * again, STEP_WITHDRAW. Rules of domain/state.h apply to the operator of the call. */
enum err notice_settle(struct call *, const char *no, enum case_step, const char *reason, struct errinfo *) NODISCARD;

#endif
