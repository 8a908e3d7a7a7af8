#include "world.h"

/* 発行番号: day, city, terminal, printer, serial. */
static void number_is(struct paper_world *w, const json_t *issue, const char *serial)
{
    char *want = xprintf("20260701 %s 東支所1 プリンタ001 %s", w->t->book->own_city, serial);
    assert_string_equal(text_at(issue, "no"), want);
    free(want);
}

/* ---- the ordinary way ---- */

static void issue_and_verify(void **state)
{
    struct paper_world *w = *state;
    const json_t *r =
        world_request(w, json_pack("[s]", HANAKO), the_person("household"), json_pack("[s]", "domicile"), 1);
    assert_true(json_is_true(json_object_get(json_object_get(r, "gate"), "ok")));
    assert_false(json_is_true(json_object_get(r, "needs_approval")));
    assert_int_equal(json_integer_value(json_object_get(r, "fee")), 300);
    assert_string_equal(w->request, "E1-Q26-000001");
    const json_t *pages = json_object_get(world_preview(w), "pages");
    assert_int_equal(json_array_size(pages), 1);
    char *shown = json_dumps(pages, 0);
    assert_non_null(strstr(shown, "葛󠄂城　花子"));
    assert_non_null(strstr(shown, "【試験】"));
    free(shown);
    assert_int_equal(world_documents(w), 0);

    const json_t *issue =
        json_array_get(json_object_get(world_ok(w, w->clk, "cert.issue", issue_params(w)), "issues"), 0);
    number_is(w, issue, "001");
    assert_string_equal(text_at(issue, "state"), "printed");
    assert_int_equal(json_integer_value(json_object_get(issue, "pages")), 1);
    assert_string_equal(
        text_at(json_array_get(json_object_get(json_object_get(w->answer, "result"), "persons"), 0), "name"),
        "葛󠄂城　花子");
    char *no = xstrdup(text_at(issue, "no")), *code = xstrdup(text_at(issue, "check_code"));
    char *text = world_text(w, json_integer_value(json_object_get(issue, "job")));
    static const char *const parts[] = { "葛󠄂城",
                                         "花子",
                                         "うめ県梅市梅町一丁目８番地３",
                                         "昭和53年3月2日",
                                         " 東支所1 プリンタ001 001 1/1",
                                         "この写しは、世帯一部の住民票の原本と相違ないことを証明する。",
                                         "省略" };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!strstr(text, parts[i]))
            fail_msg("no %s in %s", parts[i], text);
    assert_non_null(strstr(text, code));
    assert_null(strstr(text, "123456789018"));

    const json_t *v = world_ok(w, w->clk, "cert.verify", json_pack("{s:s, s:s}", "no", no, "code", code));
    assert_string_equal(text_at(v, "state"), "valid");
    assert_string_equal(text_at(v, "issued_on"), "2026-07-01");
    char *line = xprintf("%s　1/1 %s", no, code); /* on one line, as it is read from the paper */
    v = world_ok(w, w->clk, "cert.verify", json_pack("{s:s}", "code", line));
    assert_string_equal(text_at(v, "state"), "valid");
    line[9] ^= 1; /* one bit of the number */
    v = world_ok(w, w->clk, "cert.verify", json_pack("{s:s}", "code", line));
    assert_string_equal(text_at(v, "state"), "unknown");
    free(line);
    v = world_ok(w, w->clk, "cert.verify", json_pack("{s:s}", "code", "MDGC1;99201;x;AAAAAAAAAAAAAAAAAAAAAAAAAA"));
    assert_string_equal(text_at(v, "state"), "unknown");
    code[0] = code[0] == 'A' ? 'B' : 'A';
    v = world_ok(w, w->clk, "cert.verify", json_pack("{s:s, s:s}", "no", no, "code", code));
    assert_string_equal(text_at(v, "state"), "unknown");
    assert_null(json_object_get(v, "issued_on"));
    assert_string_equal(w->op_kinds, "cert.issue ");
    free(no);
    free(code);
    free(text);
}

