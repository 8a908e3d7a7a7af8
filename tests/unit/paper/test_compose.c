#include "fixture.h"

#include "base/mem.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

static bool has(const struct doc *doc, size_t page, const char *text)
{
    struct buf values = BUF_INIT;
    fixture_values(doc, page, &values);
    bool found = strstr(buf_str(&values), text) != NULL;
    buf_done(&values);
    return found;
}

/* Every value without its line breaks. */
static bool has_anywhere(const struct doc *doc, const char *text)
{
    struct buf values = BUF_INIT, flat = BUF_INIT;
    for (size_t i = 0; i < doc->n; i++)
        fixture_values(doc, i, &values);
    for (size_t i = 0; i < values.len; i++)
        if (values.p[i] != '\n')
            buf_addc(&flat, values.p[i]);
    bool found = strstr(buf_str(&flat), text) != NULL;
    buf_done(&values);
    buf_done(&flat);
    return found;
}

static void repeat(struct buf *b, const char *s, int n)
{
    for (int i = 0; i < n; i++)
        buf_adds(b, s);
}

static void test_one_page(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "juminhyo_kojin");
    fixture_japanese(&f, "川田　一郎", true);
    struct doc *doc = fixture_compose(&f);
    assert_int_equal(doc->n, 1);
    assert_true(has(doc, 0, "20260701 梅市 東支所1 プリンタ001 011 1/1\n"));
    assert_true(has(doc, 0, "川田　一郎\n"));
    assert_true(has(doc, 0, "川野県梅市梅町一丁目８番地\n"));
    assert_true(has(doc, 0, "相違ないことを証明する"));
    assert_true(has(doc, 0, "ABCDE-FGHIJ\n"));
    assert_int_equal(doc->n_over, 0);
    doc_free(doc);
    fixture_close(&f);
}

static void test_omitted(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "juminhyo_kojin");
    fixture_japanese(&f, "川田　次郎", false);
    struct doc *doc = fixture_compose(&f);
    assert_false(has(doc, 0, "８番地\n"));
    assert_false(has(doc, 0, "世帯主"));
    int omitted = 0;
    for (size_t i = 0; i < doc->p[0].n; i++)
        omitted += doc->p[0].m[i].text && !strcmp(doc->p[0].m[i].text, "省略");
    assert_int_equal(omitted, 7); /* head, relation, domicile and its head, number, code, history */
    doc_free(doc);
    fixture_close(&f);
}

static void test_certification_on_the_last_page_only(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "juminhyo_setai");
    for (int i = 0; i < 9; i++)
        fixture_japanese(&f, "川田　一郎", true);
    struct doc *doc = fixture_compose(&f);
    assert_int_equal(doc->n, 3);
    for (size_t i = 0; i < doc->n; i++) {
        char page[32];
        snprintf(page, sizeof page, "\n%zu/3\n", i + 1);
        assert_true(has(doc, i, page));
        assert_int_equal(has(doc, i, "相違ないことを証明する"), i == 2);
        int seals = 0;
        for (size_t k = 0; k < doc->p[i].n; k++)
            seals += doc->p[i].m[k].kind == MK_SEAL;
        assert_int_equal(seals, i == 2);
    }
    assert_true(has(doc, 2, "\n9\n"));
    assert_false(has(doc, 2, "\n8\n"));
    doc_free(doc);
    fixture_close(&f);
}

static void test_foreigner_has_his_own_items(void **state)
{
    (void)state;
    static const char *const layouts[] = { "juminhyo_kojin", "juminhyo_setai" };
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
        struct fixture f;
        fixture_open(&f, layouts[i]);
        fixture_foreign(&f, "MARIA FICTITIOUS");
        struct doc *doc = fixture_compose(&f);
        assert_true(has(doc, 0, "1990年4月5日\n"));
        assert_true(has(doc, 0, "2027年3月1日\n"));
        assert_true(has(doc, 0, "山田　𠮷﨑髙志\n"));
        assert_true(has(doc, 0, "AB12345678CD\n"));
        doc_free(doc);
        fixture_close(&f);
    }
}

