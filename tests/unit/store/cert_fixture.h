/* An operator, a request and issues on it, for the tests of certificates and print jobs. */
#ifndef TESTS_STORE_CERT_FIXTURE_H
#define TESTS_STORE_CERT_FIXTURE_H

#include "fixture.h"

#include "frame/frame_in.h"
#include "store/certs.h"
#include "store/operator.h"
#include "store/printjobs.h"

#define REQUEST "E1-Q26-000001"

static inline struct db *cert_test_begin(struct store_test *t)
{
    static const char *const person[] = { "900000000012", "900000000023" };
    struct operator_row o = { .id = (char *)(uintptr_t) "kawaguchi",
                              .name = (char *)(uintptr_t) "川口 一",
                              .state = OPERATOR_ACTIVE,
                              .verifier = (char *)(uintptr_t) "v" };
    struct cert_request r = { .no = REQUEST,
                              .operator_id = "kawaguchi",
                              .kind = "juminhyo_setai",
                              .requester = "self",
                              .name = "川田　一郎",
                              .items = "relation domicile",
                              .keep_until = "2027-07-01",
                              .copies = 3,
                              .photo_id = true,
                              .person = person,
                              .n_person = 2 };
    assert_ok(txn_begin(t->db, NULL));
    assert_ok(operator_add(t->db, &o, "setup", NULL));
    assert_ok(cert_request_add(t->db, &r, NULL));
    assert_ok(txn_commit(t->db, NULL));
    return t->db;
}

/* Issue number `copy` of the request, 300 yen, with its reserved print job. Inside a transaction. */
static inline int64_t cert_test_issue(struct db *db, int64_t copy, const char *printer, const char *outage)
{
    char no[64];
    snprintf(no, sizeof no, "20260701 梅市 東支所1 %03d", (int)copy);
    struct cert_issue i = { .no = no,
                            .request = REQUEST,
                            .office = "E",
                            .terminal = "1",
                            .kind = "juminhyo_setai",
                            .issued_on = "2026-07-01",
                            .operator_id = "kawaguchi",
                            .key_id = "k",
                            .outage_no = outage,
                            .copy = copy,
                            .year = 2026,
                            .serial = copy,
                            .issued_ms = 1,
                            .fee = 300,
                            .content_hash = { (uint8_t)copy },
                            .seal = true };
    struct cert_issue_person p = { "900000000012", 3 };
    struct print_job j = { .issue = no, .printer = printer, .body = span_of("body"), .content_hash = { 7 } };
    int64_t id = 0;
    assert_ok(cert_issue_add(db, &i, &p, 1, NULL));
    assert_ok(print_job_add(db, &j, "kawaguchi", &id, NULL));
    return id;
}

static inline void cert_test_step(struct db *db, int64_t job, enum print_state s)
{
    assert_ok(print_job_step(db, job, s, "", "", NULL));
}

/* Every one of these statements must be refused by a trigger or check. */
static inline void refused(struct db *db, const char *const *sql, size_t n)
{
    sqlite3_set_authorizer(db->sql, NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        assert_ok(txn_begin(db, NULL));
        if (sqlite3_exec(db->sql, sql[i], NULL, NULL, NULL) == SQLITE_OK)
            fail_msg("not refused: %s", sql[i]);
        txn_rollback(db);
    }
}

#endif
