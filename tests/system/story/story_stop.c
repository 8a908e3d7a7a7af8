/* The steps of the stop: from the host's silence to the signature under it. */
#include "story_in.h"

#define DATE_CHARS 10
#define REASON     "本庁が応答しないため"

static bool is_one_of(const char *state, const char *const *states)
{
    while (*states && strcmp(*states, state) != 0)
        states++;
    return *states;
}

static bool counter_state(struct story *s, char **ret)
{
    json_t *r = story_ask(s, CLERK, "status.get", NULL);
    if (r)
        story_keep(ret, js_text(r, "state"));
    return story_done(r);
}

static bool can(const json_t *outage, const char *step)
{
    size_t i;
    json_t *one;
    json_array_foreach (json_object_get(outage, "can"), i, one)
        if (strcmp(json_string_value(one), step) == 0)
            return true;
    return false;
}

/* ---- the host is silent ---- */

static bool is_stopped(const json_t *status)
{
    static const char *const states[] = { "suspect", "outage", NULL };
    return is_one_of(js_text(status, "state"), states);
}

static bool host_stops(struct story *s)
{
    s->silent = true;
    if (s->town.host)
        town_end(&s->town.host, SIGTERM);
    return story_until(s, CLERK, "status.get", NULL, is_stopped, "the suspicion");
}

/* Suspected only: nothing is issued or entered. */
static bool suspicion_is_read_only(struct story *s)
{
    town_refused(story_session(s, CLERK), "cert.request",
                 json_pack("{s:s, s:[s], s:{s:s, s:s}}", "kind", "juminhyo_kojin", "persons", s->mover, "requester",
                           "class", "self", "name", s->mover_name),
                 "S009");
    return true;
}

static json_t *alone(const struct story *s, enum teller who)
{
    return json_pack("{s:s, s:s}", "reason", REASON, "password", town_password(&s->town, story_operator(who)));
}

static json_t *with(const struct story *s, const char *approver)
{
    return json_pack("{s:s, s:s}", "approver", approver, "password", town_password(&s->town, approver));
}

static json_t *because(json_t *params)
{
    json_object_set_new(params, "reason", json_string("すべて確かめました。"));
    return params;
}

static bool declare(struct story *s)
{
    char *state = NULL;
    bool whole = counter_state(s, &state);
    if (whole && strcmp(state, "suspect") == 0) {
        json_t *p = alone(s, FIRST);
        json_object_set_new(p, "types", json_string("H"));
        whole = suspicion_is_read_only(s) && story_done(story_ask(s, FIRST, "outage.declare", p));
    }
    free(state);
    return whole;
}

/* ---- what comes to the counter meanwhile ---- */

/* The paper is taken in today; it is typed in tomorrow. */
static bool receive(struct story *s)
{
    json_t *r = story_ask(s, CLERK, "outage.book", NULL);
    const json_t *rows = json_object_get(r, "rows");
    if (json_array_size(rows) > 1)
        fail_msg("received more than once: %s", json_dumps(r, JSON_COMPACT));
    if (json_array_size(rows) == 1)
        story_keep(&s->book_no, js_text(json_array_get(rows, 0), "no"));
    bool whole = story_done(r);
    if (whole && !s->book_no) {
        r = story_ask(s, CLERK, "outage.receive",
                      json_pack("{s:s, s:s, s:i}", "kind", "tennyu", "notifier", STORY_ARRIVES, "persons", 1));
        if (r)
            story_keep(&s->book_no, js_text(r, "no"));
        whole = story_done(r);
    }
    return whole;
}

static bool next_day(struct story *s)
{
    town_clock(&s->town, STORY_ENTERED);
    return true;
}

/* One person comes to live with those who stayed behind. */
static json_t *arrival(const struct story *s)
{
    json_t *v = json_array();
    story_put_filer(v);
    story_put(v, "move", 0, "moved_on", "2026-06-25");
    story_put(v, "move", 0, "prev_addr", "試験県見本市本町一丁目1番地");
    story_put(v, "move", 0, "certificate", "3");
    story_put(v, "persons", 0, "class", "J");
    story_put(v, "persons", 0, "name", STORY_ARRIVES);
    story_put(v, "persons", 0, "kana", "シケン　トウチャク");
    story_put(v, "persons", 0, "birth_on", "1990-04-01");
    story_put(v, "persons", 0, "sex", "1");
    story_put(v, "persons", 0, "relation", "同居人");
    story_put(v, "persons", 0, "domicile", "試験県見本市本町一丁目");
    story_put(v, "persons", 0, "domicile_head", STORY_ARRIVES);
    story_put(v, "dest", 0, "to", "2");
    story_put(v, "dest", 0, "household", s->household);
    return v;
}

static bool enter_arrival(struct story *s)
{
    return story_enter(s, FIRST, "tennyu", arrival(s), s->book_no, &s->arrival_no);
}

/* ---- certificates from the copy ---- */

static bool refused(struct story *s, const char *person, const char *code)
{
    json_t *r = story_request(s, person, "請求 花子"), *gate = json_object_get(r, "gate");
    if (r && (json_is_true(json_object_get(gate, "ok")) || strcmp(js_text(gate, "code"), code) != 0))
        fail_msg("%s: not refused with \"%s\": %s", person, code, json_dumps(r, JSON_COMPACT));
    return story_done(r);
}

