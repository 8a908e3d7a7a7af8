#include "check.h"

#include "app/charcode.h"

static const char font[] = "/usr/share/fonts/truetype/ipamj/ipamjm.ttf"; /* CERT_FONT of data/parameters.tsv */

static void expect(struct charcode *c, const char *code, const char *want)
{
    struct buf b = BUF_INIT;
    bool found = charcode_find(c, span_of(code), &b);
    if (found != (want != NULL))
        fail_msg("%s: %s", code, found ? buf_str(&b) : "not found");
    if (want)
        assert_string_equal(buf_str(&b), want);
    buf_done(&b);
}

static void test_kuten(void **state)
{
    (void)state;
    struct charcode *c = charcode_new(font);
    expect(c, "1-16-1", "亜");
    expect(c, "16-1", "亜");
    expect(c, "1-14-1", "俱");
    expect(c, "2-1-1", "𠂉");
    expect(c, "1-0-1", NULL);
    expect(c, "1-95-1", NULL);
    expect(c, "3-1-1", NULL);
    expect(c, "1-16-1x", NULL);
    expect(c, "-1-1", NULL);
    expect(c, "", NULL);
    charcode_free(c);
}

static void test_mj_numbers(void **state)
{
    (void)state;
    struct charcode *c = charcode_new(font);
    expect(c, "MJ000001", "々");
    expect(c, "mj000001", "々");
    expect(c, "MJ999999", NULL);
    expect(c, "MJ1", NULL);
    charcode_free(c);
}

/* One number of every kind of glyph that only a selector reaches comes back with base and selector. */
static void test_mj_with_selector(void **state)
{
    (void)state;
    struct charcode *c = charcode_new(font);
    size_t selected = 0;
    for (int n = 1; n < 400; n++) {
        char code[16];
        struct buf b = BUF_INIT;
        snprintf(code, sizeof code, "MJ%06d", n);
        if (charcode_find(c, span_of(code), &b) && b.len > 4 && memcmp(b.p + b.len - 4, "\xF3\xA0\x84", 3) == 0)
            selected++;
        buf_done(&b);
    }
    assert_true(selected > 0);
    charcode_free(c);
}

static void test_without_the_font(void **state)
{
    (void)state;
    struct charcode *c = charcode_new("/nonexistent.ttf");
    expect(c, "MJ000001", NULL);
    expect(c, "1-16-1", "亜");
    charcode_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kuten),
        cmocka_unit_test(test_mj_numbers),
        cmocka_unit_test(test_mj_with_selector),
        cmocka_unit_test(test_without_the_font),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
