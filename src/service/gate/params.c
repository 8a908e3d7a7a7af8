#include "base/utf8.h"
#include "domain/date.h"
#include "gate/internal.h"
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 6 /* of declared parameters; deeper ones cannot be declared */

/* Where in the parameters we are, for the message: "values[3].f". */
struct place {
    const struct place *up;
    const char *name; /* NULL: element `index` of the list above */
    size_t index;
};

static void place_text(const struct place *p, struct buf *b)
{
    if (p->up)
        place_text(p->up, b);
    if (!p->name)
        buf_printf(b, "[%zu]", p->index);
    else
        buf_printf(b, "%s%s", b->len ? "." : "", p->name);
}

static enum err bad(const struct place *p, const char *msg, struct errinfo *reterr)
{
    struct buf item = BUF_INIT;
    place_text(p, &item);
    err_set(reterr, E_INVALID, msg, buf_str(&item), "parameter");
    buf_done(&item);
    return E_INVALID;
}

static struct span text_span(const json_t *v)
{
    return (struct span){ json_string_value(v), json_string_length(v) };
}

static bool is_id(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-_.", c));
        if (!ok)
            return false;
    }
    return true;
}

/* "" is as good as absent. */
static bool is_blank(const json_t *v)
{
    return json_is_string(v) && json_string_length(v) == 0;
}

static enum err check_text(const struct param_spec *spec, const json_t *v, const struct place *p,
                           struct errinfo *reterr)
{
    if (!json_is_string(v))
        return bad(p, "S042", reterr);
    struct span s = text_span(v);
    if (s.n > (size_t)spec->max * 32 || (int64_t)utf8_count(s) > spec->max)
        return bad(p, "S043", reterr);
    return utf8_forbidden(s) ? bad(p, "S044", reterr) : OK;
}

static enum err check_id(const struct param_spec *spec, const json_t *v, const struct place *p, struct errinfo *reterr)
{
    if (!json_is_string(v))
        return bad(p, "S042", reterr);
    struct span s = text_span(v);
    if ((int64_t)s.n > spec->max)
        return bad(p, "S043", reterr);
    return is_id(s) ? OK : bad(p, "S044", reterr);
}

static enum err check_int(const struct param_spec *spec, const json_t *v, const struct place *p, struct errinfo *reterr)
{
    if (!json_is_integer(v))
        return bad(p, "S042", reterr);
    json_int_t n = json_integer_value(v);
    return n < 0 ? bad(p, "S044", reterr) : n <= spec->max ? OK : bad(p, "S043", reterr);
}

static enum err check_bool(const struct param_spec *spec, const json_t *v, const struct place *p,
                           struct errinfo *reterr)
{
    (void)spec;
    return json_is_boolean(v) ? OK : bad(p, "S042", reterr);
}

static enum err check_day(const struct param_spec *spec, const json_t *v, const struct place *p, struct errinfo *reterr)
{
    struct date d;
    (void)spec;
    if (!json_is_string(v))
        return bad(p, "S042", reterr);
    if (is_blank(v))
        return OK;
    return date_read(json_string_value(v), &d, NULL) == OK ? OK : bad(p, "S042", reterr);
}

static enum err check_value(const struct param_spec *, const json_t *, const struct place *, struct errinfo *);
static enum err check_members(const struct param_spec *, const json_t *, const struct place *, struct errinfo *);

static enum err check_list(const struct param_spec *spec, const json_t *v, const struct place *p,
                           struct errinfo *reterr)
{
    if (!json_is_array(v))
        return bad(p, "S042", reterr);
    if ((int64_t)json_array_size(v) > spec->max)
        return bad(p, "S043", reterr);
    for (size_t i = 0; i < json_array_size(v); i++) {
        struct place here = { p, NULL, i };
        if (spec->of->required && is_blank(json_array_get(v, i)))
            return bad(&here, "S041", reterr);
        TRY(check_value(spec->of, json_array_get(v, i), &here, reterr));
    }
    return OK;
}

static enum err check_object(const struct param_spec *spec, const json_t *v, const struct place *p,
                             struct errinfo *reterr)
{
    return json_is_object(v) ? check_members(spec->of, v, p, reterr) : bad(p, "S042", reterr);
}

