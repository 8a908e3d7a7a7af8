#include "people_fixture.h"

#include "frame/frame_in.h"
#include "store/restriction.h"

static struct restriction row(const char *id, const char *person, const char *household)
{
    struct restriction r = { .kind = RK_SUPPORT, .from = { 2026, 4, 1 }, .until = { 2027, 3, 31 } };
    memcpy(r.id, id, strlen(id) + 1);
    memcpy(r.person, person, strlen(person) + 1);
    memcpy(r.household, household, strlen(household) + 1);
    r.level[RP_CERTIFICATE] = RL_ERROR;
    r.level[RP_ENTRY] = RL_ALERT;
    return r;
}

static const struct restriction_step by_clerk = { .operator_id = "sato",
                                                  .approver_id = "kato",
                                                  .reason = "本人の申出" };

static enum err apply(struct people_test *p, const struct restriction *r, const char *detail, int64_t host_seq)
{
    assert_ok(txn_begin(p->t->db, NULL));
    return txn_end(p->t->db, restriction_apply(p->t->db, r, detail, host_seq, NULL), NULL);
}

static enum err step(struct people_test *p, enum err (*f)(struct people_test *, const char *), const char *id)
{
    assert_ok(txn_begin(p->t->db, NULL));
    return txn_end(p->t->db, f(p, id), NULL);
}

static enum err release(struct people_test *p, const char *id)
{
    return restriction_release(p->t->db, id, &by_clerk, NULL);
}

static enum err temp(struct people_test *p, const char *id)
{
    return restriction_temp(p->t->db, id, "Q-1", 1234567, &by_clerk, NULL);
}

static enum err use(struct people_test *p, const char *request)
{
    return restriction_temp_used(p->t->db, request, NULL);
}

static enum err add(struct people_test *p, const char *id)
{
    struct restriction r = row(id, "0015", "");
    return restriction_add(p->t->db, &r, "{\"note\":\"x\"}", &by_clerk, NULL);
}

static void same(const struct restriction *a, const struct restriction *b)
{
    assert_string_equal(a->id, b->id);
    assert_string_equal(a->person, b->person);
    assert_string_equal(a->household, b->household);
    assert_int_equal(a->kind, b->kind);
    assert_memory_equal(a->level, b->level, sizeof a->level);
    assert_int_equal(date_cmp(a->from, b->from), 0);
    assert_int_equal(date_cmp(a->until, b->until), 0);
    assert_int_equal(a->released, b->released);
}

static void test_from_the_host(void **state)
{
    struct people_test *p = *state;
    struct restriction r = row("R-1", "0015", ""), got;
    struct buf detail = BUF_INIT;
    assert_ok(apply(p, &r, "{\"a\":1}", 5));
    assert_ok(restriction_get(p->t->db, "R-1", &got, &detail, NULL));
    same(&r, &got);
    assert_string_equal(buf_str(&detail), "{\"a\":1}");
    buf_done(&detail);
    /* an older or the same feed entry changes nothing, a newer one all but the temporary release */
    assert_ok(step(p, temp, "R-1"));
    r.level[RP_LIST] = RL_ERROR;
    r.from = r.until = (struct date){ 0 };
    assert_ok(apply(p, &r, "", 5));
    assert_ok(restriction_get(p->t->db, "R-1", &got, NULL, NULL));
    assert_int_equal(got.level[RP_LIST], RL_NONE);
    assert_ok(apply(p, &r, "", 6));
    assert_ok(restriction_get(p->t->db, "R-1", &got, NULL, NULL));
    same(&r, &got);
    assert_int_equal(got.temp_until_ms, 1234567);
    assert_string_equal(got.temp_request, "Q-1");
    assert_string_equal(got.temp_by, "sato");
    assert_ok(step(p, use, "Q-2"));
    assert_ok(restriction_get(p->t->db, "R-1", &got, NULL, NULL));
    assert_string_equal(got.temp_request, "Q-1");
    assert_ok(step(p, use, "Q-1"));
    assert_ok(restriction_get(p->t->db, "R-1", &got, NULL, NULL));
    assert_int_equal(got.temp_until_ms, 0);
    assert_string_equal(got.temp_request, "");
    struct restriction moved = row("R-1", "0023", "");
    assert_int_equal(apply(p, &moved, "", 7), E_DENIED);
    assert_int_equal(restriction_get(p->t->db, "R-2", &got, NULL, NULL), E_NOTFOUND);
}

static void test_steps(void **state)
{
    struct people_test *p = *state;
    struct restriction got;
    assert_ok(step(p, add, "R-9"));
    assert_int_equal(step(p, add, "R-9"), E_EXISTS);
    assert_ok(step(p, temp, "R-9"));
    assert_ok(step(p, release, "R-9"));
    assert_int_equal(step(p, release, "R-9"), E_CONFLICT);
    assert_int_equal(step(p, temp, "R-9"), E_CONFLICT);
    assert_int_equal(step(p, release, "R-8"), E_NOTFOUND);
    assert_ok(restriction_get(p->t->db, "R-9", &got, NULL, NULL));
    assert_true(got.released);
    /* the host does not know of the release yet and tells the row again as it was: nothing comes back */
    struct restriction late = row("R-9", "0015", "");
    assert_ok(apply(p, &late, "", 0));
    assert_ok(restriction_get(p->t->db, "R-9", &got, NULL, NULL));
    assert_true(got.released);
}

