#include "check.h"

#include "base/fsx.h"
#include "base/lines.h"
#include "base/mem.h"
#include "domain/certificate.h"
#include "domain/finding.h"
#include "fixture.h"

static const struct date today = { 2026, 7, 1 };

/* The tables that ship, read plainly, and the parameters that matter here. */
struct world {
    struct rulebook book;
    struct cert_rules *rules;
    struct resident *r[8];
    struct resident_list rows[8];
    size_t n;
    const char *item[24];
    struct cert_ask ask;
    struct findings findings;
};

static char none[] = "";
#define PARAM(name, value)                              \
    {                                                   \
        (char[]){ name }, (char[]){ value }, none, none \
    }
static struct param params[] = {
    PARAM("FEE_COPY", "300"),
    PARAM("CERT_TEXT_COPY", "写し"),
    PARAM("CERT_TEXT_COPY_WHOLE", "世帯全員"),
    PARAM("CERT_TEXT_COPY_PART", "世帯一部"),
    PARAM("CERT_TEXT_REMOVED", "除票"),
    PARAM("CERT_TEXT_STATEMENT", "記載事項"),
    PARAM("CERT_TEXT_LEAVING", "転出"),
    PARAM("CERT_TEXT_LEAVING_LATE", "準ずる"),
    PARAM("FEE_LEAVING", "0"),
    PARAM("FEE_LEAVING_LATE", "300"),
    PARAM("CERT_OMITTED", "省略"),
    PARAM("CERT_SEAL", "trial"),
    PARAM("CERT_SEAL_NOTE", ""),
    PARAM("CERT_HISTORY_OFF", "特別養子縁組"),
    PARAM("CERT_HISTORY_FROM", "K07"),
    PARAM("LEAVE_FILE_DAYS", "14"),
    PARAM("CERT_COPIES_MAX", "10"),
    PARAM("CERT_PERSONS_MAX", "10"),
    PARAM("KANA_UNVERIFIED", "＊＊＊＊"),
    PARAM("KANA_NO_GIVEN", "【名空欄】"),
    PARAM("KANA_NO_SURNAME", "【氏空欄】"),
};

static void table_add(struct rulebook *b, const char *name)
{
    struct lines l;
    struct errinfo e = { 0 };
    char *path = xprintf("%s/data/tables/%s.tsv", getenv("SOURCE_ROOT"), name);
    assert_int_equal(lines_open(&l, path, &e), OK);
    b->table = xrealloc(b->table, b->n_table + 1, sizeof *b->table);
    struct code_table *t = &b->table[b->n_table++];
    *t = (struct code_table){ .name = xstrdup(name) };
    while (lines_next(&l)) {
        struct span cell[3];
        if (lines_cells(&l, cell, 3, &e) != OK)
            fail_msg("%s: %s", e.item, e.detail);
        t->c = xrealloc(t->c, t->n + 1, sizeof *t->c);
        t->c[t->n++] = (struct code){ xstrndup(cell[0].p, cell[0].n), xstrndup(cell[1].p, cell[1].n),
                                      cell[2].n ? xstrndup(cell[2].p, cell[2].n) : xstrdup("") };
    }
    lines_close(&l);
    free(path);
}

static void book_done(struct rulebook *b)
{
    for (size_t i = 0; i < b->n_table; i++) {
        for (size_t k = 0; k < b->table[i].n; k++) {
            free(b->table[i].c[k].code);
            free(b->table[i].c[k].label);
            free(b->table[i].c[k].note);
        }
        free(b->table[i].c);
        free(b->table[i].name);
    }
    free(b->table);
}

