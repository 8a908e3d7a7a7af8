#include "check.h"

#include "base/mem.h"
#include "fixture.h"
#include "ui/formview.h"

#include <time.h>

static const char description[] =
    "{'kind':'tenkyo','title':'転居届','sections':["
    "{'id':'filer','title':'届出人','min':1,'max':1,'fields':["
    " {'key':'filed_on','label':'届出年月日','type':'date','required':true,'initial':'today','help':'"
    "窓口で受け取った日。'},"
    " {'key':'relation','label':'異動者との関係','type':'choice','required':true,"
    "  'choices':[{'code':'1','label':'本人'},{'code':'2','label':'世帯主'},{'code':'5','label':'任意代理人'}]},"
    " {'key':'name','label':'届出人氏名','type':'name','max':100}]},"
    "{'id':'move','title':'転居','min':1,'max':1,'fields':["
    " {'key':'moved_on','label':'転居年月日','type':'date','required':true}]},"
    "{'id':'persons','title':'転居する人','min':1,'max':3,'fields':["
    " {'key':'person','label':'氏名','type':'person','required':true},"
    " {'key':'relation','label':'続柄','type':'relation','required':true}]},"
    "{'id':'address','title':'新住所','min':1,'max':1,'fields':["
    " {'key':'addr_zip','label':'郵便番号','type':'zip','max':7},"
    " {'key':'addr_town','label':'町字','type':'town','max':120},"
    " {'key':'addr_building','label':'方書','type':'text','max':300},"
    " {'key':'other_house','label':'別家屋','type':'flag'}]}]}";

/* As 転入届 has it: what may stay blank comes first in a row, and one field comes filled in. */
static const char arrivals[] = "{'kind':'tennyu','title':'転入届','sections':["
                               "{'id':'persons','title':'転入する人','min':1,'max':3,'fields':["
                               " {'key':'again','label':'再転入(宛名番号)','type':'person'},"
                               " {'key':'class','label':'住民種別','type':'choice','required':true,'initial':'J',"
                               "  'choices':[{'code':'J','label':'日本人'},{'code':'F','label':'外国人'}]},"
                               " {'key':'name','label':'氏名','type':'name','max':100},"
                               " {'key':'birth_on','label':'生年月日','type':'datex','required':true},"
                               " {'key':'domicile','label':'本籍','type':'text','max':200}]},"
                               "{'id':'address','title':'新住所','min':1,'max':1,'fields':["
                               " {'key':'addr_lot','label':'番地号','type':'text','max':100}]}]}";

struct world {
    json_t *doc;
    struct form *form;
    struct formview view;
    struct canvas *cv;
};

static struct world *setup_of(const char *doc, int rows, int cols)
{
    struct world *w = xcalloc(1, sizeof *w);
    char *text = xstrdup(doc);
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    w->doc = json_loads(text, 0, NULL);
    assert_non_null(w->doc);
    free(text);
    w->form = form_new(w->doc, fixture_eras(), (struct date){ 2026, 7, 1 });
    formview_init(&w->view, w->form);
    w->cv = canvas_new(rows, cols, &WIDTH_NARROW, GLYPHS_UNICODE);
    formview_layout(&w->view, canvas_all(w->cv));
    return w;
}

static struct world *setup(int rows, int cols)
{
    return setup_of(description, rows, cols);
}

static void teardown(struct world *w)
{
    formview_done(&w->view);
    form_free(w->form);
    json_decref(w->doc);
    canvas_free(w->cv);
    free(w);
}

static enum form_event press(struct world *w, const char *script)
{
    enum form_event e = FORM_IGNORED;
    const char *end = script + strlen(script);
    while (script < end) {
        struct key k = { .code = K_CHAR };
        const char *close = *script == '<' ? strchr(script, '>') : NULL;
        if (close) {
            k.code = keycode_by_name((struct span){ script + 1, (size_t)(close - script - 1) });
            script = close + 1;
        } else {
            uint32_t cp = 0;
            const unsigned char *p = (const unsigned char *)script;
            int n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
            cp = n == 1 ? p[0] : (uint32_t)(p[0] & (0xFF >> (n + 1)));
            for (int i = 1; i < n; i++)
                cp = cp << 6 | (p[i] & 0x3Fu);
            k.cp = cp;
            script += n;
        }
        e = formview_key(&w->view, &k);
        formview_layout(&w->view, canvas_all(w->cv));
    }
    return e;
}