static void test_item_without_a_place_goes_on_the_annex(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "juminhyo_kojin");
    struct cert_person *p = fixture_foreign(&f, "MARIA FICTITIOUS");
    cert_cell_add(p, "alias_log", "通称の記載及び削除に関する事項", "平成25年1月1日　記載", false);
    cert_cell_add(p, "voter", "選挙", "", true); /* omitted: leaves no trace */
    struct doc *doc = fixture_compose(&f);
    assert_int_equal(doc->n, 2);
    assert_true(has(doc, 1, "通称の記載及び削除に関する事項\n平成25年1月1日　記載\n"));
    assert_true(has(doc, 1, "MARIA FICTITIOUS\n"));
    assert_false(has(doc, 1, "選挙"));
    assert_true(has(doc, 1, "相違ないことを証明する"));
    assert_false(has(doc, 0, "相違ないことを証明する"));
    doc_free(doc);
    fixture_close(&f);
}

static void test_long_name_and_building_fit(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "juminhyo_kojin");
    struct buf name = BUF_INIT, address = BUF_INIT;
    repeat(&name, "𠮷﨑髙葛󠄂志", 20);
    buf_adds(&address, "川野県梅市梅町一丁目８番地３　");
    repeat(&address, "サンコーポ梅町第二", 33);
    buf_adds(&address, "２０１");
    assert_int_equal(utf8_count(buf_span(&name)), 100);
    struct cert_person *p = fixture_japanese(&f, name.p, true);
    fixture_cell(p, "address", address.p);
    struct doc *doc = fixture_compose(&f);
    assert_int_equal(doc->n_over, 0);
    assert_int_equal(doc->n, 1);
    assert_true(has_anywhere(doc, name.p));
    assert_true(has_anywhere(doc, address.p));
    doc_free(doc);
    buf_done(&name);
    buf_done(&address);
    fixture_close(&f);
}

static struct doc *overflowing(struct fixture *f, enum overflow_rule rule, struct buf *ret_name)
{
    fixture_open(f, "juminhyo_setai");
    repeat(ret_name, "𠮷﨑髙葛󠄂志", 60);
    fixture_japanese(f, ret_name->p, true);
    f->in.rule = rule;
    return fixture_compose(f);
}

static void test_overflow_is_reported_and_moved(void **state)
{
    (void)state;
    struct fixture f;
    struct buf name = BUF_INIT;
    struct doc *doc = overflowing(&f, OVERFLOW_ANNEX, &name);
    assert_int_equal(doc->n_over, 1);
    assert_string_equal(doc->over[0].label, "氏名");
    assert_int_equal(doc->over[0].chars, 300);
    assert_true(doc->over[0].fits > 20 && doc->over[0].fits < 300);
    assert_true(has(doc, 0, "別紙のとおり\n"));
    assert_int_equal(doc->n, 2);
    assert_true(has_anywhere(doc, name.p));
    doc_free(doc);
    fixture_close(&f);
    buf_done(&name);
}

static void test_overflow_rules(void **state)
{
    (void)state;
    struct fixture f;
    struct buf name = BUF_INIT;
    struct doc *doc = overflowing(&f, OVERFLOW_BLANK, &name);
    assert_int_equal(doc->n_over, 1);
    assert_int_equal(doc->n, 1);
    assert_false(has_anywhere(doc, "𠮷﨑"));
    doc_free(doc);
    fixture_close(&f);
    buf_clear(&name);
    doc = overflowing(&f, OVERFLOW_LIMIT, &name);
    assert_int_equal(doc->n_over, 1);
    assert_true(has_anywhere(doc, "𠮷﨑髙葛󠄂志𠮷﨑髙葛󠄂志"));
    assert_false(has_anywhere(doc, name.p));
    doc_free(doc);
    fixture_close(&f);
    buf_done(&name);
    enum overflow_rule rule;
    assert_int_equal(overflow_rule_of("limit", &rule, NULL), OK);
    assert_int_equal(rule, OVERFLOW_LIMIT);
    assert_int_equal(overflow_rule_of("cut", &rule, NULL), E_INVALID);
}

