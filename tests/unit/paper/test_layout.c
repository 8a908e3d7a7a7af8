#include "fixture.h"

#include "base/mem.h"
#include "form/catalog.h"
#include <stdlib.h>
#include <string.h>

#define HEAD \
    "layout x\ntitle \"X\"\nfont F\npage portrait\nsee-annex \"A\"\nend-mark \"E\"\nhistory \"H\"\n" /* lines 1–7 */
#define REST                                                               \
    "part member at=10 pitch=10 rows=2\n  value 1 1 10 5 of=member.name\n" \
    "part annex-page\npart annex at=10 pitch=5 rows=9\n  value 1 0 30 5 of=annex.text\npart last\n"

static enum err parse(const char *text, struct layout **ret, struct errinfo *e)
{
    *e = (struct errinfo){ 0 };
    return layout_parse("x.layout", span_of(text), ret, e);
}

static void test_reads_every_word(void **state)
{
    (void)state;
    struct layout *l;
    struct errinfo e;
    const char *text = HEAD "part every\n  frame 1 2 3 4.25 stroke=double\n  rule 0 0 210 297 stroke=dotted\n"
                            "  label 1 2 3 4 \"a b\" size=8.5 min=6 lines=2 align=spread valign=bottom\n"
                            "  cell 10 20 30 10 \"c|d\" lw=12 of=common.head stroke=thick\n"
                            "  seal 1 1 25\n  qr 5 6 7\n" REST;
    if (parse(text, &l, &e) != OK)
        fail_msg("%s %s", e.item, e.detail);
    const struct lay_part *p = layout_part(l, LP_EVERY, LW_ALL);
    assert_int_equal(p->n, 6);
    assert_int_equal(p->el[0].h, 425);
    assert_int_equal(p->el[0].stroke, ST_DOUBLE);
    assert_string_equal(p->el[2].label, "a b");
    assert_int_equal(p->el[2].style.size, 85);
    assert_int_equal(p->el[2].style.min, 60);
    assert_int_equal(p->el[2].style.halign, HA_SPREAD);
    assert_int_equal(p->el[2].style.valign, VA_BOTTOM);
    assert_int_equal(p->el[3].label_w, 1200);
    assert_int_equal(p->el[3].scope, LS_COMMON);
    assert_string_equal(p->el[3].key, "head");
    assert_int_equal(p->el[5].w, 700);
    assert_int_equal(p->el[5].h, 700);
    const struct lay_part *m = layout_part(l, LP_MEMBER, LW_FOREIGN);
    assert_int_equal(m->rows, 2);
    assert_int_equal(m->pitch, 1000);
    layout_free(l);
}

static void test_errors_name_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *item, *detail;
    } bad[] = {
        { "layuot x\n", "x.layout:1", "layout, title" },
        { "layout x\nlayout y\n", "x.layout:2", "once" },
        { HEAD "part nowhere\n", "x.layout:8", "name of a part" },
        { HEAD "part every\n  circle 1 2 3 4\n", "x.layout:9", "frame, rule" },
        { HEAD "part every\n  frame 1 2 3\n", "x.layout:9", "4 lengths" },
        { HEAD "part every\n  frame 1 2 3 1.234\n", "x.layout:9", "length in mill" },
        { HEAD "part every\n  frame 1 2 3 -4\n", "x.layout:9", "length in mill" },
        { HEAD "part every\n  frame 1 2 3 0\n", "x.layout:9", "width and a height" },
        { HEAD "part every\n  frame 200 2 11 4\n", "x.layout:9", "leaves the page" },
        { HEAD "part every\n  frame 1 2 3 4 colour=red\n", "x.layout:9", "an option of this word" },
        { HEAD "part every\n  frame 1 2 3 4 size=9\n", "x.layout:9", "an option of this word" },
        { HEAD "part every\n  label 1 2 3 4 \"a\" size=9 size=8\n", "x.layout:9", "each option once" },
        { HEAD "part every\n  label 1 2 3 4 \"a\" size=8 min=9\n", "x.layout:9", "min= is larger" },
        { HEAD "part every\n  label 1 2 3 4 \"a\" align=middle\n", "x.layout:9", "left, center" },
        { HEAD "part every\n  value 1 2 3 4\n", "x.layout:9", "expected of=" },
        { HEAD "part every\n  value 1 2 3 4 of=doc.nothing\n", "x.layout:9", "a value that this scope has" },
        { HEAD "part every\n  value 1 2 3 4 of=member.name\n", "x.layout:9", "a scope that this part has" },
        { HEAD "part every\n  cell 1 2 30 4 \"a\" lw=30 of=doc.page\n", "x.layout:9", "narrower" },
        { HEAD "part last\n  seal 1 2 25.01\n", "x.layout:9", "25 mm" },
        { HEAD "part every\n  label 1 2 3 4 \"a\xE2\x80\xAE\"\n", "x.layout:9", "expected a text" },
        { HEAD "part every\npart every\n", "x.layout:9", "stands already in line 8" },
        { HEAD "part member at=1 rows=2\n", "x.layout:8", "all three" },
        { HEAD "part every at=1 pitch=1 rows=2\n", "x.layout:8", "all three" },
        { HEAD "part member at=290 pitch=5 rows=2\n  frame 1 1 5 5\n", "x.layout:9", "leaves the page" },
        { HEAD "part every who=foreign\n", "x.layout:8", "of part member" },
        { HEAD "  frame 1 2 3 4\n", "x.layout:8", "a part before" },
        { HEAD "part every\n\tframe 1 2 3 4\n", "x.layout:9", "tab" },
        { HEAD REST, "x.layout:13", "part every" },
        { HEAD "part every\npart lines at=9 pitch=9 rows=2\n  value 1 0 9 5 of=line.text\n" REST, "x.layout:16",
          "one member a page" },
        { "title \"X\"\n", "x.layout:1", "expected 'layout'" },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct layout *l = NULL;
        struct errinfo e;
        enum err err = parse(bad[i].text, &l, &e);
        if (err != E_INVALID || strcmp(e.item, bad[i].item) || !strstr(e.detail, bad[i].detail) || l)
            fail_msg("case %zu: %d %s: %s", i, err, e.item, e.detail);
    }
}