static void every_copy_has_its_own_number(void **state)
{
    struct paper_world *w = *state;
    char no[3][64], *second = NULL;
    const json_t *issues = world_issue(w, ICHIRO, 3);
    assert_int_equal(json_array_size(issues), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(text_at(json_array_get(issues, i), "state"), "printed");
        snprintf(no[i], sizeof no[i], "%s", text_at(json_array_get(issues, i), "no"));
    }
    assert_string_not_equal(no[0], no[1]);
    assert_string_not_equal(no[1], no[2]);
    second = xstrdup(text_at(json_array_get(issues, 1), "check_code"));
    assert_int_equal(world_documents(w), 3);
    assert_int_equal(w->ops, 3);

    world_refused(w, w->clk, "cert.void", json_pack("{s:s, s:s}", "no", no[1], "reason", "人を取り違えた"), "S003");
    struct session *sup = service_test_login(w->t, "sup1");
    world_refused(w, sup, "cert.void", json_pack("{s:s, s:s}", "no", no[1], "reason", "誤り"), "S007");
    world_ok(w, sup, "cert.void", json_pack("{s:s, s:s, s:b}", "no", no[1], "reason", "人を取り違えた", "fee_back", 1));
    world_refused(w, sup, "cert.void", json_pack("{s:s, s:s}", "no", no[1], "reason", "人を取り違えた"), "S323");
    world_refused(w, sup, "cert.void", json_pack("{s:s, s:s}", "no", "20260701 1", "reason", "人を取り違えた"), "S322");
    const json_t *v = world_ok(w, w->clk, "cert.verify", json_pack("{s:s, s:s}", "no", no[1], "code", second));
    assert_string_equal(text_at(v, "state"), "void");
    const json_t *d = json_object_get(world_ok(w, w->clk, "dashboard.get", json_object()), "certificates");
    assert_int_equal(json_integer_value(json_object_get(d, "copies")), 2);
    assert_int_equal(json_integer_value(json_object_get(d, "fees")), 600);
    assert_int_equal(json_integer_value(json_object_get(d, "void")), 1);
    const json_t *rows =
        json_object_get(world_ok(w, w->clk, "cert.jobs", json_pack("{s:s}", "person", ICHIRO)), "rows");
    assert_int_equal(json_array_size(rows), 3);
    free(second);
}

static void only_what_was_previewed_is_issued(void **state)
{
    struct paper_world *w = *state;
    world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), 1);
    world_refused(w, w->clk, "cert.issue", issue_params(w), "S319");
    world_preview(w);
    world_row(w, ICHIRO, 2, ATTR_NAME, "川田　一郎", ATTR_RELATION, "世帯主", ATTR_BIRTH_ON, "S50.05.11", ATTR_SEX,
              SEX_MALE, -1);
    world_refused(w, w->clk, "cert.issue", issue_params(w), "S319");
    world_preview(w);
    world_ok(w, w->clk, "cert.issue", issue_params(w));
    world_refused(w, w->clk, "cert.issue", issue_params(w), "S318"); /* once */
    assert_int_equal(world_documents(w), 1);
}

static void a_missing_glyph_stops_at_the_preview(void **state)
{
    struct paper_world *w = *state;
    world_row(w, ICHIRO, 2, ATTR_NAME, "川田　\U0001F600郎", ATTR_RELATION, "世帯主", ATTR_BIRTH_ON, "S50.05.10", -1);
    world_request(w, json_pack("[s]", ICHIRO), somebody("self", "川田　\U0001F600郎"), json_array(), 1);
    const json_t *problem = json_object_get(world_preview(w), "problem");
    assert_string_equal(text_at(problem, "msg"), "S301");
    assert_string_equal(text_at(problem, "item"), "氏名 U+1F600");
    world_refused(w, w->clk, "cert.issue", issue_params(w), "S319");
}

/* The other certificates need nothing but a layout and rows of tables. */
static void a_removed_record_and_a_statement(void **state)
{
    struct paper_world *w = *state;
    world_row(w, HANAKO, 2, ATTR_NAME, "葛󠄂城　花子", ATTR_STATUS, STATUS_MOVED, ATTR_BIRTH_ON, "S53.03.02",
              ATTR_REMOVED_REASON, "D01", ATTR_REMOVED_ON, "R08.06.20", ATTR_FIXED_TO, "もも県桃市桃町１番", -1);
    static const struct {
        const char *kind, *person, *name, *part;
    } cases[] = { { "johyo", HANAKO, "葛󠄂城　花子", "もも県桃市桃町１番" },
                  { "kisai_jiko", ICHIRO, "川田　一郎", "上記の事項は、住民票に記載されていることを証明する。" } };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const json_t *r =
            world_ok(w, w->clk, "cert.request",
                     json_pack("{s:s, s:[s], s:o, s:[s]}", "kind", cases[i].kind, "persons", cases[i].person,
                               "requester", somebody("self", cases[i].name), "items", "domicile"));
        free(w->request);
        w->request = xstrdup(text_at(r, "request"));
        world_preview(w);
        r = json_array_get(json_object_get(world_ok(w, w->clk, "cert.issue", issue_params(w)), "issues"), 0);
        char *text = world_text(w, json_integer_value(json_object_get(r, "job")));
        if (!strstr(text, cases[i].part) || !strstr(text, "うめ県梅市梅町一丁目８番地"))
            fail_msg("%s: %s", cases[i].kind, text);
        free(text);
    }
}

