#include "domain/ref.h"
#include "base/mem.h"

#include <string.h>

static const char *const arg_names[] = {
    [ARG_NONE] = "",           [ARG_SECTION] = "SECTION", [ARG_SINGLE] = "SECTION",      [ARG_PERSONS] = "PERSONS",
    [ARG_REF] = "FIELD",       [ARG_PERSON] = "PERSON",   [ARG_HOUSEHOLD] = "HOUSEHOLD", [ARG_DATE] = "DAY",
    [ARG_INT] = "NUMBER",      [ARG_STATUS] = "STATUS",   [ARG_ATTR] = "ATTRIBUTE",      [ARG_REASON] = "REASON",
    [ARG_PARAM] = "PARAMETER", [ARG_COND] = "CONDITION",  [ARG_TEXT] = "WORD",
};
_Static_assert(ARRAY_LEN(arg_names) == ARG_TYPES, "an argument type has no name");

const char *arg_type_name(enum arg_type t)
{
    MUST(t < ARG_TYPES);
    return arg_names[t];
}

struct span word_next(struct span *rest)
{
    while (rest->n && *rest->p == ' ')
        rest->p++, rest->n--;
    struct span word = { rest->p, 0 };
    while (rest->n && *rest->p != ' ')
        rest->p++, rest->n--, word.n++;
    return word;
}

static const struct section *section_named(const struct kind *k, struct span id)
{
    for (size_t i = 0; i < k->n; i++)
        if (span_is(id, k->s[i].id))
            return &k->s[i];
    return NULL;
}

static const struct field *field_named(const struct section *s, struct span key)
{
    for (size_t i = 0; s && i < s->n; i++)
        if (span_is(key, s->f[i].key))
            return &s->f[i];
    return NULL;
}

const struct field *ref_field(const struct site *at, struct span ref, const struct section **ret_section)
{
    const struct section *s = at->section;
    const char *dot = ref.n ? memchr(ref.p, '.', ref.n) : NULL;
    if (dot) {
        s = section_named(at->kind, (struct span){ ref.p, (size_t)(dot - ref.p) });
        ref = (struct span){ dot + 1, ref.n - (size_t)(dot + 1 - ref.p) };
    }
    const struct field *f = field_named(s, ref);
    if (f)
        *ret_section = s;
    return f;
}

const char *ref_value(const struct site *at, const struct notice *n, struct span ref)
{
    const struct section *s;
    const struct field *f = ref_field(at, ref, &s);
    MUST(f);
    return notice_get(n, s->id, s == at->section ? at->row : 0, f->key);
}

static const char *ref_problem(const struct site *at, struct span ref)
{
    const struct section *s;
    if (!ref_field(at, ref, &s))
        return "expected a field (SECTION.FIELD, or FIELD of the same section)";
    if (s != at->section && s->max != 1)
        return "expected a field of this section or of a section that occurs once";
    return NULL;
}

static const char *typed_ref_problem(const struct site *at, struct span ref, enum field_type a, enum field_type b,
                                     const char *expected)
{
    const char *wrong = ref_problem(at, ref);
    if (wrong)
        return wrong;
    const struct section *s;
    const struct field *f = ref_field(at, ref, &s);
    return f->type == a || f->type == b ? NULL : expected;
}

static const char *section_problem(const struct site *at, enum arg_type t, struct span id)
{
    const struct section *s = section_named(at->kind, id);
    if (!s)
        return "expected a section of this form";
    if (t == ARG_SINGLE && s->max != 1)
        return "expected a section that occurs once";
    if (t == ARG_PERSONS && !section_field_of_type(s, FT_PERSON))
        return "expected a section with a field of type person";
    return NULL;
}

static const char *int_problem(struct span text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return "expected a whole number";
    return text.n >= 1 && text.n <= 6 ? NULL : "expected a whole number of at most six digits";
}

