/* The steps of the day while the host answers. */
#include "story_in.h"

#define RESIDENTS 400

/* Heartbeats every second, a stop suspected after four that fail, no waiting for stability. */
static const char own[] = "HEARTBEAT_S = 1\nFAIL_N = 4\nSTABLE_OK_N = 1\nSTABLE_MIN = 0\nRETRY_MAX_S = 1\n"
                          "SEARCH_PER_MIN = 10000\nSEARCH_PER_H = 10000\nUI_STATUS_S = 1\n";

static const char *text(const json_t *o, const char *key)
{
    return js_text(o, key);
}

void story_keep(char **at, const char *value)
{
    char *copy = xstrdup(value);
    free(*at);
    *at = copy;
}

/* ---- who ---- */

static const char *relation(const json_t *members, size_t i)
{
    return text(json_array_get(members, i), "relation");
}

/* 世帯主, 妻 or 夫, and two children: the family of the story. */
static bool is_family(const json_t *members)
{
    const char *partner = relation(members, 1);
    return json_array_size(members) == 4 && strcmp(relation(members, 0), "世帯主") == 0 &&
           (strcmp(partner, "妻") == 0 || strcmp(partner, "夫") == 0) && strcmp(relation(members, 2), "子") == 0 &&
           strcmp(relation(members, 3), "子") == 0;
}

static void take_family(struct story *s, const json_t *found, const json_t *members)
{
    char **const who[] = { &s->mover, &s->spouse, &s->child, &s->other };
    story_keep(&s->household, text(found, "household"));
    story_keep(&s->old_address, text(found, "address"));
    story_keep(&s->mover_name, text(json_array_get(members, 0), "name"));
    for (size_t i = 0; i < ARRAY_LEN(who); i++)
        story_keep(who[i], text(json_array_get(members, i), "id"));
}

static bool look_at(struct story *s, const json_t *row)
{
    bool plain = !json_is_true(json_object_get(row, "restricted")) && !json_is_true(json_object_get(row, "withheld"));
    int64_t size = json_integer_value(json_object_get(row, "household_size"));
    if (!plain || size != 4 || s->household)
        return true;
    json_t *h = story_ask(s, CLERK, "household.get", json_pack("{s:s}", "no", text(row, "household")));
    if (h && is_family(json_object_get(h, "members")))
        take_family(s, row, json_object_get(h, "members"));
    return story_done(h);
}

static bool find_people(struct story *s)
{
    static const char *const towns[] = { "梅町一丁目", "桜台一丁目", "本町",   "中央一丁目", "川端町", "松原一丁目",
                                         "若葉町",     "東千早",     "西千早", "南千早",     "宮前",   "寺町" };
    for (size_t i = 0; i < ARRAY_LEN(towns) && !s->household; i++) {
        size_t k;
        bool whole = true;
        json_t *row,
            *r = story_ask(s, CLERK, "resident.search", json_pack("{s:s, s:i}", "address", towns[i], "limit", 100));
        json_array_foreach (json_object_get(r, "rows"), k, row)
            whole = whole && look_at(s, row);
        if (!story_done(r) || !whole)
            return false;
    }
    assert_non_null(s->household);
    return true;
}

static bool find_town(struct story *s)
{
    json_t *r = story_ask(s, CLERK, "address.lookup", json_pack("{s:s}", "zip", "9990005"));
    const json_t *row = json_array_get(json_object_get(r, "rows"), 0);
    if (row) {
        story_keep(&s->zip, text(row, "zip"));
        story_keep(&s->addr_code, text(row, "code"));
        story_keep(&s->town_name, text(row, "town"));
        assert_string_equal(s->town_name, "桜台二丁目");
    }
    return story_done(r);
}

/* ---- notices ---- */

void story_put(json_t *values, const char *section, int row, const char *field, const char *value)
{
    json_array_append_new(values, json_pack("{s:s, s:i, s:s, s:s}", "s", section, "r", row, "f", field, "v", value));
}

void story_put_filer(json_t *values)
{
    story_put(values, "filer", 0, "filed_on", "2026-07-01");
    story_put(values, "filer", 0, "relation", "1");
    story_put(values, "filer", 0, "id1", "12");
    story_put(values, "filer", 0, "id_result", "1");
}

