/*
 * The canary: one protected person whose address, telephone and remark stand nowhere else, and every method there is,
 * as each role. What tells the place must come out of none of them — but to who typed it in, and to 支援措置責任者 with
 * a reason. A method without a row here fails the test.
 */
#include "people.h"

#include "store/outage.h"
#include "store/outage_book.h"

#define WHY    "本人からの申出による"
#define PW     "asagao no hana 42"
#define PHONE  "080-5555-0199"
#define SECRET "もも県秘市潜町六丁目"

static const char *const secrets[] = { CANARY, CANARY_TOWN, CANARY_LOT, PHONE, "潜町" };

/* ---- the town ---- */

struct town {
    char *move, *line, *request; /* a notice about her, its line in the book of a stop, a request for a certificate */
};
static struct town town;

static json_t *move_values(void)
{
    return json_pack("[{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},"
                     "{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},"
                     "{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s},{s:s,s:i,s:s,s:s}]",
                     "s", "filer", "r", 0, "f", "filed_on", "v", "2026-07-01", "s", "filer", "r", 0, "f", "relation",
                     "v", "1", "s", "filer", "r", 0, "f", "address", "v", SECRET, "s", "filer", "r", 0, "f", "phone",
                     "v", PHONE, "s", "filer", "r", 0, "f", "id_result", "v", "1", "s", "filer", "r", 0, "f", "id1",
                     "v", "12", "s", "move", "r", 0, "f", "moved_on", "v", "2026-06-25", "s", "persons", "r", 0, "f",
                     "person", "v", PROTECTED, "s", "persons", "r", 0, "f", "relation", "v", "世帯主", "s", "persons",
                     "r", 1, "f", "person", "v", PROTECTED_KID, "s", "persons", "r", 1, "f", "relation", "v", "子", "s",
                     "address", "r", 0, "f", "addr_town", "v", "潜町六丁目", "s", "address", "r", 0, "f", "addr_lot",
                     "v", CANARY_LOT, "s", "dest", "r", 0, "f", "to", "v", "1");
}

static void add_move(struct service_test *t)
{
    struct session *s = service_test_login(t, "clk2");
    json_t *acks = json_pack("[s, s, s, s]", "W06", "W07", "W10", "W04");
    const json_t *r = service_test_ok(
        t, s, "notice.enter", json_pack("{s:s, s:o, s:o}", "kind", "tenkyo", "values", move_values(), "acks", acks));
    town.move = xstrdup(json_string_value(json_object_get(r, "no")));
    service_test_ok(t, s, "draft.save", json_pack("{s:s, s:o}", "kind", "tenkyo", "values", move_values()));
    session_close(s);
}