static int64_t issue_leaving(struct paper_world *w, const char *name)
{
    const json_t *r = world_ok(
        w, w->clk, "cert.request",
        json_pack("{s:s, s:[s], s:o}", "kind", "tenshutsu", "persons", ICHIRO, "requester", somebody("self", name)));
    free(w->request);
    w->request = xstrdup(text_at(r, "request"));
    world_preview(w);
    r = world_ok(w, w->clk, "cert.issue",
                 json_pack("{s:s, s:s, s:s}", "request", w->request, "approver", "sup1", "password", TEST_PASSWORD));
    return json_integer_value(json_object_get(json_array_get(json_object_get(r, "issues"), 0), "job"));
}

/* 転出証明書: issued again it says what it said first. */
static void a_moving_out_certificate_is_frozen(void **state)
{
    struct paper_world *w = *state;
    world_row(w, ICHIRO, 2, ATTR_NAME, "川田　一郎", ATTR_RELATION, "世帯主", ATTR_BIRTH_ON, "S50.05.10",
              ATTR_PLANNED_TO, "もも県桃市", ATTR_PLANNED_ON, "2026-08-01", -1);
    char *first = world_text(w, issue_leaving(w, "川田　一郎"));
    assert_non_null(strstr(first, "もも県桃市"));
    assert_non_null(strstr(first, "123456789018"));
    assert_null(strstr(first, "再交付"));
    world_row(w, ICHIRO, 3, ATTR_NAME, "川田　一朗", ATTR_RELATION, "世帯主", ATTR_BIRTH_ON, "S50.05.10",
              ATTR_PLANNED_TO, "もも県桃市", ATTR_PLANNED_ON, "2026-08-01", -1);
    char *again = world_text(w, issue_leaving(w, "川田　一朗"));
    assert_non_null(strstr(again, "再交付"));
    assert_non_null(strstr(again, "一郎"));
    assert_null(strstr(again, "一朗"));
    assert_non_null(strstr(again, "プリンタ001 002 1/1"));
    free(first);
    free(again);
}

static void sheets_are_counted_by_two(void **state)
{
    struct paper_world *w = *state;
    world_refused(
        w, w->clk, "stock.add",
        json_pack("{s:s, s:i, s:s, s:s}", "what", "load", "sheets", 100, "witness", "clk1", "password", TEST_PASSWORD),
        "S004");
    world_ok(
        w, w->clk, "stock.add",
        json_pack("{s:s, s:i, s:s, s:s}", "what", "load", "sheets", 100, "witness", "clk2", "password", TEST_PASSWORD));
    world_issue(w, ICHIRO, 3);
    const json_t *s = world_ok(w, w->clk, "stock.get", json_object());
    assert_int_equal(json_integer_value(json_object_get(s, "used")), 3);
    assert_int_equal(json_integer_value(json_object_get(s, "remaining")), 97);
    world_refused(
        w, w->clk, "stock.add",
        json_pack("{s:s, s:i, s:s, s:s}", "what", "lose", "sheets", 1, "witness", "clk2", "password", TEST_PASSWORD),
        "S036");
}

/* ---- who may have what ---- */

static void refusals_name_their_reason(void **state)
{
    struct paper_world *w = *state;
    static const struct {
        const char *class, *item, *purpose, *proof, *msg;
    } cases[] = {
        { "third", "", "", "契約書", "E59" },
        { "third", "", "債権の回収", "", "E59" },
        { "third", "my_number", "債権の回収", "契約書", "E53" },
        { "agent", "my_number", "", "委任状", "E53" },
        { "third", "domicile", "債権の回収", "契約書", "S312" },
        { "self", "colour", "", "", "S310" },
        { "self", "", "", "", "S332" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *who =
            json_pack("{s:s, s:s, s:s, s:s, s:s}", "class", cases[i].class, "name", "川田　一郎", "purpose",
                      cases[i].purpose, "proof", cases[i].proof, "document", i == ARRAY_LEN(cases) - 1 ? "" : "12");
        json_t *items = *cases[i].item ? json_pack("[s]", cases[i].item) : json_array();
        const json_t *r = world_request(w, json_pack("[s]", ICHIRO), who, items, 1);
        assert_string_equal(text_at(json_object_get(r, "gate"), "msg"), cases[i].msg);
        assert_null(json_object_get(r, "persons"));
        world_refused(w, w->clk, "cert.preview", json_pack("{s:s}", "request", w->request), "S318");
    }
    world_refused(w, w->clk, "cert.request",
                  json_pack("{s:s, s:[s], s:o}", "kind", "nothing", "persons", ICHIRO, "requester", the_person("self")),
                  "S308");
    world_refused(
        w, w->clk, "cert.request",
        json_pack("{s:s, s:[s], s:o}", "kind", "juminhyo_setai", "persons", ICHIRO, "requester", the_person("cousin")),
        "S309");
    assert_int_equal(w->ops, 0);
}

/* A protected person: the same neutral sentence, no trace of her in the answer, the reason in the log only. */
static void a_protected_person_leaves_no_trace(void **state)
{
    struct paper_world *w = *state;
    world_row(w, HANAKO, 2, ATTR_NAME, "葛󠄂城　花子", ATTR_RELATION, "妻", ATTR_BIRTH_ON, "S53.03.02",
              ATTR_ADDR_TOWN, SECRET, -1);
    world_protect(w, HANAKO);
    const json_t *r = world_request(w, json_pack("[s,s]", ICHIRO, HANAKO), the_person("self"), json_array(), 1);
    assert_string_equal(text_at(json_object_get(r, "gate"), "msg"), "E51");
    char *all = json_dumps(r, 0);
    assert_null(strstr(all, "秘密町"));
    assert_null(strstr(all, "花子"));
    assert_null(strstr(all, "support"));
    free(all);
    assert_int_equal(json_array_size(json_object_get(r, "findings")), 0);
    struct service_test_last log = service_test_last_log(w->t);
    assert_string_equal(log.function, "cert.request");
    assert_string_equal(log.detail, "E51");
    /* Without her the rest is issued, as 世帯一部. */
    r = world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), 1);
    assert_true(json_is_true(json_object_get(json_object_get(r, "gate"), "ok")));
}

