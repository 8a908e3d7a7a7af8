/* Restrictions, certificates and what waits for a day. */
#include "host_test.h"

#include <sqlite3.h>

#define SET(no, level)                                                                          \
    "{\"no\":\"" no "\",\"person\":\"103\",\"kind\":\"support\",\"levels\":{\"entry\":\"" level \
    "\",\"certificate\":\"error\"},\"from\":\"2026-04-01\"}"

static void add_signed(struct outbox *o, const char *kind, const char *payload, const char *approver)
{
    struct op op = outbox_op(o, kind, payload);
    snprintf(op.approver, sizeof op.approver, "%s", approver);
    outbox_put(o, &op);
}

static void test_restriction_is_set_by_one_and_loosened_by_two(void **state)
{
    struct town *t = *state;
    uint64_t head = feed_head(t);
    outbox_add(&t->e1, "restrict.set", SET("R1", "alert"));
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    outbox_add(&t->e1, "restrict.set", SET("R1", "error"));
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    static const char *const looser[] = {
        SET("R1", "alert"),
        "{\"no\":\"R1\",\"household\":\"11\",\"kind\":\"support\",\"levels\":{\"entry\":\"error\",\"certificate\":"
        "\"error\"},\"from\":\"2026-04-01\"}",
        "{\"no\":\"R1\",\"person\":\"103\",\"kind\":\"other\",\"levels\":{\"entry\":\"error\",\"certificate\":"
        "\"error\"},\"from\":\"2026-04-01\"}",
        "{\"no\":\"R1\",\"person\":\"103\",\"kind\":\"support\",\"levels\":{\"entry\":\"error\",\"certificate\":"
        "\"error\"},\"from\":\"2026-05-01\"}",
        "{\"no\":\"R1\",\"person\":\"103\",\"kind\":\"support\",\"levels\":{\"entry\":\"error\",\"certificate\":"
        "\"error\"},\"from\":\"2026-04-01\",\"until\":\"2026-12-31\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(looser); i++) {
        outbox_add(&t->e1, "restrict.set", looser[i]);
        outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    }
    static const char release[] = "{\"no\":\"R1\",\"reason\":\"本人の申出\",\"on\":\"2026-07-01\"}";
    outbox_add(&t->e1, "restrict.release", release);
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    add_signed(&t->e1, "restrict.release", release, "yamada");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    add_signed(&t->e1, "restrict.release", release, "sekinin");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    add_signed(&t->e1, "restrict.release", release, "sekinin");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    struct feed_page p;
    feed_of(t, "E2", head, &p);
    assert_int_equal(p.n, 3);
    assert_string_equal(p.e[2].key, "R1");
    json_t *body = json_loadb(p.e[2].body.p, p.e[2].body.n, 0, NULL);
    assert_true(json_is_true(json_object_get(body, "released")));
    json_decref(body);
    feed_page_done(&p);
}

static void test_malformed_restrictions_are_refused(void **state)
{
    struct town *t = *state;
    static const char *const bad[] = {
        "{\"no\":\"R1\",\"kind\":\"support\",\"levels\":{},\"from\":\"2026-04-01\"}",
        "{\"no\":\"R1\",\"person\":\"103\",\"household\":\"11\",\"kind\":\"support\",\"levels\":{},\"from\":\"\"}",
        "{\"no\":\"R1\",\"person\":\"103\",\"kind\":\"whim\",\"levels\":{},\"from\":\"\"}",
        "{\"no\":\"R1\",\"person\":\"103\",\"kind\":\"lock\",\"levels\":{\"entry\":\"perhaps\"},\"from\":\"\"}",
        "{\"no\":\"R1\",\"person\":\"103\",\"kind\":\"lock\",\"levels\":{\"gossip\":\"error\"},\"from\":\"\"}",
        "{\"no\":\"R1\",\"person\":\"103\",\"kind\":\"lock\",\"levels\":{},\"from\":\"2026-02-30\"}",
        "{\"no\":\"\",\"person\":\"103\",\"kind\":\"lock\",\"levels\":{},\"from\":\"\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        outbox_add(&t->e1, "restrict.set", bad[i]);
        outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    }
}

