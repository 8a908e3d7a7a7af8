#include "check.h"
#include "city.h"

#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"
#include "service/service.h"
#include "store/outage.h"
#include "store/outbox_send.h"
#include "store/people.h"
#include "store/replica.h"
#include "store/txn.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* ---- what must hold, whatever happened ---- */

static int64_t sum_of(const struct outbox_counts *c)
{
    int64_t n = c->waiting;
    for (int s = 0; s < OP_STATES; s++)
        n += c->n[s];
    return n;
}

struct tally {
    int64_t applied[CITY_PEOPLE + 1];
    bool stuck[CITY_PEOPLE + 1]; /* of the office being looked at: the lane has something for a person to decide */
};

static enum err tally_op(void *arg, const struct outbox_row *r, struct errinfo *reterr)
{
    struct tally *t = arg;
    (void)reterr;
    int person = atoi(r->lane) - 5000;
    if (r->state == OP_APPLIED || r->state == OP_DURABLE)
        t->applied[person]++;
    if (r->state == OP_HELD)
        assert_true(t->stuck[person]); /* I4: only behind another of its lane */
    if (r->state == OP_CONFLICT || r->state == OP_REJECTED)
        t->stuck[person] = true;
    return OK;
}

static void check_office(struct office *o, struct tally *t)
{
    struct outbox_counts c;
    struct outbox_head head;
    int64_t last = 0;
    assert_int_equal(outbox_count(o->db, NULL, &c, NULL), OK);
    assert_int_equal(sum_of(&c), o->entered); /* I1, I2 */
    assert_int_equal(c.n[OP_PENDING] + c.n[OP_INFLIGHT], 0);
    assert_int_equal(outbox_head(o->db, &head, NULL), OK);
    assert_int_equal(outbox_verify(o->db, 0, INT64_MAX, &last, NULL), OK);
    assert_int_equal(last, head.seq);
    memset(t->stuck, 0, sizeof t->stuck);
    for (int64_t seq = 1; seq <= head.seq; seq++)
        assert_int_equal(outbox_get(o->db, seq, tally_op, t, NULL), OK);
}

/* I3: as many rows as effects. I7: every branch has every row, and the same. */
static void check_city(struct city *c)
{
    struct tally t = { .applied = { 0 } };
    for (int i = 0; i < CITY_BRANCHES; i++)
        check_office(&c->office[i], &t);
    for (int p = 1; p <= CITY_PEOPLE; p++) {
        int64_t rev = office_rev(&c->office[0], p);
        if (rev != 1 + t.applied[p])
            fail_msg("person %d has %lld rows after %lld effects", p, (long long)rev, (long long)t.applied[p]);
        for (int i = 1; i < CITY_BRANCHES; i++) {
            assert_int_equal(office_rev(&c->office[i], p), rev);
            for (int64_t k = 1; k <= rev; k++) {
                char *a = office_body(&c->office[0], p, k), *b = office_body(&c->office[i], p, k);
                assert_string_equal(a, b);
                free(a);
                free(b);
            }
        }
    }
}

static void settle(struct city *c)
{
    c->mishap_percent = 0;
    for (int i = 0; i < CITY_BRANCHES; i++) {
        c->office[i].cut = false;
        office_calm(&c->office[i]);
        engine_round_now(c->office[i].engine);
    }
    city_run(c, 10 * MINUTE);
}

/* ---- courses of events ---- */

static void test_a_branch_learns_the_register_and_posts(void **state)
{
    struct city c;
    struct replica r;
    (void)state;
    city_open(&c, 1);
    city_run(&c, 5 * MINUTE);
    for (int i = 0; i < CITY_BRANCHES; i++) {
        assert_int_equal(replica_get(c.office[i].db, &r, NULL), OK);
        assert_true(r.as_of_ms >= CITY_NOW && r.list_ms >= CITY_NOW && r.has_host);
    }
    assert_int_equal(office_rev(&c.office[2], CITY_PEOPLE), 1);
    assert_int_equal(office_moves(&c.office[0], 3, "9-1"), 1);
    city_run(&c, SECOND);
    assert_int_equal(office_rev(&c.office[0], 3), 2); /* its own work comes back in the same round */
    city_run(&c, MINUTE);
    check_city(&c);
    assert_int_equal(office_rev(&c.office[1], 3), 2);
    city_close(&c);
}

static void one_course(unsigned seed, int percent)
{
    struct city c;
    char lot[16];
    city_open(&c, seed);
    city_run(&c, 5 * MINUTE);
    c.mishap_percent = percent;
    for (int i = 0; i < 60; i++) {
        struct office *o = &c.office[city_random(&c, CITY_BRANCHES)];
        snprintf(lot, sizeof lot, "%u-%d", seed % 1000, i);
        if (service_counter_state(o->svc) == COUNTER_NORMAL)
            office_moves(o, 1 + (int)city_random(&c, CITY_PEOPLE), lot);
        city_run(&c, city_random(&c, 20) * SECOND);
    }
    settle(&c);
    check_city(&c);
    city_close(&c);
}