static void person(struct world *w, const char *name, const char *relation, const char *birth, const char *sex)
{
    struct resident *r = resident_new();
    snprintf(r->id, sizeof r->id, "9000000000%02zu", w->n);
    r->rev = 3;
    resident_set(r, ATTR_HOUSEHOLD, "800000000011");
    resident_set(r, ATTR_CLASS, CLASS_JAPANESE);
    resident_set(r, ATTR_STATUS, STATUS_LIVING);
    resident_set(r, ATTR_NAME, name);
    resident_set(r, ATTR_KANA, "カワダ　ハナコ");
    resident_set(r, ATTR_KANA_STATE, "3");
    resident_set(r, ATTR_HEAD_NAME, "川田　一郎");
    resident_set(r, ATTR_RELATION, relation);
    resident_set(r, ATTR_BIRTH_ON, birth);
    resident_set(r, ATTR_SEX, sex);
    resident_set(r, ATTR_ADDR_PREF, "うめ県");
    resident_set(r, ATTR_ADDR_CITY, "梅市");
    resident_set(r, ATTR_ADDR_TOWN, "梅町一丁目");
    resident_set(r, ATTR_ADDR_LOT, "８番地３");
    resident_set(r, ATTR_DOMICILE, "うめ県梅市梅町一丁目８番地");
    resident_set(r, ATTR_DOMICILE_HEAD, "川田　太郎");
    resident_set(r, ATTR_MY_NUMBER, "123456789018");
    resident_set(r, ATTR_PLANNED_TO, "もも県桃市");
    resident_set(r, ATTR_EV_ON, "R08.05.01");
    resident_set(r, ATTR_EV_REASON, "M01");
    w->r[w->n++] = r;
}

static void open_world(struct world *w)
{
    static const char *const tables[] = { "cert_kinds",
                                          "cert_requesters",
                                          "cert_exemptions",
                                          "certifiers",
                                          "cert_items_copy",
                                          "cert_items_removed",
                                          "cert_items_statement",
                                          "cert_items_leaving",
                                          "variants",
                                          "sex",
                                          "foreign_class",
                                          "reason",
                                          "yes_no" };
    struct errinfo e = { 0 };
    *w = (struct world){ 0 };
    w->book.eras = test_eras;
    w->book.param = params;
    w->book.n_param = ARRAY_LEN(params);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        table_add(&w->book, tables[i]);
    if (cert_rules_load(&w->book, &w->rules, &e) != OK)
        fail_msg("%s: %s", e.item, e.detail);
    w->ask = (struct cert_ask){ .kind = cert_kind_find(w->rules, "juminhyo_setai"),
                                .requester = cert_requester_find(w->rules, "self"),
                                .item = w->item,
                                .document_seen = true,
                                .name = "川田　一郎",
                                .copies = 1 };
}

static void close_world(struct world *w)
{
    findings_done(&w->findings);
    for (size_t i = 0; i < w->n; i++) {
        resident_free(w->r[i]);
        resident_list_done(&w->rows[i]);
    }
    cert_rules_free(w->rules);
    book_done(&w->book);
}

static struct cert_subjects subjects(struct world *w)
{
    const struct resident *const *all = (const struct resident *const *)w->r;
    return (struct cert_subjects){ all, w->rows, w->n, all, w->n };
}

static bool judged(struct world *w, const char *msg)
{
    findings_done(&w->findings);
    struct cert_subjects who = subjects(w);
    cert_judge(w->rules, &w->book, &w->ask, &who, today, &w->findings);
    for (size_t i = 0; i < w->findings.n; i++)
        if (!strcmp(w->findings.f[i].msg, msg))
            return true;
    return false;
}

static struct cert_copy *built(struct world *w)
{
    struct cert_copy *copy = NULL;
    struct errinfo e = { 0 };
    struct cert_subjects who = subjects(w);
    if (cert_build(w->rules, &w->book, &w->ask, &who, today, &copy, &e) != OK)
        fail_msg("%s %s", e.msg, e.detail);
    return copy;
}

static const char *text_of(const struct cert_copy *c, size_t person, const char *item)
{
    const struct cert_cell *cell = cert_person_cell(&c->person[person], span_of(item));
    return !cell ? "(absent)" : cell->omitted ? "(omitted)" : cell->text;
}

