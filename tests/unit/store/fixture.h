/*
 * A store of its own for each test: *state is a struct store_test with an open, migrated, empty store in a temporary
 * directory, a clock the test sets, and a stand-in for the hash (the store layer does not see OpenSSL).
 */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "check.h"

#include "base/fsx.h"
#include "base/mem.h"
#include "store/db.h"
#include "store/schema.h"
#include "store/txn.h"

struct store_test {
    char *dir;
    char *path; /* of the store */
    int64_t now_ms;
    struct db_options options;
    struct db *db;
};

static inline int64_t store_test_now(void *self)
{
    return ((struct store_test *)self)->now_ms;
}

/* Not cryptographic: good enough to see a changed byte. */
static inline void store_test_hash(const void *p, size_t n, uint8_t ret[DB_HASH])
{
    for (unsigned word = 0; word < 4; word++) {
        uint64_t h = UINT64_C(14695981039346656037) + word * UINT64_C(0x9e3779b97f4a7c15);
        for (size_t i = 0; i < n; i++)
            h = (h ^ ((const uint8_t *)p)[i]) * UINT64_C(1099511628211);
        h ^= h >> 29;
        memcpy(ret + word * 8, &h, 8);
    }
}

static inline void store_test_reopen(struct store_test *t)
{
    struct errinfo e;
    db_close(t->db);
    t->db = NULL;
    t->options.create = false;
    if (db_open(&t->options, &t->db, &e) != OK)
        fail_msg("%s: %s %s", err_name(e.code), e.item, e.detail);
}

static inline int store_test_begin(void **state)
{
    struct store_test *t = xcalloc(1, sizeof *t);
    struct errinfo e;
    void *dir;
    if (check_tmpdir(&dir) != 0)
        return -1;
    t->dir = dir;
    t->path = fs_join(t->dir, "store.db");
    t->now_ms = INT64_C(1782864000000); /* 2026-07-01 09:00 JST */
    t->options = (struct db_options){ .path = t->path,
                                      .create = true,
                                      .hash = store_test_hash,
                                      .schema = &store_schema,
                                      .clock = { store_test_now, store_test_now, t } };
    *state = t;
    if (db_open(&t->options, &t->db, &e) != OK) {
        fprintf(stderr, "# %s: %s %s\n", err_name(e.code), e.item, e.detail);
        return -1;
    }
    return 0;
}

static inline int store_test_end(void **state)
{
    struct store_test *t = *state;
    while (t->db && txn_depth(t->db) > 0) /* left open by a test that failed */
        txn_rollback(t->db);
    db_close(t->db);
    void *dir = t->dir;
    int bad = check_tmpdir_gone(&dir);
    free(t->path);
    free(t);
    return bad;
}

#define store_unit_test(f) cmocka_unit_test_setup_teardown(f, store_test_begin, store_test_end)

/* Asserts OK and shows the error otherwise. */
#define assert_ok(call)                                 \
    do {                                                \
        enum err e_ok_ = (call);                        \
        if (e_ok_ != OK)                                \
            fail_msg("%s: %s", #call, err_name(e_ok_)); \
    } while (0)

#endif
