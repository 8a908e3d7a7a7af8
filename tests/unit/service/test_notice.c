#include "fixture.h"
#include "harness/people.h"

#include "service/notices.h"
#include "store/incarnation.h"
#include "store/meta.h"
#include "store/notices.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/replica.h"
#include "store/restriction.h"

/* The life of a case through the real gate: typed, entered, examined, decided, posted, and everything that must not
 * happen on the way. */

struct desk {
    struct service_test *t;
    struct session *clk, *clk2, *sup, *sup2;
    char *sent[16]; /* operations in the outbox: "kind lane payload" */
    int n_sent;
    const char *host; /* "ok", "down" */
};

static enum err encode(void *self, const struct outbox_new *op, int64_t seq, int64_t lane_prev, bool in_outage,
                       struct buf *ret, struct errinfo *e)
{
    struct desk *d = self;
    (void)lane_prev, (void)in_outage, (void)e;
    buf_printf(ret, "%lld", (long long)seq);
    assert_true(d->n_sent < 16);
    d->sent[d->n_sent++] = xprintf("%s %s %s", op->kind, op->lane, op->payload);
    return OK;
}

static void chain_start(void *self, const uint8_t incarnation[8], uint8_t ret[OUTBOX_HASH])
{
    (void)self;
    memset(ret, incarnation[0], OUTBOX_HASH);
}

static const char *host_state(void *self)
{
    return ((struct desk *)self)->host;
}

static struct resident *person(const char *id, int64_t rev, const char *household, const char *name,
                               const char *relation, const char *sex, const char *birth)
{
    const struct made_person p = { id, household, name, sex, birth, relation };
    struct resident *r = make_person(&p);
    r->rev = rev;
    resident_set(r, ATTR_HEAD_NAME, "川田　一郎");
    resident_set(r, ATTR_ADDR_PREF, "千早県");
    resident_set(r, ATTR_ADDR_CITY, "梅里市");
    resident_set(r, ATTR_ADDR_LOT, "1番地");
    resident_set(r, ATTR_DOMICILE, "千早県梅里市梅町1番地");
    resident_set(r, ATTR_MY_NUMBER, "");
    return r;
}