/* Every item × requester of the shipped matrix, as spec C.2 and C.5 have it. */
static void test_matrix(void **state)
{
    (void)state;
    static const struct {
        const char *item, *rule; /* by requester: self household legal agent official third lawyer */
    } want[] = {
        { "name", "AAAAAAA" },          { "birth", "AAAAAAA" },         { "address", "AAAAAAA" },
        { "kana", "QQQQQQQ" },          { "head", "QQQQQRR" },          { "relation", "QQQQQRR" },
        { "domicile", "QQQQQRR" },      { "domicile_head", "QQQQQRR" }, { "my_number", "QQQNNNN" },
        { "resident_code", "QQQNNNN" }, { "nationality", "QQQQQRR" },   { "card_no", "QQQQQRR" },
        { "alias_log", "QQQQQNN" },     { "history", "QQQQQRR" },       { "history_all", "QQQNQNN" },
        { "alias", "AAAAAAA" },         { "old_surname", "AAAAAAA" },
    };
    static const char *const who[] = { "self", "household", "legal", "agent", "official", "third", "lawyer" };
    static const char letter[] = { [SHOW_ALWAYS] = 'A', [SHOW_ASK] = 'Q', [SHOW_REASON] = 'R', [SHOW_NEVER] = 'N' };
    struct world w;
    open_world(&w);
    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        for (size_t k = 0; k < ARRAY_LEN(who); k++) {
            const struct cert_item *item = cert_item_find(w.ask.kind, span_of(want[i].item));
            const struct cert_requester *r = cert_requester_find(w.rules, who[k]);
            assert_non_null(item);
            assert_non_null(r);
            if (letter[cert_show_of(w.rules, item, r)] != want[i].rule[k])
                fail_msg("%s for %s", want[i].item, who[k]);
        }
    close_world(&w);
}

static void test_omitted_unless_asked(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "川田　一郎", "世帯主", "S50.05.10", SEX_MALE);
    struct cert_copy *c = built(&w);
    assert_string_equal(text_of(c, 0, "name"), "川田　一郎");
    assert_string_equal(text_of(c, 0, "birth"), "昭和50年5月10日");
    assert_string_equal(text_of(c, 0, "sex"), "男");
    assert_string_equal(text_of(c, 0, "address"), "うめ県梅市梅町一丁目８番地３");
    assert_string_equal(text_of(c, 0, "domicile"), "(omitted)");
    assert_string_equal(text_of(c, 0, "relation"), "(omitted)");
    assert_string_equal(text_of(c, 0, "my_number"), "(omitted)");
    assert_string_equal(text_of(c, 0, "nationality"), "(absent)");
    assert_true(cert_common_cell(c, span_of("head"))->omitted);
    assert_string_equal(c->issued_on, "令和8年7月1日");
    assert_string_equal(c->certifier_name, "梅田　太郎");
    cert_copy_free(c);
    w.item[w.ask.n_item++] = "domicile";
    w.item[w.ask.n_item++] = "relation";
    c = built(&w);
    assert_string_equal(text_of(c, 0, "domicile"), "うめ県梅市梅町一丁目８番地");
    assert_string_equal(text_of(c, 0, "relation"), "世帯主");
    assert_string_equal(text_of(c, 0, "domicile_head"), "川田　太郎"); /* one tick with 本籍 */
    /* What is omitted is not in the bytes at all. */
    struct buf bytes = BUF_INIT;
    cert_copy_encode(c, &bytes);
    assert_null(memmem(bytes.p, bytes.len, "123456789018", 12));
    assert_null(memmem(bytes.p, bytes.len, "桃市", strlen("桃市")));
    buf_done(&bytes);
    cert_copy_free(c);
    close_world(&w);
}

