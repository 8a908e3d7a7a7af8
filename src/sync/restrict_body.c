#include "sync/restrict_body.h"
#include "base/mem.h"

#include <jansson.h>
#include <string.h>

static enum err corrupt(struct errinfo *reterr, const char *member)
{
    return err_set(reterr, E_CORRUPT, NULL, "restriction", "member %s", member);
}

/* The last two are the host's own: when it wrote the row, and the day of the release. */
static const char *const members[] = { "no",    "person",  "household", "kind",     "levels",      "from",
                                       "until", "support", "note",      "released", "released_on", "host_ms" };

static enum err check_members(json_t *o, struct errinfo *reterr)
{
    const char *key;
    json_t *value;
    json_object_foreach (o, key, value) {
        size_t i = 0;
        while (i < ARRAY_LEN(members) && strcmp(members[i], key) != 0)
            i++;
        if (i == ARRAY_LEN(members))
            return corrupt(reterr, key);
    }
    return OK;
}

/* Copies a text; absent is "". */
static enum err take_text(const json_t *o, const char *key, char *ret, size_t size, struct errinfo *reterr)
{
    const json_t *v = json_object_get(o, key);
    if (v == NULL) {
        ret[0] = '\0';
        return OK;
    }
    if (!json_is_string(v) || json_string_length(v) >= size || strlen(json_string_value(v)) != json_string_length(v))
        return corrupt(reterr, key);
    memcpy(ret, json_string_value(v), json_string_length(v) + 1);
    return OK;
}

static enum err take_day(const json_t *o, const char *key, struct date *ret, struct errinfo *reterr)
{
    char text[DATE_TEXT];
    TRY(take_text(o, key, text, sizeof text, reterr));
    if (*text == '\0')
        return OK;
    return date_read(text, ret, NULL) == OK ? OK : corrupt(reterr, key);
}

static enum err take_levels(const json_t *o, struct restriction *r, struct errinfo *reterr)
{
    json_t *map = json_object_get(o, "levels");
    const char *key;
    json_t *value;
    if (!json_is_object(map))
        return corrupt(reterr, "levels");
    json_object_foreach (map, key, value) {
        enum restrict_process p = restrict_process_by_code(span_of(key));
        const char *name = json_string_value(value);
        enum restrict_level l = name != NULL ? restrict_level_by_code(span_of(name)) : RL_COUNT;
        if (p == RP_COUNT || l == RL_COUNT)
            return corrupt(reterr, "levels");
        r->level[p] = l;
    }
    return OK;
}

static enum err take_row(json_t *o, struct restriction *ret, struct errinfo *reterr)
{
    char kind[16];
    struct restriction r = { .kind = RK_COUNT };
    TRY(check_members(o, reterr));
    TRY(take_text(o, "no", r.id, sizeof r.id, reterr));
    TRY(take_text(o, "person", r.person, sizeof r.person, reterr));
    TRY(take_text(o, "household", r.household, sizeof r.household, reterr));
    TRY(take_text(o, "kind", kind, sizeof kind, reterr));
    TRY(take_levels(o, &r, reterr));
    TRY(take_day(o, "from", &r.from, reterr));
    TRY(take_day(o, "until", &r.until, reterr));
    r.kind = restrict_kind_by_code(span_of(kind));
    const json_t *released = json_object_get(o, "released");
    r.released = json_is_true(released);
    if (*r.id == '\0')
        return corrupt(reterr, "no");
    if ((*r.person == '\0') == (*r.household == '\0'))
        return corrupt(reterr, "person");
    if (r.kind == RK_COUNT)
        return corrupt(reterr, "kind");
    if (released != NULL && !json_is_boolean(released))
        return corrupt(reterr, "released");
    *ret = r;
    return OK;
}

static enum err take_detail(json_t *o, struct buf *ret, struct errinfo *reterr)
{
    json_t *support = json_object_get(o, "support"), *note = json_object_get(o, "note");
    if (support == NULL && note == NULL)
        return OK;
    if (support != NULL && !json_is_object(support))
        return corrupt(reterr, "support");
    if (note != NULL && !json_is_string(note))
        return corrupt(reterr, "note");
    json_t *detail = json_object();
    MUST(detail != NULL);
    if (support != NULL)
        MUST(json_object_set(detail, "support", support) == 0);
    if (note != NULL)
        MUST(json_object_set(detail, "note", note) == 0);
    char *text = json_dumps(detail, JSON_COMPACT);
    MUST(text != NULL);
    buf_adds(ret, text);
    wipe_str(text);
    json_decref(detail);
    return OK;
}

enum err restrict_body_read(struct span json, struct restriction *ret, struct buf *ret_detail, struct errinfo *reterr)
{
    struct restriction r;
    json_t *o = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    enum err e = json_is_object(o) ? take_row(o, &r, reterr) : corrupt(reterr, "itself");
    if (e == OK)
        e = take_detail(o, ret_detail, reterr);
    json_decref(o);
    if (e == OK)
        *ret = r;
    return e;
}

static void put_text(json_t *o, const char *key, const char *value)
{
    if (*value == '\0')
        return;
    json_t *text = json_string(value);
    MUST(text != NULL && json_object_set_new(o, key, text) == 0);
}

static void put_day(json_t *o, const char *key, struct date day)
{
    char text[DATE_TEXT] = "";
    if (day.y != 0)
        date_text(day, text);
    put_text(o, key, text);
}

static void put_levels(json_t *o, const struct restriction *r)
{
    json_t *map = json_object();
    MUST(map != NULL);
    for (size_t p = 0; p < RP_COUNT; p++) {
        if (r->level[p] != RL_NONE)
            put_text(map, restrict_process_code((enum restrict_process)p), restrict_level_code(r->level[p]));
    }
    MUST(json_object_set_new(o, "levels", map) == 0);
}

/* Only what restrict_body_read puts into a detail. */
static enum err put_detail(json_t *o, const char *detail, struct errinfo *reterr)
{
    if (*detail == '\0')
        return OK;
    json_t *d = json_loads(detail, JSON_REJECT_DUPLICATES, NULL);
    json_t *support = json_object_get(d, "support"), *note = json_object_get(d, "note");
    bool good = json_is_object(d) && json_object_size(d) == (size_t)(support != NULL) + (note != NULL) &&
                (support == NULL || (json_is_object(support) && json_object_set(o, "support", support) == 0)) &&
                (note == NULL || (json_is_string(note) && json_object_set(o, "note", note) == 0));
    json_decref(d);
    return good ? OK : corrupt(reterr, "detail");
}

enum err restrict_body_write(const struct restriction *r, const char *detail, bool with_released, struct buf *ret,
                             struct errinfo *reterr)
{
    json_t *o = json_object();
    MUST(o != NULL);
    put_text(o, "no", r->id);
    put_text(o, "person", r->person);
    put_text(o, "household", r->household);
    put_text(o, "kind", restrict_kind_code(r->kind));
    put_levels(o, r);
    put_day(o, "from", r->from);
    put_day(o, "until", r->until);
    enum err e = put_detail(o, detail, reterr);
    if (e == OK && with_released)
        MUST(json_object_set_new(o, "released", json_boolean(r->released)) == 0);
    if (e == OK) {
        char *text = json_dumps(o, JSON_COMPACT);
        MUST(text != NULL);
        buf_adds(ret, text);
        wipe_str(text);
    }
    json_decref(o);
    return e;
}