static void want_value(struct world *w, const char *section, int row, const char *field, const char *want)
{
    struct form_place at;
    assert_true(form_place_of(w->form, section, row, field, &at));
    assert_string_equal(form_value(w->form, at), want);
}

static void expect_row(struct world *w, int y, const char *want)
{
    struct buf b = BUF_INIT;
    canvas_clear(w->cv);
    formview_draw(&w->view, w->cv, canvas_all(w->cv), true);
    canvas_row_text(w->cv, y, &b);
    assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static void test_layout_at_80(void **state)
{
    (void)state;
    struct world *w = setup(20, 80);
    expect_row(w, 0, " ── 届出人 ────────────────────────────────────────────────────────────────────");
    expect_row(w, 1, "  届出年月日*     R8.7.1                異動者との関係*");
    expect_row(w, 2, "  届出人氏名");
    expect_row(w, 3, " ── 転居 ──────────────────────────────────────────────────────────────────────");
    expect_row(w, 6, "  1 氏名*                           続柄*");
    expect_row(w, 17, "────────────────────────────────────────────────────────────────────────────────");
    expect_row(w, 18, " 届出年月日: 窓口で受け取った日。");
    teardown(w);
}

static void test_dates_are_stored_canonically(void **state)
{
    (void)state;
    struct world *w = setup(20, 80);
    want_value(w, "filer", 0, "filed_on", "2026-07-01");
    assert_int_equal(press(w, "<Down><Down><Down><PgUp>"), FORM_MOVED);
    assert_int_equal(press(w, "R8.6.32<Enter>"), FORM_UNFIT);
    assert_int_equal(press(w, "<Esc>R8.6.28<Enter>"), FORM_STORED);
    want_value(w, "move", 0, "moved_on", "2026-06-28");
    expect_row(w, 4, "  転居年月日*     令和8年6月28日");
    teardown(w);
}

static void test_wrong_date_is_said_at_the_field(void **state)
{
    (void)state;
    struct world *w = setup(20, 80);
    press(w, "<PgDn>R8.13.1<Enter>");
    want_value(w, "move", 0, "moved_on", "");
    assert_int_equal(w->view.at.s, 1);
    expect_row(w, 18, " 誤り 転居年月日: 日付として読めません。R8.7.1、R080701、20260701、2026/7/1のよ");
    press(w, "<Esc>R8.6.1<Enter>");
    want_value(w, "move", 0, "moved_on", "2026-06-01");
    teardown(w);
}

static void test_choices_by_code_and_by_label(void **state)
{
    (void)state;
    struct world *w = setup(20, 80);
    press(w, "<Enter>5<Enter>");
    want_value(w, "filer", 0, "relation", "5");
    press(w, "<BackTab>世帯<Enter>");
    want_value(w, "filer", 0, "relation", "2");
    press(w, "<BackTab>9<Enter>");
    want_value(w, "filer", 0, "relation", "");
    assert_int_equal(w->view.at.f, 1);
    teardown(w);
}

static void test_rows_grow_with_enter(void **state)
{
    (void)state;
    struct world *w = setup(20, 80);
    press(w, "<PgDn><PgDn>");
    press(w, "000000000000001<Enter>世帯主<Enter>");
    assert_int_equal(w->form->section[2].n_row, 2);
    assert_int_equal(w->view.at.r, 1);
    press(w, "<Enter>"); /* a blank last row: on to the next section */
    assert_int_equal(w->view.at.s, 3);
    json_t *values = form_values(w->form);
    assert_int_equal(json_array_size(values), 3);
    json_decref(values);
    teardown(w);
}

static void test_a_row_that_is_needed_is_not_passed_over(void **state)
{
    (void)state;
    struct world *w = setup(20, 80);
    press(w, "<PgDn><PgDn><Enter>");
    assert_int_equal(w->view.at.s, 2);
    assert_int_equal(w->view.at.f, 1); /* what may stay blank comes first in some forms */
    teardown(w);
}

static void want_at(const struct world *w, int section, int row, int field)
{
    assert_int_equal(w->view.at.s, section);
    assert_int_equal(w->view.at.r, row);
    assert_int_equal(w->view.at.f, field);
}

/* The optional fields at the beginning of a blank row are passed one by one: the family goes in with Enter alone. */
static void test_the_next_of_a_family_is_not_passed_over(void **state)
{
    (void)state;
    static const char *const keys[] = { "<Enter>", "<Tab>" };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct world *w = setup_of(arrivals, 20, 80);
        press(w, "<Enter><Enter>川田　一郎<Enter>H2.4.1<Enter>なし<Enter>");
        want_at(w, 0, 1, 0);
        press(w, keys[i]);
        want_at(w, 0, 1, 1);
        press(w, keys[i]);
        want_at(w, 0, 1, 2);
        press(w, "川田　花子<Enter>H4.5.6<Enter>なし<Enter>");
        want_at(w, 0, 2, 0);
        for (int n = 0; n < 3; n++)
            press(w, keys[i]);
        want_at(w, 0, 2, 3);
        press(w, keys[i]); /* the first that must be filled in: nobody more */
        want_at(w, 1, 0, 0);
        json_t *values = form_values(w->form);
        assert_int_equal(json_array_size(values), 8);
        json_decref(values);
        want_value(w, "persons", 1, "name", "川田　花子");
        teardown(w);
    }
}