/* Who may ask as 本人 or 同一世帯員, and with what name. */
static void test_the_name_is_that_of_the_class(void **state)
{
    (void)state;
    static const struct {
        const char *class, *name, *msg;
    } cases[] = {
        { "self", "川田　一郎", "" },       { "self", "川田一郎", "" },        { "self", "カワダ ハナコ", "" },
        { "self", "ｶﾜﾀﾞﾊﾅｺ", "" },          { "self", "山本　一郎", "" },      { "self", "川田　壱郎", "S334" },
        { "self", "全然　違う人", "S334" }, { "self", "川田　花子", "S334" },  { "self", "", "S334" },
        { "household", "川田　花子", "" },  { "household", "川田　一郎", "" }, { "household", "北　太郎", "S334" },
        { "agent", "北　太郎", "" },        { "third", "北　太郎", "" },
    };
    struct world w;
    open_world(&w);
    person(&w, "川田　一郎", "世帯主", "S50.05.10", SEX_MALE);
    resident_set(w.r[0], ATTR_OLD_SURNAME, "山本");
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    struct cert_subjects who = subjects(&w);
    who.n = 1; /* of a household of two */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        w.ask.requester = cert_requester_find(w.rules, cases[i].class);
        w.ask.name = cases[i].name;
        findings_done(&w.findings);
        cert_judge_claim(w.rules, &w.ask, &who, &w.findings);
        if (w.findings.n != (*cases[i].msg != 0) || (w.findings.n && strcmp(w.findings.f[0].msg, cases[i].msg)))
            fail_msg("%s %s: %zu", cases[i].class, cases[i].name, w.findings.n);
    }
    w.ask.requester = cert_requester_find(w.rules, "self");
    w.ask.name = "川田　一郎";
    assert_true(judged(&w, "S333")); /* for two */
    assert_false(judged(&w, "S332"));
    w.ask.document_seen = false;
    assert_true(judged(&w, "S332"));
    close_world(&w);
}

static void test_third_party_needs_the_reason(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "川田　一郎", "世帯主", "S50.05.10", SEX_MALE);
    w.ask.requester = cert_requester_find(w.rules, "third");
    w.item[w.ask.n_item++] = "domicile";
    assert_true(judged(&w, "E59"));
    w.ask.reason_given = w.ask.proof_seen = true;
    assert_false(judged(&w, "E59"));
    assert_true(judged(&w, "S312"));
    struct cert_copy *c = built(&w);
    assert_string_equal(text_of(c, 0, "domicile"), "(omitted)");
    cert_copy_free(c);
    w.ask.reason_holds = true;
    assert_false(judged(&w, "S312"));
    c = built(&w);
    assert_string_equal(text_of(c, 0, "domicile"), "うめ県梅市梅町一丁目８番地");
    cert_copy_free(c);
    w.item[w.ask.n_item++] = "my_number";
    assert_true(judged(&w, "E53"));
    w.ask.requester = cert_requester_find(w.rules, "agent");
    assert_true(judged(&w, "E53"));
    c = built(&w); /* and even then it does not come out */
    assert_string_equal(text_of(c, 0, "my_number"), "(omitted)");
    cert_copy_free(c);
    w.ask.requester = cert_requester_find(w.rules, "self");
    assert_false(judged(&w, "E53"));
    assert_true(judged(&w, "W54"));
    close_world(&w);
}

static void test_order_and_whole(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "川田　次郎", "子", "H17.08.20", SEX_MALE);
    person(&w, "川田　キヨ", "母", "S24.01.15", SEX_FEMALE);
    person(&w, "川田　一郎", "世帯主", "S50.05.10", SEX_MALE);
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    struct cert_copy *c = built(&w);
    static const char *const names[] = { "川田　一郎", "川田　花子", "川田　次郎", "川田　キヨ" };
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(text_of(c, i, "name"), names[i]);
    assert_true(c->whole);
    assert_string_equal(c->sentence, "世帯全員");
    cert_copy_free(c);
    struct cert_subjects who = subjects(&w);
    who.n = 3;
    struct errinfo e;
    assert_int_equal(cert_build(w.rules, &w.book, &w.ask, &who, today, &c, &e), OK);
    assert_false(c->whole);
    assert_string_equal(c->sentence, "世帯一部");
    cert_copy_free(c);
    close_world(&w);
}