/* Protected between preview and issue: refused at the last step too. */
static void a_restriction_counts_at_every_step(void **state)
{
    struct paper_world *w = *state;
    world_request(w, json_pack("[s]", HANAKO), the_person("household"), json_array(), 1);
    world_preview(w);
    world_protect(w, HANAKO);
    world_refused(w, w->clk, "cert.issue", issue_params(w), "E51");
    world_refused(w, w->clk, "cert.preview", json_pack("{s:s}", "request", w->request), "E51");
    assert_int_equal(world_documents(w), 0);
}

static json_t *approved_by(struct paper_world *w, const char *who, bool again)
{
    return json_pack("{s:s, s:s, s:s, s:b}", "request", w->request, "approver", who, "password", TEST_PASSWORD, "again",
                     again);
}

/* Who lives with a protected person has the same address: 支援措置責任者 approves, and nothing is seen before. */
static void a_housemates_paper_is_approved_unseen(void **state)
{
    struct paper_world *w = *state;
    world_row(w, ICHIRO, 2, ATTR_NAME, "川田　一郎", ATTR_RELATION, "世帯主", ATTR_BIRTH_ON, "S50.05.10",
              ATTR_ADDR_TOWN, SECRET, -1);
    world_protect(w, HANAKO);
    json_t *third = json_pack("{s:s, s:s, s:s, s:s, s:s}", "class", "third", "name", "北　太郎", "document", "12",
                              "purpose", "債権の回収", "proof", "契約書");
    const json_t *r = world_request(w, json_pack("[s]", ICHIRO), third, json_array(), 1);
    assert_true(json_is_true(json_object_get(r, "needs_approval")));
    r = world_preview(w);
    assert_true(json_is_true(json_object_get(r, "withheld")));
    char *all = json_dumps(r, 0);
    assert_null(strstr(all, "秘密町"));
    free(all);
    struct session *rsp = service_test_login(w->t, "rsp1"); /* who is to approve it reads it, for a reason */
    assert_true(json_is_true(
        json_object_get(world_ok(w, rsp, "cert.preview", json_pack("{s:s}", "request", w->request)), "withheld")));
    world_refused(w, rsp, "cert.preview", json_pack("{s:s, s:s}", "request", w->request, "reason", "　　　　　"),
                  "S007");
    all = json_dumps(
        world_ok(w, rsp, "cert.preview", json_pack("{s:s, s:s}", "request", w->request, "reason", "発行の承認のため")),
        0);
    assert_non_null(strstr(all, "秘密町"));
    free(all);
    world_refused(w, rsp, "cert.issue", issue_params(w), "S003");
    world_refused(w, w->clk, "cert.issue", issue_params(w), "S326");
    world_refused(w, w->clk, "cert.issue", approved_by(w, "sup1", false), "S003");
    r = world_ok(w, w->clk, "cert.issue", approved_by(w, "rsp1", false));
    r = json_array_get(json_object_get(r, "issues"), 0);
    assert_string_equal(text_at(r, "state"), "printed");
    char *text = world_text(w, json_integer_value(json_object_get(r, "job")));
    assert_non_null(strstr(text, "秘密町"));
    assert_null(strstr(text, "花子"));
    free(text);
}

static void release_for(struct paper_world *w, struct session *rsp)
{
    world_ok(w, rsp, "restrict.temp",
             json_pack("{s:s, s:s, s:s, s:s, s:s}", "no", "R1", "request", w->request, "reason", "本人が来庁した",
                       "approver", "sup2", "password", TEST_PASSWORD));
}