static void test_a_choice_makes_a_row(void **state)
{
    (void)state;
    struct world *w = setup_of(arrivals, 20, 80);
    press(w, "<Enter><Enter>川田　一郎<Enter>H2.4.1<Enter>なし<Enter>");
    assert_true(form_row_blank(w->form, 0, 1)); /* 日本人 is what a new row holds */
    press(w, "<Enter>2<Enter>");
    want_value(w, "persons", 1, "class", "F");
    assert_false(form_row_blank(w->form, 0, 1));
    press(w, "<Enter><Enter>");
    want_at(w, 0, 1, 4);
    json_t *values = form_values(w->form);
    assert_int_equal(json_array_size(values), 5);
    json_decref(values);
    teardown(w);
}

static void test_names_ask_for_candidates(void **state)
{
    (void)state;
    struct world *w = setup(20, 80);
    press(w, "<PgDn><PgDn>");
    assert_int_equal(press(w, "川田<Enter>"), FORM_WANTS);
    assert_int_equal(formview_picked(&w->view, "000000000000023", "川田 花子"), FORM_STORED);
    want_value(w, "persons", 0, "person", "000000000000023");
    formview_layout(&w->view, canvas_all(w->cv));
    expect_row(w, 6, "  1 氏名* 川田 花子                 続柄*");
    teardown(w);
}

static void test_flag_and_zip(void **state)
{
    (void)state;
    struct world *w = setup(20, 80);
    press(w, "<PgDn><PgDn><PgDn>123-0004<Enter>");
    want_value(w, "address", 0, "addr_zip", "1230004");
    press(w, "梅町一丁目<Enter>サンコーポ201<Enter> ");
    want_value(w, "address", 0, "other_house", "1");
    want_value(w, "address", 0, "addr_building", "サンコーポ201");
    assert_int_equal(press(w, "<Enter>"), FORM_ENDED);
    teardown(w);
}

