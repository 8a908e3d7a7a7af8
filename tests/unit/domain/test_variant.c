#include "check.h"

#include "base/lines.h"
#include "base/mem.h"
#include "domain/variant.h"

/* The table that ships, read as the form layer reads it: code, forms, note. */
static struct code_table shipped(struct lines *l)
{
    struct code_table t = { .n = 0 };
    const char *root = getenv("SOURCE_ROOT");
    assert_non_null(root);
    char *path = xprintf("%s/data/tables/variants.tsv", root);
    assert_int_equal(lines_open(l, path, NULL), OK);
    free(path);
    while (lines_next(l)) {
        struct span cell[3];
        assert_int_equal(lines_cells(l, cell, 3, NULL), OK);
        t.c = xrealloc(t.c, t.n + 1, sizeof *t.c);
        t.c[t.n++] = (struct code){ .code = xstrndup(cell[0].p, cell[0].n), .label = xstrndup(cell[1].p, cell[1].n) };
    }
    return t;
}

static void table_done(struct code_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->c[i].code);
        free(t->c[i].label);
    }
    free(t->c);
}

static void key_is(const struct variants *v, const char *text, const char *other, bool same)
{
    struct buf a = BUF_INIT, b = BUF_INIT;
    variant_key(v, span_of(text), &a);
    variant_key(v, span_of(other), &b);
    assert_int_equal(strcmp(buf_str(&a), buf_str(&b)) == 0, same);
    buf_done(&a);
    buf_done(&b);
}

static void test_shipped(void **state)
{
    (void)state;
    struct lines l;
    struct code_table t = shipped(&l);
    struct variants *v = NULL;
    struct errinfo e = { .code = OK };
    assert_int_equal(variants_new(&t, &v, &e), OK);
    assert_true(t.n > 200);
    static const char *const pairs[][2] = {
        { "渡辺", "渡邊" },
        { "渡辺", "渡邉" },
        { "渡邊", "渡邉" },
        { "渡辺", "渡𨘢" },
        { "浜田", "濱田" },
        { "浜", "濵" },
        { "浜", "滨" },
        { "藤", "籐" },
        { "藤", "籘" },
        { "吉崎　高志", "𠮷﨑　髙志" },
        { "斎藤", "齋藤" },
        { "沢", "澤" },
        { "桜井", "櫻井" },
        { "神", "神" },
        { "福", "福" },
        { "葛󠄀城", "葛城" },
        { "辻󠄀", "辻" },
        { "広島", "廣嶋" },
        { "国", "國" },
        { "ｓｍｉｔｈ", "SMITH" },
        { "高橋 一", "髙橋　一" },
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        key_is(v, pairs[i][0], pairs[i][1], true);
    key_is(v, "斉藤", "佐藤", false);
    key_is(v, "太田", "大田", false);
    key_is(v, "伊藤", "伊東", false);
    variants_free(v);
    table_done(&t);
    lines_close(&l);
}

static void test_address_key(void **state)
{
    (void)state;
    struct buf a = BUF_INIT, b = BUF_INIT;
    variant_address_key(NULL, span_of("梅町一丁目８番地の３　サンコーポ　201"), &a);
    variant_address_key(NULL, span_of("梅町一丁目8-3サンコーポ201"), &b);
    assert_string_equal(buf_str(&a), buf_str(&b));
    buf_done(&a);
    buf_done(&b);
}

/* Groups of rows "code label"; NULL when variants_new refuses them. */
static struct variants *groups(const char *const (*row)[2], size_t n)
{
    struct code_table t = { .n = 0 };
    struct variants *v = NULL;
    for (size_t i = 0; i < n; i++) {
        t.c = xrealloc(t.c, t.n + 1, sizeof *t.c);
        t.c[t.n++] = (struct code){ .code = xstrdup(row[i][0]), .label = xstrdup(row[i][1]) };
    }
    enum err e = variants_new(&t, &v, NULL);
    assert_true(e == OK ? v != NULL : e == E_INVALID && v == NULL);
    table_done(&t);
    return v;
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const twice[][2] = { { "辺", "辺邊" }, { "浜", "浜邊" } };
    static const char *const headless[][2] = { { "辺", "邊邉" } };
    static const char *const wide[][2] = { { "辺邊", "辺邊" } };
    static const char *const empty[][2] = { { "", "辺邊" } };
    assert_null(groups(twice, 2));
    assert_null(groups(headless, 1));
    assert_null(groups(wide, 1));
    assert_null(groups(empty, 1));
}

/* Keys stand in lines of tabs and newlines; stored names never hold these, foreign data may. */
static void test_control_characters_are_dropped(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    variant_key(NULL, span_of("川\t田\n一"), &b);
    assert_string_equal(buf_str(&b), "川田一");
    buf_done(&b);
}

static void test_bytes_tell_groups_apart(void **state)
{
    (void)state;
    static const char *const one[][2] = { { "辺", "辺邊" } }, *const other[][2] = { { "邊", "辺邊" } };
    struct variants *v[2] = { groups(one, 1), groups(other, 1) };
    struct buf a = BUF_INIT, b = BUF_INIT;
    variants_bytes(v[0], &a);
    variants_bytes(v[1], &b);
    assert_true(a.len == b.len && a.len > 0);
    assert_false(span_eq(buf_span(&a), buf_span(&b)));
    variants_bytes(NULL, &a);
    assert_int_equal(a.len, b.len);
    buf_done(&a);
    buf_done(&b);
    variants_free(v[0]);
    variants_free(v[1]);
}

static void test_no_groups(void **state)
{
    (void)state;
    struct variants *v = NULL;
    assert_int_equal(variants_new(NULL, &v, NULL), OK);
    assert_int_equal(variant_fold(v, 0x908A), 0x908A);
    assert_int_equal(variant_fold(NULL, 0x908A), 0x908A);
    variants_free(v);
    variants_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_address_key),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_no_groups),
        cmocka_unit_test(test_control_characters_are_dropped),
        cmocka_unit_test(test_bytes_tell_groups_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
