/*
 * A store that comes back from a backup: after the terminal was registered again the host tells what it holds, and
 * every operation is settled once — answered, found lost, or sent again.
 */
#include "check.h"
#include "city.h"

#include "base/fsx.h"
#include "base/mem.h"
#include "service/service.h"
#include "store/incarnation.h"
#include "store/notices.h"
#include "store/outbox_send.h"
#include "store/txn.h"

#include <jansson.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static void copy_file(const char *from, const char *to)
{
    struct buf b = BUF_INIT;
    assert_int_equal(fs_read(from, 64u << 20, &b, NULL), OK);
    assert_int_equal(fs_write_atomic(to, 0600, buf_span(&b), NULL), OK);
    buf_done(&b);
}

static void backup(struct city *c, struct office *o, const char *name)
{
    char *path = fs_join(c->dir, name);
    office_crash(o);
    copy_file(o->store_path, path);
    office_open(c, o);
    free(path);
}

static void put_back(struct city *c, struct office *o, const char *name)
{
    char *path = fs_join(c->dir, name);
    office_crash(o);
    copy_file(path, o->store_path);
    office_open(c, o);
    free(path);
}

static void register_again(struct city *c, struct office *o)
{
    o->serial = "02";
    office_enrol(c, o);
    office_crash(o);
    office_open(c, o);
    city_run(c, 5 * MINUTE);
}

static bool is_blocked(struct office *o, const char *msg)
{
    char now[24];
    assert_int_equal(store_blocked(o->db, now, NULL), OK);
    return strcmp(now, msg) == 0;
}

static bool reads(struct office *o, const char *no, const char *wanted)
{
    char *state = office_case(o, no, "state");
    bool same = strcmp(state, wanted) == 0;
    if (!same)
        print_message("# %s is %s\n", no, state);
    free(state);
    return same;
}

/* I2, and nothing is left for a person. */
static void settled(struct office *o)
{
    struct outbox_counts n;
    struct incarnation inc;
    int64_t last = 0;
    assert_int_equal(outbox_count(o->db, NULL, &n, NULL), OK);
    assert_int_equal(n.conflicts, 0);
    assert_int_equal(n.awaits_copy, 0);
    assert_int_equal(n.n[OP_PENDING] + n.n[OP_INFLIGHT] + n.n[OP_HELD] + n.n[OP_CONFLICT], 0);
    assert_int_equal(incarnation_get(o->db, &inc, NULL), OK);
    assert_int_equal(outbox_verify(o->db, inc.start, INT64_MAX, &last, NULL), OK);
}

static long serial_of(const char *no)
{
    return strtol(strrchr(no, '-') + 1, NULL, 10);
}

/* Before the backup: one examined, one decided and not yet sent. After it: both posted, and a third one. */
static void test_what_the_host_holds_comes_back(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 61);
    city_run(&c, 5 * MINUTE);
    char *examined = office_enters(o, 1, "1-1", NULL);
    city_run(&c, MINUTE);
    o->cut = true;
    char *decided = office_notice(o, 4, "4-4");
    backup(&c, o, "kept.db");
    o->cut = false;
    office_calm(o);
    city_run(&c, 2 * MINUTE);
    office_decides(o, examined);
    char *later = office_notice(o, 2, "2-2");
    city_run(&c, 2 * MINUTE);
    assert_true(reads(o, decided, "posted") && reads(o, examined, "posted") && reads(o, later, "posted"));

    put_back(&c, o, "kept.db");
    office_calm(o);
    city_run(&c, 2 * MINUTE);
    assert_true(is_blocked(o, "S431"));
    office_crash(o); /* the same certificate changes nothing */
    office_open(&c, o);
    city_run(&c, 2 * MINUTE);
    assert_true(is_blocked(o, "S431"));
    assert_true(reads(o, examined, "examined"));

    register_again(&c, o);
    assert_true(is_blocked(o, ""));
    assert_true(reads(o, decided, "posted") && reads(o, examined, "posted"));
    settled(o);
    for (int person = 1; person <= 4; person++)
        assert_int_equal(office_rev(o, person), person == 3 ? 1 : 2);
    char *fresh = office_notice(o, 6, "6-6"); /* a number that was given is not given again */
    assert_true(serial_of(fresh) > serial_of(later));
    city_run(&c, 2 * MINUTE);
    assert_true(reads(o, fresh, "posted"));
    assert_int_equal(office_rev(&c.office[1], 6), 2);
    settled(o);
    free(examined);
    free(decided);
    free(later);
    free(fresh);
    city_close(&c);
}