static void put_address(const struct story *s, json_t *values, const char *lot)
{
    story_put(values, "address", 0, "addr_zip", s->zip);
    story_put(values, "address", 0, "addr_code", s->addr_code);
    story_put(values, "address", 0, "addr_town", s->town_name);
    story_put(values, "address", 0, "addr_lot", lot);
    story_put(values, "dest", 0, "to", "1");
}

/* 世帯主 and one child go; who stays needs a new 世帯主. */
static json_t *move_of_two(const struct story *s)
{
    json_t *v = json_array();
    story_put_filer(v);
    story_put(v, "move", 0, "moved_on", "2026-06-28");
    story_put(v, "persons", 0, "person", s->mover);
    story_put(v, "persons", 0, "relation", "世帯主");
    story_put(v, "persons", 1, "person", s->child);
    story_put(v, "persons", 1, "relation", "子");
    put_address(s, v, "8番地3");
    story_put(v, "address", 0, "addr_building", "サンコーポ201");
    story_put(v, "rest", 0, "head", s->spouse);
    story_put(v, "others", 0, "person", s->other);
    story_put(v, "others", 0, "relation", "子");
    return v;
}

/* Warnings are confirmed, errors end the story. */
static json_t *acks_of(const json_t *check)
{
    json_t *acks = json_array(), *f;
    size_t i;
    json_array_foreach (json_object_get(check, "findings"), i, f) {
        if (strcmp(text(f, "level"), "E") == 0)
            fail_msg("%s %s %s: %s", text(f, "msg"), text(f, "section"), text(f, "field"), text(f, "text"));
        if (strcmp(text(f, "level"), "W") == 0)
            json_array_append_new(acks, json_string(text(f, "msg")));
    }
    return acks;
}

/* The one case of this kind that there may be, whatever became of it. */
bool story_case(struct story *s, const char *kind, char **ret_no)
{
    static const char *const states[] = { NULL, "posted" };
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        json_t *r = story_ask(s, CLERK, "notice.list", json_pack("{s:s, s:s*}", "kind", kind, "state", states[i]));
        const json_t *rows = json_object_get(r, "rows");
        if (json_array_size(rows) > 1)
            fail_msg("%s was entered %zu times", kind, json_array_size(rows));
        if (json_array_size(rows) == 1)
            story_keep(ret_no, text(json_array_get(rows, 0), "no"));
        if (!story_done(r))
            return false;
    }
    return true;
}

static json_t *confirm_and_enter(struct story *s, enum teller who, const char *kind, json_t *values, const char *book)
{
    json_t *p = json_pack("{s:s, s:O}", "kind", kind, "values", values);
    json_t *check = story_ask(s, who, "notice.check", json_deep_copy(p)), *r = NULL;
    if (check) {
        json_object_set_new(p, "acks", acks_of(check));
        if (book)
            json_object_set_new(p, "book", json_string(book));
        r = story_ask(s, who, "notice.enter", json_incref(p));
    }
    json_decref(p);
    json_decref(check);
    return r;
}

bool story_enter(struct story *s, enum teller who, const char *kind, json_t *values, const char *book, char **ret_no)
{
    if (story_case(s, kind, ret_no) && !*ret_no) {
        json_t *r = confirm_and_enter(s, who, kind, values, book);
        if (r)
            story_keep(ret_no, text(r, "no"));
        json_decref(r);
    }
    json_decref(values);
    return *ret_no != NULL;
}

static bool enter_move(struct story *s)
{
    return story_enter(s, FIRST, "tenkyo", move_of_two(s), NULL, &s->move_no);
}

/* ---- certificates ---- */

/* A print whose end nobody saw: the clerk looks at the tray. */
static bool look_at_tray(struct story *s)
{
    size_t i;
    json_t *job, *r = story_ask(s, CLERK, "cert.jobs", json_pack("{s:s}", "day", "2026-07-01"));
    bool whole = true;
    json_array_foreach (json_object_get(r, "open"), i, job)
        if (json_is_true(json_object_get(job, "must_answer")))
            whole = whole && story_done(story_ask(
                                 s, CLERK, "cert.resolve",
                                 json_pack("{s:O, s:s}", "job", json_object_get(job, "job"), "outcome", "nothing")));
    return story_done(r) && whole;
}

