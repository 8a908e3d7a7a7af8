/*
 * A small municipality in the store of a service test: 川田 (907) of four, 佐藤 (913) with a protected mother, 鈴木.
 * The address of the protected person is CANARY; it must appear in no answer to somebody without the right.
 */
#ifndef TESTS_SERVICE_PEOPLE_H
#define TESTS_SERVICE_PEOPLE_H

#include "fixture.h"

#include "store/incarnation.h"
#include "store/outbox_send.h"
#include "store/people.h"
#include "store/replica.h"
#include "store/restriction.h"

#define CANARY        "カナリヤ荘"
#define CANARY_TOWN   "隠町"
#define CANARY_LOT    "777番地"
#define PROTECTED     "000000000000914"
#define PROTECTED_KID "000000000000922"
#define PROTECTED_HH  "913"

static const struct {
    const char *id, *name, *kana, *relation, *birth, *sex, *household, *town, *lot, *building, *status;
} test_people[] = {
    { "000000000000019", "川田　一郎", "カワダ　イチロウ", "世帯主", "S50.05.10", "1", "907", "梅町", "8番地3", "",
      "1" },
    { "000000000000027", "川田　花子", "カワダ　ハナコ", "妻", "S53.03.02", "2", "907", "梅町", "8番地3", "", "1" },
    { "000000000000035", "川田　次郎", "カワダ　ジロウ", "子", "H17.08.20", "1", "907", "梅町", "8番地3", "", "1" },
    { "000000000000043", "川田　去", "カワダ　サル", "子", "H18.08.20", "1", "907", "梅町", "8番地3", "", "2" },
    { "000000000000051", "鈴木　明", "スズキ　アキラ", "世帯主", "S40.01.01", "1", "908", "松町", "2番地", "", "1" },
    { PROTECTED, "佐藤　美香", "サトウ　ミカ", "世帯主", "S60.06.06", "2", PROTECTED_HH, CANARY_TOWN, CANARY_LOT,
      CANARY "101", "1" },
    { PROTECTED_KID, "佐藤　大地", "サトウ　ダイチ", "子", "H26.06.06", "1", PROTECTED_HH, CANARY_TOWN, CANARY_LOT,
      CANARY "101", "1" },
};

static inline struct resident *test_person(size_t i, int64_t rev)
{
    struct resident *r = resident_new();
    memcpy(r->id, test_people[i].id, strlen(test_people[i].id));
    r->rev = rev;
    resident_set(r, ATTR_CLASS, CLASS_JAPANESE);
    resident_set(r, ATTR_STATUS, test_people[i].status);
    resident_set(r, ATTR_NAME, test_people[i].name);
    resident_set(r, ATTR_KANA, test_people[i].kana);
    resident_set(r, ATTR_RELATION, test_people[i].relation);
    resident_set(r, ATTR_BIRTH_ON, test_people[i].birth);
    resident_set(r, ATTR_SEX, test_people[i].sex);
    resident_set(r, ATTR_HOUSEHOLD, test_people[i].household);
    resident_set(r, ATTR_ADDR_CITY, "梅市");
    resident_set(r, ATTR_ADDR_TOWN, test_people[i].town);
    resident_set(r, ATTR_ADDR_LOT, test_people[i].lot);
    resident_set(r, ATTR_ADDR_BUILDING, test_people[i].building);
    resident_set(r, ATTR_MY_NUMBER, "123456789018");
    resident_set(r, ATTR_DOMICILE, "うめ県梅市" CANARY_TOWN "1番地");
    resident_set(r, ATTR_REMARK, CANARY "に居住");
    resident_set(r, ATTR_EV_REASON, "K01");
    resident_set(r, ATTR_EV_ON, "H20.04.01");
    return r;
}

static inline void test_apply(struct service_test *t, struct resident *take)
{
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(people_apply(t->db, take, 1, NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
    resident_free(take);
}

/* The restriction list was complete `age_ms` ago; < 0: it was never received. */
static inline void test_list_age(struct service_test *t, int64_t age_ms)
{
    struct replica r = { .has_host = true };
    r.as_of_ms = t->wall_ms;
    r.list_ms = age_ms >= 0 ? t->wall_ms - age_ms : 0;
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(replica_set(t->db, &r, NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
}

static inline void test_restrict(struct service_test *t, const struct restriction *r, const char *detail)
{
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(restriction_apply(t->db, r, detail, 1, NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
}

/* Operations become their payload: what the sync layer does with them is tested there. */
static inline enum err test_encode(void *self, const struct outbox_new *op, int64_t seq, int64_t lane_prev, bool outage,
                                   struct buf *ret, struct errinfo *reterr)
{
    (void)self, (void)seq, (void)lane_prev, (void)outage, (void)reterr;
    buf_printf(ret, "%s %s", op->kind, op->payload);
    return OK;
}

static inline void test_chain_start(void *self, const uint8_t incarnation[8], uint8_t ret[OUTBOX_HASH])
{
    (void)self, (void)incarnation;
    memset(ret, 0, OUTBOX_HASH);
}

static inline void test_outbox(struct service_test *t)
{
    static const uint8_t fresh[INCARNATION] = { 1 };
    const struct outbox_codec codec = { .encode = test_encode, .start = test_chain_start };
    char *side = fs_join(t->dir, "incarnation");
    bool ok = false;
    outbox_use(t->db, &codec);
    assert_int_equal(incarnation_open(t->db, side, fresh, &ok, NULL), OK);
    assert_true(ok);
    free(side);
}

static inline int people_begin(void **state)
{
    if (service_test_begin(state) != 0)
        return -1;
    struct service_test *t = *state;
    test_outbox(t);
    for (size_t i = 0; i < ARRAY_LEN(test_people); i++)
        test_apply(t, test_person(i, 1));
    test_list_age(t, 0);
    struct restriction r = {
        .id = "H-R26-000001", .kind = RK_SUPPORT, .from = { 2026, 4, 1 }, .until = { 2027, 3, 31 }
    };
    memcpy(r.person, PROTECTED, sizeof PROTECTED);
    test_restrict(t, &r, "{\"support\":{\"perpetrator\":\"佐藤　某\"},\"note\":\"受付\"}");
    return 0;
}

#define people_unit_test(f) cmocka_unit_test_setup_teardown(f, people_begin, service_test_end)

#endif