/* What the host never got is sent in the new life, and takes effect once. The daemon dies in between. */
static void test_what_never_arrived_is_sent(void **state)
{
    struct city c;
    struct office *o = &c.office[0];
    const uint8_t fresh[INCARNATION] = { 7, 7, 7 };
    (void)state;
    city_open(&c, 62);
    city_run(&c, 5 * MINUTE);
    o->cut = true;
    char *no = office_notice(o, 4, "4-4");
    assert_int_equal(incarnation_renew(o->db, o->side_file, fresh, "restore", NULL), OK);
    assert_int_equal(txn_begin(o->db, NULL), OK);
    assert_int_equal(store_block(o->db, "S431", NULL), OK);
    assert_int_equal(reenrol_await(o->db, "01", NULL), OK);
    assert_int_equal(txn_commit(o->db, NULL), OK);
    office_crash(o);
    o->serial = "02";
    office_enrol(&c, o);
    office_open(&c, o);
    office_calm(o);
    o->lost = 1u << ASK_LIFE;
    o->cut = false;
    city_run(&c, MINUTE);
    assert_true(is_blocked(o, "S431"));
    office_crash(o);
    office_open(&c, o);
    o->lost = 0;
    office_calm(o);
    city_run(&c, 5 * MINUTE);
    assert_true(is_blocked(o, ""));
    assert_true(reads(o, no, "posted"));
    assert_int_equal(office_rev(o, 4), 2);
    assert_int_equal(office_rev(&c.office[2], 4), 2);
    settled(o);
    free(no);
    city_close(&c);
}

/* The same again, with a line that fails at every step. */
static void test_whatever_the_line_does(void **state)
{
    const char *given = getenv("SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 20260801;
    struct city c;
    struct office *o = &c.office[0];
    char *no[8] = { NULL };
    (void)state;
    print_message("# seed %u\n", seed);
    city_open(&c, seed);
    city_run(&c, 5 * MINUTE);
    for (int i = 0; i < 8; i++) {
        if (i == 4)
            backup(&c, o, "kept.db");
        no[i] = office_notice(o, 1 + i, "8-8");
        city_run(&c, 10 * SECOND);
    }
    put_back(&c, o, "kept.db");
    city_run(&c, MINUTE);
    o->serial = "02";
    office_enrol(&c, o);
    office_crash(o);
    office_open(&c, o);
    c.mishap_percent = 50;
    city_run(&c, 20 * MINUTE);
    c.mishap_percent = 0;
    office_calm(o);
    engine_round_now(o->engine);
    city_run(&c, 10 * MINUTE);
    assert_true(is_blocked(o, ""));
    settled(o);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(office_rev(o, 1 + i), 2);
        if (i < 4)
            assert_true(reads(o, no[i], "posted"));
        free(no[i]);
    }
    city_close(&c);
}

static bool in_trouble(const struct office *o, const char *msg)
{
    struct engine_status st;
    engine_status(o->engine, &st);
    return strcmp(st.trouble, msg) == 0;
}

/* Whatever was wrong with the certificate before says nothing of the one that comes. */
static void test_another_certificate_starts_afresh(void **state)
{
    static const struct link_ready foreign = { .branch = "X" };
    struct city c;
    struct office *o = &c.office[0];
    (void)state;
    city_open(&c, 3);
    city_run(&c, 5 * MINUTE);
    engine_link_up(o->engine, &foreign);
    assert_true(in_trouble(o, "S436"));
    engine_link_anew(o->engine);
    assert_true(in_trouble(o, ""));
    backup(&c, o, "kept.db");
    free(office_notice(o, 1, "8-8"));
    city_run(&c, MINUTE);
    put_back(&c, o, "kept.db");
    city_run(&c, MINUTE);
    assert_false(in_trouble(o, ""));
    engine_link_anew(o->engine); /* the store is the same as before */
    assert_false(in_trouble(o, ""));
    city_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_host_holds_comes_back),
        cmocka_unit_test(test_what_never_arrived_is_sent),
        cmocka_unit_test(test_whatever_the_line_does),
        cmocka_unit_test(test_another_certificate_starts_afresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
