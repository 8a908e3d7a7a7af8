#include "fixture.h"

#include "base/fsx.h"
#include "base/mem.h"
#include <cairo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIFFERS 90  /* grey levels by which a pixel must differ to count */
#define ALLOWED 400 /* such pixels in a thousand thousand */

struct world {
    struct fixture f;
    char dir[64];
    char *pdf;
};

static void world_open(struct world *w, const char *layout)
{
    fixture_open(&w->f, layout);
    snprintf(w->dir, sizeof w->dir, "/tmp/madoguchi-pdf-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->pdf = fs_join(w->dir, "x.pdf");
}

static void world_write(struct world *w)
{
    struct errinfo e = { 0 };
    struct buf bytes = BUF_INIT;
    struct doc *doc = fixture_compose(&w->f);
    fixture_pdf(&w->f, doc, &bytes);
    assert_int_equal(fs_write_atomic(w->pdf, 0600, buf_span(&bytes), &e), OK);
    doc_free(doc);
    buf_done(&bytes);
}

static void world_close(struct world *w)
{
    unlink(w->pdf);
    rmdir(w->dir);
    free(w->pdf);
    fixture_close(&w->f);
}

/* The example that the golden pictures show: every kind of cell, annex, history, a seal. */
static void example(struct world *w)
{
    cert_set(&w->f.copy->trial, "【試験】");
    cert_set(&w->f.copy->official, "公用");
    cert_set(&w->f.copy->outage,
             "作動停止時発行　この写しは令和8年7月1日10時40分現在の副本による　停止番号 E1-R08-012");
    struct cert_person *p = fixture_japanese(&w->f, "葛󠄂城　𠮷﨑", true);
    cert_line_add(p, "平成元年12月31日", "転居",
                  "住所　川野県梅市松町３番地　→　川野県梅市梅町一丁目８番地３　サンコーポ２０１");
    fixture_japanese(&w->f, "川田　次郎", false);
    p = fixture_foreign(&w->f, "MARIA CRISTINA ALEJANDRA FICTITIOUS DE LA CRUZ VILLANUEVA SANTOS RODRIGUEZ");
    cert_cell_add(p, "alias_log", "通称の記載及び削除に関する事項", "平成25年1月1日　川野県梅市において記載", false);
}

static void test_text_comes_out_again(void **state)
{
    (void)state;
    struct world w;
    struct buf text = BUF_INIT;
    world_open(&w, "juminhyo_setai");
    example(&w);
    world_write(&w);
    fixture_run(&text, "pdftotext", "-layout", w.pdf, "-", NULL);
    static const char *const parts[] = { "葛󠄂城",
                                         "𠮷﨑",
                                         "東京都千代田区千代田一丁目",
                                         "𠮷﨑髙志",
                                         "1990年4月5日",
                                         "昭和50年5月10日",
                                         "作動停止時発行",
                                         "1/2",
                                         "2/2",
                                         "ABCDE-FGHIJ",
                                         "通称の記載及び削除に関する事項",
                                         "公用" };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!strstr(text.p, parts[i]))
            fail_msg("no %s in\n%s", parts[i], text.p);
    buf_done(&text);
    world_close(&w);
}

static void test_one_embedded_font(void **state)
{
    (void)state;
    struct world w;
    struct buf text = BUF_INIT;
    world_open(&w, "juminhyo_kojin");
    example(&w);
    world_write(&w);
    fixture_run(&text, "pdffonts", w.pdf, NULL);
    const char *row = strstr(text.p, "\n-"); /* the line under the heading */
    assert_non_null(row);
    int fonts = 0;
    for (row = strchr(row + 1, '\n') + 1; *row; row += strcspn(row, "\n") + 1, fonts++) {
        char *one = xstrndup(row, strcspn(row, "\n"));
        assert_non_null(strstr(one, "+" FONT_FAMILY " "));
        assert_non_null(strstr(one, " yes yes yes ")); /* embedded, subset, with Unicode map */
        free(one);
    }
    assert_true(fonts > 0);
    buf_done(&text);
    world_close(&w);
}

static void test_same_bytes_every_time(void **state)
{
    (void)state;
    struct buf first = BUF_INIT, second = BUF_INIT;
    for (int i = 0; i < 2; i++) {
        struct world w;
        world_open(&w, "juminhyo_kojin");
        example(&w);
        struct doc *doc = fixture_compose(&w.f);
        fixture_pdf(&w.f, doc, i ? &second : &first);
        doc_free(doc);
        world_close(&w);
    }
    assert_true(span_eq(buf_span(&first), buf_span(&second)));
    buf_done(&first);
    buf_done(&second);
}