static void test_persons_that_do_not_go_together(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    assert_true(judged(&w, "E16"));
    person(&w, "川田　一郎", "世帯主", "S50.05.10", SEX_MALE);
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    assert_false(judged(&w, "E55"));
    resident_set(w.r[1], ATTR_HOUSEHOLD, "800000000022");
    assert_true(judged(&w, "S314"));
    resident_set(w.r[1], ATTR_HOUSEHOLD, "800000000011");
    resident_set(w.r[1], ATTR_STATUS, STATUS_DEAD);
    assert_true(judged(&w, "E55"));
    w.item[w.ask.n_item++] = "my_number";
    assert_true(judged(&w, "E54"));
    close_world(&w);
}

static void test_planned_day_has_come(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "川田　一郎", "世帯主", "S50.05.10", SEX_MALE);
    resident_set(w.r[0], ATTR_PLANNED_ON, "2026-07-02");
    assert_false(judged(&w, "S313"));
    resident_set(w.r[0], ATTR_PLANNED_ON, "2026-07-01");
    assert_true(judged(&w, "S313"));
    close_world(&w);
}

static void test_foreigner(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "", "妻", "1990.04.05", SEX_FEMALE);
    resident_set(w.r[0], ATTR_CLASS, CLASS_FOREIGN);
    resident_set(w.r[0], ATTR_NAME_ALPHA, "MARIA FICTITIOUS");
    resident_set(w.r[0], ATTR_STAY_UNTIL, "2027-03-01");
    resident_set(w.r[0], ATTR_FOREIGN_CLASS, "01");
    w.item[w.ask.n_item++] = "stay_until";
    w.item[w.ask.n_item++] = "foreign_class";
    struct cert_copy *c = built(&w);
    assert_true(c->person[0].foreign);
    assert_string_equal(text_of(c, 0, "name"), "MARIA FICTITIOUS");
    assert_string_equal(text_of(c, 0, "birth"), "1990年4月5日");
    assert_string_equal(text_of(c, 0, "stay_until"), "2027年3月1日");
    assert_string_equal(text_of(c, 0, "foreign_class"), "中長期在留者");
    assert_string_equal(text_of(c, 0, "domicile"), "(absent)");
    assert_string_equal(text_of(c, 0, "resident_since"), "(absent)");
    cert_copy_free(c);
    resident_set(w.r[0], ATTR_NAME, "馬　麗");
    c = built(&w);
    assert_string_equal(text_of(c, 0, "name"), "MARIA FICTITIOUS（馬　麗）");
    cert_copy_free(c);
    close_world(&w);
}

static void test_kana(void **state)
{
    (void)state;
    static const char *const want[] = { "＊＊＊＊", "カワダ　【名空欄】", "【氏空欄】　ハナコ", "カワダ　ハナコ" };
    struct world w;
    open_world(&w);
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    w.item[w.ask.n_item++] = "kana";
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        resident_set(w.r[0], ATTR_KANA_STATE, (char[]){ (char)('0' + i), 0 });
        struct cert_copy *c = built(&w);
        assert_string_equal(text_of(c, 0, "kana"), want[i]);
        cert_copy_free(c);
    }
    close_world(&w);
}

/* Earlier rows of person 0: each call puts one before the others. */
static struct resident *history_row(struct world *w)
{
    struct resident *r = resident_copy(w->r[0]);
    resident_list_add(&w->rows[0], r);
    return r;
}