/* Set at the host after the branch last heard of it: somebody must decide. Known to the branch: it decided already. */
static void test_restriction_the_branch_had_not_heard_of(void **state)
{
    struct town *t = *state;
    t->now_ms += 60000;
    outbox_add(&t->e1, "restrict.set", SET("R1", "error"));
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "");
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_SUPPRESSED, NULL);
    struct op op = decide_op(&t->e1, tenkyo("E1-2", "103", "9-1"), "101:1 102:1 103:1", "");
    op.host_ms = t->now_ms;
    outbox_put(&t->e1, &op);
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
}

#define CERT(no, rev)                                                                                    \
    "{\"no\":\"" no                                                                                      \
    "\",\"kind\":\"juminhyo\",\"request\":\"Q1\",\"copies\":1,\"persons\":[{\"id\":\"103\",\"rev\":" rev \
    "}],\"content_hash\":\"00\",\"issued_at\":\"x\",\"as_of\":\"x\",\"fee\":300}"

static void test_certificates_are_recorded_whatever_is_found(void **state)
{
    struct town *t = *state;
    json_t *detail = NULL;
    outbox_add(&t->e1, "cert.issue", CERT("C1", "1"));
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    outbox_add(&t->e1, "cert.issue", CERT("C1", "1"));
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    decide(&t->e1, tenkyo("E1-1", "103", "9-1"), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    /* Made before the change came to the host: no fault. Made after it: for a person to decide. */
    struct op op = outbox_op(&t->e1, "cert.issue", CERT("C2", "1"));
    op.wall_ms = NOW_MS - 1;
    outbox_put(&t->e1, &op);
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    op = outbox_op(&t->e1, "cert.issue", CERT("C3", "1"));
    op.wall_ms = NOW_MS + 1;
    outbox_put(&t->e1, &op);
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_CERTIFICATE, &detail);
    assert_true(json_is_true(json_object_get(detail, "recorded")));
    json_decref(detail);
    outbox_add(&t->e1, "cert.void", "{\"no\":\"C3\",\"reason\":\"回収した\"}");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    outbox_add(&t->e1, "cert.void", "{\"no\":\"C3\",\"reason\":\"回収した\"}");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    t->now_ms += 60000;
    outbox_add(&t->e1, "restrict.set", SET("R1", "error"));
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    outbox_add(&t->e1, "cert.issue", CERT("C4", "2"));
    outbox_expect(t, &t->e1, OPR_CONFLICT, CONFLICT_SUPPRESSED, NULL);
}

/* ---- 転出予定 ---- */

static json_t *tenshutsu(const char *no, const char *day, const char *const *persons, size_t n)
{
    json_t *notice = notice_json("tenshutsu", no), *v = values_of(notice);
    put_value(v, "leave", 0, "leave_on", day);
    put_value(v, "leave", 0, "planned_to", "まつ県松市松町1番地");
    for (size_t i = 0; i < n; i++)
        put_value(v, "persons", (int)i, "person", persons[i]);
    return notice;
}

static struct resident *now_of(struct town *t, const char *id, uint64_t after)
{
    struct feed_page p;
    struct resident *r = NULL, *last = NULL;
    feed_of(t, "E1", after, &p);
    for (size_t i = 0; i < p.n; i++) {
        if (p.e[i].type != FEED_RESIDENT)
            continue;
        assert_ok(resident_decode(p.e[i].body, &r, err));
        if (strcmp(r->id, id) == 0) {
            resident_free(last);
            last = r;
        } else {
            resident_free(r);
        }
    }
    feed_page_done(&p);
    return last;
}

static void run_day(struct town *t)
{
    bool more = true;
    for (int i = 0; more && i < 100; i++)
        assert_ok(host_day_batch(t->host, &more, err));
    assert_false(more);
}

