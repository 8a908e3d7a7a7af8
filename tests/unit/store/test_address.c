#include "fixture.h"

#include "frame/frame_in.h"
#include "stmt_in.h"
#include "store/address.h"
#include "store/schema.h"

/* Invented towns of two invented prefectures. */
static const struct address_town TOWNS[] = {
    { "99201", "9990000", "千早県", "梅里市", "", "", "チハヤケン", "ウメサトシ", "" },
    { "99201", "9990001", "千早県", "梅里市", "梅町一丁目", "", "チハヤケン", "ウメサトシ", "ウメマチイッチョウメ" },
    { "99201", "9990002", "千早県", "梅里市", "新町", "", "チハヤケン", "ウメサトシ", "シンマチ" },
    { "99201", "9990003", "千早県", "梅里市", "神明", "１−３番地", "チハヤケン", "ウメサトシ", "ジンメイ" },
    { "99202", "9990102", "千早県", "日の出市", "新町", "", "チハヤケン", "ヒノデシ", "シンマチ" },
    { "99202", "9990103", "千早県", "日の出市", "白根", "", "チハヤケン", "ヒノデシ", "シラネ" },
    { "98201", "9980102", "常盤県", "日野市", "新町", "", "トキワケン", "ヒノシ", "シンマチ" },
    { "98201", "9980103", "常盤県", "日野市", "新町三丁目", "", "トキワケン", "ヒノシ", "シンマチサンチョウメ" },
    { "98202", "9980202", "常盤県", "東山市", "白根", "", "トキワケン", "ヒガシヤマシ", "シラネ" },
};

static int64_t begin(struct db *db)
{
    int64_t import = 0;
    assert_ok(txn_begin(db, NULL));
    assert_ok(address_import_begin(db, &import, NULL));
    assert_ok(txn_commit(db, NULL));
    return import;
}

static void add(struct db *db, int64_t import, const struct address_town *t, size_t n)
{
    assert_ok(txn_begin(db, NULL));
    for (size_t i = 0; i < n; i++)
        assert_ok(address_import_add(db, import, &t[i], NULL));
    assert_ok(txn_commit(db, NULL));
}

static int64_t commit(struct db *db, int64_t import)
{
    int64_t cities = 0;
    assert_ok(txn_begin(db, NULL));
    assert_ok(address_import_commit(db, import, &cities, NULL));
    assert_ok(txn_commit(db, NULL));
    return cities;
}

static void import_all(struct db *db)
{
    int64_t import = begin(db);
    add(db, import, TOWNS, ARRAY_LEN(TOWNS));
    assert_int_equal(commit(db, import), 4);
}

static int64_t sweep(struct db *db, int64_t max)
{
    bool left = true;
    int64_t calls = 0;
    for (; left; calls++) {
        assert_ok(txn_begin(db, NULL));
        assert_ok(address_sweep(db, max, &left, NULL));
        assert_ok(txn_commit(db, NULL));
    }
    return calls;
}

