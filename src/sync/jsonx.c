#include "jsonx.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum err jx_load(struct span json, size_t max, const char *item, struct jx *ret, struct errinfo *reterr)
{
    json_error_t je;
    json_t *o = json.n <= max ? json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &je) : NULL;
    if (!json_is_object(o)) {
        json_decref(o);
        return err_set(reterr, E_CORRUPT, NULL, item, "not one JSON object");
    }
    *ret = (struct jx){ .o = o };
    return OK;
}

void jx_done(struct jx *j)
{
    json_decref(j->o);
    j->o = NULL;
}

json_t *jx_get(struct jx *j, const char *key, json_type type, bool optional)
{
    json_t *v = json_object_get(j->o, key);
    bool ok = v && (json_typeof(v) == type || (type == JSON_TRUE && json_typeof(v) == JSON_FALSE));
    if (ok) {
        j->used++;
        return v;
    }
    if ((v || !optional) && !j->bad)
        j->bad = key;
    return NULL;
}

void jx_str(struct jx *j, const char *key, char *ret, size_t max)
{
    json_t *v = jx_get(j, key, JSON_STRING, false);
    size_t n = v ? json_string_length(v) : 0;
    if (n > max || (v && strlen(json_string_value(v)) != n)) {
        j->bad = j->bad ? j->bad : key;
        n = 0;
    }
    if (n)
        memcpy(ret, json_string_value(v), n);
    ret[n] = '\0';
}

char *jx_dup(struct jx *j, const char *key, bool optional)
{
    json_t *v = jx_get(j, key, JSON_STRING, optional);
    if (!v)
        return NULL;
    if (strlen(json_string_value(v)) != json_string_length(v)) {
        j->bad = j->bad ? j->bad : key;
        return NULL;
    }
    return xstrdup(json_string_value(v));
}

void jx_buf(struct jx *j, const char *key, struct buf *ret, size_t max)
{
    json_t *v = jx_get(j, key, JSON_STRING, false);
    if (!v)
        return;
    if (json_string_length(v) > max)
        j->bad = j->bad ? j->bad : key;
    else
        buf_add(ret, json_string_value(v), json_string_length(v));
}

int64_t jx_int(struct jx *j, const char *key, int64_t lo, int64_t hi)
{
    json_t *v = jx_get(j, key, JSON_INTEGER, false);
    int64_t n = v ? json_integer_value(v) : lo;
    if (n < lo || n > hi) {
        j->bad = j->bad ? j->bad : key;
        return lo;
    }
    return n;
}

bool jx_bool(struct jx *j, const char *key)
{
    const json_t *v = jx_get(j, key, JSON_TRUE, false); /* json_is_true is a macro that names its argument twice */
    return json_is_true(v);
}

void jx_hex(struct jx *j, const char *key, uint8_t *ret, size_t n)
{
    json_t *v = jx_get(j, key, JSON_STRING, false);
    if (!v)
        return;
    struct span s = { json_string_value(v), json_string_length(v) };
    if (s.n != 2 * n || unhex(s, ret, n, NULL) != OK)
        j->bad = j->bad ? j->bad : key;
}

enum err jx_end(const struct jx *j, bool strict, enum err code, const char *item, struct errinfo *reterr)
{
    if (j->bad)
        return err_set(reterr, code, NULL, item, "key %s misses or is not what it should be", j->bad);
    if (strict && j->used != json_object_size(j->o))
        return err_set(reterr, code, NULL, item, "unknown key");
    return OK;
}

void jx_set_hex(json_t *o, const char *key, const uint8_t *p, size_t n)
{
    struct buf hex = BUF_INIT;
    hex_add(&hex, p, n);
    json_object_set_new(o, key, json_string(buf_str(&hex)));
    buf_done(&hex);
}

void jx_set_text(json_t *o, const char *key, struct span s)
{
    json_object_set_new(o, key, json_stringn(s.p ? s.p : "", s.n));
}

void jx_write(json_t *o, struct buf *ret)
{
    char *text = json_dumps(o, JSON_COMPACT);
    json_decref(o);
    MUST(text);
    buf_adds(ret, text);
    wipe_str(text);
}