static void apply_person(struct service_test *t, struct resident *take)
{
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(people_apply(t->db, take, 1, NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
    resident_free(take);
}

static void fill_register(struct service_test *t)
{
    struct replica copy;
    apply_person(t, person("101", 1, "11", "川田　一郎", "世帯主", "1", "S50.05.10"));
    apply_person(t, person("102", 3, "11", "川田　花子", "妻", "2", "S53.03.02"));
    apply_person(t, person("103", 1, "11", "川田　次郎", "子", "1", "H17.08.20"));
    assert_int_equal(txn_begin(t->db, NULL), OK);
    assert_int_equal(replica_get(t->db, &copy, NULL), OK);
    copy.list_ms = copy.as_of_ms = t->wall_ms;
    assert_int_equal(replica_set(t->db, &copy, NULL), OK);
    assert_int_equal(txn_commit(t->db, NULL), OK);
}

static int begin(void **state)
{
    if (service_test_begin(state))
        return -1;
    struct desk *d = xcalloc(1, sizeof *d);
    static const uint8_t fresh[INCARNATION] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    d->t = *state;
    *state = d;
    d->host = "down";
    char **own[] = { &d->t->book->own_pref, &d->t->book->own_city, &d->t->book->own_city_code };
    static const char *const here[] = { "うめ県", "梅市", "99201" }; /* whatever municipality is the default */
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        free(*own[i]);
        *own[i] = xstrdup(here[i]);
    }
    struct outbox_codec codec = { encode, chain_start, d };
    outbox_use(d->t->db, &codec);
    char *side = fs_join(d->t->dir, "incarnation");
    bool ok = false;
    assert_int_equal(incarnation_open(d->t->db, side, fresh, &ok, NULL), OK);
    free(side);
    d->t->plug = (struct service_plug){ .self = d, .host = host_state };
    fill_register(d->t);
    d->clk = service_test_login(d->t, "clk1");
    d->clk2 = service_test_login(d->t, "clk2");
    d->sup = service_test_login(d->t, "sup1");
    d->sup2 = service_test_login(d->t, "sup2");
    return 0;
}

static int end(void **state)
{
    struct desk *d = *state;
    *state = d->t;
    int bad = service_test_end(state);
    for (int i = 0; i < d->n_sent; i++)
        free(d->sent[i]);
    free(d);
    return bad;
}

/* ---- asking ---- */

static json_t *value(const char *s, int r, const char *f, const char *v)
{
    return json_pack("{s:s, s:i, s:s, s:s}", "s", s, "r", r, "f", f, "v", v);
}

/* 花子 moves alone, as a clerk types it. */
static json_t *tenkyo(void)
{
    json_t *l = json_array();
    static const struct {
        const char *s, *f, *v;
    } typed[] = {
        { "filer", "filed_on", "R8.7.1" },
        { "filer", "relation", "1" },
        { "filer", "id1", "12" },
        { "filer", "id_result", "1" },
        { "move", "moved_on", "20260628" },
        { "persons", "person", "102" },
        { "persons", "relation", "世帯主" },
        { "address", "addr_code", "99201002000" },
        { "address", "addr_town", "梅町二丁目" },
        { "address", "addr_lot", "8番地3" },
        { "dest", "to", "1" },
    };
    for (size_t i = 0; i < ARRAY_LEN(typed); i++)
        json_array_append_new(l, value(typed[i].s, 0, typed[i].f, typed[i].v));
    return l;
}

static json_t *params(const char *kind, json_t *values)
{
    return json_pack("{s:s, s:o}", "kind", kind, "values", values);
}

static const json_t *ask(struct desk *d, struct session *s, const char *method, json_t *p)
{
    return service_test_ok(d->t, s, method, p);
}

static const char *text(const json_t *o, const char *key)
{
    const char *v = json_string_value(json_object_get(o, key));
    return v ? v : "";
}

static const json_t *row_with(const json_t *list, const char *key, const char *want)
{
    size_t i;
    json_t *row;
    json_array_foreach (list, i, row)
        if (strcmp(text(row, key), want) == 0)
            return row;
    return NULL;
}

static void has_findings(const json_t *result, const char *ids)
{
    struct buf have = BUF_INIT;
    size_t i;
    json_t *row;
    json_array_foreach (json_object_get(result, "findings"), i, row)
        buf_printf(&have, "%s%s", i ? " " : "", text(row, "msg"));
    if (strcmp(buf_str(&have), ids) != 0)
        fail_msg("expected findings \"%s\", have \"%s\"", ids, buf_str(&have));
    buf_done(&have);
}

static char *enter(struct desk *d, struct session *s)
{
    return xstrdup(text(ask(d, s, "notice.enter", params("tenkyo", tenkyo())), "no"));
}

static json_t *answers(int yes, int no)
{
    json_t *l = json_array();
    for (int i = 0; i < yes + no; i++)
        json_array_append_new(l, json_boolean(i < yes));
    return l;
}

static json_t *examination(const char *no, json_t *given, bool ok)
{
    return json_pack("{s:s, s:o, s:b}", "no", no, "answers", given, "ok", ok);
}

static json_t *decision(const char *no)
{
    return json_pack("{s:s, s:s}", "no", no, "password", TEST_PASSWORD);
}

static json_t *with_reason(const char *no, const char *reason)
{
    return json_pack("{s:s, s:s}", "no", no, "reason", reason);
}

static const char *state_of(struct desk *d, const char *no)
{
    return text(ask(d, d->clk, "notice.get", json_pack("{s:s}", "no", no)), "state");
}

/* ---- kinds and forms ---- */

static void test_kinds_and_forms(void **state)
{
    struct desk *d = *state;
    const json_t *list = json_object_get(ask(d, d->clk, "notice.kinds", NULL), "kinds");
    const json_t *k = row_with(list, "id", "tennyu");
    assert_string_equal(text(k, "title"), "転入届");
    assert_int_equal(json_integer_value(json_object_get(k, "deadline_days")), 14);
    const json_t *form = ask(d, d->clk, "notice.form", json_pack("{s:s}", "kind", "tennyu"));
    const json_t *section = row_with(json_object_get(form, "sections"), "id", "persons");
    assert_int_equal(json_integer_value(json_object_get(section, "max")), 20);
    const json_t *sex = row_with(json_object_get(section, "fields"), "key", "sex");
    assert_string_equal(text(sex, "type"), "choice");
    assert_string_equal(text(row_with(json_object_get(sex, "choices"), "code", "2"), "label"), "女");
    assert_string_equal(text(row_with(json_object_get(form, "papers"), "key", "tennyu_tsuchi"), "label"), "転入通知");
    service_test_refused(d->t, d->clk, "notice.form", json_pack("{s:s}", "kind", "nothing"), "S221");
}

/* One new file in forms/ is a kind in the menu, a screen, a page of the manual and a row of the statistics. */
static void test_a_new_form_is_everywhere(void **state)
{
    struct desk *d = *state;
    char *forms = fs_join(d->t->dir, "forms"), *data = service_test_tree("data"), *file = fs_join(forms, "chonai.form");
    struct rulebook *book = NULL;
    struct errinfo e;
    assert_int_equal(fs_mkdir_p(forms, 0700, &e), OK);
    assert_int_equal(fs_write_atomic(file, 0600,
                                     span_of("form 1\ntitle 町内会届\ngroup 試験\nmenu 7\nlaw 条例\nreason M03\n"
                                             "filing request\nevent a.on\noutage hold\nsection a 共通\n"
                                             "  on date 申出年月日 required\nsection p 人 rows 1..5\n"
                                             "  who person 氏名 required\n  remark text 備考 to remark\n"
                                             "effect\n  amend p\nchecklist\n  確かめた\n"),
                                     &e),
                     OK);
    assert_int_equal(catalog_load(forms, data, NULL, &book, NULL, &e), OK);
    struct service *service = NULL;
    struct service_options o = d->t->options;
    o.book = book;
    service_close(d->t->svc);
    assert_int_equal(service_open(&o, &service, &e), OK);
    d->t->svc = service;
    service_plug(service, &d->t->plug);
    struct session *s = service_test_login(d->t, "clk1");
    assert_non_null(row_with(json_object_get(ask(d, s, "notice.kinds", NULL), "kinds"), "id", "chonai"));
    const json_t *form = ask(d, s, "notice.form", json_pack("{s:s}", "kind", "chonai"));
    assert_string_equal(text(form, "title"), "町内会届");
    const json_t *page = ask(d, s, "manual.page", json_pack("{s:s}", "screen", "notice:chonai"));
    assert_string_equal(text(page, "title"), "町内会届");
    const json_t *row = row_with(json_object_get(ask(d, s, "notice.statistics", NULL), "rows"), "kind", "chonai");
    assert_int_equal(json_integer_value(json_object_get(row, "received")), 0);
    json_t *values = json_array();
    json_array_append_new(values, value("a", 0, "on", "R8.7.1"));
    json_array_append_new(values, value("p", 0, "who", "102"));
    json_array_append_new(values, value("p", 0, "remark", "役員"));
    ask(d, s, "notice.enter", params("chonai", values));
    row = row_with(json_object_get(ask(d, s, "notice.statistics", NULL), "rows"), "kind", "chonai");
    assert_int_equal(json_integer_value(json_object_get(row, "received")), 1);
    service_close(d->t->svc);
    d->t->svc = NULL;
    rulebook_free(book);
    free(forms);
    free(data);
    free(file);
}

/* ---- checking ---- */

static void test_check_shows_before_and_after(void **state)
{
    struct desk *d = *state;
    const json_t *r = ask(d, d->clk, "notice.check", params("tenkyo", tenkyo()));
    has_findings(r, "");
    const json_t *moved = row_with(json_object_get(r, "values"), "f", "moved_on");
    assert_string_equal(text(moved, "v"), "2026-06-28"); /* as typed: 20260628 */
    assert_string_equal(text(moved, "show"), "令和8年6月28日");
    assert_string_equal(text(row_with(json_object_get(r, "values"), "f", "person"), "show"), "川田　花子");
    const json_t *before = json_object_get(r, "before"), *after = json_object_get(r, "after");
    assert_int_equal(json_array_size(before), 1);
    assert_int_equal(json_array_size(json_object_get(json_array_get(before, 0), "members")), 3);
    assert_int_equal(json_array_size(after), 2);
    const json_t *fresh = row_with(after, "no", "");
    assert_string_equal(text(json_array_get(json_object_get(fresh, "members"), 0), "name"), "川田　花子");
    assert_string_equal(text(fresh, "address"), "うめ県梅市梅町二丁目8番地3");
    const json_t *change = row_with(json_object_get(r, "changes"), "id", "102");
    assert_string_equal(text(row_with(json_object_get(change, "items"), "key", "relation"), "after"), "世帯主");
    struct service_test_last log = service_test_last_log(d->t);
    assert_string_equal(log.function, "notice.check");
    assert_string_equal(log.subjects, "102");
}

static void test_check_explains_what_is_wrong(void **state)
{
    struct desk *d = *state;
    json_t *values = tenkyo();
    json_array_append_new(values, value("move", 0, "moved_on", "R9.1.1"));
    const json_t *r = ask(d, d->clk, "notice.check", params("tenkyo", values));
    const json_t *f = row_with(json_object_get(r, "findings"), "msg", "E02");
    assert_string_equal(text(f, "level"), "E");
    assert_string_equal(text(f, "field"), "moved_on");
    assert_non_null(strstr(text(f, "text"), "転居年月日が本日より後"));
    assert_true(strlen(text(f, "remedy")) > 10);
}

static void restrict_person(struct desk *d, const char *id, enum restrict_kind kind, enum restrict_level entry,
                            enum restrict_level view)
{
    struct restriction r = { .kind = kind, .level = { [RP_ENTRY] = entry, [RP_VIEW] = view, [RP_LIST] = view } };
    snprintf(r.id, sizeof r.id, "R-%s", id);
    snprintf(r.person, sizeof r.person, "%s", id);
    assert_int_equal(txn_begin(d->t->db, NULL), OK);
    assert_int_equal(restriction_apply(d->t->db, &r, "", 1, NULL), OK);
    assert_int_equal(txn_commit(d->t->db, NULL), OK);
}

static void test_support_hides_the_whole_preview(void **state)
{
    struct desk *d = *state;
    restrict_person(d, "103", RK_SUPPORT, RL_NONE, RL_ERROR); /* of the same household */
    const json_t *r = ask(d, d->clk, "notice.check", params("tenkyo", tenkyo()));
    has_findings(r, "W06");
    assert_true(json_is_true(json_object_get(r, "hidden")));
    assert_int_equal(json_array_size(json_object_get(r, "before")), 0);
    assert_int_equal(json_array_size(json_object_get(r, "changes")), 0);
    char *all = json_dumps(r, 0);
    assert_null(strstr(all, "次郎"));
    assert_null(strstr(all, "花子"));
    free(all);
}

static void test_a_lock_on_entry_blocks(void **state)
{
    struct desk *d = *state;
    restrict_person(d, "102", RK_OTHER, RL_ERROR, RL_NONE);
    has_findings(ask(d, d->clk, "notice.check", params("tenkyo", tenkyo())), "E13");
    assert_string_equal(service_test_refused(d->t, d->clk, "notice.enter", params("tenkyo", tenkyo()), "S222"), "E13");
}

/* ---- drafts ---- */

static void test_drafts_and_locks(void **state)
{
    struct desk *d = *state;
    const json_t *r = ask(d, d->clk, "draft.save", params("tenkyo", tenkyo()));
    char *id = xstrdup(text(r, "id"));
    assert_int_equal(json_array_size(json_object_get(r, "locked")), 0);
    json_t *part = json_array();
    json_array_append_new(part, value("move", 0, "moved_on", "R8.6.30"));
    json_array_append_new(part, value("filer", 0, "id1", ""));
    ask(d, d->clk, "draft.save",
        json_pack("{s:s, s:s, s:o, s:b}", "id", id, "kind", "tenkyo", "values", part, "part", 1));
    r = ask(d, d->clk, "draft.get", json_pack("{s:s}", "id", id));
    assert_string_equal(text(row_with(json_object_get(r, "values"), "f", "moved_on"), "v"), "2026-06-30");
    assert_null(row_with(json_object_get(r, "values"), "f", "id1"));
    assert_non_null(row_with(json_object_get(r, "values"), "f", "person"));
    r = ask(d, d->clk, "draft.list", NULL);
    assert_string_equal(text(json_array_get(json_object_get(r, "rows"), 0), "title"), "転居届");

    /* another desk: sees that somebody is typing about her, may save, may not enter; and may not read the draft */
    r = ask(d, d->clk2, "draft.save", params("tenkyo", tenkyo()));
    assert_string_equal(text(json_array_get(json_object_get(r, "locked"), 0), "operator"), "clk1");
    has_findings(ask(d, d->clk2, "notice.check", params("tenkyo", tenkyo())), "S218");
    assert_string_equal(service_test_refused(d->t, d->clk2, "notice.enter", params("tenkyo", tenkyo()), "S222"),
                        "S218");
    service_test_refused(d->t, d->clk2, "draft.get", json_pack("{s:s}", "id", id), "S225");
    service_test_refused(d->t, d->clk2, "draft.discard", json_pack("{s:s}", "id", id), "S225");
    ask(d, d->clk, "draft.discard", json_pack("{s:s}", "id", id));
    has_findings(ask(d, d->clk2, "notice.check", params("tenkyo", tenkyo())), "");
    free(id);
}

static void test_the_day_of_receipt_is_that_of_the_draft(void **state)
{
    struct desk *d = *state;
    char *id = xstrdup(text(ask(d, d->clk, "draft.save", params("tenkyo", tenkyo())), "id"));
    int64_t started = d->t->wall_ms;
    service_test_param(d->t, "IDLE_LOCK_MIN", "600");
    service_test_pass(d->t, 3600000);
    json_t *p = params("tenkyo", tenkyo());
    json_object_set_new(p, "draft", json_string(id));
    const json_t *r = ask(d, d->clk, "notice.enter", p);
    struct case_row row;
    assert_int_equal(case_get(d->t->db, text(r, "no"), &row, NULL), OK);
    assert_int_equal(row.received_ms, started);
    case_row_done(&row);
    r = ask(d, d->clk, "draft.list", NULL); /* it has become a case */
    assert_int_equal(json_array_size(json_object_get(r, "rows")), 0);
    free(id);
}

/* ---- the way of a case ---- */

static enum err tell_result(struct desk *d, const char *kind, const char *no, enum op_state state, const char *detail)
{
    json_t *said = json_loads(detail, 0, NULL);
    const struct op_news news = { .seq = 1, .kind = kind, .subject = no, .state = state, .detail = said };
    assert_non_null(said);
    assert_int_equal(txn_begin(d->t->db, NULL), OK);
    enum err e = notice_told(d->t->svc, &news, NULL);
    json_decref(said);
    return txn_end(d->t->db, e, NULL);
}

static void test_entered_examined_decided_posted(void **state)
{
    struct desk *d = *state;
    char *no = enter(d, d->clk);
    assert_string_equal(no, "E1-N26-000001");
    assert_int_equal(d->n_sent, 1);
    assert_int_equal(strncmp(d->sent[0], "notice.enter 11 {", 17), 0);
    assert_non_null(strstr(d->sent[0], "\"received_on\":\"2026-07-01\""));
    assert_non_null(strstr(d->sent[0], "\"entered_by\":\"clk1\""));
    assert_non_null(strstr(d->sent[0], "{\"id\":\"102\",\"rev\":3}"));
    assert_null(strstr(d->sent[0], "decided_by"));
    struct service_test_last log = service_test_last_log(d->t);
    assert_string_equal(log.function, "notice.enter");
    assert_string_equal(log.subjects, "102");

    const json_t *list = json_object_get(ask(d, d->sup, "notice.list", NULL), "rows");
    const json_t *row = row_with(list, "no", no);
    assert_string_equal(text(row, "state"), "entered");
    assert_string_equal(json_string_value(json_array_get(json_object_get(row, "persons"), 0)), "川田　花子");

    const json_t *r = ask(d, d->sup, "notice.examine", examination(no, answers(5, 0), true));
    assert_string_equal(text(r, "state"), "examined");
    r = ask(d, d->sup2, "notice.decide", decision(no));
    assert_string_equal(text(r, "state"), "decided"); /* the host is down: it waits */
    assert_int_equal(d->n_sent, 2);
    assert_int_equal(strncmp(d->sent[1], "notice.decide 11 {", 18), 0);
    assert_non_null(strstr(d->sent[1], "\"decided_by\":\"sup2\""));
    assert_non_null(strstr(d->sent[1], "\"examined_by\":\"sup1\""));
    log = service_test_last_log(d->t);
    assert_string_equal(log.operator_id, "sup2");

    const char *posted = "{\"rows\":[{\"id\":\"102\",\"rev\":4}],\"no\":\"H-1\"}";
    assert_int_equal(tell_result(d, "notice.enter", no, OP_APPLIED, "{}"), OK); /* only that it is known */
    assert_string_equal(state_of(d, no), "decided");
    assert_int_equal(tell_result(d, "notice.decide", no, OP_HELD, "{}"), OK);
    assert_string_equal(state_of(d, no), "decided");
    assert_int_equal(tell_result(d, "notice.decide", no, OP_APPLIED, posted), OK);
    assert_int_equal(tell_result(d, "notice.decide", no, OP_APPLIED, posted), OK); /* told twice */
    r = ask(d, d->clk, "notice.get", json_pack("{s:s}", "no", no));
    assert_string_equal(text(r, "state"), "posted");
    assert_string_equal(text(r, "host_no"), "H-1");
    assert_int_equal(json_array_size(json_object_get(r, "events")), 4);
    assert_int_equal(json_array_size(json_object_get(r, "answers")), 5);
    assert_int_equal(tell_result(d, "notice.decide", "nothing", OP_APPLIED, posted), OK);
    apply_person(d->t, person("102", 4, "11", "川田　花", "妻", "2", "S53.03.02"));
    r = ask(d, d->clk, "notice.get", json_pack("{s:s}", "no", no)); /* as it was decided, not judged again */
    has_findings(r, "");
    assert_string_equal(text(json_array_get(json_object_get(r, "changes"), 0), "name"), "川田　花");
    free(no);
}

static void post_now(void *arg)
{
    struct desk *d = arg;
    assert_int_equal(
        tell_result(d, "notice.decide", "E1-N26-000001", OP_APPLIED, "{\"rows\":[{\"id\":\"102\",\"rev\":4}]}"), OK);
    service_poke(d->t->svc);
}

/* Online: the answer waits for the posting. */
static void test_the_decision_waits_for_the_host(void **state)
{
    struct desk *d = *state;
    char *no = enter(d, d->clk);
    ask(d, d->sup, "notice.examine", examination(no, answers(5, 0), true));
    d->host = "ok";
    json_t *request = json_pack("{s:i, s:s, s:o}", "id", 7, "method", "notice.decide", "params", decision(no));
    int before = d->t->answers;
    service_call(d->sup, request, service_test_reply, d->t);
    json_decref(request);
    assert_int_equal(d->t->answers, before);
    service_poke(d->t->svc); /* something came from the host, but not this */
    assert_int_equal(d->t->answers, before);
    post_now(d);
    assert_int_equal(d->t->answers, before + 1);
    const json_t *r = json_object_get(d->t->answer, "result");
    assert_string_equal(text(r, "state"), "posted");
    const json_t *row = json_array_get(json_object_get(r, "rows"), 0);
    assert_int_equal(json_integer_value(json_object_get(row, "rev")), 4);
    free(no);
}

static void test_no_answer_in_time_leaves_it_waiting(void **state)
{
    struct desk *d = *state;
    char *no = enter(d, d->clk);
    ask(d, d->sup, "notice.examine", examination(no, answers(5, 0), true));
    d->host = "ok";
    int64_t before = d->t->mono_ms;
    assert_string_equal(text(ask(d, d->sup, "notice.decide", decision(no)), "state"), "decided");
    assert_true(d->t->mono_ms - before >= 3000);
    free(no);
}

static void test_two_persons(void **state)
{
    struct desk *d = *state;
    char *no = enter(d, d->sup);
    service_test_refused(d->t, d->sup, "notice.examine", examination(no, answers(5, 0), true), "S214");
    service_test_refused(d->t, d->sup, "notice.return", with_reason(no, "自分で戻します"), "S214");
    service_test_refused(d->t, d->clk, "notice.examine", examination(no, answers(5, 0), true), "S003");
    service_test_refused(d->t, d->sup2, "notice.decide", decision(no), "S213"); /* nobody examined it */
    ask(d, d->sup2, "notice.examine", examination(no, answers(5, 0), true));
    service_test_refused(d->t, d->sup, "notice.decide", decision(no), "S214");
    service_test_refused(d->t, d->sup2, "notice.decide", json_pack("{s:s, s:s}", "no", no, "password", "x"), "S001");
    assert_string_equal(state_of(d, no), "examined");
    assert_int_equal(d->n_sent, 1); /* nothing but the entry left */
    ask(d, d->sup2, "notice.decide", decision(no));
    free(no);
}

/* ---- several decisions with one password ---- */

/* Somebody who lives alone moves within the town. Returns the number of the examined case; owned. */
static char *examined_move(struct desk *d, struct session *by, const char *id, const char *household)
{
    apply_person(d->t, person(id, 1, household, "森　一人", "世帯主", "1", "S40.01.02"));
    json_t *values = tenkyo();
    json_object_set_new(json_array_get(values, 5), "v", json_string(id));
    char *no = xstrdup(text(ask(d, by, "notice.enter", params("tenkyo", values)), "no"));
    ask(d, d->sup, "notice.examine", examination(no, answers(5, 0), true));
    return no;
}

static json_t *decisions(char *const *no, size_t n)
{
    json_t *nos = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(nos, json_string(no[i]));
    return json_pack("{s:o, s:s}", "nos", nos, "password", TEST_PASSWORD);
}

struct log_rows {
    char line[8][96];
    size_t n;
};

static void keep_log(void *arg, const struct oplog *r)
{
    struct log_rows *all = arg;
    snprintf(all->line[all->n++], sizeof all->line[0], "%s %s %s %s %s", r->function, r->ticket, r->subjects, r->result,
             r->detail);
}

static void test_several_with_one_password(void **state)
{
    struct desk *d = *state;
    char *no[] = { examined_move(d, d->clk, "201", "21"), examined_move(d, d->clk, "202", "22"),
                   examined_move(d, d->clk, "203", "23") };
    struct log_rows log = { .n = 0 };
    int64_t before = service_test_log_rows(d->t);
    const json_t *r = ask(d, d->sup2, "notice.decide_many", decisions(no, 3));
    assert_int_equal(json_integer_value(json_object_get(r, "decided")), 3);
    assert_int_equal(json_integer_value(json_object_get(r, "refused")), 0);
    for (size_t i = 0; i < 3; i++) {
        const json_t *row = json_array_get(json_object_get(r, "rows"), i);
        assert_string_equal(text(row, "no"), no[i]);
        assert_true(json_is_true(json_object_get(row, "decided")));
        assert_string_equal(text(row, "state"), "decided");
        assert_int_equal(strncmp(d->sent[3 + i], "notice.decide ", 14), 0);
        assert_non_null(strstr(d->sent[3 + i], no[i]));
        assert_non_null(strstr(d->sent[3 + i], "\"decided_by\":\"sup2\""));
    }
    assert_int_equal(d->n_sent, 6);
    assert_int_equal(service_test_log_rows(d->t), before + 4); /* each case, and the call */
    assert_int_equal(oplog_list(d->t->db, &(struct oplog_filter){ .limit = 4 }, keep_log, &log, NULL), OK);
    assert_string_equal(log.line[0], "notice.decide_many   ok ");
    assert_string_equal(log.line[1], "notice.decide_many E1-N26-000003 203 ok ");
    assert_string_equal(log.line[3], "notice.decide_many E1-N26-000001 201 ok ");
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(state_of(d, no[i]), "decided");
        free(no[i]);
    }
}