static enum err check_map(const struct param_spec *spec, const json_t *v, const struct place *p, struct errinfo *reterr)
{
    if (!json_is_object(v))
        return bad(p, "S042", reterr);
    for (void *i = json_object_iter((json_t *)v); i; i = json_object_iter_next((json_t *)v, i)) {
        struct place here = { p, json_object_iter_key(i), 0 };
        if (!here.name[0] || !is_id(span_of(here.name)) || strlen(here.name) > 64)
            return bad(p, "S044", reterr);
        TRY(check_text(spec, json_object_iter_value(i), &here, reterr));
    }
    return OK;
}

static const struct {
    const char *name;
    enum err (*check)(const struct param_spec *, const json_t *, const struct place *, struct errinfo *);
} types[] = {
    [P_TEXT] = { "text", check_text }, [P_SECRET] = { "secret", check_text },   [P_ID] = { "id", check_id },
    [P_INT] = { "int", check_int },    [P_BOOL] = { "bool", check_bool },       [P_DAY] = { "day", check_day },
    [P_LIST] = { "list", check_list }, [P_OBJECT] = { "object", check_object }, [P_MAP] = { "map", check_map },
};
_Static_assert(ARRAY_LEN(types) == P_TYPES, "a parameter type has no row");

const char *param_type_name(enum param_type t)
{
    return types[t].name;
}

static enum err check_value(const struct param_spec *spec, const json_t *v, const struct place *p,
                            struct errinfo *reterr)
{
    int depth = 0;
    for (const struct place *up = p; up; up = up->up)
        depth++;
    MUST(depth <= DEPTH_MAX);
    return types[spec->type].check(spec, v, p, reterr);
}

static const struct param_spec *find(const struct param_spec *specs, const char *name)
{
    for (const struct param_spec *s = specs; s && s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

/* Nothing unknown, everything required, every type. */
static enum err check_members(const struct param_spec *specs, const json_t *object, const struct place *up,
                              struct errinfo *reterr)
{
    for (void *i = json_object_iter((json_t *)object); i; i = json_object_iter_next((json_t *)object, i)) {
        struct place here = { up, json_object_iter_key(i), 0 };
        const struct param_spec *s = find(specs, here.name);
        if (!s)
            return bad(&here, "S040", reterr);
        TRY(check_value(s, json_object_iter_value(i), &here, reterr));
    }
    for (const struct param_spec *s = specs; s && s->name; s++) {
        struct place here = { up, s->name, 0 };
        const json_t *v = json_object_get(object, s->name);
        if (s->required && (!v || is_blank(v)))
            return bad(&here, "S041", reterr);
    }
    return OK;
}

enum err params_check(const struct param_spec *specs, const json_t *params, struct errinfo *reterr)
{
    if (params && !json_is_object(params))
        return err_set(reterr, E_INVALID, "S042", "params", "not an object");
    return check_members(specs, params, NULL, reterr);
}

/* Declared members only: what was sent under a wrong name may be a password. */
json_t *params_without_secrets(const struct param_spec *specs, const json_t *params)
{
    json_t *ret = json_object();
    MUST(ret);
    for (const struct param_spec *s = specs; s && s->name; s++) {
        json_t *v = json_object_get(params, s->name);
        if (v && s->type != P_SECRET)
            MUST(json_object_set(ret, s->name, v) == 0);
    }
    return ret;
}

const char *call_text(const struct call *c, const char *name)
{
    const char *v = json_string_value(json_object_get(c->params, name));
    return v ? v : "";
}

int64_t call_int(const struct call *c, const char *name, int64_t otherwise)
{
    const json_t *v = json_object_get(c->params, name);
    return v ? json_integer_value(v) : otherwise;
}

bool call_bool(const struct call *c, const char *name)
{
    return json_is_true(json_object_get(c->params, name));
}

json_t *call_json(const struct call *c, const char *name)
{
    return json_object_get(c->params, name);
}

bool call_has(const struct call *c, const char *name)
{
    return json_object_get(c->params, name) != NULL;
}