json_t *story_request(struct story *s, const char *person, const char *name)
{
    return story_ask(s, CLERK, "cert.request",
                     json_pack("{s:s, s:[s], s:{s:s, s:s, s:s, s:b}, s:[s, s], s:i}", "kind", "juminhyo_kojin",
                               "persons", person, "requester", "class", "self", "name", name, "document", "12",
                               "in_person", 1, "items", "head", "relation", "copies", 1));
}

bool story_certificate(struct story *s, const char *person, const char *name, const char *approver)
{
    bool whole = false;
    if (!look_at_tray(s))
        return false;
    json_t *r = story_request(s, person, name);
    if (r && !json_is_true(json_object_get(json_object_get(r, "gate"), "ok")))
        fail_msg("no certificate: %s", json_dumps(r, JSON_COMPACT));
    if (r && json_is_true(json_object_get(r, "needs_approval")) != (approver != NULL))
        fail_msg("another person %s: %s", approver ? "is not needed" : "is needed", json_dumps(r, JSON_COMPACT));
    json_t *p = json_pack("{s:s}", "request", text(r, "request"));
    if (r && story_done(story_ask(s, CLERK, "cert.preview", json_deep_copy(p)))) {
        if (approver)
            json_object_update_new(
                p, json_pack("{s:s, s:s}", "approver", approver, "password", town_password(&s->town, approver)));
        whole = story_done(story_ask(s, CLERK, "cert.issue", json_incref(p)));
    }
    json_decref(r);
    json_decref(p);
    return whole;
}

/* Text is set apart on paper: blanks do not count. */
static char *without_blanks(const char *s)
{
    static const char wide[] = "　";
    char *to, *copy = to = xcalloc(strlen(s) + 1, 1);
    while (*s) {
        size_t skip = strncmp(s, wide, sizeof wide - 1) == 0 ? sizeof wide - 1 : strspn(s, " \n\f");
        s += skip;
        if (!skip)
            *to++ = *s++;
    }
    return copy;
}

void story_printed(struct story *s, const char *what, bool there)
{
    char *paper = town_printed(&s->town), *text_only = without_blanks(paper), *wanted = without_blanks(what);
    if ((strstr(text_only, wanted) != NULL) != there)
        fail_msg("\"%s\" %s in: %s", what, there ? "is not" : "is", paper);
    free(paper);
    free(text_only);
    free(wanted);
}

void story_old_address(struct story *s)
{
    story_printed(s, s->mover_name, true);
    story_printed(s, s->old_address, true);
    story_printed(s, "サンコーポ", false);
}

void story_new_address(struct story *s)
{
    story_printed(s, s->mover_name, true);
    story_printed(s, "桜台二丁目8番地3 サンコーポ201", true);
    story_printed(s, s->old_address, false);
    story_printed(s, "作動停止時発行", false);
}

bool story_from_copy(struct story *s)
{
    json_t *stop = story_ask(s, FIRST, "outage.status", NULL);
    char *no = xprintf("停止番号 %s", text(stop, "no"));
    bool known = story_done(stop);
    if (known)
        story_printed(s, no, true);
    free(no);
    story_printed(s, s->mover_name, true);
    story_printed(s, "桜台二丁目8番地3 サンコーポ201", true);
    story_printed(s, "作動停止時発行", true);
    story_printed(s, "この写しは令和8年7月1日9時", true); /* not the day of issue */
    return known;
}

static bool old_address_still(struct story *s)
{
    bool whole = story_certificate(s, s->mover, s->mover_name, NULL);
    if (whole)
        story_old_address(s);
    return whole;
}

static bool new_address_now(struct story *s)
{
    bool whole = story_certificate(s, s->mover, s->mover_name, NULL);
    if (whole)
        story_new_address(s);
    return whole;
}

/* ---- two persons, host ---- */

static bool state_of(struct story *s, const char *no, char **ret)
{
    json_t *r = story_ask(s, SECOND, "notice.get", json_pack("{s:s}", "no", no));
    if (r)
        story_keep(ret, text(r, "state"));
    return story_done(r);
}

/* Who entered may not examine, whatever his role; a clerk may not decide at all. */
static bool first_is_refused(struct story *s)
{
    struct client *first = story_session(s, FIRST), *clerk = story_session(s, CLERK);
    town_refused(first, "notice.examine",
                 json_pack("{s:s, s:[b,b,b,b,b], s:b}", "no", s->move_no, "answers", 1, 1, 1, 1, 1, "ok", 1), "S214");
    town_refused(clerk, "notice.decide",
                 json_pack("{s:s, s:s}", "no", s->move_no, "password", town_password(&s->town, story_operator(CLERK))),
                 "S003");
    return true;
}