static void refused_among(const json_t *result, const char *no, const char *msg)
{
    const json_t *row = row_with(json_object_get(result, "rows"), "no", no);
    assert_true(json_is_false(json_object_get(row, "decided")));
    assert_string_equal(text(row, "msg"), msg);
    assert_true(strlen(text(row, "text")) > 10 && strlen(text(row, "remedy")) > 10);
}

/* What cannot be decided with the others says why; the rest stands. */
static void test_among_several_each_stands_alone(void **state)
{
    struct desk *d = *state;
    char *protected = examined_move(d, d->clk, "201", "21"), *own = examined_move(d, d->sup2, "202", "22");
    char *good = examined_move(d, d->clk, "203", "23"), *changed = examined_move(d, d->clk, "204", "24");
    char *again = good, *early = enter(d, d->clk), nothing[] = "E1-N26-000999";
    restrict_person(d, "201", RK_SUPPORT, RL_NONE, RL_ERROR);
    apply_person(d->t, person("204", 2, "24", "森　一人", "世帯主", "1", "S40.01.02"));
    char *no[] = { protected, own, changed, good, early, nothing, again };
    struct log_rows log = { .n = 0 };
    int sent = d->n_sent;
    const json_t *r = ask(d, d->sup2, "notice.decide_many", decisions(no, ARRAY_LEN(no)));
    assert_int_equal(json_integer_value(json_object_get(r, "decided")), 1);
    assert_int_equal(json_integer_value(json_object_get(r, "refused")), 6);
    refused_among(r, protected, "S231"); /* in the words of any other alert */
    refused_among(r, own, "S214");
    refused_among(r, changed, "E12");
    refused_among(r, early, "S213");
    refused_among(r, nothing, "S221");
    assert_string_equal(text(json_array_get(json_object_get(r, "rows"), 6), "msg"), "S213"); /* decided just now */
    assert_int_equal(oplog_list(d->t->db, &(struct oplog_filter){ .limit = 8 }, keep_log, &log, NULL), OK);
    assert_int_equal(strncmp(log.line[7], "notice.decide_many E1-N26-000001 201 denied S231", 47), 0);
    assert_string_equal(state_of(d, good), "decided");
    assert_string_equal(state_of(d, own), "examined");
    assert_int_equal(d->n_sent, sent + 1);
    ask(d, d->sup, "notice.decide", decision(own));
    free(protected);
    free(own);
    free(good);
    free(changed);
    free(early);
}