/* One request, one print, four eyes twice, some minutes. */
static void a_temporary_release_is_used_up_by_the_print(void **state)
{
    struct paper_world *w = *state;
    struct session *rsp = service_test_login(w->t, "rsp1");
    world_protect(w, HANAKO);
    world_request(w, json_pack("[s]", HANAKO), the_person("household"), json_array(), 1);
    world_refused(w, w->clk, "cert.preview", json_pack("{s:s}", "request", w->request), "E51");
    release_for(w, rsp);
    const json_t *r = world_preview(w);
    assert_true(json_is_true(json_object_get(r, "needs_approval")));
    assert_int_equal(json_array_size(json_object_get(r, "pages")), 0);
    world_refused(w, w->clk, "cert.issue", issue_params(w), "S326");
    world_refused(w, w->clk, "cert.issue", approved_by(w, "rsp1", false), "S004"); /* who released it */
    r = json_array_get(json_object_get(world_ok(w, w->clk, "cert.issue", approved_by(w, "sup1", false)), "issues"), 0);
    assert_string_equal(text_at(r, "state"), "printed");
    char *no = xstrdup(text_at(r, "no"));
    world_refused(w, w->clk, "cert.issue", approved_by(w, "sup1", true), "S318");
    struct session *sup = service_test_login(w->t, "sup1");
    world_ok(w, sup, "cert.void", json_pack("{s:s, s:s}", "no", no, "reason", "汚れて読めない"));
    world_refused(w, w->clk, "cert.issue", approved_by(w, "sup1", true), "E51");
    free(no);
    /* Time passes, or goes back. */
    world_request(w, json_pack("[s]", HANAKO), the_person("household"), json_array(), 1);
    release_for(w, rsp);
    w->t->wall_ms -= 1000;
    world_refused(w, w->clk, "cert.preview", json_pack("{s:s}", "request", w->request), "E51");
    w->t->wall_ms += 1000;
    world_preview(w);
    w->t->wall_ms += 600000;
    world_refused(w, w->clk, "cert.issue", approved_by(w, "sup1", false), "E51");
    world_copy_age(w, 0, 0);
    world_stop(w, OUTAGE_BIT(OUTAGE_LINK));
    world_refused(w, rsp, "restrict.temp",
                  json_pack("{s:s, s:s, s:s, s:s, s:s}", "no", "R1", "request", w->request, "reason", "本人が来庁した",
                            "approver", "sup2", "password", TEST_PASSWORD),
                  "S009");
    assert_int_equal(world_documents(w), 1);
}

/* As many as are spoiled or void, and no more. */
static void again_makes_up_for_what_is_void(void **state)
{
    struct paper_world *w = *state;
    const json_t *issues = world_issue(w, ICHIRO, 3);
    char *no = xstrdup(text_at(json_array_get(issues, 1), "no"));
    json_t *again = json_pack("{s:s, s:b}", "request", w->request, "again", 1);
    world_refused(w, w->clk, "cert.issue", json_copy(again), "S318");
    struct session *sup = service_test_login(w->t, "sup1");
    world_ok(w, sup, "cert.void", json_pack("{s:s, s:s}", "no", no, "reason", "汚れて読めない"));
    issues = json_object_get(world_ok(w, w->clk, "cert.issue", json_copy(again)), "issues");
    assert_int_equal(json_array_size(issues), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(issues, 0), "copy")), 4);
    world_refused(w, w->clk, "cert.issue", again, "S318");
    assert_int_equal(world_documents(w), 4);
    free(no);
}

static void an_old_restriction_list_means_no(void **state)
{
    struct paper_world *w = *state;
    world_copy_age(w, 0, 25);
    const json_t *r = world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), 1);
    assert_string_equal(text_at(json_object_get(r, "gate"), "msg"), "E51");
}

static void a_number_needs_the_right_or_a_second_person(void **state)
{
    struct paper_world *w = *state;
    const json_t *r = world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_pack("[s]", "my_number"), 1);
    assert_true(json_is_true(json_object_get(r, "needs_approval")));
    world_preview(w);
    world_refused(w, w->clk, "cert.issue", issue_params(w), "S326");
    world_refused(w, w->clk, "cert.issue",
                  json_pack("{s:s, s:s, s:s}", "request", w->request, "approver", "clk1", "password", TEST_PASSWORD),
                  "S004");
    world_refused(w, w->clk, "cert.issue",
                  json_pack("{s:s, s:s, s:s}", "request", w->request, "approver", "clk2", "password", TEST_PASSWORD),
                  "S003");
    r = world_ok(w, w->clk, "cert.issue",
                 json_pack("{s:s, s:s, s:s}", "request", w->request, "approver", "sup1", "password", TEST_PASSWORD));
    char *text =
        world_text(w, json_integer_value(json_object_get(json_array_get(json_object_get(r, "issues"), 0), "job")));
    assert_non_null(strstr(text, "123456789018"));
    free(text);
}

