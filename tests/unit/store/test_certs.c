#include "cert_fixture.h"

static void see_request(void *arg, const struct cert_request *r)
{
    buf_printf(arg, "%s|%s|%s|%s|%lld|%d|%s|%zu", r->no, r->kind, r->name, r->items, (long long)r->copies, r->photo_id,
               cert_request_state_name(r->state), r->n_person);
    for (size_t i = 0; i < r->n_person; i++)
        buf_printf(arg, " %s", r->person[i]);
    buf_printf(arg, "|%d", r->previewed ? r->preview[0] : -1);
}

static void request_is(struct db *db, const char *want)
{
    struct buf b = BUF_INIT;
    assert_ok(cert_request_get(db, REQUEST, see_request, &b, NULL));
    assert_string_equal(b.p, want);
    buf_done(&b);
}

static void test_request(void **state)
{
    struct store_test *t = *state;
    struct db *db = cert_test_begin(t);
    struct errinfo e;
    uint8_t hash[CERT_HASH] = { 5 };
    request_is(db, REQUEST "|juminhyo_setai|川田　一郎|relation domicile|3|1|open|2 900000000012 900000000023|-1");
    assert_ok(txn_begin(db, NULL));
    assert_ok(cert_request_previewed(db, REQUEST, hash, NULL));
    assert_ok(cert_request_end(db, REQUEST, REQUEST_REFUSED, "E51", NULL));
    assert_int_equal(cert_request_end(db, REQUEST, REQUEST_ISSUED, "", &e), E_DENIED);
    txn_rollback(db);
    assert_ok(txn_begin(db, NULL));
    assert_ok(cert_request_previewed(db, REQUEST, hash, NULL));
    assert_ok(cert_request_end(db, REQUEST, REQUEST_ISSUED, "", NULL));
    assert_int_equal(cert_request_end(db, "nothing", REQUEST_ISSUED, "", &e), E_NOTFOUND);
    assert_ok(txn_commit(db, NULL));
    request_is(db, REQUEST "|juminhyo_setai|川田　一郎|relation domicile|3|1|issued|2 900000000012 900000000023|5");
}

static void see_issue(void *arg, const struct cert_issue *i)
{
    buf_printf(arg, "%lld:%s:%s:%d ", (long long)i->copy, i->state, i->void_reason, i->content_hash[0]);
}

static void see_person(void *arg, const char *person, int64_t rev)
{
    buf_printf(arg, "%s:%lld", person, (long long)rev);
}

static void test_issues_and_void(void **state)
{
    struct store_test *t = *state;
    struct db *db = cert_test_begin(t);
    struct errinfo e;
    struct buf b = BUF_INIT;
    int64_t last = -1;
    assert_ok(cert_request_last_copy(db, REQUEST, &last, NULL));
    assert_int_equal(last, 0);
    assert_ok(txn_begin(db, NULL));
    for (int copy = 1; copy <= 3; copy++)
        cert_test_issue(db, copy, "p", "");
    assert_ok(txn_commit(db, NULL));
    assert_ok(cert_request_last_copy(db, REQUEST, &last, NULL));
    assert_int_equal(last, 3);
    assert_ok(txn_begin(db, NULL));
    assert_int_equal(cert_void(db, "20260701 梅市 東支所1 002", "kawaguchi", "誤り", false, &e), E_INVALID);
    assert_int_equal(cert_void(db, "nothing", "kawaguchi", "人を取り違えた", false, &e), E_NOTFOUND);
    assert_ok(cert_void(db, "20260701 梅市 東支所1 002", "kawaguchi", "人を取り違えた", true, NULL));
    assert_ok(txn_commit(db, NULL));
    assert_ok(txn_begin(db, NULL));
    assert_int_equal(cert_void(db, "20260701 梅市 東支所1 002", "kawaguchi", "もう一度無効に", false, &e), E_EXISTS);
    txn_rollback(db);
    assert_ok(cert_issues(db, CERTS_BY_REQUEST, REQUEST, 10, see_issue, &b, NULL));
    assert_string_equal(b.p, "1:reserved::1 2:reserved:人を取り違えた:2 3:reserved::3 ");
    buf_clear(&b);
    assert_ok(cert_issues(db, CERTS_BY_PERSON, "900000000012", 2, see_issue, &b, NULL));
    assert_true(b.len > 0);
    buf_clear(&b);
    assert_ok(cert_issues(db, CERTS_BY_DAY, "2026-07-02", 10, see_issue, &b, NULL));
    assert_int_equal(b.len, 0);
    assert_ok(cert_issue_persons(db, "20260701 梅市 東支所1 003", see_person, &b, NULL));
    assert_string_equal(b.p, "900000000012:3");
    buf_done(&b);
}