static void test_history_shows_only_what_the_copy_shows(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    struct resident *old = history_row(&w);
    resident_set(old, ATTR_ADDR_LOT, "１番地");
    resident_set(old, ATTR_DOMICILE, "もも県桃市１番地");
    history_row(&w);
    struct cert_copy *c = built(&w);
    assert_int_equal(c->person[0].n_line, 0);
    cert_copy_free(c);
    w.item[w.ask.n_item++] = "history";
    c = built(&w);
    assert_int_equal(c->person[0].n_line, 1);
    assert_string_equal(c->person[0].line[0].on, "令和8年5月1日");
    assert_string_equal(c->person[0].line[0].reason, "転居");
    assert_string_equal(c->person[0].line[0].text, "住所　うめ県梅市梅町一丁目１番地 → うめ県梅市梅町一丁目８番地３");
    cert_copy_free(c);
    close_world(&w);
}

static void test_history_leaves_out_and_starts_anew(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    w.item[w.ask.n_item++] = "history";
    struct resident *r = history_row(&w);
    resident_set(r, ATTR_NAME, "山田　花子");
    r = history_row(&w);
    resident_set(r, ATTR_EV_NOTE, "特別養子縁組による");
    struct cert_copy *c = built(&w);
    assert_int_equal(c->person[0].n_line, 0);
    cert_copy_free(c);
    w.item[w.ask.n_item++] = "history_all";
    assert_true(judged(&w, "W53"));
    c = built(&w);
    assert_int_equal(c->person[0].n_line, 1);
    cert_copy_free(c);
    resident_set(r, ATTR_EV_REASON, "K07"); /* 改製 */
    c = built(&w);
    assert_int_equal(c->person[0].n_line, 0);
    cert_copy_free(c);
    close_world(&w);
}

/* The lines of the stay before belong to the 除票. */
static void test_history_of_a_new_stay(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    w.item[w.ask.n_item++] = "history";
    struct resident *r = history_row(&w);
    resident_set(r, ATTR_ADDR_LOT, "１番地");
    r = history_row(&w);
    resident_set(r, ATTR_ADDR_LOT, "２番地");
    resident_set(r, ATTR_STATUS, STATUS_MOVED);
    r = history_row(&w);
    resident_set(r, ATTR_ADDR_LOT, "３番地");
    history_row(&w);
    struct cert_copy *c = built(&w);
    assert_int_equal(c->person[0].n_line, 1);
    assert_non_null(strstr(c->person[0].line[0].text, "３番地 → "));
    cert_copy_free(c);
    close_world(&w);
}

static void test_removed_record(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    w.ask.kind = cert_kind_find(w.rules, "johyo");
    assert_true(judged(&w, "E55"));
    resident_set(w.r[0], ATTR_STATUS, STATUS_MOVED);
    resident_set(w.r[0], ATTR_REMOVED_REASON, "D01");
    resident_set(w.r[0], ATTR_REMOVED_ON, "R08.06.20");
    resident_set(w.r[0], ATTR_PLANNED_ON, "2026-06-20");
    assert_false(judged(&w, "E55"));
    assert_false(judged(&w, "S313"));
    struct cert_copy *c = built(&w);
    assert_string_equal(c->sentence, "除票");
    assert_false(c->whole);
    assert_string_equal(text_of(c, 0, "removed_reason"), "国内転出");
    assert_string_equal(text_of(c, 0, "removed_on"), "令和8年6月20日");
    assert_string_equal(text_of(c, 0, "planned_to"), "もも県桃市");
    cert_copy_free(c);
    w.ask.requester = cert_requester_find(w.rules, "household"); /* was; is a third party now */
    assert_true(judged(&w, "E59"));
    w.ask.requester = cert_requester_find(w.rules, "self");
    w.item[w.ask.n_item++] = "my_number";
    resident_set(w.r[0], ATTR_STATUS, STATUS_DEAD);
    assert_true(judged(&w, "E54"));
    close_world(&w);
}

