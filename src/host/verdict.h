/*
 * What becomes of one operation (操作の判定). Handlers look first and write last: a verdict other than APPLIED has
 * written nothing into the register. Errors are the host's own (disk, database) and undo the whole batch.
 */
#ifndef HOST_VERDICT_H
#define HOST_VERDICT_H

#include "internal.h"
#include "sync/result.h"

struct verdict {
    enum op_code code;
    enum conflict category;
    uint64_t host_seq; /* last feed number written, 0 = none */
    json_t *detail;    /* owned; NULL = {} */
    uint64_t closes;   /* seq of an own operation that this one replaces or withdraws, 0 = none */
};

struct handling {
    struct host *h;
    const struct op *op;
    const struct origin *origin;
    struct verdict *v;
    struct errinfo *reterr; /* of the caller, may be NULL */
};

/* Decides; the operation may already be stored as held. */
enum err op_judge(struct handling *) NODISCARD;
/* Must later operations of its lane wait after this verdict? */
bool op_blocks(const struct op *, const struct verdict *);

/* Each sets v and returns OK. */
enum err verdict_applied(struct handling *, json_t *take_detail);
enum err verdict_rejected(struct handling *, const char *msg, const char *item);
/* detail gets "msg" and is stolen; NULL allowed. */
enum err verdict_conflict(struct handling *, enum conflict, const char *msg, json_t *take_detail);

/* ---- handlers: op_notice.c, op_post.c, op_cert.c, op_restrict.c ---- */
enum err op_notice_enter(struct handling *) NODISCARD;
enum err op_notice_decide(struct handling *) NODISCARD;
enum err op_notice_withdraw(struct handling *) NODISCARD;
enum err op_cert_issue(struct handling *) NODISCARD;
enum err op_cert_void(struct handling *) NODISCARD;
enum err op_restrict_set(struct handling *) NODISCARD;
enum err op_restrict_release(struct handling *) NODISCARD;
/* For what is only kept: the operation itself is the record. */
enum err op_record_only(struct handling *) NODISCARD;

/* Is `seq` an operation of this run that still waits for a person? The one that `supersedes` names must be. */
enum err op_is_open(struct handling *, uint64_t seq, bool *ret) NODISCARD;
/* May the operation act on this notice? Sets a verdict and *ret_go false when not. */
enum err case_may(struct handling *, const char *no, bool *ret_go) NODISCARD;
enum err case_write(struct handling *, const char *no, const char *state, json_t *take_body) NODISCARD;
/* Earlier operation of the same run and lane? */
enum err origin_in_lane(struct handling *, const char *branch, struct span incarnation, uint64_t seq,
                        bool *ret) NODISCARD;

#endif
