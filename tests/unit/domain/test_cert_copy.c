#include "check.h"

#include "base/mem.h"
#include "domain/cert_copy.h"
#include <string.h>

static struct cert_copy *example(void)
{
    struct cert_copy *c = cert_copy_new();
    cert_set(&c->kind, "kind");
    cert_set(&c->job, "R1-2");
    cert_set(&c->number, "20260701 梅市 011");
    cert_set(&c->sentence, "証明する。");
    c->whole = true;
    cert_common_add(c, "address", "住所", "川野県梅市", false);
    struct cert_person *p = cert_person_add(c, "900000000012", 3, false);
    cert_cell_add(p, "name", "氏名", "葛󠄂城　𠮷﨑", false);
    cert_cell_add(p, "domicile", "本籍", "", true);
    cert_line_add(p, "令和元年5月1日", "転居", "住所");
    cert_person_add(c, "900000000023", 1, true);
    return c;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct buf first = BUF_INIT, second = BUF_INIT;
    struct errinfo e = { 0 };
    struct cert_copy *c = example(), *d = NULL;
    cert_copy_encode(c, &first);
    assert_int_equal(cert_copy_decode(buf_span(&first), &d, &e), OK);
    cert_copy_encode(d, &second);
    assert_true(span_eq(buf_span(&first), buf_span(&second)));
    assert_string_equal(cert_person_cell(&d->person[0], span_of("name"))->text, "葛󠄂城　𠮷﨑");
    assert_true(cert_person_cell(&d->person[0], span_of("domicile"))->omitted);
    assert_null(cert_person_cell(&d->person[0], span_of("nam")));
    assert_string_equal(cert_common_cell(d, span_of("address"))->text, "川野県梅市");
    assert_int_equal(d->person[0].rev, 3);
    assert_true(d->person[1].foreign);
    assert_string_equal(d->person[0].line[0].reason, "転居");
    cert_copy_free(c);
    cert_copy_free(d);
    buf_done(&first);
    buf_done(&second);
}

static void test_every_cut_is_refused(void **state)
{
    (void)state;
    struct buf bytes = BUF_INIT;
    struct cert_copy *c = example(), *d = NULL;
    cert_copy_encode(c, &bytes);
    for (size_t n = 0; n < bytes.len; n++) {
        char *exact = xmalloc(n ? n : 1); /* so that a read past the end is seen */
        memcpy(exact, bytes.p, n);
        assert_int_equal(cert_copy_decode((struct span){ exact, n }, &d, NULL), E_CORRUPT);
        assert_null(d);
        free(exact);
    }
    buf_addc(&bytes, 0);
    assert_int_equal(cert_copy_decode(buf_span(&bytes), &d, NULL), E_CORRUPT);
    bytes.p[1] = 9;
    assert_int_equal(cert_copy_decode(buf_span(&bytes), &d, NULL), E_TOONEW);
    cert_copy_free(c);
    buf_done(&bytes);
}

/* A changed byte is refused or gives another copy, never the same one. */
static void test_every_change_is_seen(void **state)
{
    (void)state;
    struct buf bytes = BUF_INIT, again = BUF_INIT;
    struct cert_copy *c = example();
    cert_copy_encode(c, &bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        struct cert_copy *d = NULL;
        bytes.p[i] ^= 1;
        if (cert_copy_decode(buf_span(&bytes), &d, NULL) == OK) {
            buf_clear(&again);
            cert_copy_encode(d, &again);
            assert_true(span_eq(buf_span(&bytes), buf_span(&again)));
            cert_copy_free(d);
        }
        bytes.p[i] ^= 1;
    }
    cert_copy_free(c);
    buf_done(&bytes);
    buf_done(&again);
}

static void test_subject(void **state)
{
    (void)state;
    struct buf a = BUF_INIT, b = BUF_INIT;
    struct cert_copy *c = example(), *d = cert_copy_dup(c);
    cert_set(&d->sentence, "別の文");
    cert_copy_subject(c, &a);
    cert_copy_subject(d, &b);
    assert_true(span_eq(buf_span(&a), buf_span(&b))); /* the persons are the same */
    buf_clear(&b);
    d->person[1].rev = 2;
    cert_copy_subject(d, &b);
    assert_false(span_eq(buf_span(&a), buf_span(&b)));
    cert_copy_free(c);
    cert_copy_free(d);
    buf_done(&a);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_cut_is_refused),
        cmocka_unit_test(test_every_change_is_seen),
        cmocka_unit_test(test_subject),
    };
    return cmocka_run_group_tests_name("cert-copy", tests, NULL, NULL);
}