static void test_several_have_a_limit_and_a_password(void **state)
{
    struct desk *d = *state;
    char *no[] = { examined_move(d, d->clk, "201", "21"), examined_move(d, d->clk, "202", "22") };
    service_test_param(d->t, "BATCH_DECIDE_MAX", "1");
    assert_string_equal(service_test_refused(d->t, d->sup2, "notice.decide_many", decisions(no, 2), "S230"), "1");
    service_test_param(d->t, "BATCH_DECIDE_MAX", "2");
    json_t *p = decisions(no, 2);
    json_object_set_new(p, "password", json_string("x"));
    service_test_refused(d->t, d->sup2, "notice.decide_many", p, "S001");
    service_test_refused(d->t, d->clk, "notice.decide_many", decisions(no, 2), "S003");
    assert_string_equal(state_of(d, no[0]), "examined");
    ask(d, d->sup2, "notice.decide_many", decisions(no, 2));
    for (size_t i = 0; i < 2; i++)
        free(no[i]);
}

static void test_checklist(void **state)
{
    struct desk *d = *state;
    char *no = enter(d, d->clk);
    service_test_refused(d->t, d->sup, "notice.examine", examination(no, answers(4, 0), true), "S216");
    service_test_refused(d->t, d->sup, "notice.examine", examination(no, answers(4, 1), true), "S224");
    service_test_refused(d->t, d->sup, "notice.examine", examination(no, answers(4, 1), false), "S215");
    json_t *p = examination(no, answers(4, 1), false);
    json_object_set_new(p, "reason", json_string("方書が届書と違います"));
    assert_string_equal(text(ask(d, d->sup, "notice.examine", p), "state"), "returned");
    const json_t *r = ask(d, d->clk, "notice.get", json_pack("{s:s}", "no", no));
    assert_true(json_is_false(json_array_get(json_object_get(r, "answers"), 4)));
    assert_string_equal(text(json_array_get(json_object_get(r, "events"), 1), "reason"), "方書が届書と違います");
    /* entered again under the same number, with the same day of receipt */
    p = params("tenkyo", tenkyo());
    json_object_set_new(p, "no", json_string(no));
    r = ask(d, d->clk, "notice.enter", p);
    assert_string_equal(text(r, "no"), no);
    assert_string_equal(text(r, "state"), "entered");
    assert_int_equal(d->n_sent, 2);
    free(no);
}