/* ---- when processes die ---- */

/* Turns the loop until a process for paper runs. */
static pid_t next_process(struct paper_world *w, pid_t before)
{
    struct clock c = clock_system();
    int64_t until = c.mono_ms(c.self) + PATIENCE;
    pid_t pid;
    while (((pid = paper_busy_pid(w->paper)) == 0 || pid == before) && !w->answers && c.mono_ms(c.self) < until)
        loop_once(w->loop, 50);
    assert_int_equal(w->answers, 0);
    return pid;
}

static void killed_while_drawing(void **state)
{
    struct paper_world *w = *state;
    world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), 1);
    world_preview(w);
    world_ask(w, w->clk, "cert.issue", issue_params(w));
    kill(next_process(w, 0), SIGKILL);
    const json_t *issue = json_array_get(json_object_get(json_object_get(world_await(w), "result"), "issues"), 0);
    assert_string_equal(text_at(issue, "state"), "spoiled"); /* its number is used, nothing came out */
    assert_int_equal(world_documents(w), 0);
    issue = json_array_get(
        json_object_get(world_ok(w, w->clk, "cert.issue", json_pack("{s:s, s:b}", "request", w->request, "again", 1)),
                        "issues"),
        0);
    number_is(w, issue, "002");
    assert_string_equal(text_at(issue, "state"), "printed");
}

/* Holds the loop where the spooler has been started, and kills it. */
static void kill_spooler(struct paper_world *w)
{
    pid_t drawing = next_process(w, 0), spooling = next_process(w, drawing);
    assert_int_not_equal(drawing, spooling);
    kill(spooling, SIGKILL);
}

static void killed_while_printing_it_must_be_answered(void **state)
{
    struct paper_world *w = *state;
    world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), 3);
    world_preview(w);
    world_ask(w, w->clk, "cert.issue", issue_params(w));
    kill_spooler(w);
    const json_t *issues = json_object_get(json_object_get(world_await(w), "result"), "issues");
    assert_string_equal(text_at(json_array_get(issues, 0), "state"), "unknown");
    assert_string_equal(text_at(json_array_get(issues, 1), "state"), "reserved");
    int64_t job = json_integer_value(json_object_get(json_array_get(issues, 0), "job"));
    const json_t *s = world_ok(w, w->clk, "status.get", json_object());
    assert_int_equal(json_integer_value(json_object_get(s, "unknown_prints")), 1);
    /* Nothing more is printed before somebody has looked. */
    world_request(w, json_pack("[s]", HANAKO), the_person("household"), json_array(), 1);
    world_preview(w);
    world_refused(w, w->clk, "cert.issue", issue_params(w), "S320");
    world_refused(w, w->clk, "cert.resolve", json_pack("{s:I, s:s}", "job", (json_int_t)job + 1, "outcome", "in_hand"),
                  "S324");
    world_refused(w, w->clk, "cert.resolve", json_pack("{s:I, s:s}", "job", (json_int_t)job, "outcome", "perhaps"),
                  "S036");
    size_t before = world_documents(w);
    world_ok(w, w->clk, "cert.resolve", json_pack("{s:I, s:s}", "job", (json_int_t)job, "outcome", "in_hand"));
    struct clock c = clock_system(); /* the other two follow by themselves */
    for (int64_t until = c.mono_ms(c.self) + PATIENCE; c.mono_ms(c.self) < until && world_documents(w) < before + 2;)
        loop_once(w->loop, 50);
    assert_int_equal(world_documents(w), before + 2);
}

static void after_a_restart_what_was_printing_is_unknown(void **state)
{
    struct paper_world *w = *state;
    world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), 2);
    world_preview(w);
    world_ask(w, w->clk, "cert.issue", issue_params(w));
    next_process(w, next_process(w, 0)); /* the first copy is being printed */
    service_close(w->t->svc);
    world_end_processes(w);
    service_test_start(w->t);
    world_processes(w);
    w->clk = service_test_login(w->t, "clk1");
    const json_t *rows =
        json_object_get(world_ok(w, w->clk, "cert.jobs", json_pack("{s:s}", "request", w->request)), "rows");
    assert_string_equal(text_at(json_array_get(rows, 0), "state"), "unknown");
    assert_string_equal(text_at(json_array_get(rows, 1), "state"), "spoiled");
    world_ok(w, w->clk, "cert.resolve",
             json_pack("{s:I, s:s}", "job", json_integer_value(json_object_get(json_array_get(rows, 0), "job")),
                       "outcome", "nothing"));
    world_issue(w, HANAKO, 1);
}

/* ---- mix-ups ---- */

static struct paper_port real;
static struct buf other;