static void test_whatever_the_line_does_each_takes_effect_once(void **state)
{
    const char *given = getenv("SEED");
    unsigned base = given ? (unsigned)strtoul(given, NULL, 10) : 20260701;
    int courses = given ? 1 : 12;
    (void)state;
    for (int i = 0; i < courses; i++) {
        print_message("# seed %u\n", base + (unsigned)i);
        one_course(base + (unsigned)i, 10 + 10 * (i % 5));
    }
}

static void test_a_load_that_is_cut_again_and_again_completes(void **state)
{
    struct city c;
    (void)state;
    print_message("# seed 77\n");
    city_open(&c, 77);
    c.mishap_percent = 70;
    city_run(&c, 60 * MINUTE);
    settle(&c);
    check_city(&c);
    city_close(&c);
}

/* Two offices move the same person on what they knew: one is posted, the other is a conflict, none is overwritten. */
static void test_two_branches_one_person(void **state)
{
    struct city c;
    struct outbox_counts n;
    (void)state;
    city_open(&c, 5);
    city_run(&c, 5 * MINUTE);
    c.office[0].cut = c.office[1].cut = true;
    office_moves(&c.office[0], 7, "7-1");
    office_moves(&c.office[1], 7, "7-2");
    city_run(&c, 30 * SECOND);
    settle(&c);
    check_city(&c);
    int64_t conflicts = 0;
    for (int i = 0; i < CITY_BRANCHES; i++) {
        assert_int_equal(outbox_count(c.office[i].db, NULL, &n, NULL), OK);
        conflicts += n.n[OP_CONFLICT];
        assert_int_equal(n.conflicts, n.n[OP_CONFLICT]);
    }
    assert_int_equal(conflicts, 1);
    assert_int_equal(office_rev(&c.office[2], 7), 2);
    city_close(&c);
}

static void restored(bool new_epoch, unsigned seed)
{
    struct city c;
    char lot[16];
    city_open(&c, seed);
    city_run(&c, 5 * MINUTE);
    for (int i = 0; i < 10; i++) {
        office_moves(&c.office[i % CITY_BRANCHES], 1 + i, "1-1");
        city_run(&c, SECOND);
    }
    host_keep(&c, "backup");
    for (int i = 0; i < 20; i++) {
        snprintf(lot, sizeof lot, "2-%d", i);
        office_moves(&c.office[i % CITY_BRANCHES], 1 + i, lot);
        city_run(&c, 40 * SECOND);
    }
    host_put_back(&c, "backup", new_epoch);
    settle(&c);
    settle(&c);
    check_city(&c);
    assert_int_equal(office_rev(&c.office[0], 1), 3);
    city_close(&c);
}

static void test_a_restored_host_is_told_again(void **state)
{
    (void)state;
    restored(true, 31);
}

static void test_also_when_nobody_said_that_it_was_restored(void **state)
{
    (void)state;
    restored(false, 32);
}

/* The host was restored and has gone on beyond where a branch had read: what that branch read of the former course is
 * taken back, and the new course is read from where the two part. */
static void test_a_branch_that_comes_late_after_a_restore(void **state)
{
    struct city c;
    char lot[16];
    (void)state;
    city_open(&c, 33);
    city_run(&c, 5 * MINUTE);
    host_keep(&c, "backup");
    for (int i = 0; i < 6; i++) {
        snprintf(lot, sizeof lot, "3-%d", i);
        office_moves(&c.office[0], 1 + i, lot);
        city_run(&c, 40 * SECOND);
    }
    c.office[1].cut = c.office[2].cut = true;
    host_put_back(&c, "backup", true);
    city_run(&c, 2 * MINUTE); /* the first sends again what was forgotten */
    for (int i = 0; i < 12; i++) {
        snprintf(lot, sizeof lot, "4-%d", i);
        office_moves(&c.office[0], 20 + i, lot);
        city_run(&c, 10 * SECOND);
    }
    settle(&c);
    settle(&c);
    check_city(&c);
    city_close(&c);
}

/* The same, but what had been told before the restore is never sent again: the branch that made it is gone. */
static void test_what_a_restored_host_never_hears_again_is_taken_back(void **state)
{
    struct city c;
    (void)state;
    city_open(&c, 34);
    city_run(&c, 5 * MINUTE);
    host_keep(&c, "backup");
    office_moves(&c.office[2], 5, "5-5");
    city_run(&c, MINUTE);
    assert_int_equal(office_rev(&c.office[1], 5), 2);
    c.office[1].cut = c.office[2].cut = true;
    host_put_back(&c, "backup", true);
    city_run(&c, MINUTE);
    for (int i = 0; i < 6; i++) {
        office_moves(&c.office[0], 10 + i, "6-6");
        city_run(&c, 10 * SECOND);
    }
    c.office[1].cut = false;
    office_calm(&c.office[1]);
    engine_round_now(c.office[1].engine);
    city_run(&c, 5 * MINUTE);
    assert_int_equal(office_rev(&c.office[1], 5), 1);
    for (int i = 0; i < 6; i++)
        assert_int_equal(office_rev(&c.office[1], 10 + i), 2);
    settle(&c);
    settle(&c);
    check_city(&c);
    city_close(&c);
}

