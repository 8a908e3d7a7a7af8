/* A store whose outbox works: an incarnation, and an encoding that can be read back by eye. */
#ifndef TESTS_STORE_OUTBOX_FIXTURE_H
#define TESTS_STORE_OUTBOX_FIXTURE_H

#include "fixture.h"

#include "frame/frame_in.h"
#include "store/incarnation.h"
#include "store/meta.h"
#include "store/outbox_send.h"

static const uint8_t FIRST_INCARNATION[INCARNATION] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static inline enum err outbox_test_encode(void *self, const struct outbox_new *op, int64_t seq, int64_t lane_prev,
                                          bool in_outage, struct buf *ret, struct errinfo *reterr)
{
    (void)self, (void)reterr;
    buf_printf(ret, "%lld|%s|%s|%lld|%zu|%s|%d", (long long)seq, op->kind, op->lane, (long long)lane_prev, op->n_base,
               op->payload, in_outage);
    return OK;
}

static inline void outbox_test_start(void *self, const uint8_t incarnation[8], uint8_t ret[OUTBOX_HASH])
{
    (void)self;
    memset(ret, incarnation[0], OUTBOX_HASH);
}

static inline void outbox_test_use(struct store_test *t)
{
    const struct outbox_codec codec = { .encode = outbox_test_encode, .start = outbox_test_start };
    outbox_use(t->db, &codec);
}

static inline char *outbox_test_side(const struct store_test *t)
{
    return fs_join(t->dir, "incarnation");
}

static inline bool outbox_test_open(struct store_test *t, const uint8_t fresh[INCARNATION])
{
    char *side = outbox_test_side(t);
    bool ok = false;
    outbox_test_use(t);
    assert_ok(incarnation_open(t->db, side, fresh, &ok, NULL));
    free(side);
    return ok;
}

static inline int outbox_test_begin(void **state)
{
    return store_test_begin(state) || !outbox_test_open(*state, FIRST_INCARNATION);
}

/* Adds one in a transaction of its own. */
static inline int64_t outbox_test_add(struct store_test *t, const char *kind, const char *lane, const char *payload)
{
    const struct outbox_base base[] = { { "100", 3 }, { "T-1", 0 } };
    const struct outbox_new op = { kind, lane, payload, base, 2, "clerk", "chief" };
    int64_t seq = -1;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_add(t->db, &op, &seq, NULL));
    assert_ok(txn_commit(t->db, NULL));
    return seq;
}

static inline void outbox_test_sql(struct store_test *t, const char *sql)
{
    sqlite3_set_authorizer(t->db->sql, NULL, NULL);
    assert_ok(txn_begin(t->db, NULL));
    if (sqlite3_exec(t->db->sql, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(t->db->sql));
    assert_ok(txn_commit(t->db, NULL));
}

static inline bool outbox_test_refuses(struct store_test *t, const char *sql)
{
    sqlite3_set_authorizer(t->db->sql, NULL, NULL);
    assert_ok(txn_begin(t->db, NULL));
    bool refused = sqlite3_exec(t->db->sql, sql, NULL, NULL, NULL) != SQLITE_OK;
    txn_rollback(t->db);
    return refused;
}

static inline enum err outbox_test_keep_state(void *arg, const struct outbox_row *r, struct errinfo *reterr)
{
    (void)reterr;
    *(enum op_state *)arg = r->state;
    return OK;
}

static inline enum op_state outbox_test_state(struct store_test *t, int64_t seq)
{
    enum op_state s = OP_STATES;
    assert_ok(outbox_get(t->db, seq, outbox_test_keep_state, &s, NULL));
    return s;
}

static inline bool outbox_test_answer(struct store_test *t, int64_t seq, enum op_state s, const char *detail)
{
    const struct outbox_answer a = { seq, s, s == OP_CONFLICT ? "C2" : "", detail, 50 + seq, t->now_ms, false };
    bool news = false;
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(outbox_answer(t->db, &a, &news, NULL));
    assert_ok(txn_commit(t->db, NULL));
    return news;
}

#define outbox_unit_test(f) cmocka_unit_test_setup_teardown(f, outbox_test_begin, store_test_end)

#endif