static void test_findings_stand_at_their_fields(void **state)
{
    (void)state;
    struct world *w = setup(20, 80);
    json_t *findings =
        json_pack("[{s:s,s:s,s:s,s:i,s:s,s:s,s:s},{s:s,s:s,s:s,s:i,s:s,s:s,s:s}]", "msg", "W02", "level", "W",
                  "section", "persons", "row", 0, "field", "relation", "text", "続柄と性別が合いません。", "remedy",
                  "直すか確認済みにします。", "msg", "E04", "level", "E", "section", "move", "row", 0, "field",
                  "moved_on", "text", "転居年月日が入力されていません。", "remedy", "入力してください。");
    form_set_findings(w->form, findings);
    assert_true(formview_go_finding(&w->view));
    assert_int_equal(w->view.at.s, 1);
    expect_row(w, 4, "  転居年月日*                      !");
    expect_row(w, 18, " 誤り E04 転居年月日が入力されていません。 入力してください。");
    press(w, "R8.6.28<Enter>"); /* a change makes the check old */
    assert_null(w->form->findings);
    teardown(w);
}

static void test_load_and_values_are_inverse(void **state)
{
    (void)state;
    struct world *w = setup(20, 80);
    json_t *in =
        json_pack("[{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s}]",
                  "s", "filer", "r", 0, "f", "filed_on", "v", "2026-06-30", "s", "move", "r", 0, "f", "moved_on", "v",
                  "2026-06-28", "s", "persons", "r", 1, "f", "person", "v", "000000000000015", "l", "川田 一郎", "s",
                  "nowhere", "r", 0, "f", "x", "v", "y", "s", "persons", "r", 9, "f", "person", "v", "z");
    form_load(w->form, in);
    json_t *out = form_values(w->form);
    assert_int_equal(json_array_size(out), 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(out, 2), "v")), "000000000000015");
    json_decref(in);
    json_decref(out);
    teardown(w);
}

/* Whatever is pressed: the focus exists, is on the screen, and the cursor stands in it. */
static void test_random_keys(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "<Enter>", "<Tab>", "<BackTab>", "<Up>", "<Down>", "<PgUp>", "<PgDn>", "<Esc>",
        "<BS>",    "1",     "R8.7.1",    "川",   "<Left>", " ",      "<Home>", "<Del>"
    };
    static const int sizes[][2] = { { 20, 80 }, { 26, 100 }, { 39, 132 }, { 60, 200 } };
    unsigned seed = (unsigned)time(NULL);
    print_message("# seed %u\n", seed);
    srand(seed);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct world *w = setup(sizes[i][0], sizes[i][1]);
        for (int n = 0; n < 1500; n++) {
            int y, x;
            if (press(w, keys[(size_t)rand() % ARRAY_LEN(keys)]) == FORM_WANTS)
                formview_picked(&w->view, "000000000000023", "川田 花子");
            if (rand() % 40 == 0)
                form_remove_row(w->form, 2, w->form->section[2].n_row - 1);
            if (w->view.at.s == 2 && w->view.at.r >= w->form->section[2].n_row)
                formview_go(&w->view, (struct form_place){ 2, 0, 0 });
            formview_layout(&w->view, canvas_all(w->cv));
            canvas_clear(w->cv);
            formview_draw(&w->view, w->cv, canvas_all(w->cv), true);
            assert_true(canvas_cursor_at(w->cv, &y, &x));
            uint8_t style = canvas_row(w->cv, y)[x].style;
            assert_true(style == STYLE_FOCUS || style == STYLE_TYPING);
        }
        teardown(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_at_80),
        cmocka_unit_test(test_dates_are_stored_canonically),
        cmocka_unit_test(test_wrong_date_is_said_at_the_field),
        cmocka_unit_test(test_choices_by_code_and_by_label),
        cmocka_unit_test(test_rows_grow_with_enter),
        cmocka_unit_test(test_a_row_that_is_needed_is_not_passed_over),
        cmocka_unit_test(test_the_next_of_a_family_is_not_passed_over),
        cmocka_unit_test(test_a_choice_makes_a_row),
        cmocka_unit_test(test_names_ask_for_candidates),
        cmocka_unit_test(test_flag_and_zip),
        cmocka_unit_test(test_findings_stand_at_their_fields),
        cmocka_unit_test(test_load_and_values_are_inverse),
        cmocka_unit_test(test_random_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