static void test_numbers_have_no_gaps(void **state)
{
    struct desk *d = *state;
    json_t *bad = tenkyo();
    json_array_append_new(bad, value("move", 0, "moved_on", "R9.1.1"));
    char *first = enter(d, d->clk);
    service_test_refused(d->t, d->clk, "notice.enter", params("tenkyo", bad), "S222");
    ask(d, d->clk, "notice.withdraw", with_reason(first, "届出人の申出により取下げ"));
    char *second = enter(d, d->clk);
    assert_string_equal(first, "E1-N26-000001");
    assert_string_equal(second, "E1-N26-000002");
    assert_non_null(
        strstr(d->sent[1], "notice.withdraw 11 {\"no\":\"E1-N26-000001\",\"reason\":\"届出人の申出により取下げ\"}"));
    service_test_refused(d->t, d->clk, "notice.withdraw", with_reason(first, "もう一度取り下げ"), "S213");
    free(first);
    free(second);
}

static void test_one_open_case(void **state)
{
    struct desk *d = *state;
    free(enter(d, d->clk));
    has_findings(ask(d, d->clk2, "notice.check", params("tenkyo", tenkyo())), "E14");
    assert_string_equal(service_test_refused(d->t, d->clk2, "notice.enter", params("tenkyo", tenkyo()), "S222"), "E14");
}