static void add_stop(struct service_test *t)
{
    struct outage_start s = { "E", "1", 0, 0, { OUTAGE_SUSPECT, COUNTER_SUSPECT, 0, "auto", "", "応答なし 3回" } };
    struct outage_act act = { OUTAGE_DECLARE, COUNTER_OUTAGE, OUTAGE_BIT(OUTAGE_LINK), "sup1", "", "回線が切れた" };
    const struct book_entry b = { .received_at = "2026-07-01T09:00:00+09:00",
                                  .entered_by = "clk2",
                                  .kind = "tenkyo",
                                  .notifier = "佐藤　美香",
                                  .phone = PHONE,
                                  .relation = "",
                                  .id_check = "",
                                  .papers = "",
                                  .examined = "",
                                  .slip_no = "",
                                  .envelope = "",
                                  .state = BOOK_PAPER };
    struct buf no = BUF_INIT, line = BUF_INIT;
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(outage_begin(t->db, &s, &no, NULL), OK);
    assert_int_equal(outage_move(t->db, no.p, &act, NULL), OK);
    assert_int_equal(book_add(t->db, no.p, &b, &line, NULL), OK);
    assert_int_equal(book_link(t->db, line.p, town.move, NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
    town.line = xstrdup(line.p);
    buf_done(&no);
    buf_done(&line);
}

static void add_request(struct service_test *t)
{
    struct session *s = service_test_login(t, "clk2");
    const json_t *r =
        service_test_ok(t, s, "cert.request",
                        json_pack("{s:s, s:[s], s:{s:s, s:s, s:s}}", "kind", "juminhyo_kojin", "persons", PROTECTED,
                                  "requester", "class", "self", "name", "佐藤　美香", "document", "12"));
    town.request = xstrdup(json_string_value(json_object_get(r, "request")));
    session_close(s);
}

static int canary_begin(void **state)
{
    if (people_begin(state) != 0)
        return -1;
    struct service_test *t = *state;
    service_test_param(t, "SEARCH_PER_MIN", "100000");
    service_test_param(t, "SEARCH_PER_H", "100000");
    service_test_param(t, "LOCK_N", "100000");
    add_move(t);
    add_request(t);
    return 0;
}

static int canary_end(void **state)
{
    free(town.move);
    free(town.line);
    free(town.request);
    town = (struct town){ NULL, NULL, NULL };
    return service_test_end(state);
}

/* ---- every method ---- */

/* What each is asked. ${move}, ${line}, ${request} stand for what is in the town. A method may have several rows. */
static const struct {
    const char *method, *params;
    bool unnamed; /* asked about her household or of many: not even her name may come out */
} asks[] = {
    { "resident.search", "{'name':'佐藤'}", false },
    { "resident.search", "{'address':'" CANARY_TOWN "'}", false },
    { "resident.search", "{'household':'" PROTECTED_HH "'}", false },
    { "resident.search", "{'id':'" PROTECTED_KID "'}", false },
    { "resident.search", "{'birth':'S60.06.06','include_removed':true}", false },
    { "resident.get", "{'id':'" PROTECTED "'}", false },
    { "resident.get", "{'id':'" PROTECTED_KID "'}", true },
    { "resident.history", "{'id':'" PROTECTED "'}", false },
    { "resident.history", "{'id':'" PROTECTED_KID "'}", true },
    { "household.get", "{'no':'" PROTECTED_HH "'}", true },
    { "address.lookup", "{'text':'梅'}", false },
    { "address.import_begin", "{}", false },
    { "address.import_rows", "{'import':1,'rows':[]}", false },
    { "address.import_commit", "{'import':1}", false },
    { "address.import_sweep", "{}", false },
    { "restrict.list", "{}", false },
    { "restrict.list", "{'person':'" PROTECTED "'}", false },
    { "restrict.get", "{'no':'H-R26-000001','reason':'　　　　　　'}", false },
    { "restrict.set", "{'person':'" PROTECTED "','kind':'other','reason':'" WHY "'}", false },
    { "restrict.temp",
      "{'no':'H-R26-000001','request':'${request}','reason':'" WHY "','approver':'sup2','password':'" PW "'}", false },
    { "restrict.release", "{'no':'H-R26-999999','reason':'" WHY "','approver':'sup2','password':'" PW "'}", false },
    { "notice.kinds", "{}", false },
    { "notice.form", "{'kind':'tenkyo'}", false },
    { "notice.candidates", "{'kind':'tenkyo','section':'persons','field':'person','text':'佐藤'}", true },
    { "notice.candidates", "{'kind':'tenkyo','section':'dest','field':'household','text':'" PROTECTED_HH "'}", true },
    { "notice.candidates",
      "{'kind':'tennyu','section':'persons','field':'domicile','values':[{'s':'dest','r':0,'f':"
      "'household','v':'" PROTECTED_HH "'}]}",
      true },
    { "notice.candidates",
      "{'kind':'setainushi','section':'others','field':'relation','values':[{'s':'change','r':0,'"
      "f':'household','v':'" PROTECTED_HH "'},{'s':'change','r':0,'f':'head','v':'" PROTECTED_KID
      "'},{'s':'others','r':0,'f':'person','v':'" PROTECTED "'}]}",
      true },
    { "notice.check", "{'kind':'tenkyo','values':[{'s':'persons','r':0,'f':'person','v':'" PROTECTED "'}]}", true },
    { "notice.check",
      "{'kind':'setainushi','values':[{'s':'change','r':0,'f':'household','v':'" PROTECTED_HH
      "'},{'s':'change','r':0,'f':'head','v':'" PROTECTED_KID "'}]}",
      true },
    { "notice.enter", "{'kind':'tenkyo','values':[{'s':'persons','r':0,'f':'person','v':'" PROTECTED "'}]}", false },
    { "notice.list", "{}", true },
    { "notice.list", "{'state':'entered'}", true },
    { "notice.get", "{'no':'${move}'}", false },
    { "notice.examine", "{'no':'${move}','answers':[true],'ok':true}", false },
    { "notice.return", "{'no':'E1-N26-999999','reason':'" WHY "'}", false },
    { "notice.withdraw", "{'no':'E1-N26-999999','reason':'" WHY "'}", false },
    { "notice.decide", "{'no':'${move}','password':'" PW "'}", false },
    { "notice.decide_many", "{'nos':['${move}'],'password':'" PW "'}", false },
    { "notice.statistics", "{}", false },
    { "draft.save", "{'kind':'tenkyo','values':[{'s':'persons','r':0,'f':'person','v':'" PROTECTED "'}]}", false },
    { "draft.list", "{}", true },
    { "draft.get", "{'id':'D1'}", false },
    { "draft.discard", "{'id':'D1'}", false },
    { "cert.kinds", "{}", false },
    { "cert.request", "{'kind':'juminhyo_kojin','persons':['" PROTECTED "'],'requester':{'class':'self','name':'某'}}",
      false },
    { "cert.request",
      "{'kind':'juminhyo_kojin','persons':['" PROTECTED_KID
      "'],'requester':{'class':'third','name':'某','purpose':'債権の回収','proof':'契約書'}}",
      false },
    { "cert.request",
      "{'kind':'juminhyo_setai','persons':['" PROTECTED "','" PROTECTED_KID
      "'],'requester':{'class':'household','name':'某'}}",
      false },
    { "cert.preview", "{'request':'${request}'}", false },
    { "cert.issue", "{'request':'${request}','approver':'sup2','password':'" PW "'}", false },
    { "cert.jobs", "{'person':'" PROTECTED "'}", true },
    { "cert.resolve", "{'job':1,'outcome':'in_hand'}", false },
    { "cert.void", "{'no':'1','reason':'" WHY "'}", false },
    { "cert.held", "{}", false },
    { "cert.verify", "{'no':'1','code':'AAAA'}", false },
    { "stock.get", "{}", false },
    { "stock.add", "{'what':'load','sheets':1,'witness':'clk2','password':'" PW "'}", false },
    { "dashboard.get", "{}", true },
    { "status.get", "{}", true },
    { "due.list", "{}", true },
    { "sync.status", "{}", false },
    { "sync.now", "{}", false },
    { "snapshot.status", "{}", false },
    { "snapshot.pull", "{}", false },
    { "snapshot.verify", "{}", false },
    { "conflict.list", "{}", true },
    { "conflict.get", "{'seq':1}", false },
    { "conflict.resolve", "{'seq':1,'decision':'keep','ground':'" WHY "','approver':'sup2','password':'" PW "'}",
      false },
    { "log.list", "{}", true },
    { "log.list", "{'subject':'" PROTECTED "'}", false },
    { "log.report", "{'from':'2026-07-01','to':'2026-07-01'}", false },
    { "log.logins", "{}", false },
    { "log.verify", "{}", false },
    { "log.head", "{}", false },
    { "audit.report", "{}", false },
    { "audit.check", "{}", false },
    { "backup.make", "{}", false },
    { "manual.index", "{}", false },
    { "manual.page", "{'screen':'menu'}", false },
    { "operator.list", "{}", false },
    { "operator.create", "{'id':'new1','name':'新人','roles':['CLK'],'password':'" PW "'}", false },
    { "operator.set", "{'id':'new1','rev':1}", false },
    { "operator.reset", "{'id':'new1','password':'hagi to tsuki 77'}", false },
    { "operator.unlock", "{'id':'new1'}", false },
    { "outage.status", "{}", false },
    { "outage.book", "{}", true },
    { "outage.receive", "{'kind':'tenkyo','notifier':'某'}", false },
    { "outage.note", "{'no':'${line}','case':'${move}'}", false },
    { "outage.hand_over", "{'no':'X','reason':'" WHY "','password':'" PW "'}", false },
    { "outage.host_no", "{'no':'${line}','host_no':'H-1'}", false },
    { "outage.give_back", "{'no':'X','reason':'" WHY "'}", false },
    { "outage.settle", "{'cert':'1','reason':'" WHY "','approver':'sup2','password':'" PW "'}", false },
    { "outage.declare", "{'types':'L','reason':'" WHY "','password':'x'}", false },
    { "outage.change", "{'types':'L','reason':'" WHY "','password':'x'}", false },
    { "outage.cancel", "{'reason':'" WHY "','password':'x'}", false },
    { "outage.ratify", "{'reason':'" WHY "','password':'x'}", false },
    { "outage.end", "{'reason':'" WHY "','password':'x'}", false },
    { "outage.reconcile", "{'reason':'" WHY "','password':'x'}", false },
    { "outage.close", "{'reason':'" WHY "','password':'x'}", false },
    { "outage.explain", "{'line':'received','reason':'" WHY "','password':'x'}", false },
    { "replay.plan", "{}", true },
    { "replay.commit", "{'approver':'sup2','password':'" PW "'}", false },
    { "replay.resume", "{'approver':'sup2','password':'" PW "'}", false },
    { "session.lock", "{}", false },
    { "session.unlock", "{'password':'" PW "'}", false },
    { "session.password", "{'old':'" PW "','new':'" PW "'}", false },
    { "session.login", "{'operator':'clk1','password':'" PW "'}", false },
    { "session.logout", "{}", false },
};

static void replace_all(struct buf *ret, const char *text)
{
    const struct {
        const char *mark, *value;
    } marks[] = { { "${move}", town.move }, { "${line}", town.line }, { "${request}", town.request } };
    while (*text) {
        size_t i = 0;
        while (i < ARRAY_LEN(marks) && strncmp(text, marks[i].mark, strlen(marks[i].mark)) != 0)
            i++;
        if (i < ARRAY_LEN(marks)) {
            buf_adds(ret, marks[i].value ? marks[i].value : "X");
            text += strlen(marks[i].mark);
        } else {
            buf_addc(ret, *text == '\'' ? '"' : *text);
            text++;
        }
    }
}

static json_t *params_of(size_t i)
{
    struct buf text = BUF_INIT;
    replace_all(&text, asks[i].params);
    json_t *p = json_loads(buf_str(&text), 0, NULL);
    if (!p)
        fail_msg("%s: %s", asks[i].method, buf_str(&text));
    buf_done(&text);
    return p;
}

static void tells_nothing(const json_t *answer, const char *who, size_t i)
{
    char *text = json_dumps(answer, JSON_COMPACT);
    for (size_t k = 0; k < ARRAY_LEN(secrets); k++)
        if (strstr(text, secrets[k]))
            fail_msg("%s %s %s tells %s: %s", who, asks[i].method, asks[i].params, secrets[k], text);
    if (asks[i].unnamed && strstr(text, "美香"))
        fail_msg("%s %s %s names her: %s", who, asks[i].method, asks[i].params, text);
    free(text);
}

static void ask_everything(struct service_test *t)
{
    static const char *const who[] = { "clk1", "sup1", "bm1", "rsp1", "sys1", "aud1" };
    for (size_t w = 0; w < ARRAY_LEN(who); w++)
        for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
            struct session *s = service_test_login(t, who[w]);
            const json_t *answer = service_test_call(t, s, asks[i].method, params_of(i));
            tells_nothing(answer, who[w], i);
            session_close(s);
        }
}

static void asked(void *arg, const struct method *m)
{
    (void)arg;
    for (size_t i = 0; i < ARRAY_LEN(asks); i++)
        if (strcmp(asks[i].method, m->name) == 0)
            return;
    fail_msg("%s has no row", m->name);
}

static void test_every_method_is_asked(void **state)
{
    (void)state;
    method_each(asked, NULL);
}

static void test_nobody_is_told(void **state)
{
    ask_everything(*state);
}

static void test_nobody_is_told_in_a_stop(void **state)
{
    add_stop(*state);
    ask_everything(*state);
}

/* A list that is too old protects more, not less. */
static void test_nobody_is_told_from_an_old_list(void **state)
{
    test_list_age(*state, INT64_C(25) * 3600 * 1000);
    ask_everything(*state);
}

/* ---- who is told ---- */

static bool tells(const json_t *answer, const char *what)
{
    char *text = json_dumps(answer, JSON_COMPACT);
    bool found = strstr(text, what) != NULL;
    free(text);
    return found;
}

static void test_who_is_told(void **state)
{
    struct service_test *t = *state;
    size_t i;
    json_t *value;
    struct session *own = service_test_login(t, "clk2"), *rsp = service_test_login(t, "rsp1");
    add_stop(t);
    assert_true(tells(service_test_ok(t, own, "notice.get", json_pack("{s:s}", "no", town.move)), "潜町"));
    assert_true(tells(service_test_ok(t, own, "draft.get", json_pack("{s:s}", "id", "D1")), PHONE));
    assert_true(tells(service_test_ok(t, own, "outage.book", NULL), PHONE));
    assert_true(tells(service_test_ok(t, rsp, "outage.book", json_pack("{s:s}", "reason", WHY)), PHONE));
    json_t *p = json_pack("{s:s, s:s}", "no", town.move, "reason", WHY);
    assert_true(tells(service_test_ok(t, rsp, "notice.get", p), "潜町"));
    assert_string_equal(service_test_last_log(t).operator_id, "rsp1");
    p = json_pack("{s:s, s:s}", "id", PROTECTED, "reason", WHY);
    assert_true(tells(service_test_ok(t, rsp, "resident.get", p), CANARY));
    service_test_ok(t, own, "draft.discard", json_pack("{s:s}", "id", "D1"));
    /* What another typed in its place is no longer his. */
    json_t *values = move_values(), *acks = json_pack("[s, s, s, s]", "W06", "W07", "W10", "W04");
    json_array_foreach (values, i, value)
        if (strcmp(json_string_value(json_object_get(value, "f")), "addr_town") == 0)
            json_object_set_new(value, "v", json_string("淵町"));
    service_test_ok(
        t, rsp, "notice.enter",
        json_pack("{s:s, s:s, s:o, s:o}", "no", town.move, "kind", "tenkyo", "values", values, "acks", acks));
    assert_false(tells(service_test_ok(t, own, "notice.get", json_pack("{s:s}", "no", town.move)), "淵町"));
    session_close(own);
    session_close(rsp);
}

int main(void)
{
#define canary_test(f) cmocka_unit_test_setup_teardown(f, canary_begin, canary_end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_method_is_asked),
        canary_test(test_nobody_is_told),
        canary_test(test_nobody_is_told_in_a_stop),
        canary_test(test_nobody_is_told_from_an_old_list),
        canary_test(test_who_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