/* The previous citizen's copy comes back. */
static void draw_another(void *self, const struct paper_draw *d, void (*done)(void *, const struct paper_drawn *),
                         void *arg)
{
    struct paper_draw wrong = *d;
    if (!d->preview)
        wrong.copy = buf_span(&other);
    real.draw(self, &wrong, done, arg);
}

static void keep_body(void *arg, const struct print_job *j)
{
    (void)arg;
    buf_clear(&other);
    buf_add(&other, j->body.p, j->body.n);
}

static void another_persons_copy_is_never_printed(void **state)
{
    struct paper_world *w = *state;
    const json_t *first = json_array_get(world_issue(w, ICHIRO, 1), 0);
    assert_int_equal(print_job_get(w->t->db, json_integer_value(json_object_get(first, "job")), keep_body, NULL, NULL),
                     OK);
    real = w->port;
    w->port.draw = draw_another;
    const json_t *issue = json_array_get(world_issue(w, HANAKO, 1), 0);
    assert_string_equal(text_at(issue, "state"), "spoiled");
    assert_int_equal(world_documents(w), 1);
    w->port = real;
    buf_done(&other);
}

static void without_processes_nothing_is_promised(void **state)
{
    struct paper_world *w = *state;
    world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), 1);
    w->t->plug.paper = NULL;
    world_refused(w, w->clk, "cert.preview", json_pack("{s:s}", "request", w->request), "S325");
    world_refused(w, w->clk, "cert.issue", issue_params(w), "S325");
    assert_int_equal(w->ops, 0);
}

/* A counter that hangs up while its preview is drawn leaves nothing behind. */
static void a_dropped_preview(void **state)
{
    struct paper_world *w = *state;
    world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), 1);
    world_ask(w, w->clk, "cert.preview", json_pack("{s:s}", "request", w->request));
    session_close(w->clk);
    w->clk = service_test_login(w->t, "clk1");
    struct clock c = clock_system();
    for (int64_t until = c.mono_ms(c.self) + PATIENCE; paper_busy_pid(w->paper) && c.mono_ms(c.self) < until;)
        loop_once(w->loop, 50);
    assert_int_equal(w->answers, 0);
    world_preview(w);
}

/* ---- in a stop ---- */

static json_t *approved(struct paper_world *w)
{
    return json_pack("{s:s, s:s, s:s}", "request", w->request, "approver", "sup1", "password", TEST_PASSWORD);
}

static void in_a_stop_marked_and_approved(void **state)
{
    struct paper_world *w = *state;
    world_copy_age(w, 3, 3);
    world_stop(w, OUTAGE_BIT(OUTAGE_LINK));
    const json_t *r = world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), 1);
    assert_true(json_is_true(json_object_get(json_object_get(r, "gate"), "ok")));
    assert_true(json_is_true(json_object_get(r, "needs_approval")));
    world_preview(w);
    world_refused(w, w->clk, "cert.issue", issue_params(w), "S326");
    r = json_array_get(json_object_get(world_ok(w, w->clk, "cert.issue", approved(w)), "issues"), 0);
    char *text = world_text(w, json_integer_value(json_object_get(r, "job")));
    assert_non_null(strstr(text, "作動停止時発行"));
    assert_non_null(strstr(text, "令和8年7月1日6時00分"));
    assert_non_null(strstr(text, "E1-T26-000001"));
    free(text);
}

static void gate_in_stop(struct paper_world *w, json_t *persons, json_t *requester, json_t *items, const char *code)
{
    const json_t *r = world_request(w, persons, requester, items, 1), *gate = json_object_get(r, "gate");
    if (strcmp(text_at(gate, "msg"), "E58") || strcmp(text_at(gate, "code"), code)) {
        char *all = json_dumps(r, 0);
        fail_msg("expected %s: %s", code, all);
    }
    assert_int_equal(json_array_size(json_object_get(r, "findings")), 0);
}

static void in_a_stop_refused(void **state)
{
    struct paper_world *w = *state;
    world_copy_age(w, 3, 3);
    world_stop(w, OUTAGE_BIT(OUTAGE_LINK));
    gate_in_stop(w, json_pack("[s]", ICHIRO), the_person("self"), json_pack("[s]", "my_number"), "X05");
    gate_in_stop(w, json_pack("[s]", ICHIRO),
                 json_pack("{s:s, s:s, s:s}", "class", "self", "name", "川田", "document", "21"), json_array(), "X10");
    gate_in_stop(w, json_pack("[s]", ICHIRO),
                 json_pack("{s:s, s:s, s:s, s:b}", "class", "self", "name", "川田", "document", "12", "by_post", 1),
                 json_array(), "X13");
    world_protect(w, HANAKO); /* of the same household: the same words for everybody */
    gate_in_stop(w, json_pack("[s]", HANAKO), the_person("household"), json_array(), "");
    gate_in_stop(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), "");
}