static void test_sums(void **state)
{
    struct store_test *t = *state;
    struct db *db = cert_test_begin(t);
    struct cert_sums s;
    assert_ok(txn_begin(db, NULL));
    for (int copy = 1; copy <= 4; copy++) {
        int64_t job = cert_test_issue(db, copy, "p", copy == 4 ? "E-T-001" : "");
        assert_ok(print_job_drawn(db, job, 2, NULL));
        cert_test_step(db, job, copy == 3 ? PRINT_SPOILED : PRINT_SPOOLING);
        if (copy != 3)
            cert_test_step(db, job, PRINT_PRINTED);
    }
    assert_ok(cert_void(db, "20260701 梅市 東支所1 002", "kawaguchi", "人を取り違えた", true, NULL));
    assert_ok(txn_commit(db, NULL));
    assert_ok(cert_sums_of_day(db, "2026-07-01", &s, NULL));
    assert_int_equal(s.requests, 1);
    assert_int_equal(s.copies, 4);
    assert_int_equal(s.handed, 2);
    assert_int_equal(s.spoiled, 1);
    assert_int_equal(s.voided, 1);
    assert_int_equal(s.fees, 600);
    assert_int_equal(s.sheets, 8);
    assert_int_equal(s.sheets_good, 4);
    assert_ok(cert_sums_of_outage(db, "E-T-001", &s, NULL));
    assert_int_equal(s.copies, 1);
    assert_int_equal(s.fees, 300);
    assert_ok(cert_sums_of_outage(db, "", &s, NULL));
    assert_int_equal(s.copies, 0);
}

static void test_nothing_changes_afterwards(void **state)
{
    struct store_test *t = *state;
    struct db *db = cert_test_begin(t);
    assert_ok(txn_begin(db, NULL));
    cert_test_issue(db, 1, "p", "");
    assert_ok(cert_void(db, "20260701 梅市 東支所1 001", "kawaguchi", "人を取り違えた", false, NULL));
    assert_ok(txn_commit(db, NULL));
    static const char *const sql[] = {
        "UPDATE cert_request SET name = 'x'",
        "UPDATE cert_request SET items = 'my_number'",
        "DELETE FROM cert_request",
        "DELETE FROM cert_request_person",
        "UPDATE cert_request_person SET person = '1'",
        "UPDATE cert_issue SET fee = 0",
        "UPDATE cert_issue SET content_hash = zeroblob(32)",
        "DELETE FROM cert_issue",
        "DELETE FROM cert_issue_person",
        "UPDATE cert_void SET reason = 'another reason'",
        "DELETE FROM cert_void",
        "INSERT INTO cert_issue SELECT 'x', request, 9, office, terminal, year, serial, kind, issued_ms, issued_on, "
        "operator,"
        " approver, fee, exempt, content_hash, key_id, my_number, seal, outage_no, copy_as_of_ms, contact_no FROM "
        "cert_issue", /* serial twice */
    };
    refused(db, sql, ARRAY_LEN(sql));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_request),
        store_unit_test(test_issues_and_void),
        store_unit_test(test_sums),
        store_unit_test(test_nothing_changes_afterwards),
    };
    return cmocka_run_group_tests_name("certs", tests, NULL, NULL);
}