static json_t *examined(struct story *s, const char *no)
{
    json_t *one = story_ask(s, SECOND, "notice.get", json_pack("{s:s}", "no", no)), *r = NULL;
    json_t *form = one ? story_ask(s, SECOND, "notice.form", json_pack("{s:s}", "kind", text(one, "kind"))) : NULL;
    if (form) {
        json_t *answers = json_array();
        for (size_t i = 0; i < json_array_size(json_object_get(form, "checklist")); i++)
            json_array_append_new(answers, json_true());
        r = story_ask(s, SECOND, "notice.examine", json_pack("{s:s, s:o, s:b}", "no", no, "answers", answers, "ok", 1));
    }
    json_decref(one);
    json_decref(form);
    return r;
}

bool story_decide(struct story *s, const char *no)
{
    char *state = NULL;
    bool whole = state_of(s, no, &state);
    if (whole && strcmp(state, "entered") == 0)
        whole = story_done(examined(s, no)) && state_of(s, no, &state);
    if (whole && strcmp(state, "examined") == 0)
        whole = story_done(
            story_ask(s, SECOND, "notice.decide",
                      json_pack("{s:s, s:s}", "no", no, "password", town_password(&s->town, story_operator(SECOND)))));
    free(state);
    return whole;
}

static bool is_posted(const json_t *notice)
{
    return strcmp(text(notice, "state"), "posted") == 0;
}

bool story_posted(struct story *s, const char *no)
{
    json_t *p = json_pack("{s:s}", "no", no);
    bool whole = story_until(s, SECOND, "notice.get", p, is_posted, "posting");
    json_decref(p);
    return whole;
}

/* Whoever reads 反映済 prints what was posted: nothing is waited for in between. */
static bool decide_move(struct story *s)
{
    return story_decide(s, s->move_no) && story_posted(s, s->move_no);
}

/* Rows of the register come from the host only; exactly one of them was made by the notice. */
bool story_row(struct story *s, const char *person, const char *no, const char *filed_on)
{
    size_t i;
    int n = 0;
    json_t *row, *r = story_ask(s, CLERK, "resident.history", json_pack("{s:s}", "id", person));
    json_array_foreach (json_object_get(r, "rows"), i, row) {
        if (strcmp(text(row, "notice_no"), no) != 0)
            continue;
        n++;
        assert_string_equal(text(row, "filed_on"), filed_on);
    }
    if (r && n != 1)
        fail_msg("%s stands %d times in: %s", no, n, json_dumps(r, JSON_COMPACT));
    return story_done(r);
}

/* One who is protected (支援措置). */
static bool find_restricted(struct story *s)
{
    json_t *r = story_ask(s, SECOND, "restrict.list", NULL);
    if (r)
        story_keep(&s->restricted, text(json_array_get(json_object_get(r, "rows"), 0), "person"));
    assert_true(!r || *s->restricted);
    return story_done(r);
}

void story_open(struct story *s)
{
    struct town t;
    town_make(&t, own, RESIDENTS);
    s->town = t;
}

void story_find(struct story *s)
{
    static const struct step steps[] = { { "find the family", find_people },
                                         { "find the town", find_town },
                                         { "find a protected person", find_restricted } };
    story_take(s, steps, ARRAY_LEN(steps));
}

void story_move(struct story *s)
{
    static const struct step steps[] = {
        { "enter the move", enter_move },
        { "a certificate before the decision", old_address_still },
        { "the first person", first_is_refused },
        { "the second person", decide_move },
        { "a certificate after it", new_address_now },
    };
    story_find(s);
    story_take(s, steps, ARRAY_LEN(steps));
}

void story_close(struct story *s)
{
    char **const texts[] = { &s->household, &s->mover,       &s->mover_name, &s->child,   &s->spouse,
                             &s->other,     &s->restricted,  &s->arrived,    &s->zip,     &s->addr_code,
                             &s->town_name, &s->old_address, &s->move_no,    &s->book_no, &s->arrival_no };
    for (int i = 0; i < TELLERS; i++)
        client_close(s->session[i]);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(*texts[i]);
    town_gone(&s->town);
}