static const char *status_problem(struct span text)
{
    bool known = span_is(text, "moved") || span_is(text, "dead") || span_is(text, "removed");
    return known ? NULL : "expected moved, dead or removed";
}

static const char *date_problem(const struct site *at, struct span text)
{
    if (span_is(text, "today") || span_is(text, "received"))
        return NULL;
    return typed_ref_problem(at, text, FT_DATE, FT_DATEX, "expected today, received, or a field of type date or datex");
}

const char *arg_problem(enum arg_type t, const struct site *at, struct span text)
{
    switch (t) {
    case ARG_SECTION:
    case ARG_SINGLE:
    case ARG_PERSONS:
        return section_problem(at, t, text);
    case ARG_REF:
        return ref_problem(at, text);
    case ARG_PERSON:
        return typed_ref_problem(at, text, FT_PERSON, FT_PERSON, "expected a field of type person");
    case ARG_HOUSEHOLD:
        return typed_ref_problem(at, text, FT_HOUSEHOLD, FT_HOUSEHOLD, "expected a field of type household");
    case ARG_DATE:
        return date_problem(at, text);
    case ARG_INT:
        return int_problem(text);
    case ARG_STATUS:
        return status_problem(text);
    case ARG_ATTR:
        return attr_by_key(text) < ATTR_COUNT ? NULL : "expected an attribute of the resident record";
    case ARG_COND:
        return cond_problem(at, text);
    case ARG_REASON:
    case ARG_PARAM:
    case ARG_TEXT:
        return text.n ? NULL : "expected a word";
    case ARG_NONE:
    case ARG_TYPES:
        break;
    }
    BUG("no such argument type");
}

/* One comparison of a condition. Values are words; several are separated by "|". */
struct term {
    struct span ref, op, values;
};

/* False at the end of the condition. */
static bool term_next(struct span *rest, struct term *ret)
{
    *ret = (struct term){ .ref = word_next(rest) };
    if (!ret->ref.n)
        return false;
    ret->op = word_next(rest);
    if (span_is(ret->op, "=") || span_is(ret->op, "!="))
        ret->values = word_next(rest);
    return true;
}

const char *cond_problem(const struct site *at, struct span cond)
{
    struct term t;
    if (!term_next(&cond, &t))
        return "expected a condition";
    do {
        const char *wrong = ref_problem(at, t.ref);
        if (wrong)
            return wrong;
        bool unary = span_is(t.op, "filled") || span_is(t.op, "blank");
        bool binary = span_is(t.op, "=") || span_is(t.op, "!=");
        if (!unary && !binary)
            return "expected =, !=, filled or blank behind the field of a condition";
        if (binary && !t.values.n)
            return "expected a value at the end of a condition";
        struct span more = word_next(&cond);
        if (!more.n)
            return NULL;
        if (!span_is(more, "and"))
            return "expected \"and\" between conditions";
    } while (term_next(&cond, &t));
    return "expected a condition behind \"and\"";
}

static bool one_of(const char *value, struct span values)
{
    size_t n = strlen(value);
    while (values.n) {
        const char *bar = memchr(values.p, '|', values.n);
        size_t len = bar ? (size_t)(bar - values.p) : values.n;
        if (len == n && memcmp(values.p, value, n) == 0)
            return true;
        size_t used = len + (bar != NULL);
        values = (struct span){ values.p + used, values.n - used };
    }
    return false;
}

static bool term_true(const struct site *at, const struct notice *n, const struct term *t)
{
    const char *value = ref_value(at, n, t->ref);
    if (span_is(t->op, "filled"))
        return *value;
    if (span_is(t->op, "blank"))
        return !*value;
    return one_of(value, t->values) == span_is(t->op, "=");
}

bool cond_true(const struct site *at, const struct notice *n, struct span cond)
{
    struct term t;
    while (term_next(&cond, &t)) {
        if (!term_true(at, n, &t))
            return false;
        word_next(&cond); /* and */
    }
    return true;
}
