#include "world.h"

#include "base/rng.h"
#include "domain/notice_check.h"
#include "domain/notice_points.h"
#include "domain/notice_proposals.h"
#include "domain/relation.h"

/* Random households and random notices about them: whatever is applied, the register stays in order. */

#define ROUNDS 400

static struct rulebook *book;
static struct rng rng;

static unsigned pick(unsigned n)
{
    return (unsigned)rng_below(&rng, n);
}

static const char *const relations[] = { "妻", "夫",     "子",     "子の妻", "子の子", "父",     "母",    "兄",
                                         "妹", "縁故者", "同居人", "父の父", "妻の子", "妻の母", "弟の子" };

static void random_person(struct world *w, const char *household, int i, const char *relation)
{
    char id[12], name[64], birth[40];
    snprintf(id, sizeof id, "%.4s%02d", household, i % 100);
    snprintf(name, sizeof name, "試験　%s", id);
    if (pick(10))
        snprintf(birth, sizeof birth, "S%02u.%02u.%02u", 1 + pick(60), 1 + pick(12), 1 + pick(28));
    else
        snprintf(birth, sizeof birth, "?1950-01-01/昭和25年頃");
    struct resident *r = add_person(w, id, household, name, pick(5) ? (pick(2) ? "1" : "2") : "", birth, relation);
    r->rev = 1 + pick(9);
    if (!pick(6))
        resident_set(r, ATTR_POSITION, pick(2) ? "1" : "2");
}

static void random_world(struct world *w)
{
    for (unsigned h = 0; h < 3; h++) {
        char no[16];
        snprintf(no, sizeof no, "%u", 11 + h * 11);
        unsigned members = 1 + pick(6);
        bool headless = h > 0 && !pick(8);
        for (unsigned m = 0; m < members; m++)
            random_person(w, no, (int)m + 1, m == 0 && !headless ? "世帯主" : relations[pick(ARRAY_LEN(relations))]);
    }
    name_heads(w);
}

/* Some of household 11, at least one. Returns how many. */
static int choose_people(const struct world *w, struct notice *n, const char *relation_of_movers)
{
    int row = 0;
    for (size_t i = 0; i < w->people.n; i++) {
        const struct resident *r = w->people.r[i];
        if (!resident_is(r, ATTR_HOUSEHOLD, "11") || (row && pick(2)))
            continue;
        notice_set(n, "persons", row, "person", r->id);
        if (relation_of_movers)
            notice_set(n, "persons", row, "relation",
                       row == 0 && strcmp(relation_of_movers, "世帯主") == 0 ? "世帯主" : "縁故者");
        row++;
    }
    return row;
}

/* Names a head among the others, or leaves it open, and settles everything that is proposed. */
static void settle(const struct world *w, const struct kind *k, struct notice *n, const struct effect_ctx *ctx,
                   const char *section)
{
    struct relation_proposals all;
    struct errinfo e;
    size_t i = pick((unsigned)w->people.n);
    bool named = pick(3) || strcmp(section, "change") == 0;
    if (named && resident_is(w->people.r[i], ATTR_HOUSEHOLD, "11"))
        notice_set(n, section, 0, "head", w->people.r[i]->id);
    assert_int_equal(notice_proposals(k, n, w, ctx, &all, &e), OK);
    int row = 0;
    for (size_t p = 0; p < all.n; p++) {
        if (all.p[p].head || all.p[p].leaves)
            continue;
        notice_set(n, "others", row, "person", all.p[p].id);
        notice_set(n, "others", row++, "relation", all.p[p].n ? all.p[p].option[pick((unsigned)all.p[p].n)] : "縁故者");
    }
    relation_proposals_done(&all);
}

static void write_address(struct notice *n)
{
    notice_set(n, "address", 0, "addr_code", "99201003000");
    notice_set(n, "address", 0, "addr_town", "桃町");
    notice_set(n, "address", 0, "addr_lot", "7番地");
}

/* A new household, or household 22 whose address is taken over. */
static bool write_destination(struct notice *n)
{
    bool join = pick(2);
    notice_set(n, "dest", 0, "to", join ? "2" : "1");
    if (join)
        notice_set(n, "dest", 0, "household", "22");
    else
        write_address(n);
    return join;
}

