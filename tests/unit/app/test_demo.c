#include "app/demo.h"
#include "base/buf.h"
#include "check.h"
#include "domain/checkdigit.h"
#include "domain/relation.h"

/* The demonstration municipality as a stream: what comes out of it is counted, never kept. */
struct seen {
    uint64_t digest; /* of all bodies, order included */
    char household[PERSON_ID_MAX + 1], person[PERSON_ID_MAX + 1];
    int heads;
    int64_t rev;
    char arrived_filed[DATE_TEXT]; /* day on which this family filed its arrival */
    long rows, people, restrictions, taisho, about;
};

static const char *tables;

static const struct eras ERAS = { .n = 5,
                                  .e = { { 'M', "明治", "明", { 1868, 1, 25 }, { 1912, 7, 30 } },
                                         { 'T', "大正", "大", { 1912, 7, 30 }, { 1926, 12, 25 } },
                                         { 'S', "昭和", "昭", { 1926, 12, 25 }, { 1989, 1, 7 } },
                                         { 'H', "平成", "平", { 1989, 1, 8 }, { 2019, 4, 30 } },
                                         { 'R', "令和", "令", { 2019, 5, 1 }, { 0, 0, 0 } } } };

static void check_foreigner(const struct resident *r)
{
    static const struct date law = { 2012, 7, 9 };
    struct datex since;
    assert_true(resident_is(r, ATTR_FOREIGN_CLASS, "01") || resident_is(r, ATTR_FOREIGN_CLASS, "02"));
    assert_int_equal(datex_read(resident_get(r, ATTR_FOREIGN_SINCE), &ERAS, &since, NULL), OK);
    assert_true(date_cmp(since.sort, law) >= 0);
}

/* One 転入届 is filed on one day; parents do not stand in the 戸籍 of their child. */
static void check_family(struct seen *s, const struct resident *r)
{
    if (resident_is(r, ATTR_EV_REASON, "K01") && !*s->arrived_filed)
        snprintf(s->arrived_filed, sizeof s->arrived_filed, "%s", resident_get(r, ATTR_EV_FILED_ON));
    if (resident_is(r, ATTR_EV_REASON, "K01"))
        assert_string_equal(resident_get(r, ATTR_EV_FILED_ON), s->arrived_filed);
    if (resident_is(r, ATTR_RELATION, "父"))
        assert_string_equal(resident_get(r, ATTR_DOMICILE_HEAD), resident_get(r, ATTR_NAME));
}

static void check_row(struct seen *s, const struct resident *r)
{
    struct errinfo e;
    struct datex born;
    if (strcmp(s->person, r->id) != 0) {
        s->rev = 0;
        s->people++;
        snprintf(s->person, sizeof s->person, "%s", r->id);
        if (strcmp(s->household, resident_get(r, ATTR_HOUSEHOLD)) != 0) {
            assert_true(s->people == 1 || s->heads == 1);
            s->heads = 0;
            s->arrived_filed[0] = '\0';
            snprintf(s->household, sizeof s->household, "%s", resident_get(r, ATTR_HOUSEHOLD));
        }
        s->heads += resident_is_head(r);
    }
    assert_int_equal(r->rev, ++s->rev);
    assert_true(serial_ok(span_of(r->id)));
    assert_true(serial_ok(span_of(resident_get(r, ATTR_HOUSEHOLD))));
    assert_true(my_number_ok(span_of(resident_get(r, ATTR_MY_NUMBER))));
    assert_true(resident_code_ok(span_of(resident_get(r, ATTR_RESIDENT_CODE))));
    assert_int_equal(datex_read(resident_get(r, ATTR_BIRTH_ON), &ERAS, &born, &e), OK);
    s->taisho += born.era == 'T';
    s->about += born.kind == DX_UNKNOWN;
    if (resident_is(r, ATTR_CLASS, CLASS_FOREIGN))
        check_foreigner(r);
    check_family(s, r);
    struct relation rel;
    bool over;
    assert_int_equal(relation_parse(resident_get(r, ATTR_RELATION), &rel, &over, &e), OK);
}

static enum err on_resident(void *self, const struct resident *r, struct errinfo *e)
{
    struct seen *s = self;
    struct buf body = BUF_INIT;
    (void)e;
    check_row(s, r);
    resident_encode(r, &body);
    for (size_t i = 0; i < body.len; i++)
        s->digest = (s->digest ^ (unsigned char)body.p[i]) * UINT64_C(1099511628211);
    s->rows++;
    buf_done(&body);
    return OK;
}

static enum err on_restriction(void *self, const struct demo_restriction *r, struct errinfo *e)
{
    struct seen *s = self;
    (void)e;
    assert_true(serial_ok(span_of(r->person)));
    assert_true(r->provisional == (r->to.y == 0));
    s->restrictions++;
    return OK;
}

static struct demo_stats make(long n, uint64_t seed, struct seen *s)
{
    struct demo_opts o = { tables, &ERAS, { 2026, 7, 1 }, n, seed, 9 };
    struct demo_sink sink = { on_resident, on_restriction, s };
    struct demo_stats stats;
    struct errinfo e = { 0 };
    *s = (struct seen){ 0 };
    if (demo_generate(&o, &sink, &stats, &e) != OK)
        fail_msg("%s: %s", e.item, e.detail);
    return stats;
}

static void every_household_is_in_order(void **state)
{
    (void)state;
    struct seen s;
    struct demo_stats st = make(5000, 7, &s);
    assert_int_equal(st.residents, 5000);
    assert_int_equal(s.people, 5000);
    assert_int_equal(st.rows, s.rows);
    assert_int_equal(st.restricted, s.restrictions);
    assert_int_equal(st.living + st.removed, st.residents);
    assert_true(s.taisho > 0 && s.about > 0);
    assert_true(st.removed > 50 && st.foreign > 20 && st.restricted > 2 && st.households > 1500);
}

static void same_seed_same_city(void **state)
{
    (void)state;
    struct seen a, b, c;
    make(800, 42, &a);
    make(800, 42, &b);
    make(800, 43, &c);
    assert_true(a.digest == b.digest);
    assert_true(a.digest != c.digest);
}

static enum err full(void *self, const struct resident *r, struct errinfo *e)
{
    (void)r;
    return ++*(int *)self == 5 ? err_set(e, E_FULL, NULL, NULL, "no room") : OK;
}

static void a_full_store_ends_it(void **state)
{
    (void)state;
    int n = 0;
    struct demo_opts o = { tables, &ERAS, { 2026, 7, 1 }, 100, 1, 9 };
    struct demo_sink sink = { full, on_restriction, &n };
    struct demo_stats stats;
    struct errinfo e;
    assert_int_equal(demo_generate(&o, &sink, &stats, &e), E_FULL);
    assert_int_equal(n, 5);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_household_is_in_order),
        cmocka_unit_test(same_seed_same_city),
        cmocka_unit_test(a_full_store_ends_it),
    };
    tables = argc > 1 ? argv[1] : "data/demo";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