static void test_marks(void **state)
{
    (void)state;
    struct world w;
    struct buf bytes = BUF_INIT;
    struct errinfo e = { 0 };
    char copy[PDF_MARK + 1], subject[PDF_MARK + 1];
    world_open(&w, "juminhyo_kojin");
    fixture_japanese(&w.f, "川田　一郎", true);
    struct doc *doc = fixture_compose(&w.f);
    fixture_pdf(&w.f, doc, &bytes);
    assert_int_equal(pdf_marks(buf_span(&bytes), copy, subject, &e), OK);
    assert_string_equal(copy, HASH_COPY);
    assert_string_equal(subject, HASH_SUBJECT);
    assert_true(pdf_whole(buf_span(&bytes)));
    assert_false(pdf_whole((struct span){ bytes.p, bytes.len - 1 }));
    char *mark = memmem(bytes.p, bytes.len, HASH_COPY, PDF_MARK);
    mark[3] = 'X';
    assert_int_equal(pdf_marks(buf_span(&bytes), copy, subject, &e), E_CORRUPT);
    mark[3] = '1';
    buf_adds(&bytes, "/Subject (");
    assert_int_equal(pdf_marks(buf_span(&bytes), copy, subject, &e), E_CORRUPT);
    doc_free(doc);
    buf_done(&bytes);
    world_close(&w);
}

static void test_seal_must_be_a_picture(void **state)
{
    (void)state;
    struct world w;
    struct buf bytes = BUF_INIT;
    struct errinfo e = { 0 };
    world_open(&w, "juminhyo_kojin");
    fixture_japanese(&w.f, "川田　一郎", true);
    struct doc *doc = fixture_compose(&w.f);
    struct pdf_input in = { w.f.fonts, span_of("no picture"), CREATED, "", "" };
    assert_int_equal(pdf_render(doc, &in, &bytes, &e), E_INVALID);
    assert_string_equal(e.msg, "S304");
    assert_int_equal(bytes.len, 0);
    doc_free(doc);
    world_close(&w);
}

/* ---- pictures ---- */

static void grey(cairo_surface_t *s, int x, int y, int *ret)
{
    const unsigned char *row = cairo_image_surface_get_data(s) + (size_t)y * (size_t)cairo_image_surface_get_stride(s);
    uint32_t px = ((const uint32_t *)(const void *)row)[x];
    *ret = (int)((px & 0xFF) + (px >> 8 & 0xFF) + (px >> 16 & 0xFF)) / 3;
}

static long picture_difference(const char *a, const char *b)
{
    cairo_surface_t *x = cairo_image_surface_create_from_png(a), *y = cairo_image_surface_create_from_png(b);
    assert_int_equal(cairo_surface_status(x), CAIRO_STATUS_SUCCESS);
    assert_int_equal(cairo_surface_status(y), CAIRO_STATUS_SUCCESS);
    int w = cairo_image_surface_get_width(x), h = cairo_image_surface_get_height(x);
    assert_int_equal(w, cairo_image_surface_get_width(y));
    assert_int_equal(h, cairo_image_surface_get_height(y));
    long n = 0;
    for (int j = 0; j < h; j++)
        for (int i = 0; i < w; i++) {
            int p, q;
            grey(x, i, j, &p);
            grey(y, i, j, &q);
            n += abs(p - q) > DIFFERS;
        }
    cairo_surface_destroy(x);
    cairo_surface_destroy(y);
    return n * 1000000 / ((long)w * h);
}

/* Compares page 1 with the stored picture. GOLDEN_UPDATE=1 stores what was drawn instead. */
static void compare_golden(struct world *w, const char *name)
{
    struct buf nothing = BUF_INIT;
    char *to = fs_join(w->dir, "page"), *drawn = fs_join(w->dir, "page.png");
    fixture_run(&nothing, "pdftoppm", "-r", "50", "-png", "-singlefile", "-f", "1", "-l", "1", w->pdf, to, NULL);
    char *dir = fixture_source("tests/unit/paper/golden");
    char *golden = xprintf("%s/%s.png", dir, name);
    if (getenv("GOLDEN_UPDATE"))
        fixture_run(&nothing, "cp", drawn, golden, NULL);
    long differs = picture_difference(drawn, golden);
    unlink(drawn);
    if (differs > ALLOWED)
        fail_msg("%s: %ld in a million pixels differ", name, differs);
    free(to);
    free(drawn);
    free(dir);
    free(golden);
    buf_done(&nothing);
}

static void golden(const char *layout)
{
    struct world w;
    world_open(&w, layout);
    example(&w);
    world_write(&w);
    compare_golden(&w, layout);
    world_close(&w);
}

static void test_golden_kojin(void **state)
{
    (void)state;
    golden("juminhyo_kojin");
}

static void test_golden_setai(void **state)
{
    (void)state;
    golden("juminhyo_setai");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_comes_out_again),   cmocka_unit_test(test_one_embedded_font),
        cmocka_unit_test(test_same_bytes_every_time),  cmocka_unit_test(test_marks),
        cmocka_unit_test(test_seal_must_be_a_picture), cmocka_unit_test(test_golden_kojin),
        cmocka_unit_test(test_golden_setai),
    };
    return cmocka_run_group_tests_name("pdf", tests, NULL, NULL);
}