/* Every cut of a real layout is either refused or whole; none crashes. */
static void test_truncations(void **state)
{
    (void)state;
    char *path = fixture_source("forms/layout/juminhyo_setai.layout");
    struct layout *l = NULL;
    struct errinfo e;
    assert_int_equal(layout_read(path, &l, &e), OK);
    layout_free(l);
    free(path);
    const char *text = HEAD "part every\n  label 1 2 30 4 \"住所\" size=9\n" REST;
    for (size_t n = 0; n < strlen(text); n++) {
        l = NULL;
        if (layout_parse("x", (struct span){ text, n }, &l, &e) == OK)
            layout_free(l);
        else
            assert_null(l);
    }
}

static void see(void *arg, const char *item)
{
    buf_printf(arg, "%s ", item);
}

static void test_lists_items(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "juminhyo_kojin");
    struct buf items = BUF_INIT;
    layout_items(f.layout, see, &items);
    assert_non_null(strstr(items.p, "my_number "));
    assert_non_null(strstr(items.p, "stay_until "));
    assert_null(strstr(items.p, "sentence"));
    buf_done(&items);
    fixture_close(&f);
}

/* Every certificate has its layout, and every item a layout shows exists. */
static void test_shipped_layouts(void **state)
{
    (void)state;
    struct rulebook *book = NULL;
    struct cert_rules *rules = NULL;
    struct layout *l = NULL;
    struct errinfo e = { 0 };
    char *forms = fixture_source("forms"), *data = fixture_source("data"), *layouts = fixture_source("forms/layout");
    if (catalog_load(forms, data, NULL, &book, NULL, &e) != OK || cert_rules_load(book, &rules, &e) != OK ||
        layouts_check(rules, layouts, &e) != OK)
        fail_msg("%s: %s", e.item, e.detail);
    assert_int_equal(layouts_check(rules, forms, &e), E_NOTFOUND);
    const char *text = HEAD "part every\n  value 1 2 30 4 of=common.colour\n" REST;
    assert_int_equal(parse(text, &l, &e), OK);
    assert_int_equal(layout_check(l, &rules->kind[0], &e), E_INVALID); /* another name */
    free(l->name);
    l->name = xstrdup(rules->kind[0].layout);
    assert_int_equal(layout_check(l, &rules->kind[0], &e), E_INVALID);
    assert_non_null(strstr(e.detail, "colour"));
    layout_free(l);
    cert_rules_free(rules);
    rulebook_free(book);
    free(forms);
    free(data);
    free(layouts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_every_word), cmocka_unit_test(test_errors_name_the_line),
        cmocka_unit_test(test_truncations),      cmocka_unit_test(test_lists_items),
        cmocka_unit_test(test_shipped_layouts),
    };
    return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
