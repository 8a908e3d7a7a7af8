#include "domain/record.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct resident *resident_new(void)
{
    return xcalloc(1, sizeof(struct resident));
}

struct resident *resident_copy(const struct resident *from)
{
    struct resident *r = resident_new();
    memcpy(r->id, from->id, sizeof r->id);
    r->rev = from->rev;
    for (size_t a = 0; a < ATTR_COUNT; a++) {
        if (from->val[a] != NULL)
            r->val[a] = xstrdup(from->val[a]);
    }
    return r;
}

void resident_free(struct resident *r)
{
    if (r == NULL)
        return;
    for (size_t a = 0; a < ATTR_COUNT; a++)
        wipe_str(r->val[a]);
    wipe(r, sizeof *r);
    free(r);
}

const char *resident_get(const struct resident *r, enum attr a)
{
    MUST(a < ATTR_COUNT);
    return r->val[a] != NULL ? r->val[a] : "";
}

void resident_set(struct resident *r, enum attr a, const char *value)
{
    MUST(a < ATTR_COUNT);
    /* copied before the old text goes: the value may be the old text itself */
    char *copy = value != NULL && *value != '\0' ? xstrdup(value) : NULL;
    wipe_str(r->val[a]);
    r->val[a] = copy;
}

bool resident_is(const struct resident *r, enum attr a, const char *value)
{
    return strcmp(resident_get(r, a), value) == 0;
}

bool resident_living(const struct resident *r)
{
    return resident_is(r, ATTR_STATUS, STATUS_LIVING);
}

bool record_begins(const struct resident *before, const struct resident *now)
{
    return !resident_living(before) && resident_living(now);
}

bool resident_is_head(const struct resident *r)
{
    return resident_is(r, ATTR_RELATION, "世帯主");
}

const char *resident_shown_name(const struct resident *r)
{
    const char *name = resident_get(r, ATTR_NAME);
    return *name != '\0' ? name : resident_get(r, ATTR_NAME_ALPHA);
}

/* ---- canonical body ---- */

static void add_escaped(struct buf *ret, const char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            buf_addc(ret, '\\');
            buf_addc(ret, (char)c);
        } else if (c == '\n') {
            buf_adds(ret, "\\n");
        } else if (c == '\t') {
            buf_adds(ret, "\\t");
        } else if (c < 0x20) {
            buf_printf(ret, "\\u%04x", c);
        } else {
            buf_addc(ret, (char)c);
        }
    }
}

static void add_member(struct buf *ret, const char *key, const char *value)
{
    buf_adds(ret, ",\"");
    buf_adds(ret, key);
    buf_adds(ret, "\":\"");
    add_escaped(ret, value);
    buf_addc(ret, '"');
}

void resident_encode(const struct resident *r, struct buf *ret)
{
    buf_adds(ret, "{\"id\":\"");
    add_escaped(ret, r->id);
    buf_printf(ret, "\",\"rev\":\"%" PRId64 "\"", r->rev);
    for (size_t a = 0; a < ATTR_COUNT; a++) {
        if (r->val[a] != NULL)
            add_member(ret, attr_info((enum attr)a)->key, r->val[a]);
    }
    buf_addc(ret, '}');
}

struct reader {
    const char *p, *end;
    struct buf text; /* of the string read last */
};

static bool take(struct reader *in, const char *literal)
{
    size_t n = strlen(literal);
    if ((size_t)(in->end - in->p) < n || memcmp(in->p, literal, n) != 0)
        return false;
    in->p += n;
    return true;
}

/* Value of the two digits of \u00xx; 0 when the writer would not have written it. */
static unsigned char escaped_control(const char *xx)
{
    uint8_t c;
    if (xx[0] != '0' && xx[0] != '1')
        return 0;
    if (unhex((struct span){ xx, 2 }, &c, 1, NULL) != OK || c == '\n' || c == '\t')
        return 0;
    return c;
}