static struct notice *random_tenkyo(const struct world *w, const struct kind *k, const struct effect_ctx *ctx)
{
    struct notice *n = notice_filed("tenkyo", "2026-07-01");
    notice_set(n, "move", 0, "moved_on", "2026-06-20");
    bool join = write_destination(n);
    choose_people(w, n, join ? "縁故者" : "世帯主");
    settle(w, k, n, ctx, "rest");
    return n;
}

static struct notice *random_tenshutsu(const struct world *w, const struct kind *k, const struct effect_ctx *ctx)
{
    struct notice *n = notice_filed("tenshutsu", "2026-07-01");
    notice_set(n, "leave", 0, "leave_on", pick(2) ? "2026-06-25" : "2026-07-25");
    notice_set(n, "leave", 0, "planned_to", "まつ県松市");
    choose_people(w, n, NULL);
    settle(w, k, n, ctx, "rest");
    return n;
}

static struct notice *random_setainushi(const struct world *w, const struct kind *k, const struct effect_ctx *ctx)
{
    struct notice *n = notice_filed("setainushi", "2026-07-01");
    notice_set(n, "change", 0, "changed_on", "2026-06-25");
    notice_set(n, "change", 0, "household", "11");
    settle(w, k, n, ctx, "change");
    return n;
}

static struct notice *random_tennyu(const struct world *w, const struct kind *k, const struct effect_ctx *ctx)
{
    (void)w;
    (void)k;
    (void)ctx;
    struct notice *n = notice_filed("tennyu", "2026-07-01");
    notice_set(n, "move", 0, "moved_on", "2026-06-20");
    notice_set(n, "move", 0, "prev_addr", "まつ県松市");
    notice_set(n, "move", 0, "certificate", "9");
    bool join = write_destination(n);
    unsigned people = 1 + pick(4);
    for (unsigned i = 0; i < people; i++) {
        notice_set(n, "persons", (int)i, "class", "J");
        notice_set(n, "persons", (int)i, "name", "新人　一");
        notice_set(n, "persons", (int)i, "birth_on", "H02.02.03");
        notice_set(n, "persons", (int)i, "relation", i == 0 && !join ? "世帯主" : "同居人");
        notice_set(n, "persons", (int)i, "domicile", "なし");
        notice_set(n, "persons", (int)i, "domicile_head", "なし");
    }
    return n;
}

static const struct {
    const char *kind;
    struct notice *(*write)(const struct world *, const struct kind *, const struct effect_ctx *);
} kinds[] = {
    { "tenkyo", random_tenkyo },
    { "tenshutsu", random_tenshutsu },
    { "setainushi", random_setainushi },
    { "tennyu", random_tennyu },
};

/* ---- what must hold ---- */

static bool in_set(enum attr a, const enum attr *set, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (set[i] == a)
            return true;
    return attr_info(a)->view == AV_EVENT;
}

struct limit {
    const enum attr *set;
    size_t n;
};

static void only_these(void *arg, enum attr a, const char *before, const char *after)
{
    const struct limit *l = arg;
    if (!in_set(a, l->set, l->n))
        fail_msg("%s changed from %s to %s", attr_info(a)->label, before, after);
}

static bool named_in(const struct notice *n, const char *id)
{
    for (int row = 0; row < notice_rows(n, "persons"); row++)
        if (strcmp(notice_get(n, "persons", row, "person"), id) == 0)
            return true;
    return false;
}

/* Those who move change much, the others only what the change of head does to them. */
static void check_row(const struct notice *n, const struct resident *was, const struct resident *now)
{
    static const enum attr mover[] = {
        ATTR_HOUSEHOLD,      ATTR_STATUS,     ATTR_HEAD_NAME,        ATTR_RELATION,      ATTR_ADDR_CODE,
        ATTR_ADDR_ZIP,       ATTR_ADDR_TOWN,  ATTR_ADDR_LOT,         ATTR_ADDR_BUILDING, ATTR_ADDR_SINCE,
        ATTR_FILED_ON,       ATTR_MOVED_FROM, ATTR_PLANNED_TO,       ATTR_PLANNED_ON,    ATTR_PLANNED_HEAD,
        ATTR_REMOVED_REASON, ATTR_REMOVED_ON, ATTR_REMOVED_FILED_ON, ATTR_POSITION
    };
    static const enum attr other[] = { ATTR_HEAD_NAME, ATTR_RELATION };
    bool moves = named_in(n, now->id);
    struct limit l = { moves ? mover : other, moves ? ARRAY_LEN(mover) : ARRAY_LEN(other) };
    assert_int_equal(now->rev, was->rev + 1);
    resident_diff(was, now, only_these, &l);
}