static void test_alerts_must_be_acknowledged(void **state)
{
    struct desk *d = *state;
    json_t *late = tenkyo();
    json_array_append_new(late, value("move", 0, "moved_on", "R8.5.1"));
    json_t *p = params("tenkyo", late);
    assert_string_equal(service_test_refused(d->t, d->clk, "notice.enter", json_incref(p), "S217"), "W03");
    json_object_set_new(p, "acks", json_pack("[s]", "W03"));
    char *no = xstrdup(text(ask(d, d->clk, "notice.enter", p), "no"));
    struct service_test_last log = service_test_last_log(d->t);
    assert_string_equal(log.detail, "acks W03");
    assert_non_null(strstr(d->sent[0], "\"acks\":[\"W03\"]"));
    /* the examiner and the decider need not acknowledge it again */
    ask(d, d->sup, "notice.examine", examination(no, answers(5, 0), true));
    ask(d, d->sup, "notice.decide", decision(no));
    free(no);
}

static void test_what_changed_since_stops_the_decision(void **state)
{
    struct desk *d = *state;
    char *no = enter(d, d->clk);
    ask(d, d->sup, "notice.examine", examination(no, answers(5, 0), true));
    apply_person(d->t, person("102", 4, "11", "川田　花子", "妻", "2", "S53.03.02"));
    assert_string_equal(service_test_refused(d->t, d->sup, "notice.decide", decision(no), "E12"), "102");
    assert_string_equal(state_of(d, no), "examined");
    json_t *p = params("tenkyo", tenkyo());
    json_object_set_new(p, "no", json_string(no));
    ask(d, d->clk, "notice.enter", p); /* read again */
    ask(d, d->sup, "notice.examine", examination(no, answers(5, 0), true));
    assert_string_equal(text(ask(d, d->sup, "notice.decide", decision(no)), "state"), "decided");
    free(no);
}