static int64_t count(struct store_test *t, const char *sql)
{
    sqlite3_stmt *s = NULL;
    sqlite3_set_authorizer(t->db->sql, NULL, NULL);
    assert_int_equal(sqlite3_prepare_v2(t->db->sql, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static void add_row(void *arg, const struct address_town *t)
{
    buf_printf(arg, "%s%s ", t->zip, t->town);
}

/* The rows as "9990001梅町一丁目 …", and "+" when there are more. */
static void expect(struct db *db, struct address_query q, const char *want)
{
    struct buf got = BUF_INIT;
    bool more = false;
    if (!q.limit)
        q.limit = 10;
    q.own_city = "99201";
    assert_ok(address_find(db, &q, add_row, &got, &more, NULL));
    if (more)
        buf_addc(&got, '+');
    assert_string_equal(buf_str(&got), want);
    buf_done(&got);
}

#define ZIP(...)      ((struct address_query){ .zip = __VA_ARGS__ })
#define INITIALS(...) ((struct address_query){ .initials = __VA_ARGS__ })
#define TEXT(...)     ((struct address_query){ .text = __VA_ARGS__ })

static void test_by_zip(void **state)
{
    struct db *db = ((struct store_test *)*state)->db;
    import_all(db);
    expect(db, ZIP("9990001"), "9990001梅町一丁目 ");
    expect(db, ZIP("9980"), "9980102新町 9980103新町三丁目 9980202白根 ");
    expect(db, ZIP("999", .limit = 2), "9990000 9990001梅町一丁目 +");
    expect(db, ZIP("999", .limit = 6), "9990000 9990001梅町一丁目 9990002新町 9990003神明 9990102新町 9990103白根 ");
    expect(db, ZIP("1234567"), "");
}

static void test_by_initials(void **state)
{
    struct db *db = ((struct store_test *)*state)->db;
    import_all(db);
    expect(db, INITIALS("ト ヒ シ"), "9980102新町 9980103新町三丁目 9980202白根 ");
    expect(db, INITIALS("ト ヒノ シン"), "9980102新町 9980103新町三丁目 ");
    expect(db, INITIALS("トキ　ひが　ｼ"), "9980202白根 ");
    expect(db, INITIALS("ト ウ シ"), "");
    expect(db, INITIALS("ヒ シ"), "9990102新町 9990103白根 "); /* own prefecture */
    expect(db, INITIALS("ヒ シラ"), "9990103白根 ");
    expect(db, INITIALS("シ"), "9990002新町 9990003神明 "); /* own municipality; ジ is found under シ */
    expect(db, INITIALS("ウメ"), "9990001梅町一丁目 ");
    expect(db, INITIALS("ト ヒ シ", .limit = 1), "9980102新町 +");
}

static void test_by_text(void **state)
{
    struct db *db = ((struct store_test *)*state)->db;
    import_all(db);
    expect(db, TEXT("梅町"), "9990001梅町一丁目 ");
    expect(db, TEXT("新町"), "9990002新町 9990102新町 9980102新町 9980103新町三丁目 "); /* own first, each once */
    expect(db, TEXT("日野市新"), "9980102新町 9980103新町三丁目 ");
    expect(db, TEXT("常盤県東山市"), "9980202白根 ");
    expect(db, TEXT("常盤県日野市新町三丁目"), "9980103新町三丁目 ");
    expect(db, TEXT("新町", .limit = 3), "9990002新町 9990102新町 9980102新町 +");
    expect(db, TEXT("町"), ""); /* from the beginning only */
    expect(db, TEXT("%"), "");
}

static void test_malformed(void **state)
{
    struct db *db = ((struct store_test *)*state)->db;
    static const struct address_query bad[] = {
        { .zip = "99", .initials = "", .text = "" },       { .zip = "99900012", .initials = "", .text = "" },
        { .zip = "999-0001", .initials = "", .text = "" }, { .zip = "", .initials = "ア イ ウ エ", .text = "" },
        { .zip = "", .initials = "ア ー", .text = "" },    { .zip = "", .initials = " ", .text = "" },
    };
    import_all(db);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct address_query q = bad[i];
        struct errinfo e;
        bool more;
        q.own_city = "99201";
        q.limit = 10;
        assert_int_equal(address_find(db, &q, add_row, NULL, &more, &e), E_INVALID);
        assert_string_equal(e.item, *q.zip ? "zip" : "initials");
    }
    expect(db, TEXT(""), "");
}

/* Until the commit nothing of an import is seen; then it is seen whole, and other municipalities stay. */
static void test_switch(void **state)
{
    struct store_test *t = *state;
    struct db *db = t->db;
    static const struct address_town NEW[] = {
        { "99201", "9990001", "千早県", "梅里市", "梅が丘", "", "チハヤケン", "ウメサトシ", "ウメガオカ" },
        { "99203", "9990301", "千早県", "港市", "波止場", "", "チハヤケン", "ミナトシ", "ハトバ" },
    };
    import_all(db);
    int64_t import = begin(db);
    add(db, import, NEW, 2);
    expect(db, ZIP("9990001"), "9990001梅町一丁目 ");
    expect(db, ZIP("9990301"), "");
    expect(db, INITIALS("ウ"), "9990001梅町一丁目 ");
    assert_int_equal(commit(db, import), 2);
    expect(db, ZIP("9990001"), "9990001梅が丘 ");
    expect(db, ZIP("9990002"), ""); /* of the municipality that was replaced */
    expect(db, ZIP("9990301"), "9990301波止場 ");
    expect(db, ZIP("9990103"), "9990103白根 "); /* of another */
    expect(db, TEXT("新町"), "9990102新町 9980102新町 9980103新町三丁目 ");

    assert_int_equal(count(t, "SELECT count(*) FROM address_town"), (int)ARRAY_LEN(TOWNS) + 2);
    assert_int_equal(sweep(db, 3), 2); /* four rows by three */
    assert_int_equal(count(t, "SELECT count(*) FROM address_town"), (int)ARRAY_LEN(TOWNS) - 4 + 2);
    assert_int_equal(count(t, "SELECT count(*) FROM address_part"), 5);
    expect(db, ZIP("9990001"), "9990001梅が丘 ");
}

static void test_unfinished_import(void **state)
{
    struct store_test *t = *state;
    struct db *db = t->db;
    struct errinfo e;
    int64_t cities;
    import_all(db);
    int64_t lost = begin(db);
    add(db, lost, TOWNS, 3);
    int64_t import = begin(db); /* of somebody else */
    assert_int_not_equal(import, lost);
    assert_ok(txn_begin(db, NULL));
    assert_int_equal(address_import_add(db, lost, &TOWNS[0], &e), E_CONFLICT);
    assert_int_equal(address_import_commit(db, lost, &cities, &e), E_CONFLICT);
    assert_int_equal(address_import_commit(db, import, &cities, &e), E_NOTFOUND); /* nothing in it */
    assert_int_equal(address_import_commit(db, 0, &cities, &e), E_CONFLICT);
    txn_rollback(db);
    sweep(db, 100);
    assert_int_equal(count(t, "SELECT count(*) FROM address_town"), (int)ARRAY_LEN(TOWNS));
    add(db, import, TOWNS, 1);
    assert_int_equal(commit(db, import), 1);
    assert_ok(txn_begin(db, NULL));
    assert_int_equal(address_import_add(db, import, &TOWNS[0], &e), E_CONFLICT); /* finished */
    txn_rollback(db);
    expect(db, ZIP("9990000"), "9990000 ");
}

static void test_bad_rows(void **state)
{
    struct db *db = ((struct store_test *)*state)->db;
    int64_t import = begin(db);
    struct address_town short_zip = TOWNS[1], no_city = TOWNS[1], long_code = TOWNS[1];
    short_zip.zip = "999000";
    no_city.city = "";
    long_code.city_code = "992011";
    assert_ok(txn_begin(db, NULL));
    assert_int_equal(address_import_add(db, import, &short_zip, NULL), E_INVALID);
    assert_int_equal(address_import_add(db, import, &no_city, NULL), E_INVALID);
    assert_int_equal(address_import_add(db, import, &long_code, NULL), E_INVALID);
    txn_rollback(db);
}

/* Beyond "no scan": each look-up uses the index that was made for it, on both sides of its range, and sorts nothing. */
static void test_plans(void **state)
{
    struct store_test *t = *state;
    static const struct {
        int id;
        const char *uses;
    } want[] = {
        { Q_ADDRESS_BY_ZIP, "address_town_zip (zip>? AND zip<?)" },
        { Q_ADDRESS_BY_INITIALS, "address_town_initials (initials=?)" },
        { Q_ADDRESS_BY_OWN_KANA, "address_town_own_kana (city_code=? AND town_key>? AND town_key<?)" },
        { Q_ADDRESS_BY_OWN_TEXT, "address_town_own_text (city_code=? AND town>? AND town<?)" },
        { Q_ADDRESS_BY_FULL_TEXT, "address_town_full_text (<expr>>? AND <expr><?)" },
        { Q_ADDRESS_BY_CITY_TEXT, "address_town_city_text (<expr>>? AND <expr><?)" },
        { Q_ADDRESS_BY_TEXT, "address_town_text (town>? AND town<?)" },
        { Q_ADDRESS_SWEEP, "address_town_part (import=? AND city_code=?)" },
        { Q_ADDRESS_STALE, "address_part_state (state=?)" },
        { Q_ADDRESS_OWN, "address_town_part (import=? AND city_code=?)" },
    };
    sqlite3_set_authorizer(t->db->sql, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        const struct stmt_def *d = &store_schema.stmt[want[i].id];
        char *sql = xprintf("EXPLAIN QUERY PLAN %s", d->sql);
        struct buf plan = BUF_INIT;
        sqlite3_stmt *s = NULL;
        assert_int_equal(sqlite3_prepare_v2(t->db->sql, sql, -1, &s, NULL), SQLITE_OK);
        while (sqlite3_step(s) == SQLITE_ROW)
            buf_printf(&plan, "%s\n", (const char *)sqlite3_column_text(s, 3));
        if (!strstr(buf_str(&plan), want[i].uses) || strstr(buf_str(&plan), "TEMP B-TREE") ||
            strstr(buf_str(&plan), "SCAN"))
            fail_msg("%s: %s", d->name, buf_str(&plan));
        sqlite3_finalize(s);
        buf_done(&plan);
        free(sql);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_unit_test(test_by_zip),    store_unit_test(test_by_initials), store_unit_test(test_by_text),
        store_unit_test(test_malformed), store_unit_test(test_switch),      store_unit_test(test_unfinished_import),
        store_unit_test(test_bad_rows),  store_unit_test(test_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
