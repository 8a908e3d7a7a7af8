#include "check.h"

#include "base/mem.h"
#include "ui/key.h"

/* Collects keys as text: "F10 川 ^v paste(…)". */
static void collect(void *arg, const struct key *k)
{
    struct buf *b = arg;
    if (b->len)
        buf_addc(b, ' ');
    if (k->code == K_CHAR) {
        char utf8[4];
        size_t n = k->cp < 0x80 ? 1 : 0;
        utf8[0] = (char)k->cp;
        if (n)
            buf_add(b, utf8, 1);
        else
            buf_printf(b, "U+%04X", k->cp);
    } else if (k->code == K_CTRL) {
        buf_printf(b, "^%c", (char)k->cp);
    } else if (k->code == K_PASTE) {
        buf_printf(b, "paste(%.*s)", (int)k->text.n, k->text.p);
    } else {
        buf_adds(b, keycode_name(k->code));
    }
}

static void feed(struct keydec *d, const char *bytes, struct buf *b)
{
    keydec_feed(d, span_of(bytes), collect, b);
}

static const struct {
    const char *bytes, *keys;
} table[] = {
    { "a\r\t\177\b", "a Enter Tab BS BS" },
    { "川", "U+5DDD" },
    { "𠮷x", "U+20BB7 x" },
    { "\033OP\033[11~\033[[A", "F1 F1 F1" },
    { "\033[21~\033[24~", "F10 F12" },
    { "\033[15;2~\033[1;5C", "F5 Right" },
    { "\033[A\033OA\033[Z\033[3~", "Up Up BackTab Del" },
    { "\033[5~\033[6~\033[H\033[4~", "PgUp PgDn Home End" },
    { "\0331\0330\033-\033=", "F1 F10 F11 F12" },
    { "\033\033[A", "Esc Up" },
    { "\033[24;2Ra", "F3 a" },
    { "\033[?62;1;2ca", "a" },
    { "\033[999~b", "b" },
    { "\026\014", "^v ^l" },
    { "\xFF\xFE"
      "a",
      "a" },
    { "\xE5\x8C"
      "b",
      "b" },
    { "\xC0\xAF"
      "c",
      "c" },
    { "\033[200~梅\n\033[A町\033[201~z", "paste(梅\n\033[A町) z" },
    { "\033[200~x\xFFy\033[201~", "paste(xy)" },
};

static void test_table_whole_and_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        for (int step = 0; step < 2; step++) {
            struct keydec *d = keydec_new();
            struct buf b = BUF_INIT;
            size_t n = strlen(table[i].bytes);
            if (step == 0)
                feed(d, table[i].bytes, &b);
            else
                for (size_t j = 0; j < n; j++)
                    keydec_feed(d, (struct span){ table[i].bytes + j, 1 }, collect, &b);
            assert_string_equal(buf_str(&b), table[i].keys);
            assert_int_equal(keydec_consumed(d), n);
            assert_false(keydec_waiting(d));
            buf_done(&b);
            keydec_free(d);
        }
}

/* Every truncation either waits or has made its keys; after a flush the next key comes through whole. */
static void test_every_truncation_recovers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        for (size_t cut = 1; cut < strlen(table[i].bytes); cut++) {
            struct keydec *d = keydec_new();
            struct buf b = BUF_INIT;
            keydec_feed(d, (struct span){ table[i].bytes, cut }, collect, &b);
            keydec_flush(d, collect, &b);
            assert_false(keydec_waiting(d));
            feed(d, "\033[201~", &b); /* ends a paste, if one was open */
            feed(d, "Z", &b);
            assert_true(b.len > 0 && b.p[b.len - 1] == 'Z');
            assert_int_equal(keydec_consumed(d), cut + 7);
            buf_done(&b);
            keydec_free(d);
        }
}

static void test_lone_escape(void **state)
{
    (void)state;
    struct keydec *d = keydec_new();
    struct buf b = BUF_INIT;
    feed(d, "\033", &b);
    assert_true(keydec_waiting(d));
    assert_int_equal(b.len, 0);
    keydec_flush(d, collect, &b);
    assert_string_equal(buf_str(&b), "Esc");
    buf_done(&b);
    keydec_free(d);
}

static void test_half_a_character_waits(void **state)
{
    (void)state;
    static const char river[] = "川";
    for (size_t cut = 1; cut < sizeof river - 1; cut++) {
        struct keydec *d = keydec_new();
        struct buf b = BUF_INIT;
        keydec_feed(d, (struct span){ river, cut }, collect, &b);
        assert_false(keydec_waiting(d));
        keydec_flush(d, collect, &b);
        assert_int_equal(keydec_consumed(d), 0);
        feed(d, river + cut, &b);
        assert_string_equal(buf_str(&b), "U+5DDD");
        buf_done(&b);
        keydec_free(d);
    }
}

static void test_sequences_from_terminfo(void **state)
{
    (void)state;
    struct keydec *d = keydec_new();
    struct buf b = BUF_INIT;
    keydec_add(d, "\033?x1", K_F9);
    keydec_add(d, "\033[A", K_F1); /* known already: stays Up */
    feed(d, "\033?x1\033[A\033?y", &b);
    assert_string_equal(buf_str(&b), "F9 Up y");
    buf_done(&b);
    keydec_free(d);
}

static void test_huge_paste_is_cut(void **state)
{
    (void)state;
    struct keydec *d = keydec_new();
    struct buf in = BUF_INIT, out = BUF_INIT;
    buf_adds(&in, "\033[200~");
    for (size_t i = 0; i < KEY_PASTE_MAX + 5000; i++)
        buf_addc(&in, 'k');
    buf_adds(&in, "\033[201~q");
    feed(d, buf_str(&in), &out);
    assert_true(out.len <= KEY_PASTE_MAX + 32);
    assert_int_equal(out.p[out.len - 1], 'q');
    assert_int_equal(keydec_consumed(d), in.len);
    buf_done(&in);
    buf_done(&out);
    keydec_free(d);
}

static void test_names_go_both_ways(void **state)
{
    (void)state;
    for (int i = K_ENTER; i < K_COUNT; i++)
        assert_int_equal(keycode_by_name(span_of(keycode_name((enum key_code)i))), i);
    assert_int_equal(keycode_by_name(span_of("F13")), K_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_whole_and_byte_by_byte),
        cmocka_unit_test(test_every_truncation_recovers),
        cmocka_unit_test(test_lone_escape),
        cmocka_unit_test(test_half_a_character_waits),
        cmocka_unit_test(test_sequences_from_terminfo),
        cmocka_unit_test(test_huge_paste_is_cut),
        cmocka_unit_test(test_names_go_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