static void test_leaving(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    person(&w, "川田　次郎", "子", "H17.08.20", SEX_MALE);
    w.ask.kind = cert_kind_find(w.rules, "tenshutsu");
    assert_true(judged(&w, "E56")); /* no move-out was filed */
    for (size_t i = 0; i < w.n; i++)
        resident_set(w.r[i], ATTR_PLANNED_ON, "2026-07-01");
    assert_false(judged(&w, "E56"));
    assert_false(judged(&w, "S313")); /* the day may have come */
    struct cert_copy *c = built(&w);
    assert_string_equal(cert_common_cell(c, span_of("planned_to"))->text, "もも県桃市");
    assert_string_equal(cert_common_cell(c, span_of("planned_on"))->text, "令和8年7月1日");
    assert_string_equal(text_of(c, 0, "my_number"), "123456789018");
    cert_copy_free(c);
    resident_set(w.r[1], ATTR_PLANNED_TO, "きく県菊市");
    assert_true(judged(&w, "S314")); /* two move-outs are two certificates */
    w.ask.requester = cert_requester_find(w.rules, "third");
    assert_true(judged(&w, "E59"));
    close_world(&w);
}

/* It stands in for a 転出証明書 that could not be had: not beside one (spec B3-07, C.2). */
static void test_in_place_of_a_leaving_certificate(void **state)
{
    (void)state;
    static const struct {
        const char *status, *filed;
        bool refused;
    } rows[] = { { STATUS_MOVED, "2026-06-01", true },
                 { STATUS_MOVED, "2026-06-15", true },
                 { STATUS_MOVED, "2026-06-16", false },
                 { STATUS_MOVED, "", false },
                 { STATUS_DEAD, "", true },
                 { STATUS_REMOVED, "", true } };
    struct world w;
    open_world(&w);
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    w.ask.kind = cert_kind_find(w.rules, "tenshutsu_junji");
    assert_true(judged(&w, "E55"));
    resident_set(w.r[0], ATTR_REMOVED_ON, "R08.06.01");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        resident_set(w.r[0], ATTR_STATUS, rows[i].status);
        resident_set(w.r[0], ATTR_REMOVED_FILED_ON, rows[i].filed);
        assert_int_equal(judged(&w, "S331"), rows[i].refused);
    }
    close_world(&w);
}

static void test_statement_shows_what_was_chosen(void **state)
{
    (void)state;
    struct world w;
    open_world(&w);
    person(&w, "川田　花子", "妻", "S53.03.02", SEX_FEMALE);
    resident_set(w.r[0], ATTR_ADDR_BUILDING, "サンコーポ");
    w.ask.kind = cert_kind_find(w.rules, "kisai_jiko");
    w.item[w.ask.n_item++] = "address_lot";
    w.item[w.ask.n_item++] = "sex";
    struct cert_copy *c = built(&w);
    assert_string_equal(text_of(c, 0, "address_lot"), "うめ県梅市梅町一丁目８番地３");
    assert_string_equal(text_of(c, 0, "address"), "(omitted)");
    assert_string_equal(text_of(c, 0, "birth"), "(omitted)");
    assert_string_equal(text_of(c, 0, "sex"), "女");
    assert_string_equal(c->sentence, "記載事項");
    cert_copy_free(c);
    close_world(&w);
}

static void test_fee(void **state)
{
    (void)state;
    struct world w;
    int64_t yen = -1;
    const char *why = NULL;
    struct errinfo e = { 0 };
    open_world(&w);
    assert_int_equal(cert_fee(&w.book, w.ask.kind, w.ask.requester, "", &yen, &why, &e), OK);
    assert_int_equal(yen, 300);
    assert_string_equal(why, "");
    assert_int_equal(cert_fee(&w.book, w.ask.kind, w.ask.requester, "welfare", &yen, &why, &e), OK);
    assert_int_equal(yen, 0);
    assert_string_equal(why, "生活保護を受けている人の請求");
    assert_int_equal(cert_fee(&w.book, w.ask.kind, cert_requester_find(w.rules, "official"), "", &yen, &why, &e), OK);
    assert_string_equal(why, "公用");
    assert_int_equal(cert_fee(&w.book, w.ask.kind, w.ask.requester, "friend", &yen, &why, &e), E_INVALID);
    close_world(&w);
}

