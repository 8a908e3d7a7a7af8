#include "base/buf.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "check.h"
#include "codec/charset.h"
#include "codec/postal.h"

#define TAIL ",0,0,0,0,0,0\r\n"

static enum err collect(void *arg, const struct postal_town *t, struct errinfo *e)
{
    (void)e;
    buf_printf(arg, "%s|%s|%s|%s|%s|%s|%s\n", t->city_code, t->zip, t->city, t->town, t->note, t->town_kana,
               t->note_kana);
    return OK;
}

static enum err refuse(void *arg, const struct postal_town *t, struct errinfo *e)
{
    (void)arg, (void)t;
    return err_set(e, E_FULL, NULL, NULL, "no room");
}

static char *file(const char *dir, const char *text, bool cp932)
{
    struct errinfo e;
    struct buf bytes = BUF_INIT;
    struct charset *c;
    char *path = fs_join(dir, cp932 ? "ken.csv" : "utf.csv");
    assert_int_equal(charset_open(cp932 ? "CP932" : "UTF-8", &c, &e), OK);
    assert_int_equal(charset_encode(c, span_of(text), &bytes, &e), OK);
    assert_int_equal(fs_write_atomic(path, 0600, buf_span(&bytes), &e), OK);
    charset_close(c);
    buf_done(&bytes);
    return path;
}

/* Invented towns in the two layouts of one month. */
static const char CP932_TEXT[] =
    "99201,\"999  "
    "\",\"9990000\",\"ﾁﾊﾔｹﾝ\",\"ｳﾒｻﾄｼ\",\"ｲｶﾆｹｲｻｲｶﾞﾅｲﾊﾞｱｲ\",\"千早県\",\"梅里市\",\"以下に掲載がない場合\"" TAIL
    "99201,\"999  \",\"9990005\",\"ﾁﾊﾔｹﾝ\",\"ｳﾒｻﾄｼ\",\"ﾐﾂﾞﾔ(1-\",\"千早県\",\"梅里市\",\"三津谷（１－\"" TAIL
    "99201,\"999  \",\"9990005\",\"ﾁﾊﾔｹﾝ\",\"ｳﾒｻﾄｼ\",\"3､5\",\"千早県\",\"梅里市\",\"３、５\"" TAIL
    "99201,\"999  \",\"9990005\",\"ﾁﾊﾔｹﾝ\",\"ｳﾒｻﾄｼ\",\"ﾊﾞﾝﾁ)\",\"千早県\",\"梅里市\",\"番地）\"" TAIL
    "99201,\"999  \",\"9990006\",\"ﾁﾊﾔｹﾝ\",\"ｳﾒｻﾄｼ\",\"ﾖｶﾜｹﾞ\",\"千早県\",\"梅里市\",\"吉川下（東、\"" TAIL
    "99201,\"999  \",\"9990006\",\"ﾁﾊﾔｹﾝ\",\"ｳﾒｻﾄｼ\",\"ﾖｶﾜｹﾞ\",\"千早県\",\"梅里市\",\"西）\"" TAIL;

static const char UTF8_TEXT[] =
    "99201,\"999  \",\"9990000\",\"チハヤケン\",\"ウメサトシ\",\"イカニケイサイガナイバアイ\",\"千早県\",\"梅里市\","
    "\"以下に掲載がない場合\"" TAIL
    "99201,\"999  \",\"9990005\",\"チハヤケン\",\"ウメサトシ\",\"ミヅヤ（１−３、５バンチ）\",\"千早県\",\"梅里市\","
    "\"三津谷（１−３、５番地）\"" TAIL "99201,\"999  "
    "\",\"9990006\",\"チハヤケン\",\"ウメサトシ\",\"ヨカワゲ\",\"千早県\",\"梅里市\",\"吉川下（東、西）\"" TAIL;