static void move_stop(struct paper_world *w, enum outage_event event, enum counter_state to)
{
    struct outage o;
    bool found;
    assert_int_equal(outage_current(w->t->db, &o, &found, NULL), OK);
    assert_true(found);
    struct outage_act act = { event, to, o.types, "sup1", "", "復旧した" };
    assert_int_equal(txn_begin(w->t->db, NULL), OK);
    assert_int_equal(outage_move(w->t->db, o.no, &act, NULL), OK);
    assert_int_equal(txn_commit(w->t->db, NULL), OK);
    outage_done(&o);
}

/* 後日交付: what could not be issued in the stop is issued afterwards, on the same request. */
static void held_in_a_stop_and_issued_after_it(void **state)
{
    struct paper_world *w = *state;
    world_copy_age(w, 3, 3);
    world_stop(w, OUTAGE_BIT(OUTAGE_LINK));
    json_t *third = json_pack("{s:s, s:s, s:s, s:s, s:s}", "class", "third", "name", "北　太郎", "document", "12",
                              "purpose", "債権の回収", "proof", "契約書");
    const json_t *r = world_request(w, json_pack("[s]", ICHIRO), third, json_array(), 1);
    assert_true(json_is_true(json_object_get(json_object_get(r, "gate"), "held")));
    world_refused(w, w->clk, "cert.preview", json_pack("{s:s}", "request", w->request), "E58");
    const json_t *row = json_array_get(json_object_get(world_ok(w, w->clk, "cert.held", json_object()), "rows"), 0);
    assert_string_equal(text_at(row, "request"), w->request);
    assert_string_equal(text_at(row, "name"), "北　太郎");
    assert_true(json_is_true(json_object_get(row, "held")));
    move_stop(w, OUTAGE_END, COUNTER_RECOVERING);
    move_stop(w, OUTAGE_RECONCILE, COUNTER_RECONCILED);
    move_stop(w, OUTAGE_CLOSE, COUNTER_NORMAL);
    world_preview(w);
    r = json_array_get(json_object_get(world_ok(w, w->clk, "cert.issue", issue_params(w)), "issues"), 0);
    char *text = world_text(w, json_integer_value(json_object_get(r, "job")));
    assert_null(strstr(text, "作動停止時発行"));
    free(text);
    assert_int_equal(json_array_size(json_object_get(world_ok(w, w->clk, "cert.held", json_object()), "rows")), 0);
}

static void in_a_stop_the_copy_grows_old(void **state)
{
    struct paper_world *w = *state;
    world_stop(w, OUTAGE_BIT(OUTAGE_LINK));
    world_copy_age(w, 8 * 24, 3);
    gate_in_stop(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), "S520");
    world_copy_age(w, 4 * 24, 3); /* up to SNAP_MAX_D only with the word of the head office */
    const json_t *r = world_request(w, json_pack("[s]", ICHIRO), the_person("self"), json_array(), 1);
    assert_true(json_is_true(json_object_get(r, "needs_contact")));
    world_preview(w);
    world_refused(w, w->clk, "cert.issue", approved(w), "S330");
    json_t *p = approved(w);
    assert_int_equal(json_object_set_new(p, "contact_no", json_string("R08-0012")), 0);
    world_ok(w, w->clk, "cert.issue", p);
}

int main(int argc, char **argv)
{
    const char *role = privsep_role(argc, argv);
    if (role)
        return !strcmp(role, "paper") ? paper_main(argc, argv) : spool_main(argc, argv);
    const struct CMUnitTest tests[] = {
        world_test(issue_and_verify),
        world_test(every_copy_has_its_own_number),
        world_test(only_what_was_previewed_is_issued),
        world_test(a_missing_glyph_stops_at_the_preview),
        world_test(a_removed_record_and_a_statement),
        world_test(a_moving_out_certificate_is_frozen),
        world_test(sheets_are_counted_by_two),
        world_test(refusals_name_their_reason),
        world_test(a_protected_person_leaves_no_trace),
        world_test(a_restriction_counts_at_every_step),
        world_test(a_housemates_paper_is_approved_unseen),
        world_test(a_temporary_release_is_used_up_by_the_print),
        world_test(again_makes_up_for_what_is_void),
        world_test(an_old_restriction_list_means_no),
        world_test(a_number_needs_the_right_or_a_second_person),
        world_test(killed_while_drawing),
        world_test(killed_while_printing_it_must_be_answered),
        world_test(after_a_restart_what_was_printing_is_unknown),
        world_test(another_persons_copy_is_never_printed),
        world_test(without_processes_nothing_is_promised),
        world_test(a_dropped_preview),
        world_test(in_a_stop_marked_and_approved),
        world_test(in_a_stop_refused),
        world_test(held_in_a_stop_and_issued_after_it),
        world_test(in_a_stop_the_copy_grows_old),
    };
    return cmocka_run_group_tests_name("cert", tests, NULL, NULL);
}