static void copy_file(const char *from, const char *to)
{
    struct buf b = BUF_INIT;
    assert_int_equal(fs_read(from, 64u << 20, &b, NULL), OK);
    assert_int_equal(fs_write_atomic(to, 0600, buf_span(&b), NULL), OK);
    buf_done(&b);
}

/* An old state of the store comes back, side file and all: the host knows more of it than it does itself. */
static void test_a_branch_that_went_back_enters_nothing(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    struct errinfo err;
    char msg[24];
    (void)state;
    city_open(&c, 41);
    city_run(&c, 5 * MINUTE);
    char *kept = fs_join(c.dir, "kept.db");
    office_crash(o);
    copy_file(o->store_path, kept);
    office_open(&c, o);
    office_moves(o, 1, "3-1");
    city_run(&c, MINUTE);
    office_crash(o);
    copy_file(kept, o->store_path);
    office_open(&c, o);
    city_run(&c, MINUTE);
    assert_int_equal(store_blocked(o->db, msg, &err), OK);
    assert_string_equal(msg, "S431");
    const struct outbox_new op = { "cert.void", "", "{\"no\":\"1\",\"reason\":\"x\"}", NULL, 0, "clk1", NULL };
    int64_t seq = 0;
    assert_int_equal(txn_begin(o->db, &err), OK);
    assert_int_equal(outbox_add(o->db, &op, &seq, &err), E_DENIED);
    txn_rollback(o->db);
    assert_int_equal(office_rev(o, 1), 2); /* it still reads */
    free(kept);
    city_close(&c);
}

static void test_silence_is_suspected_and_nothing_is_pushed(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    struct outage stop;
    bool found = false;
    (void)state;
    city_open(&c, 51);
    city_run(&c, 5 * MINUTE);
    o->cut = true;
    city_run(&c, 80 * SECOND);
    assert_int_equal(service_counter_state(o->svc), COUNTER_NORMAL);
    city_run(&c, 80 * SECOND);
    assert_int_equal(service_counter_state(o->svc), COUNTER_SUSPECT);
    assert_int_equal(outage_current(o->db, &stop, &found, NULL), OK);
    assert_true(found);
    assert_string_equal(stop.detected_by, "auto");
    assert_true(stop.copy_as_of_ms > CITY_NOW);
    outage_done(&stop);
    office_moves(o, 2, "5-5");
    o->cut = false;
    city_run(&c, 10 * MINUTE);
    assert_int_equal(service_counter_state(o->svc), COUNTER_SUSPECT); /* never lifts by itself */
    assert_int_equal(office_rev(&c.office[1], 2), 1);
    struct engine_status st;
    engine_status(o->engine, &st);
    assert_int_equal(st.host, HOST_OK);
    assert_true(st.stable_ms > 5 * MINUTE && st.answers >= 5);
    city_close(&c);
}

static void test_a_short_gap_is_no_stop(void **state)
{
    struct city c;
    (void)state;
    city_open(&c, 52);
    city_run(&c, 5 * MINUTE);
    for (int i = 0; i < 5; i++) {
        c.office[0].cut = true;
        city_run(&c, 40 * SECOND);
        c.office[0].cut = false;
        city_run(&c, 70 * SECOND);
        assert_int_equal(service_counter_state(c.office[0].svc), COUNTER_NORMAL);
    }
    city_close(&c);
}

static void test_the_same_seed_is_the_same_course(void **state)
{
    unsigned count[2][MISHAPS];
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct city c;
        city_open(&c, 99);
        c.mishap_percent = 30;
        city_run(&c, 10 * MINUTE);
        memcpy(count[i], c.count, sizeof count[i]);
        city_close(&c);
    }
    assert_memory_equal(count[0], count[1], sizeof count[0]);
}

int main(void)
{
    log_init("test-system-sync", getenv("LOUD") ? 2 : -1, LOG_INFO);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_branch_learns_the_register_and_posts),
        cmocka_unit_test(test_whatever_the_line_does_each_takes_effect_once),
        cmocka_unit_test(test_a_load_that_is_cut_again_and_again_completes),
        cmocka_unit_test(test_two_branches_one_person),
        cmocka_unit_test(test_a_restored_host_is_told_again),
        cmocka_unit_test(test_also_when_nobody_said_that_it_was_restored),
        cmocka_unit_test(test_a_branch_that_comes_late_after_a_restore),
        cmocka_unit_test(test_what_a_restored_host_never_hears_again_is_taken_back),
        cmocka_unit_test(test_a_branch_that_went_back_enters_nothing),
        cmocka_unit_test(test_silence_is_suspected_and_nothing_is_pushed),
        cmocka_unit_test(test_a_short_gap_is_no_stop),
        cmocka_unit_test(test_the_same_seed_is_the_same_course),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