static void event(void *arg, const struct restriction_event *e)
{
    buf_printf(arg, "%s/%s/%s/%s ", e->what, e->operator_id, e->approver_id, e->reason);
}

static void test_events(void **state)
{
    struct people_test *p = *state;
    struct buf seen = BUF_INIT;
    struct restriction r = row("R-9", "0015", "");
    assert_ok(step(p, add, "R-9"));
    assert_ok(apply(p, &r, "", 3));
    assert_ok(step(p, release, "R-9"));
    assert_ok(restriction_events(p->t->db, "R-9", event, &seen, NULL));
    assert_string_equal(buf_str(&seen), "set/sato/kato/本人の申出 host/// release/sato/kato/本人の申出 ");
    buf_done(&seen);
    static const char *const tries[] = { "DELETE FROM restriction", "UPDATE restriction_event SET reason = 'x'",
                                         "DELETE FROM restriction_event" };
    sqlite3_set_authorizer(p->t->db->sql, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(tries); i++)
        assert_int_equal(sqlite3_exec(p->t->db->sql, tries[i], NULL, NULL, NULL) & 0xff, SQLITE_CONSTRAINT);
}

static void test_lists(void **state)
{
    struct people_test *p = *state;
    assert_ok(put(p, someone("0015", 1, ATTR_COUNT)));
    assert_ok(put(p, someone("0023", 1, ATTR_COUNT)));
    assert_ok(put(p, someone("0031", 1, ATTR_STATUS, STATUS_MOVED, ATTR_COUNT)));
    struct restriction rows[] = { row("R-1", "0015", ""), row("R-2", "0015", ""), row("R-3", "", "907"),
                                  row("R-4", "0023", ""), row("R-5", "0031", "") };
    rows[1].released = true;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_ok(apply(p, &rows[i], "", (int64_t)i + 1));
    struct restriction_list l = { 0 };
    assert_ok(restriction_of(p->t->db, "0015", "907", &l, NULL));
    assert_int_equal(l.n, 2);
    assert_string_equal(l.r[0].id, "R-1");
    assert_string_equal(l.r[1].id, "R-3");
    assert_ok(restriction_of_members(p->t->db, "907", "0015", &l, NULL));
    assert_int_equal(l.n, 3);
    assert_string_equal(l.r[2].id, "R-4");
    assert_ok(restriction_of_members(p->t->db, "907", NULL, &l, NULL));
    assert_int_equal(l.n, 5);
    restriction_list_done(&l);
    assert_ok(restriction_of(p->t->db, NULL, "", &l, NULL));
    assert_int_equal(l.n, 0);
    assert_ok(restriction_page(p->t->db, "", false, 3, &l, NULL));
    assert_int_equal(l.n, 3);
    assert_string_equal(l.r[2].id, "R-4");
    restriction_list_done(&l);
    assert_ok(restriction_page(p->t->db, "R-1", true, 10, &l, NULL));
    assert_int_equal(l.n, 4);
    restriction_list_done(&l);
}

static void around(struct people_test *p, const char *id, const char *household, int64_t size, bool restricted)
{
    struct people_around a = { .household_size = -1 };
    assert_ok(people_around(p->t->db, id, household, &a, NULL));
    assert_int_equal(a.household_size, size);
    assert_int_equal(a.restricted, restricted);
    assert_false(a.open_case);
}

/* "Nothing restricts anybody there" must never be said of a person whom a row can touch. */
static void test_around(void **state)
{
    struct people_test *p = *state;
    assert_ok(put(p, someone("0015", 1, ATTR_COUNT)));
    assert_ok(put(p, someone("0023", 1, ATTR_COUNT)));
    assert_ok(put(p, someone("0031", 1, ATTR_STATUS, STATUS_MOVED, ATTR_COUNT)));
    assert_ok(put(p, someone("0041", 1, ATTR_HOUSEHOLD, "908", ATTR_COUNT)));
    around(p, "0015", "907", 2, false);
    struct restriction rows[] = { row("R-1", "0031", ""), row("R-2", "0023", ""), row("R-3", "", "908") };
    assert_ok(apply(p, &rows[0], "", 1));
    around(p, "0031", "907", 2, true); /* removed, but the row is the person's own */
    around(p, "0015", "907", 2, false);
    assert_ok(apply(p, &rows[1], "", 2));
    around(p, "0015", "907", 2, true); /* a member's */
    around(p, "0041", "908", 1, false);
    assert_ok(apply(p, &rows[2], "", 3));
    around(p, "0041", "908", 1, true); /* the household's */
    rows[1].released = true;
    assert_ok(apply(p, &rows[1], "", 4));
    around(p, "0015", "907", 2, false);
    around(p, "0099", "", 0, false);
}

static void test_one_subject(void **state)
{
    struct people_test *p = *state;
    struct restriction both = row("R-1", "0015", "907"), none = row("R-1", "", "");
    assert_int_equal(apply(p, &both, "", 1), E_INVALID);
    assert_int_equal(apply(p, &none, "", 1), E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        people_unit_test(test_from_the_host), people_unit_test(test_steps),  people_unit_test(test_events),
        people_unit_test(test_lists),         people_unit_test(test_around), people_unit_test(test_one_subject),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
