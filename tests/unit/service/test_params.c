#include "fixture.h"

#include "gate/internal.h"

static const struct param_spec members[] = {
    { "s", P_ID, true, 8, NULL },
    { "r", P_INT, true, 99, NULL },
    { "v", P_TEXT, false, 5, NULL },
    { 0 },
};
static const struct param_spec element[] = { { "", P_OBJECT, true, 0, members }, { 0 } };
static const struct param_spec word[] = { { "", P_ID, true, 4, NULL }, { 0 } };
static const struct param_spec all[] = {
    { "name", P_TEXT, true, 5, NULL },   { "secret", P_SECRET, false, 5, NULL },
    { "id", P_ID, false, 4, NULL },      { "n", P_INT, false, 100, NULL },
    { "yes", P_BOOL, false, 0, NULL },   { "on", P_DAY, false, 0, NULL },
    { "words", P_LIST, false, 2, word }, { "values", P_LIST, false, 3, element },
    { "items", P_MAP, false, 4, NULL },  { 0 },
};

static void test_what_is_taken(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{\"name\":\"辻󠄀\"}",
        "{\"name\":\"あいうえお\",\"secret\":\"x\",\"id\":\"a-.1\",\"n\":0,\"yes\":false,\"on\":\"2026-02-28\"}",
        "{\"name\":\"a\",\"id\":\"\",\"on\":\"\"}",
        "{\"name\":\"a\",\"words\":[],\"values\":[{\"s\":\"x\",\"r\":99,\"v\":\"\"}],\"items\":{\"k\":\"v\"}}",
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct errinfo e = { 0 };
        json_t *p = json_loads(good[i], 0, NULL);
        assert_non_null(p);
        if (params_check(all, p, &e) != OK)
            fail_msg("%s: %s %s", good[i], e.msg, e.item);
        json_decref(p);
    }
    assert_int_equal(params_check(NULL, NULL, NULL), OK);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *msg, *item;
    } bad[] = {
        { "[]", "S042", "params" },
        { "{}", "S041", "name" },
        { "{\"name\":\"\"}", "S041", "name" },
        { "{\"name\":1}", "S042", "name" },
        { "{\"name\":null}", "S042", "name" },
        { "{\"name\":\"あいうえおか\"}", "S043", "name" },
        { "{\"name\":\"a\\u0007\"}", "S044", "name" },
        { "{\"name\":\"a\\u202e\"}", "S044", "name" },
        { "{\"name\":\"a\",\"nmae\":\"b\"}", "S040", "nmae" },
        { "{\"name\":\"a\",\"id\":\"a b\"}", "S044", "id" },
        { "{\"name\":\"a\",\"id\":\"../x\"}", "S044", "id" },
        { "{\"name\":\"a\",\"id\":\"abcde\"}", "S043", "id" },
        { "{\"name\":\"a\",\"n\":-1}", "S044", "n" },
        { "{\"name\":\"a\",\"n\":101}", "S043", "n" },
        { "{\"name\":\"a\",\"n\":1.5}", "S042", "n" },
        { "{\"name\":\"a\",\"n\":\"1\"}", "S042", "n" },
        { "{\"name\":\"a\",\"yes\":1}", "S042", "yes" },
        { "{\"name\":\"a\",\"on\":\"2026-02-29\"}", "S042", "on" },
        { "{\"name\":\"a\",\"on\":\"R8.7.1\"}", "S042", "on" },
        { "{\"name\":\"a\",\"words\":{}}", "S042", "words" },
        { "{\"name\":\"a\",\"words\":[\"a\",\"b\",\"c\"]}", "S043", "words" },
        { "{\"name\":\"a\",\"words\":[\"a\",2]}", "S042", "words[1]" },
        { "{\"name\":\"a\",\"words\":[\"\"]}", "S041", "words[0]" },
        { "{\"name\":\"a\",\"values\":[{\"s\":\"x\",\"r\":1},{\"s\":\"x\"}]}", "S041", "values[1].r" },
        { "{\"name\":\"a\",\"values\":[{\"s\":\"x\",\"r\":1,\"q\":1}]}", "S040", "values[0].q" },
        { "{\"name\":\"a\",\"values\":[\"x\"]}", "S042", "values[0]" },
        { "{\"name\":\"a\",\"items\":{\"k\":1}}", "S042", "items.k" },
        { "{\"name\":\"a\",\"items\":{\"k k\":\"1\"}}", "S044", "items" },
        { "{\"name\":\"a\",\"items\":{\"k\":\"12345\"}}", "S043", "items.k" },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct errinfo e = { 0 };
        json_t *p = json_loads(bad[i].text, 0, NULL);
        assert_non_null(p);
        enum err r = params_check(all, p, &e);
        if (r != E_INVALID || strcmp(e.msg, bad[i].msg) != 0 || strcmp(e.item, bad[i].item) != 0)
            fail_msg("%s: %d %s %s", bad[i].text, r, e.msg, e.item);
        json_decref(p);
    }
    struct errinfo e;
    assert_int_equal(params_check(all, NULL, &e), E_INVALID);
    json_t *p = json_pack("{s:s}", "x", "y");
    assert_int_equal(params_check(NULL, p, &e), E_INVALID);
    json_decref(p);
}

