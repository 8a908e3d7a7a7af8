#include "check.h"
#include "codec/csv.h"

static void split(const char *line, size_t n, enum err want, const char *first, const char *last)
{
    struct buf scratch = BUF_INIT;
    struct span v[8];
    struct errinfo e;
    assert_int_equal(csv_split(span_of(line), &scratch, v, n, &e), want);
    if (want == OK) {
        assert_true(span_is(v[0], first));
        assert_true(span_is(v[n - 1], last));
    }
    buf_done(&scratch);
}

static void good_lines(void **state)
{
    (void)state;
    split("a,b", 2, OK, "a", "b");
    split("\"a,\"\"b\",", 2, OK, "a,\"b", "");
    split(",\"060  \",x", 3, OK, "", "x");
    split("one", 1, OK, "one", "one");
}

static void bad_lines(void **state)
{
    (void)state;
    split("a", 2, E_INVALID, NULL, NULL);
    split("a,b,c", 2, E_INVALID, NULL, NULL);
    split("\"a", 1, E_INVALID, NULL, NULL);
    split("\"a\"b,c", 2, E_INVALID, NULL, NULL);
    split("a\"b,c", 2, E_INVALID, NULL, NULL);
}

static void written_values(void **state)
{
    (void)state;
    struct buf b = BUF_INIT;
    csv_put(&b, span_of("梅町"));
    buf_addc(&b, ';');
    csv_put(&b, span_of("a,\"b"));
    buf_addc(&b, ';');
    csv_put(&b, span_of("=1+1"));
    assert_string_equal(buf_str(&b), "梅町;\"a,\"\"b\";\"'=1+1\"");
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lines),
        cmocka_unit_test(bad_lines),
        cmocka_unit_test(written_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