static void check_household(const struct resident_list *after, const char *no)
{
    struct household h;
    household_of(after, no, &book->eras, &h);
    unsigned heads = 0;
    for (size_t i = 0; i < h.n; i++) {
        struct relation rel;
        heads += resident_is_head(h.m[i]);
        assert_int_equal(relation_parse(resident_get(h.m[i], ATTR_RELATION), &rel, NULL, NULL), OK);
        assert_true(resident_is(h.m[i], ATTR_HEAD_NAME, h.head ? resident_get(h.head, ATTR_NAME) : ""));
    }
    assert_true(heads <= 1);
    household_done(&h);
}

static void check_after(const struct world *w, const struct notice *n, const struct changes *made)
{
    struct resident_list after = { 0 };
    struct idlist households = { 0 };
    for (size_t i = 0; i < w->people.n; i++) {
        const struct resident *now = resident_list_find(&made->rows, w->people.r[i]->id);
        if (now)
            check_row(n, w->people.r[i], now);
        resident_list_add(&after, resident_copy(now ? now : w->people.r[i]));
    }
    for (size_t i = 0; i < made->rows.n; i++) {
        const struct resident *r = made->rows.r[i];
        bool untouched = resident_is(r, ATTR_HOUSEHOLD, "33");
        assert_false(untouched);
        if (!resident_list_find(&w->people, r->id)) {
            assert_int_equal(r->rev, 1);
            resident_list_add(&after, resident_copy(r));
        }
    }
    for (size_t i = 0; i < after.n; i++)
        idlist_add(&households, resident_get(after.r[i], ATTR_HOUSEHOLD));
    for (size_t i = 0; i < households.n; i++)
        check_household(&after, households.id[i]);
    idlist_done(&households);
    resident_list_done(&after);
}

/* The same rows, whatever the order in which the world was loaded. */
static void check_order(const struct kind *k, const struct notice *n, const struct world *w, const struct changes *made)
{
    struct world back = { 0 };
    struct counter c = { 0 };
    struct changes again = { 0 };
    struct errinfo e;
    for (size_t i = w->people.n; i-- > 0;)
        resident_list_add(&back.people, resident_copy(w->people.r[i]));
    struct effect_ctx ctx = ctx_of(book, &c, (struct date){ 2026, 7, 1 });
    assert_int_equal(effect_apply(k, n, &back, &ctx, &again, &e), OK);
    assert_int_equal(again.rows.n, made->rows.n);
    for (size_t i = 0; i < made->rows.n; i++) {
        struct buf a = BUF_INIT, b = BUF_INIT;
        resident_encode(made->rows.r[i], &a);
        resident_encode(again.rows.r[i], &b);
        assert_true(span_eq(buf_span(&a), buf_span(&b)));
        buf_done(&a);
        buf_done(&b);
    }
    changes_done(&again);
    world_done(&back);
}

static void test_random_notices(void **state)
{
    (void)state;
    unsigned applied = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct world w = { 0 };
        struct counter c = { 0 };
        struct findings f = { 0 };
        struct changes made = { 0 };
        struct errinfo e;
        random_world(&w);
        struct effect_ctx ctx = ctx_of(book, &c, (struct date){ 2026, 7, 1 });
        unsigned which = pick(ARRAY_LEN(kinds));
        const struct kind *k = kind_find(&book->kinds, kinds[which].kind);
        struct notice *n = kinds[which].write(&w, k, &ctx);
        assert_int_equal(notice_check(k, n, &w, &ctx, &f, &e), OK);
        enum err err = effect_apply(k, n, &w, &ctx, &made, &e);
        /* what the check lets through can be applied */
        if (!findings_blocking(book, &f))
            assert_int_equal(err, OK);
        if (err == OK) {
            check_after(&w, n, &made);
            check_order(k, n, &w, &made);
            applied += !findings_blocking(book, &f);
        }
        changes_done(&made);
        findings_done(&f);
        notice_free(n);
        world_done(&w);
    }
    assert_true(applied > ROUNDS / 2);
}

static int set_up(void **state)
{
    (void)state;
    const char *given = getenv("TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)getpid();
    print_message("# seed %llu (TEST_SEED repeats it)\n", (unsigned long long)seed);
    rng_seed(&rng, seed);
    book = tree_book();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rulebook_free(book);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_notices) };
    return cmocka_run_group_tests_name("form-property", tests, set_up, tear_down);
}