static void test_conflicts_wait_for_a_person(void **state)
{
    struct desk *d = *state;
    char *no = enter(d, d->clk);
    ask(d, d->sup, "notice.examine", examination(no, answers(5, 0), true));
    ask(d, d->sup, "notice.decide", decision(no));
    assert_int_equal(tell_result(d, "notice.decide", no, OP_CONFLICT, "{\"msg\":\"E73\"}"), OK);
    assert_string_equal(state_of(d, no), "conflict");
    service_test_refused(d->t, d->clk, "notice.withdraw", with_reason(no, "競合なので取り下げ"), "S213");
    has_findings(ask(d, d->clk2, "notice.check", params("tenkyo", tenkyo())), "E14"); /* still open */
    free(no);
}

static void test_a_stop_takes_in_but_does_not_decide(void **state)
{
    struct desk *d = *state;
    char *no = enter(d, d->clk);
    ask(d, d->sup, "notice.examine", examination(no, answers(5, 0), true));
    assert_int_equal(txn_begin(d->t->db, NULL), OK);
    assert_int_equal(meta_set(d->t->db, "counter.state", "outage", NULL), OK);
    assert_int_equal(txn_commit(d->t->db, NULL), OK);
    service_test_refused(d->t, d->sup, "notice.decide", decision(no), "S009");
    free(no);
}

/* ---- candidates, dashboard, manual ---- */

static const json_t *candidates(struct desk *d, const char *section, const char *field, const char *typed)
{
    const json_t *r = ask(d, d->clk, "notice.candidates",
                          json_pack("{s:s, s:s, s:s, s:s, s:o}", "kind", "tenkyo", "section", section, "field", field,
                                    "text", typed, "values", tenkyo()));
    return json_object_get(r, "rows");
}

static void test_candidates(void **state)
{
    struct desk *d = *state;
    const json_t *rows = candidates(d, "others", "person", ""); /* the household of the one who moves */
    assert_int_equal(json_array_size(rows), 3);
    assert_string_equal(text(row_with(rows, "value", "101"), "label"), "川田　一郎");
    rows = candidates(d, "persons", "person", ""); /* with the whole household before its members */
    assert_true(json_is_true(json_object_get(json_array_get(rows, 0), "whole")) && json_array_size(rows) == 4);
    rows = candidates(d, "persons", "person", "102"); /* by number: its name */
    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(text(json_array_get(rows, 0), "label"), "川田　花子");
    rows = candidates(d, "persons", "person", "次郎");
    assert_string_equal(text(json_array_get(rows, 0), "value"), "103");
    rows = candidates(d, "dest", "household", "11");
    assert_string_equal(text(json_array_get(rows, 0), "label"), "川田　一郎");
    rows = candidates(d, "filer", "relation", "");
    assert_string_equal(text(row_with(rows, "value", "1"), "label"), "本人");
    rows = candidates(d, "persons", "relation", "子");
    assert_non_null(row_with(rows, "value", "子（子の夫）"));
    assert_null(row_with(rows, "value", "父"));
    restrict_person(d, "103", RK_SUPPORT, RL_NONE, RL_ERROR);
    assert_null(row_with(candidates(d, "others", "person", ""), "value", "103")); /* as if he were not there */
    service_test_refused(d->t, d->clk, "notice.candidates",
                         json_pack("{s:s, s:s, s:s}", "kind", "tenkyo", "section", "x", "field", "y"), "S220");
}

