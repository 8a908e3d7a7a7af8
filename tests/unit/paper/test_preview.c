#include "fixture.h"

#include "base/mem.h"
#include "paper/preview.h"
#include <string.h>

static const struct width_profile wide = { 2 };

static void check_width(const struct buf *text, const struct width_profile *profile, int cols)
{
    for (const char *p = text->p; *p;) {
        size_t n = strcspn(p, "\n");
        int w = width_str(profile, (struct span){ p, n });
        if (w > cols)
            fail_msg("%d columns: %.*s", w, (int)n, p);
        assert_true(!n || p[n - 1] != ' ');
        p += n + 1;
    }
}

static void test_fits_the_screen(void **state)
{
    (void)state;
    static const char *const layouts[] = { "juminhyo_kojin", "juminhyo_setai" };
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
        struct fixture f;
        fixture_open(&f, layouts[i]);
        cert_set(&f.copy->trial, "【試験】");
        fixture_japanese(&f, "葛󠄂城　𠮷﨑髙志", true);
        fixture_foreign(&f, "MARIA CRISTINA ALEJANDRA FICTITIOUS DE LA CRUZ VILLANUEVA SANTOS");
        struct doc *doc = fixture_compose(&f);
        for (size_t page = 0; page < doc->n; page++)
            for (int cols = 40; cols <= PREVIEW_COLS; cols += 19) {
                struct buf text = BUF_INIT;
                preview_page(doc, page, &WIDTH_NARROW, cols, &text);
                check_width(&text, &WIDTH_NARROW, cols);
                buf_clear(&text);
                preview_page(doc, page, &wide, cols, &text);
                check_width(&text, &wide, cols);
                buf_done(&text);
            }
        doc_free(doc);
        fixture_close(&f);
    }
}

static void test_shows_what_the_paper_shows(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "juminhyo_setai");
    cert_set(&f.copy->trial, "【試験】");
    fixture_japanese(&f, "葛󠄂城　𠮷﨑", true);
    fixture_japanese(&f, "川田　次郎", false);
    struct doc *doc = fixture_compose(&f);
    struct buf text = BUF_INIT;
    preview_page(doc, 0, &WIDTH_NARROW, PREVIEW_COLS, &text);
    static const char *const parts[] = {
        "【試験】", "住民票", "葛󠄂城　𠮷﨑", "昭和50年5月10日", "省略", "以下余白", "[QR]",
        "[印]",     "1/1",    "ABCDE-FGHIJ"
    };
    const char *at = text.p;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!strstr(text.p, parts[i]))
            fail_msg("no %s in\n%s", parts[i], text.p);
    /* Label and value stand on one line, in that order, with the line of the form between them. */
    at = strstr(text.p, "氏名|葛󠄂城");
    assert_non_null(at);
    assert_true(strstr(text.p, "【試験】") < at && at < strstr(text.p, "相違ない"));
    buf_done(&text);
    doc_free(doc);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits_the_screen),
        cmocka_unit_test(test_shows_what_the_paper_shows),
    };
    return cmocka_run_group_tests_name("preview", tests, NULL, NULL);
}
