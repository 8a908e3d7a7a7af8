#include "cert_fixture.h"

#include "store/stock.h"

static enum err add(struct db *db, enum stock_what what, int64_t sheets, const char *reason, const char *witness)
{
    struct stock_row r = {
        .what = what, .sheets = sheets, .printer = "p", .reason = reason, .operator_id = "kawaguchi", .witness = witness
    };
    struct errinfo e;
    assert_ok(txn_begin(db, NULL));
    return txn_end(db, stock_add(db, &r, &e), &e);
}

static void remaining_is(struct db *db, int64_t want)
{
    struct stock_sums s;
    assert_ok(stock_sums(db, "p", &s, NULL));
    assert_int_equal(s.remaining, want);
}

static void begin(struct store_test *t)
{
    struct operator_row o = { .id = (char *)(uintptr_t) "higashi",
                              .name = (char *)(uintptr_t) "東 二",
                              .state = OPERATOR_ACTIVE,
                              .verifier = (char *)(uintptr_t) "v" };
    cert_test_begin(t);
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(operator_add(t->db, &o, "setup", NULL));
    assert_ok(txn_commit(t->db, NULL));
}

static int64_t print(struct db *db, int64_t copy, enum print_state end, const char *detail)
{
    assert_ok(txn_begin(db, NULL));
    int64_t job = cert_test_issue(db, copy, "p", "");
    assert_ok(print_job_drawn(db, job, 2, NULL));
    cert_test_step(db, job, PRINT_SPOOLING);
    assert_ok(print_job_step(db, job, end, "", detail, NULL));
    assert_ok(txn_commit(db, NULL));
    return job;
}

static void test_the_book(void **state)
{
    struct store_test *t = *state;
    begin(t);
    assert_int_equal(add(t->db, STOCK_LOAD, 100, "", "higashi"), OK);
    remaining_is(t->db, 100);
    print(t->db, 1, PRINT_PRINTED, "");
    print(t->db, 2, PRINT_SPOILED, "jam");
    remaining_is(t->db, 96);
    int64_t job = print(t->db, 3, PRINT_UNKNOWN, "");
    remaining_is(t->db, 94);
    assert_ok(txn_begin(t->db, NULL)); /* nothing came out after all */
    assert_ok(print_job_step(t->db, job, PRINT_SPOILED, "kawaguchi", "nothing", NULL));
    assert_ok(txn_commit(t->db, NULL));
    remaining_is(t->db, 96);
    assert_int_equal(add(t->db, STOCK_SPOIL, 1, "破れ", "higashi"), E_INVALID);
    assert_int_equal(add(t->db, STOCK_SPOIL, 1, "破れていた", "higashi"), OK);
    remaining_is(t->db, 95);
    assert_int_equal(add(t->db, STOCK_COUNT, 95, "", "higashi"), OK);
    assert_int_equal(add(t->db, STOCK_COUNT, 93, "", "higashi"), E_INVALID);
    assert_int_equal(add(t->db, STOCK_COUNT, 93, "二枚が見つからない", "higashi"), OK);
    remaining_is(t->db, 93);
}

static void test_two_sign(void **state)
{
    struct store_test *t = *state;
    begin(t);
    assert_int_equal(add(t->db, STOCK_LOAD, 100, "", "kawaguchi"), E_INVALID);
    assert_int_equal(add(t->db, STOCK_LOAD, 0, "", "higashi"), E_INVALID);
    assert_int_equal(add(t->db, STOCK_LOAD, 100, "", "higashi"), OK);
    static const char *const sql[] = { "UPDATE paper_stock SET sheets = 1", "DELETE FROM paper_stock" };
    refused(t->db, sql, ARRAY_LEN(sql));
}

static void see(void *arg, const struct stock_row *r)
{
    buf_printf(arg, "%s %lld/%lld %s+%s ", stock_name(r->what), (long long)r->sheets, (long long)r->expected,
               r->operator_id, r->witness);
}

static void test_rows(void **state)
{
    struct store_test *t = *state;
    struct buf b = BUF_INIT;
    begin(t);
    assert_int_equal(add(t->db, STOCK_LOAD, 100, "", "higashi"), OK);
    assert_int_equal(add(t->db, STOCK_COUNT, 100, "", "higashi"), OK);
    assert_ok(stock_rows(t->db, "p", 10, see, &b, NULL));
    assert_string_equal(b.p, "count 100/100 kawaguchi+higashi load 100/0 kawaguchi+higashi ");
    assert_int_equal(stock_by_name("lost"), STOCK_WHATS);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { store_unit_test(test_the_book), store_unit_test(test_two_sign),
                                        store_unit_test(test_rows) };
    return cmocka_run_group_tests_name("stock", tests, NULL, NULL);
}