/* Somebody who comes back: found among the removed, and the row is filled from the record. */
static void test_candidates_among_the_removed(void **state)
{
    struct desk *d = *state;
    struct resident *gone = person("301", 1, "33", "高橋　誠", "世帯主", "1", "S60.01.02");
    resident_set(gone, ATTR_STATUS, STATUS_MOVED);
    resident_set(gone, ATTR_RESIDENT_CODE, "24727059608");
    apply_person(d->t, gone);
    static const char *const asked[][3] = {
        { "", "高橋　誠", "S60.01.02" }, { "", "", "S60.1.2" }, { "301", "", "" }, { "高橋", "", "" },
        { "", "高橋　誠", "S60.1.3" },   { "101", "", "" }
    };
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        json_t *values =
            json_pack("[o, o]", value("persons", 0, "name", asked[i][1]), value("persons", 0, "birth_on", asked[i][2]));
        json_t *p = json_pack("{s:s, s:s, s:s, s:s, s:o}", "kind", "tennyu", "section", "persons", "field", "again",
                              "text", asked[i][0], "values", values);
        const json_t *rows = json_object_get(ask(d, d->clk, "notice.candidates", p), "rows");
        const json_t *fill = json_object_get(row_with(rows, "value", "301"), "fill");
        assert_int_equal(json_array_size(rows), i < 4); /* the last two: another birthday, and a resident */
        assert_true(i >= 4 || strcmp(text(row_with(fill, "f", "birth_on"), "v"), "昭和60年1月2日") == 0);
        assert_null(row_with(fill, "f", "resident_code")); /* not for this clerk's eyes */
    }
}

static void test_dashboard(void **state)
{
    struct desk *d = *state;
    free(enter(d, d->clk));
    const json_t *r = ask(d, d->clk, "dashboard.get", NULL);
    const json_t *w = row_with(json_object_get(r, "waiting"), "state", "entered");
    assert_int_equal(json_integer_value(json_object_get(w, "count")), 1);
    const json_t *today = row_with(json_object_get(r, "today"), "kind", "tenkyo");
    assert_int_equal(json_integer_value(json_object_get(today, "count")), 1);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(json_object_get(r, "age_bars"), 0), "count")),
                     1);
    assert_null(row_with(json_object_get(r, "due"), "what", "仮登録のままの届出"));
    d->t->wall_ms += INT64_C(25) * 3600000;
    r = ask(d, d->clk, "dashboard.get", NULL);
    assert_string_equal(text(row_with(json_object_get(r, "due"), "what", "仮登録のままの届出"), "level"), "late");
}

static void test_manual(void **state)
{
    struct desk *d = *state;
    static const char *const screens[] = { "kinds", "notice", "check", "drafts", "cases", "case", "decide", "menu" };
    for (size_t i = 0; i < ARRAY_LEN(screens); i++) {
        const json_t *r = ask(d, d->clk, "manual.page", json_pack("{s:s}", "screen", screens[i]));
        assert_true(strlen(text(r, "title")) > 0);
        assert_true(json_array_size(json_object_get(r, "lines")) >= 2);
    }
    const json_t *page = ask(d, d->clk, "manual.page", json_pack("{s:s}", "screen", "notice:tenkyo"));
    char *all = json_dumps(page, 0);
    assert_non_null(strstr(all, "法第23条"));
    assert_non_null(strstr(all, "実際に引っ越した日"));
    assert_non_null(strstr(all, "新しい住所が今の住所と違う"));
    free(all);
    service_test_refused(d->t, d->clk, "manual.page", json_pack("{s:s}", "screen", "nothing"), "S229");
    assert_true(json_array_size(json_object_get(ask(d, d->clk, "manual.index", NULL), "pages")) > 10);
}

#define desk_unit_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        desk_unit_test(test_kinds_and_forms),
        desk_unit_test(test_a_new_form_is_everywhere),
        desk_unit_test(test_check_shows_before_and_after),
        desk_unit_test(test_check_explains_what_is_wrong),
        desk_unit_test(test_support_hides_the_whole_preview),
        desk_unit_test(test_a_lock_on_entry_blocks),
        desk_unit_test(test_drafts_and_locks),
        desk_unit_test(test_the_day_of_receipt_is_that_of_the_draft),
        desk_unit_test(test_entered_examined_decided_posted),
        desk_unit_test(test_the_decision_waits_for_the_host),
        desk_unit_test(test_no_answer_in_time_leaves_it_waiting),
        desk_unit_test(test_two_persons),
        desk_unit_test(test_several_with_one_password),
        desk_unit_test(test_among_several_each_stands_alone),
        desk_unit_test(test_several_have_a_limit_and_a_password),
        desk_unit_test(test_checklist),
        desk_unit_test(test_numbers_have_no_gaps),
        desk_unit_test(test_one_open_case),
        desk_unit_test(test_alerts_must_be_acknowledged),
        desk_unit_test(test_what_changed_since_stops_the_decision),
        desk_unit_test(test_conflicts_wait_for_a_person),
        desk_unit_test(test_a_stop_takes_in_but_does_not_decide),
        desk_unit_test(test_candidates),
        desk_unit_test(test_candidates_among_the_removed),
        desk_unit_test(test_dashboard),
        desk_unit_test(test_manual),
    };
    return cmocka_run_group_tests_name("service-notice", tests, NULL, NULL);
}
