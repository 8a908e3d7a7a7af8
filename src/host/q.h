/* Short names for one use of a statement, whatever the backend. Private to the host layer. */
#ifndef HOST_Q_H
#define HOST_Q_H

#include "host/backend.h"
#include "stmts.h"
#include "sync/op.h"

struct q {
    const struct host_backend_ops *ops;
    struct host_query *s;
};

static inline struct q q_get(struct host_backend *b, int id)
{
    return (struct q){ b->ops, b->ops->query(b, id) };
}

static inline void q_int(struct q *q, const char *name, int64_t v)
{
    q->ops->bind_int(q->s, name, v);
}

static inline void q_span(struct q *q, const char *name, struct span v)
{
    q->ops->bind_text(q->s, name, v);
}

static inline void q_text(struct q *q, const char *name, const char *v)
{
    q->ops->bind_text(q->s, name, v ? span_of(v) : (struct span){ NULL, 0 });
}

static inline void q_blob(struct q *q, const char *name, const void *p, size_t n)
{
    q->ops->bind_blob(q->s, name, (struct span){ p, n });
}

/* Which life of a branch … */
static inline void q_life(struct q *q, const char *branch, const uint8_t incarnation[OP_INCARNATION])
{
    q_text(q, ":branch", branch);
    q_blob(q, ":incarnation", incarnation, OP_INCARNATION);
}

/* … and which operation of it. */
static inline void q_op(struct q *q, const char *branch, const uint8_t incarnation[OP_INCARNATION], uint64_t seq)
{
    q_life(q, branch, incarnation);
    q_int(q, ":seq", (int64_t)seq);
}

static inline enum err q_row(struct q *q, bool *ret_have, struct errinfo *reterr)
{
    return q->ops->row(q->s, ret_have, reterr);
}

static inline enum err q_run(struct q *q, struct errinfo *reterr)
{
    int64_t changed;
    return q->ops->run(q->s, &changed, reterr);
}

static inline enum err q_run_n(struct q *q, int64_t *ret_changed, struct errinfo *reterr)
{
    return q->ops->run(q->s, ret_changed, reterr);
}

static inline void q_done(struct q *q)
{
    q->ops->done(q->s);
}

static inline int64_t q_get_int(const struct q *q, const char *name)
{
    return q->ops->get_int(q->s, name);
}

static inline struct span q_get_span(const struct q *q, const char *name)
{
    return q->ops->get_span(q->s, name);
}

static inline bool q_null(const struct q *q, const char *name)
{
    return q->ops->is_null(q->s, name);
}

/* Copies at most max bytes and ends the text. */
void q_get_text(const struct q *, const char *name, char *ret, size_t max);
/* Exactly n bytes, or E_CORRUPT. */
enum err q_get_fixed(const struct q *, const char *name, void *ret, size_t n, struct errinfo *) NODISCARD;

#endif
