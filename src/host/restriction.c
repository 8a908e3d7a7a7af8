#include "base/mem.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static const char *const level_codes[] = { [RL_NONE] = "none", [RL_ALERT] = "alert", [RL_ERROR] = "error" };
_Static_assert(sizeof level_codes / sizeof *level_codes == RL_COUNT, "a level has no code");

static const char *text_of(json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static bool take_id(json_t *o, const char *key, char *ret, size_t size)
{
    const char *s = text_of(o, key);
    if (strlen(s) >= size)
        return false;
    memcpy(ret, s, strlen(s) + 1);
    return true;
}

static bool take_day(json_t *o, const char *key, struct date *ret)
{
    const char *s = text_of(o, key);
    return !*s || date_read(s, ret, NULL) == OK;
}

static bool take_levels(json_t *levels, enum restrict_level ret[RP_COUNT])
{
    const char *key;
    json_t *v;
    json_object_foreach (levels, key, v) {
        enum restrict_process p = restrict_process_by_code(span_of(key));
        const char *code = json_string_value(v);
        int l = 0;
        while (code && l < RL_COUNT && strcmp(code, level_codes[l]) != 0)
            l++;
        if (p == RP_COUNT || !code || l == RL_COUNT)
            return false;
        ret[p] = (enum restrict_level)l;
    }
    return true;
}

enum err restriction_parse(json_t *o, struct restriction *ret, struct errinfo *reterr)
{
    struct restriction r = { .kind = restrict_kind_by_code(span_of(text_of(o, "kind"))) };
    bool ok = take_id(o, "no", r.id, sizeof r.id) && *r.id && take_id(o, "person", r.person, sizeof r.person) &&
              take_id(o, "household", r.household, sizeof r.household) && !*r.person != !*r.household &&
              r.kind != RK_COUNT && take_levels(json_object_get(o, "levels"), r.level) &&
              take_day(o, "from", &r.from) && take_day(o, "until", &r.until);
    if (!ok)
        return err_set(reterr, E_INVALID, "S410", "restriction", "target, kind, levels or period are malformed");
    r.released = json_is_true(json_object_get(o, "released"));
    *ret = r;
    return OK;
}

enum err restriction_write(struct host *h, const struct restriction *r, json_t *body, uint64_t *ret_host_seq,
                           struct errinfo *reterr)
{
    uint64_t host_seq = 0;
    json_object_set_new(body, "host_ms", json_integer(host_now(h)));
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    MUST(text);
    enum err e = feed_write(h, FEED_RESTRICTION, r->id, NULL, span_of(text), &host_seq, reterr);
    if (e == OK) {
        struct q q = q_get(h->b, Q_RESTRICTION_PUT);
        q_text(&q, ":no", r->id);
        q_text(&q, ":person", r->person);
        q_text(&q, ":household", r->household);
        q_int(&q, ":released", r->released);
        q_text(&q, ":body", text);
        q_int(&q, ":host_seq", (int64_t)host_seq);
        q_int(&q, ":at_ms", host_now(h));
        e = q_run(&q, reterr);
    }
    wipe_str(text);
    if (e == OK)
        *ret_host_seq = host_seq;
    return e;
}

/* Does a row of the statement bind, and was it written after since_ms? */
static enum err any_binds(struct host *h, struct q *q, enum restrict_process process, int64_t since_ms, bool *ret,
                          struct errinfo *reterr)
{
    bool have = false;
    enum err e;
    while ((e = q_row(q, &have, reterr)) == OK && have) {
        struct span body = q_get_span(q, "body");
        struct restriction r;
        json_t *o = json_loadb(body.p, body.n, 0, NULL);
        e = restriction_parse(o, &r, reterr);
        json_decref(o);
        if (e != OK)
            break;
        if (q_get_int(q, "at_ms") > since_ms && r.level[process] == RL_ERROR && restrict_in_force(&r, host_today(h)))
            *ret = true;
    }
    q_done(q);
    return e;
}

enum err restriction_since(struct host *h, const struct resident_list *people, enum restrict_process process,
                           int64_t since_ms, bool *ret, struct errinfo *reterr)
{
    bool found = false;
    for (size_t i = 0; i < people->n; i++) {
        struct q q = q_get(h->b, Q_RESTRICTION_OF_PERSON);
        q_text(&q, ":person", people->r[i]->id);
        TRY(any_binds(h, &q, process, since_ms, &found, reterr));
        q = q_get(h->b, Q_RESTRICTION_OF_HOUSEHOLD);
        q_text(&q, ":household", resident_get(people->r[i], ATTR_HOUSEHOLD));
        TRY(any_binds(h, &q, process, since_ms, &found, reterr));
    }
    *ret = found;
    return OK;
}

/* ---- moving out ---- */

static bool moves_out(const struct resident_list *before, const struct resident *now)
{
    const struct resident *was = resident_list_find(before, now->id);
    return was && resident_living(was) && resident_is(now, ATTR_STATUS, STATUS_MOVED);
}

/* Adds the full measures among the rows of a statement to the list. */
static enum err collect_support(struct q *q, json_t *list, struct errinfo *reterr)
{
    bool have = false;
    enum err e;
    while ((e = q_row(q, &have, reterr)) == OK && have) {
        struct span body = q_get_span(q, "body");
        struct restriction r;
        json_t *o = json_loadb(body.p, body.n, 0, NULL);
        e = restriction_parse(o, &r, reterr);
        if (e == OK && r.kind == RK_SUPPORT)
            json_array_append(list, o);
        json_decref(o);
        if (e != OK)
            break;
    }
    q_done(q);
    return e;
}

/* The row of a person becomes provisional; beside that of a household, which stays for those who stay, comes one of
 * the person. */
static enum err make_provisional(struct host *h, json_t *body, const char *person, uint64_t *ret_host_seq,
                                 struct errinfo *reterr)
{
    struct restriction r;
    json_object_set_new(body, "kind", json_string(restrict_kind_code(RK_PROVISIONAL)));
    if (*text_of(body, "household")) {
        json_object_set_new(body, "no", json_sprintf("%s-%s", text_of(body, "no"), person));
        json_object_set_new(body, "person", json_string(person));
        json_object_del(body, "household");
    }
    TRY(restriction_parse(body, &r, reterr));
    return restriction_write(h, &r, json_incref(body), ret_host_seq, reterr);
}

static enum err follow(struct host *h, const struct resident *now, uint64_t *ret_host_seq, struct errinfo *reterr)
{
    json_t *list = json_array();
    struct q q = q_get(h->b, Q_RESTRICTION_OF_PERSON);
    q_text(&q, ":person", now->id);
    enum err e = collect_support(&q, list, reterr);
    if (e == OK) {
        q = q_get(h->b, Q_RESTRICTION_OF_HOUSEHOLD);
        q_text(&q, ":household", resident_get(now, ATTR_HOUSEHOLD));
        e = collect_support(&q, list, reterr);
    }
    for (size_t i = 0; e == OK && i < json_array_size(list); i++)
        e = make_provisional(h, json_array_get(list, i), now->id, ret_host_seq, reterr);
    json_decref(list);
    return e;
}

enum err restriction_follow(struct host *h, const struct resident_list *before, const struct resident_list *rows,
                            uint64_t *ret_host_seq, struct errinfo *reterr)
{
    for (size_t i = 0; i < rows->n; i++)
        if (moves_out(before, rows->r[i]))
            TRY(follow(h, rows->r[i], ret_host_seq, reterr));
    return OK;
}