/* What goes into the log's digest. */
static void test_secrets_and_strangers_are_left_out(void **state)
{
    (void)state;
    json_t *p = json_pack("{s:s, s:s, s:s}", "name", "a", "secret", "geheim", "secert", "geheim");
    json_t *shown = params_without_secrets(all, p);
    char *text = json_dumps(shown, JSON_COMPACT);
    assert_string_equal(text, "{\"name\":\"a\"}");
    free(text);
    json_decref(shown);
    json_decref(p);
}

static void test_malformed_requests(void **state)
{
    struct service_test *t = *state;
    struct session *s = service_test_session(t);
    static const char *const bad[] = {
        "{}", "[]", "{\"id\":\"x\",\"method\":\"status.get\"}", "{\"id\":1,\"method\":7}", "{\"id\":1}", "7"
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        json_t *request = json_loads(bad[i], JSON_DECODE_ANY, NULL);
        service_call(s, request, service_test_reply, t);
        const char *msg = json_string_value(json_object_get(json_object_get(t->answer, "error"), "msg"));
        assert_string_equal(msg, "S010");
        json_decref(request);
    }
}

/* The library reads what was written, and what it would have written itself. */
static void test_answers_as_text(void **state)
{
    (void)state;
    static const char *const trees[] = {
        "{}",
        "[]",
        "{\"id\":7,\"ok\":true,\"result\":{\"rows\":[{\"name\":\"辻󠄀　\\\"髙\\\"\",\"n\":-12,\"no\":false},{}]}}",
        "{\"x\":null}",
        "[\"\",\"\\\\\",\"a\\nb\\tc\",\"\\u0001\\u001f\",\"/\",\"𠮷\",[[1],[9223372036854775807]]]",
    };
    for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
        struct buf text = BUF_INIT;
        json_t *tree = json_loads(trees[i], 0, NULL);
        assert_non_null(tree);
        service_text(tree, &text);
        json_t *again = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, NULL);
        assert_true(json_equal(tree, again));
        json_decref(again);
        json_decref(tree);
        buf_done(&text);
    }
    struct buf text = BUF_INIT;
    json_t *tree = json_loads(trees[2], 0, NULL);
    char *library = json_dumps(tree, JSON_COMPACT);
    service_text(tree, &text);
    assert_string_equal(buf_str(&text), library);
    free(library);
    json_decref(tree);
    buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_taken),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_secrets_and_strangers_are_left_out),
        cmocka_unit_test(test_answers_as_text),
        service_unit_test(test_malformed_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