static void test_history_rows_and_their_rest(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "juminhyo_kojin");
    struct cert_person *p = fixture_japanese(&f, "川田　一郎", true);
    for (int i = 0; i < 30; i++) {
        char text[64];
        snprintf(text, sizeof text, "住所　川野県梅市松町%d番地", i + 1);
        cert_line_add(p, "令和元年5月1日", "転居", text);
    }
    struct doc *doc = fixture_compose(&f);
    assert_int_equal(doc->n, 2);
    assert_true(has(doc, 0, "松町9番地\n"));
    assert_false(has(doc, 0, "松町10番地\n"));
    assert_true(has(doc, 0, "別紙のとおり\n"));
    assert_true(has(doc, 1, "異動の履歴\n令和元年5月1日　転居　住所　川野県梅市松町10番地\n"));
    assert_true(has(doc, 1, "松町30番地\n"));
    assert_true(has(doc, 1, "以下余白\n"));
    doc_free(doc);
    fixture_close(&f);
}

static void test_statement_lists_the_chosen_items(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "kisai_jiko");
    fixture_japanese(&f, "川田　一郎", false);
    struct doc *doc = fixture_compose(&f);
    assert_int_equal(doc->n, 1);
    assert_true(has(doc, 0, "生年月日\n昭和50年5月10日\n性別\n男\n"));
    assert_false(has(doc, 0, "本籍"));
    assert_false(has(doc, 0, "省略"));
    assert_true(has(doc, 0, "以下余白\n"));
    doc_free(doc);
    struct buf address = BUF_INIT;
    repeat(&address, "うめ県梅市梅町一丁目", 60); /* more rows than the list has */
    fixture_cell(&f.copy->person[0], "address", address.p);
    doc = fixture_compose(&f);
    assert_int_equal(doc->n, 2);
    assert_true(has(doc, 0, "別紙のとおり\n"));
    assert_true(has_anywhere(doc, address.p));
    assert_true(has(doc, 1, "転入前住所\n")); /* and all that came after it */
    doc_free(doc);
    buf_done(&address);
    fixture_close(&f);
}

static void test_unknown_glyph_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "juminhyo_kojin");
    struct cert_person *p = fixture_japanese(&f, "葛\U000E0100城　一郎", true);
    struct doc *doc = NULL;
    struct errinfo e = { 0 };
    assert_int_equal(compose(&f.in, &doc, &e), E_INVALID);
    assert_string_equal(e.msg, "S301");
    assert_string_equal(e.item, "氏名 U+845B U+E0100");
    assert_null(doc);
    /* Also where a text would only stand on the 別紙, and in the history. */
    fixture_cell(p, "name", "川田　一郎");
    cert_line_add(p, "令和元年5月1日", "転居", "住所　\U0001F600");
    assert_int_equal(compose(&f.in, &doc, &e), E_INVALID);
    assert_non_null(strstr(e.item, "U+1F600"));
    fixture_close(&f);
}

static void test_text_of_the_copy_must_fit(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "juminhyo_kojin");
    fixture_japanese(&f, "川田　一郎", true);
    struct buf title = BUF_INIT;
    repeat(&title, "川野県", 40);
    cert_set(&f.copy->certifier_title, title.p);
    struct doc *doc = NULL;
    struct errinfo e = { 0 };
    assert_int_equal(compose(&f.in, &doc, &e), E_INVALID);
    assert_string_equal(e.msg, "S303");
    assert_string_equal(e.item, "certifier_title");
    buf_done(&title);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_page),
        cmocka_unit_test(test_omitted),
        cmocka_unit_test(test_certification_on_the_last_page_only),
        cmocka_unit_test(test_foreigner_has_his_own_items),
        cmocka_unit_test(test_item_without_a_place_goes_on_the_annex),
        cmocka_unit_test(test_long_name_and_building_fit),
        cmocka_unit_test(test_overflow_is_reported_and_moved),
        cmocka_unit_test(test_overflow_rules),
        cmocka_unit_test(test_history_rows_and_their_rest),
        cmocka_unit_test(test_statement_lists_the_chosen_items),
        cmocka_unit_test(test_unknown_glyph_is_refused),
        cmocka_unit_test(test_text_of_the_copy_must_fit),
    };
    return cmocka_run_group_tests_name("compose", tests, NULL, NULL);
}