/* A wrong word in any table is refused with the table and row. */
static void test_tables_are_strict(void **state)
{
    (void)state;
    static const struct {
        size_t table, row;
        const char *note, *item;
    } bad[] = {
        { 0, 0, "items=cert_items_copy subject=dead fee=FEE_COPY whole=CERT_TEXT_COPY part=CERT_TEXT_COPY",
          "data/tables/cert_kinds.tsv: juminhyo_kojin" },
        { 0, 0, "items=cert_items_copy subject=living fee=FEE_NONE whole=CERT_TEXT_COPY part=CERT_TEXT_COPY",
          "data/tables/cert_kinds.tsv: juminhyo_kojin" },
        { 0, 1, "items=cert_items_copy", "data/tables/cert_kinds.tsv: juminhyo_setai" },
        { 0, 0,
          "items=cert_items_copy subject=living fee=FEE_COPY whole=CERT_TEXT_COPY part=CERT_TEXT_COPY deny=nobody",
          "data/tables/cert_kinds.tsv: juminhyo_kojin" },
        { 1, 0, "relation=self", "data/tables/cert_requesters.tsv: self" },
        { 1, 0, "relation=self basis=x colour=red", "data/tables/cert_requesters.tsv: self" },
        { 4, 0, "from=nowhere as=name all=always", "data/tables/cert_items_copy.tsv: name" },
        { 4, 0, "from=name as=red all=always", "data/tables/cert_items_copy.tsv: name" },
        { 4, 0, "from=name as=name self=always", "data/tables/cert_items_copy.tsv: name" },
        { 4, 0, "from=name as=name all=always cousin=never", "data/tables/cert_items_copy.tsv: name" },
        { 4, 0, "from=name as=code all=always", "data/tables/cert_items_copy.tsv: name" },
        { 4, 0, "from=name as=name table=sex all=always", "data/tables/cert_items_copy.tsv: name" },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct world w;
        struct cert_rules *rules = NULL;
        struct errinfo e = { 0 };
        open_world(&w);
        char **note = &w.book.table[bad[i].table].c[bad[i].row].note;
        free(*note);
        *note = xstrdup(bad[i].note);
        assert_int_equal(cert_rules_load(&w.book, &rules, &e), E_INVALID);
        assert_null(rules);
        if (strcmp(e.item, bad[i].item))
            fail_msg("case %zu: %s: %s", i, e.item, e.detail);
        close_world(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_omitted_unless_asked),
        cmocka_unit_test(test_the_name_is_that_of_the_class),
        cmocka_unit_test(test_third_party_needs_the_reason),
        cmocka_unit_test(test_order_and_whole),
        cmocka_unit_test(test_persons_that_do_not_go_together),
        cmocka_unit_test(test_planned_day_has_come),
        cmocka_unit_test(test_foreigner),
        cmocka_unit_test(test_kana),
        cmocka_unit_test(test_history_shows_only_what_the_copy_shows),
        cmocka_unit_test(test_history_leaves_out_and_starts_anew),
        cmocka_unit_test(test_history_of_a_new_stay),
        cmocka_unit_test(test_removed_record),
        cmocka_unit_test(test_leaving),
        cmocka_unit_test(test_in_place_of_a_leaving_certificate),
        cmocka_unit_test(test_statement_shows_what_was_chosen),
        cmocka_unit_test(test_fee),
        cmocka_unit_test(test_tables_are_strict),
    };
    return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}