static void keep_stuck(void *arg, const struct host_stuck *k)
{
    buf_printf(arg, "%s %s %llu;", k->branch, k->on_day, (unsigned long long)k->seq);
}

/* The form of a planned notice is missing on its day: it is set aside, and tried again when a person says so. */
static void test_what_was_set_aside_is_tried_again(void **state)
{
    struct town *t = *state;
    struct buf stuck = BUF_INIT;
    static const char *const who[] = { "103" };
    decide(&t->e1, tenshutsu("E1-1", "2026-07-10", who, 1), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    const struct kind *kind = kind_find(&t->book->kinds, "tenshutsu");
    char *id = (char *)(uintptr_t)kind->id;
    uint64_t head = feed_head(t);
    t->now_ms = NOW_MS + 9 * DAY_MS;
    *id = 'x';
    run_day(t);
    *id = 't';
    assert_ok(host_due_stuck(t->host, keep_stuck, &stuck, err));
    assert_string_equal(buf_str(&stuck), "E1 2026-07-10 1;");
    run_day(t);
    assert_int_equal(feed_head(t), head); /* not by itself */
    assert_int_equal(host_due_retry(t->host, "", "uid:0", NULL), E_INVALID);
    assert_ok(host_due_retry(t->host, "届出の定義を戻した", "uid:0", err));
    run_day(t);
    buf_clear(&stuck);
    assert_ok(host_due_stuck(t->host, keep_stuck, &stuck, err));
    assert_string_equal(buf_str(&stuck), "");
    struct resident *r = now_of(t, "103", head);
    assert_non_null(r);
    assert_string_equal(resident_get(r, ATTR_STATUS), STATUS_MOVED);
    resident_free(r);
    buf_done(&stuck);
}

static void test_planned_day_comes(void **state)
{
    struct town *t = *state;
    uint64_t start = feed_head(t);
    static const char *const who[] = { "102", "103" };
    decide(&t->e1, tenshutsu("E1-1", "2026-07-10", who, 2), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    struct resident *r = now_of(t, "103", start);
    assert_true(resident_living(r));
    assert_string_equal(resident_get(r, ATTR_PLANNED_ON), "2026-07-10");
    resident_free(r);
    uint64_t head = feed_head(t);
    t->now_ms = NOW_MS + 8 * DAY_MS; /* 9 July */
    run_day(t);
    assert_int_equal(feed_head(t), head);
    t->now_ms += DAY_MS;
    town_restart(t);
    run_day(t);
    for (size_t i = 0; i < 2; i++) {
        r = now_of(t, who[i], head);
        assert_non_null(r);
        assert_string_equal(resident_get(r, ATTR_STATUS), STATUS_MOVED);
        resident_free(r);
    }
    head = feed_head(t);
    run_day(t);
    assert_int_equal(feed_head(t), head);
}

/* A plan is never overwritten: the second notice is refused, and nobody is removed on another day. */
static void test_a_second_plan_is_refused(void **state)
{
    struct town *t = *state;
    json_t *detail = NULL;
    static const char *const who[] = { "102", "103" };
    decide(&t->e1, tenshutsu("E1-1", "2026-07-10", who, 2), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    decide(&t->e1, tenshutsu("E1-2", "2026-07-05", &who[1], 1), "101:1 102:2 103:2", "");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, &detail);
    assert_string_equal(json_string_value(json_object_get(detail, "msg")), "S236");
    json_decref(detail);
    uint64_t head = feed_head(t);
    t->now_ms = NOW_MS + 5 * DAY_MS;
    run_day(t);
    assert_int_equal(feed_head(t), head);
}

/* The day of the notice has come, but not that of the person any more: nothing happens to him by it. */
static void test_the_day_of_the_person_counts(void **state)
{
    struct town *t = *state;
    sqlite3 *db = NULL;
    static const char *const who[] = { "103" };
    decide(&t->e1, tenshutsu("E1-1", "2026-07-10", who, 1), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    uint64_t head = feed_head(t);
    host_close(t->host);
    assert_int_equal(sqlite3_open(t->db, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE due SET on_day = '2026-07-05'", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    town_open(t);
    t->now_ms = NOW_MS + 6 * DAY_MS;
    run_day(t);
    assert_int_equal(feed_head(t), head);
}

/* ---- a supported person moves out ---- */

/* Kinds of the restriction rows behind `after`, as "R1=provisional ". */
static void kinds_of(struct town *t, uint64_t after, struct buf *ret)
{
    struct feed_page p;
    feed_of(t, "E1", after, &p);
    for (size_t i = 0; i < p.n; i++) {
        if (p.e[i].type != FEED_RESTRICTION)
            continue;
        json_t *body = json_loadb(p.e[i].body.p, p.e[i].body.n, 0, NULL);
        buf_printf(ret, "%s=%s%s ", p.e[i].key, json_string_value(json_object_get(body, "kind")),
                   json_is_true(json_object_get(body, "released")) ? "!" : "");
        json_decref(body);
    }
    feed_page_done(&p);
}

static void test_protection_goes_on_when_somebody_moves_out(void **state)
{
    struct town *t = *state;
    struct buf kinds = BUF_INIT;
    static const char *const who[] = { "103" };
    outbox_add(&t->e1, "restrict.set", SET("R1", "alert"));
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    outbox_add(&t->e1, "restrict.set",
               "{\"no\":\"R2\",\"household\":\"11\",\"kind\":\"support\",\"levels\":{},\"from\":\"2026-04-01\"}");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    outbox_add(&t->e1, "restrict.set",
               "{\"no\":\"R3\",\"person\":\"103\",\"kind\":\"lock\",\"levels\":{},\"from\":\"2026-04-01\"}");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    uint64_t head = feed_head(t);
    decide(&t->e1, tenshutsu("E1-1", "2026-07-10", who, 1), "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    kinds_of(t, head, &kinds);
    assert_string_equal(buf_str(&kinds), ""); /* he still lives here */
    t->now_ms = NOW_MS + 10 * DAY_MS;
    run_day(t);
    kinds_of(t, head, &kinds);
    assert_string_equal(buf_str(&kinds), "R1=provisional R2-103=provisional ");
    buf_done(&kinds);
}

/* ---- where it was entered ---- */

static void test_rows_say_where_they_were_entered(void **state)
{
    struct town *t = *state;
    uint64_t head = feed_head(t);
    json_t *n = tenkyo("E1-1", "103", "9-1");
    json_object_set_new(n, "office", json_string("東支所"));
    json_object_set_new(n, "terminal", json_string("2"));
    decide(&t->e1, n, "101:1 102:1 103:1", "11");
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    struct resident *r = now_of(t, "103", head);
    assert_string_equal(resident_get(r, ATTR_EV_OFFICE), "東支所");
    assert_string_equal(resident_get(r, ATTR_EV_TERMINAL), "2");
    resident_free(r);
    head = feed_head(t);
    decide(&t->e1, tenkyo("E1-2", "102", "9-2"), "101:1 102:1 103:2", "11"); /* of an older branch */
    outbox_expect(t, &t->e1, OPR_APPLIED, CONFLICT_NONE, NULL);
    r = now_of(t, "102", head);
    assert_string_equal(resident_get(r, ATTR_EV_OFFICE), "E1");
    resident_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        town_test(test_restriction_is_set_by_one_and_loosened_by_two),
        town_test(test_malformed_restrictions_are_refused),
        town_test(test_restriction_the_branch_had_not_heard_of),
        town_test(test_certificates_are_recorded_whatever_is_found),
        town_test(test_planned_day_comes),
        town_test(test_what_was_set_aside_is_tried_again),
        town_test(test_a_second_plan_is_refused),
        town_test(test_the_day_of_the_person_counts),
        town_test(test_protection_goes_on_when_somebody_moves_out),
        town_test(test_rows_say_where_they_were_entered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