/* Who has a notice that is not posted, and who is protected; of the latter not even the code is told. */
static bool some_are_refused(struct story *s)
{
    return refused(s, s->spouse, "X02") && refused(s, s->restricted, "");
}

static bool from_the_copy(struct story *s)
{
    if (!story_certificate(s, s->mover, s->mover_name, story_operator(SECOND)))
        return false;
    return story_from_copy(s);
}

/* ---- recovery ---- */

static bool may_end(const json_t *outage)
{
    return can(outage, "outage.end") || strcmp(js_text(outage, "state"), "outage") != 0;
}

/* What changed meanwhile has come, and the list of who is protected. */
static bool is_up_to_date(const json_t *status)
{
    return strncmp(js_text(status, "restrict_as_of"), STORY_REPLAYED, DATE_CHARS) == 0;
}

static bool host_comes_back(struct story *s)
{
    town_clock(&s->town, STORY_REPLAYED);
    if (!s->town.host)
        town_start_host(&s->town);
    s->silent = false;
    return story_until(s, CLERK, "status.get", NULL, is_up_to_date, "the copy of today") &&
           story_until(s, FIRST, "outage.status", NULL, may_end, "the stable line");
}

/* The stop is declared over, and again when the line fails under way. */
static bool recovering(struct story *s)
{
    char *state = NULL;
    bool whole = counter_state(s, &state);
    if (whole && strcmp(state, "outage") == 0)
        whole = story_until(s, FIRST, "outage.status", NULL, may_end, "the stable line") &&
                story_done(story_ask(s, FIRST, "outage.end", because(with(s, "shocho"))));
    free(state);
    return whole;
}

/* Up to date again, also after a crash. */
static bool may_replay(const json_t *outage)
{
    return can(outage, "replay.commit") || strcmp(js_text(outage, "state"), "recovering") != 0;
}

static bool replay(struct story *s)
{
    return recovering(s) && story_until(s, FIRST, "outage.status", NULL, may_replay, "the copy of now") &&
           story_done(story_ask(s, SECOND, "replay.plan", NULL)) &&
           story_done(story_ask(s, SECOND, "replay.commit", with(s, "shocho")));
}

static bool decide_arrival(struct story *s)
{
    return recovering(s) && story_decide(s, s->arrival_no) && story_posted(s, s->arrival_no);
}

static bool has_one(const json_t *found)
{
    return json_array_size(json_object_get(found, "rows")) == 1;
}

/* The new person has a number now. */
static bool meet(struct story *s)
{
    json_t *p = json_pack("{s:s}", "name", STORY_ARRIVES);
    bool whole = story_until(s, CLERK, "resident.search", p, has_one, "the new person in the copy");
    json_t *r = whole ? story_ask(s, CLERK, "resident.search", json_incref(p)) : NULL;
    if (r)
        story_keep(&s->arrived, js_text(json_array_get(json_object_get(r, "rows"), 0), "id"));
    json_decref(p);
    return story_done(r);
}

static bool may_go_on(const json_t *outage)
{
    return can(outage, "outage.reconcile") || can(outage, "outage.close") ||
           strcmp(js_text(outage, "state"), "recovering") != 0;
}

/* Everything is posted and balances; two confirm it, and the responsible person closes the stop. */
static bool close_stop(struct story *s)
{
    char *state = NULL;
    bool whole = recovering(s) && story_until(s, SECOND, "outage.status", NULL, may_go_on, "the balance") &&
                 counter_state(s, &state);
    if (whole && strcmp(state, "recovering") == 0)
        whole = story_done(story_ask(s, SECOND, "outage.reconcile", because(with(s, "shocho"))));
    if (whole && strcmp(state, "recovering") == 0)
        whole = counter_state(s, &state);
    if (whole && strcmp(state, "reconciled") == 0)
        whole = story_done(story_ask(s, RESPONSIBLE, "outage.close", because(with(s, "shocho")))) &&
                counter_state(s, &state);
    whole = whole && strcmp(state, "normal") == 0;
    free(state);
    return whole;
}

static bool know_cases(struct story *s)
{
    return story_case(s, "tenkyo", &s->move_no) && story_case(s, "tennyu", &s->arrival_no);
}

void story_learn(struct story *s)
{
    static const struct step steps[] = { { "the notices", know_cases }, { "the new person", meet } };
    story_take(s, steps, ARRAY_LEN(steps));
}

void story_stop(struct story *s)
{
    static const struct step steps[] = {
        { "the host stops", host_stops },
        { "the stop is declared", declare },
        { "a notice is received", receive },
        { "the next day", next_day },
        { "the notice is entered", enter_arrival },
        { "who gets no certificate", some_are_refused },
        { "a certificate from the copy", from_the_copy },
        { "the host is there again", host_comes_back },
        { "replay", replay },
        { "the decision", decide_arrival },
        { "the new person", meet },
        { "the end of the stop", close_stop },
    };
    story_take(s, steps, ARRAY_LEN(steps));
}