static void both_layouts_give_the_same(void **state)
{
    struct postal_report a, b;
    struct errinfo e;
    struct buf one = BUF_INIT, two = BUF_INIT;
    char *p1 = file(*state, CP932_TEXT, true), *p2 = file(*state, UTF8_TEXT, false);
    assert_int_equal(postal_read(p1, collect, &one, &a, &e), OK);
    assert_int_equal(postal_read(p2, collect, &two, &b, &e), OK);
    assert_false(a.utf8);
    assert_true(b.utf8);
    assert_string_equal(buf_str(&one), buf_str(&two));
    assert_string_equal(buf_str(&one), "99201|9990000|梅里市||||\n"
                                       "99201|9990005|梅里市|三津谷|１−３、５番地|ミヅヤ|１−３、５バンチ\n"
                                       "99201|9990006|梅里市|吉川下|東、西|ヨカワゲ|\n");
    assert_int_equal(a.lines, 6);
    assert_int_equal(a.records, 3);
    assert_int_equal(a.merged, 3);
    assert_int_equal(a.n_reject, 0);
    assert_int_equal(b.lines, 3);
    assert_int_equal(b.records, 3);
    postal_report_done(&a);
    postal_report_done(&b);
    buf_done(&one);
    buf_done(&two);
    free(p1);
    free(p2);
}

static void every_line_is_accounted_for(void **state)
{
    static const char TEXT[] =
        "99201,\"999  \",\"9990001\",\"チ\",\"ウ\",\"ア\",\"千早県\",\"梅里市\",\"梅町\"" TAIL
        "9920,\"999  \",\"9990001\",\"チ\",\"ウ\",\"ア\",\"千早県\",\"梅里市\",\"梅町\"" TAIL
        "99201,\"999  \",\"99900\",\"チ\",\"ウ\",\"ア\",\"千早県\",\"梅里市\",\"梅町\"" TAIL "not a record\r\n"
        "99201,\"999  \",\"9990002\",\"チ\",\"ウ\",\"ア\",\"千早県\",\"梅里市\",\"港（一\"" TAIL
        "99201,\"999  \",\"9990003\",\"チ\",\"ウ\",\"ア\",\"千早県\",\"梅里市\",\"栄町\"" TAIL
        "99201,\"999  \",\"9990004\",\"チ\",\"ウ\",\"ア\",\"千早県\",\"梅里市\",\"宮前（一\"" TAIL
        "99201,\"999  \",\"9990004\",\"チ\",\"ウ\",\"ア\",\"千早県\",\"梅里市\",\"二\"" TAIL;
    struct postal_report r;
    struct errinfo e;
    struct buf got = BUF_INIT;
    char *path = file(*state, TEXT, false);
    assert_int_equal(postal_read(path, collect, &got, &r, &e), OK);
    assert_int_equal(r.lines, 8);
    assert_int_equal(r.records, 2);
    assert_int_equal(r.merged, 0);
    assert_int_equal(r.n_reject, 6);
    static const long lines[] = { 2, 3, 4, 5, 7, 8 };
    for (size_t i = 0; i < r.n_reject; i++) {
        assert_int_equal(r.reject[i].line, lines[i]);
        assert_true(r.reject[i].reason[0]);
    }
    assert_int_equal(r.lines, r.records + r.merged + (long)r.n_reject);
    postal_report_done(&r);
    buf_done(&got);
    free(path);
}

static void a_file_without_records_and_a_full_store(void **state)
{
    struct postal_report r;
    struct errinfo e;
    char *path = file(*state, "nothing\r\n", false);
    assert_int_equal(postal_read(path, collect, NULL, &r, &e), E_INVALID);
    postal_report_done(&r);
    free(path);
    path = file(*state, UTF8_TEXT, false);
    assert_int_equal(postal_read(path, refuse, NULL, &r, &e), E_FULL);
    postal_report_done(&r);
    free(path);
    assert_int_equal(postal_read("/nonexistent/ken.csv", collect, NULL, &r, &e), E_NOTFOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_layouts_give_the_same, check_tmpdir, check_tmpdir_gone),
        cmocka_unit_test_setup_teardown(every_line_is_accounted_for, check_tmpdir, check_tmpdir_gone),
        cmocka_unit_test_setup_teardown(a_file_without_records_and_a_full_store, check_tmpdir, check_tmpdir_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