static bool read_escape(struct reader *in)
{
    if (take(in, "\\\"")) {
        buf_addc(&in->text, '"');
    } else if (take(in, "\\\\")) {
        buf_addc(&in->text, '\\');
    } else if (take(in, "\\n")) {
        buf_addc(&in->text, '\n');
    } else if (take(in, "\\t")) {
        buf_addc(&in->text, '\t');
    } else if (take(in, "\\u00") && in->end - in->p >= 2) {
        unsigned char c = escaped_control(in->p);
        if (c == 0)
            return false;
        buf_addc(&in->text, (char)c);
        in->p += 2;
    } else {
        return false;
    }
    return true;
}

/* Reads up to and behind the closing quote; the opening one is already gone. */
static bool read_string(struct reader *in)
{
    buf_clear(&in->text);
    while (in->p < in->end) {
        const char *from = in->p;
        while (in->p < in->end && *in->p != '"' && *in->p != '\\' && (unsigned char)*in->p >= 0x20)
            in->p++;
        buf_add(&in->text, from, (size_t)(in->p - from));
        if (take(in, "\""))
            return utf8_valid(buf_span(&in->text));
        if (!read_escape(in))
            return false;
    }
    return false;
}

static bool read_id(struct reader *in, struct resident *r)
{
    if (!take(in, "{\"id\":\"") || !read_string(in) || in->text.len == 0 || in->text.len > PERSON_ID_MAX)
        return false;
    memcpy(r->id, in->text.p, in->text.len);
    return true;
}

static bool read_rev(struct reader *in, struct resident *r)
{
    if (!take(in, ",\"rev\":\"") || !read_string(in) || in->text.len == 0 || in->text.len > 18)
        return false;
    if (in->text.p[0] == '0' && in->text.len > 1)
        return false;
    for (size_t i = 0; i < in->text.len; i++) {
        if (in->text.p[i] < '0' || in->text.p[i] > '9')
            return false;
        r->rev = r->rev * 10 + (in->text.p[i] - '0');
    }
    return true;
}

/* One attribute; `*from` is the first one that may still come. */
static bool read_attr(struct reader *in, size_t *from, struct resident *r)
{
    if (!take(in, ",\""))
        return false;
    for (size_t a = *from; a < ATTR_COUNT; a++) {
        const char *key = attr_info((enum attr)a)->key;
        size_t n = strlen(key);
        if ((size_t)(in->end - in->p) <= n || memcmp(in->p, key, n) != 0 || in->p[n] != '"')
            continue;
        in->p += n;
        if (!take(in, "\":\"") || !read_string(in) || in->text.len == 0)
            return false;
        r->val[a] = xstrndup(in->text.p, in->text.len);
        *from = a + 1;
        return true;
    }
    return false;
}

enum err resident_decode(struct span body, struct resident **ret, struct errinfo *reterr)
{
    struct reader in = { .p = body.p, .end = body.p + body.n, .text = BUF_INIT };
    struct resident *r = resident_new();
    size_t next = 0;
    bool good = read_id(&in, r) && read_rev(&in, r);
    while (good && !take(&in, "}"))
        good = read_attr(&in, &next, r);
    good = good && in.p == in.end;
    buf_done(&in.text);
    if (!good) {
        resident_free(r);
        return err_set(reterr, E_CORRUPT, NULL, "resident", "not a canonical body, at byte %zu of %zu",
                       (size_t)(in.p - body.p), body.n);
    }
    *ret = r;
    return OK;
}

void resident_diff(const struct resident *before, const struct resident *after,
                   void (*cb)(void *arg, enum attr, const char *before, const char *after), void *arg)
{
    for (size_t a = 0; a < ATTR_COUNT; a++) {
        const char *old = resident_get(before, (enum attr)a), *new = resident_get(after, (enum attr)a);
        if (strcmp(old, new) != 0)
            cb(arg, (enum attr)a, old, new);
    }
}

/* ---- list ---- */

void resident_list_add(struct resident_list *l, struct resident *take_r)
{
    if (l->n == l->cap) {
        l->cap = l->cap > 0 ? l->cap * 2 : 8;
        l->r = xrealloc(l->r, l->cap, sizeof *l->r);
    }
    l->r[l->n++] = take_r;
}

void resident_list_done(struct resident_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        resident_free(l->r[i]);
    free(l->r);
    *l = (struct resident_list){ 0 };
}

struct resident *resident_list_find(const struct resident_list *l, const char *id)
{
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->r[i]->id, id) == 0)
            return l->r[i];
    }
    return NULL;
}
