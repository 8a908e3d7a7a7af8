#include "domain/cert_copy.h"
#include "base/cur.h"
#include "base/mem.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

#define COPY_FORMAT  1
#define COPY_TEXT    (64u << 10) /* bytes of one text */
#define COPY_PERSONS 200
#define COPY_CELLS   100
#define COPY_LINES   20000

/* The text members in the order of the canonical bytes. */
static const size_t text_at[] = {
    offsetof(struct cert_copy, kind),
    offsetof(struct cert_copy, layout),
    offsetof(struct cert_copy, job),
    offsetof(struct cert_copy, number),
    offsetof(struct cert_copy, issued_on),
    offsetof(struct cert_copy, sentence),
    offsetof(struct cert_copy, certifier_title),
    offsetof(struct cert_copy, certifier_name),
    offsetof(struct cert_copy, seal),
    offsetof(struct cert_copy, seal_note),
    offsetof(struct cert_copy, official),
    offsetof(struct cert_copy, outage),
    offsetof(struct cert_copy, omitted),
    offsetof(struct cert_copy, trial),
};

static char **text_of(struct cert_copy *c, size_t i)
{
    return (char **)(void *)((char *)c + text_at[i]);
}

struct cert_copy *cert_copy_new(void)
{
    struct cert_copy *c = xcalloc(1, sizeof *c);
    for (size_t i = 0; i < ARRAY_LEN(text_at); i++)
        *text_of(c, i) = xstrdup("");
    return c;
}

static void cells_free(struct cert_cell *cell, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(cell[i].item);
        free(cell[i].label);
        wipe_str(cell[i].text);
    }
    free(cell);
}

static void person_done(struct cert_person *p)
{
    cells_free(p->cell, p->n_cell);
    for (size_t i = 0; i < p->n_line; i++) {
        wipe_str(p->line[i].on);
        wipe_str(p->line[i].reason);
        wipe_str(p->line[i].text);
    }
    free(p->line);
}

void cert_copy_free(struct cert_copy *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < ARRAY_LEN(text_at); i++)
        wipe_str(*text_of(c, i));
    cells_free(c->common, c->n_common);
    for (size_t i = 0; i < c->n_person; i++)
        person_done(&c->person[i]);
    free(c->person);
    free(c);
}

struct cert_copy *cert_copy_dup(const struct cert_copy *c)
{
    struct buf bytes = BUF_INIT;
    struct cert_copy *ret = NULL;
    cert_copy_encode(c, &bytes);
    enum err err = cert_copy_decode(buf_span(&bytes), &ret, NULL);
    MUST(err == OK);
    buf_done(&bytes);
    return ret;
}

void cert_set(char **member, const char *text)
{
    char *copy = xstrdup(text ? text : "");
    wipe_str(*member);
    *member = copy;
}

static void cell_add(struct cert_cell **cell, size_t *n, struct cert_cell take)
{
    *cell = xrealloc(*cell, *n + 1, sizeof **cell);
    (*cell)[(*n)++] = take;
}

static struct cert_cell cell_of(const char *item, const char *label, const char *text, bool omitted)
{
    return (struct cert_cell){ xstrdup(item), xstrdup(label), xstrdup(text), omitted };
}

void cert_common_add(struct cert_copy *c, const char *item, const char *label, const char *text, bool omitted)
{
    cell_add(&c->common, &c->n_common, cell_of(item, label, text, omitted));
}

struct cert_person *cert_person_add(struct cert_copy *c, const char *id, int64_t rev, bool foreign)
{
    c->person = xrealloc(c->person, c->n_person + 1, sizeof *c->person);
    struct cert_person *p = &c->person[c->n_person++];
    *p = (struct cert_person){ .rev = rev, .foreign = foreign };
    size_t n = strlen(id);
    MUST(n <= PERSON_ID_MAX);
    memcpy(p->id, id, n + 1);
    return p;
}

void cert_cell_add(struct cert_person *p, const char *item, const char *label, const char *text, bool omitted)
{
    cell_add(&p->cell, &p->n_cell, cell_of(item, label, text, omitted));
}

static void line_add(struct cert_person *p, struct cert_line take)
{
    p->line = xrealloc(p->line, p->n_line + 1, sizeof *p->line);
    p->line[p->n_line++] = take;
}

void cert_line_add(struct cert_person *p, const char *on, const char *reason, const char *text)
{
    line_add(p, (struct cert_line){ xstrdup(on), xstrdup(reason), xstrdup(text) });
}

static const struct cert_cell *cell_find(const struct cert_cell *cell, size_t n, struct span item)
{
    for (size_t i = 0; i < n; i++)
        if (span_is(item, cell[i].item))
            return &cell[i];
    return NULL;
}

const struct cert_cell *cert_person_cell(const struct cert_person *p, struct span item)
{
    return cell_find(p->cell, p->n_cell, item);
}

const struct cert_cell *cert_common_cell(const struct cert_copy *c, struct span item)
{
    return cell_find(c->common, c->n_common, item);
}

static void put_text(struct buf *b, const char *s)
{
    put_bytes(b, span_of(s));
}

static void put_cells(struct buf *b, const struct cert_cell *cell, size_t n)
{
    MUST(n <= COPY_CELLS);
    put_u16(b, (uint16_t)n);
    for (size_t i = 0; i < n; i++) {
        put_text(b, cell[i].item);
        put_text(b, cell[i].label);
        put_text(b, cell[i].text);
        put_u8(b, cell[i].omitted);
    }
}

static void put_person(struct buf *b, const struct cert_person *p)
{
    put_text(b, p->id);
    put_u64(b, (uint64_t)p->rev);
    put_u8(b, p->foreign);
    put_cells(b, p->cell, p->n_cell);
    MUST(p->n_line <= COPY_LINES);
    put_u16(b, (uint16_t)p->n_line);
    for (size_t i = 0; i < p->n_line; i++) {
        put_text(b, p->line[i].on);
        put_text(b, p->line[i].reason);
        put_text(b, p->line[i].text);
    }
}

void cert_copy_encode(const struct cert_copy *c, struct buf *ret)
{
    put_u16(ret, COPY_FORMAT);
    for (size_t i = 0; i < ARRAY_LEN(text_at); i++)
        put_text(ret, *text_of((struct cert_copy *)c, i));
    put_u8(ret, c->whole);
    put_cells(ret, c->common, c->n_common);
    MUST(c->n_person <= COPY_PERSONS);
    put_u16(ret, (uint16_t)c->n_person);
    for (size_t i = 0; i < c->n_person; i++)
        put_person(ret, &c->person[i]);
}

/* A text that is UTF-8 without NUL; anything else makes the cursor bad and answers "". */
static char *cur_text(struct cur *c)
{
    struct span s = cur_bytes(c, COPY_TEXT);
    if (!utf8_valid(s) || (s.n && memchr(s.p, 0, s.n))) {
        c->bad = true;
        return xstrdup("");
    }
    return s.n ? xstrndup(s.p, s.n) : xstrdup("");
}

static bool cur_bool(struct cur *c)
{
    uint8_t v = cur_u8(c);
    c->bad |= v > 1;
    return v == 1;
}

static size_t cur_count(struct cur *c, size_t max)
{
    size_t n = cur_u16(c);
    c->bad |= n > max;
    return c->bad ? 0 : n;
}

static void cur_cells(struct cur *c, struct cert_cell **cell, size_t *n)
{
    for (size_t i = cur_count(c, COPY_CELLS); i > 0 && !c->bad; i--) {
        struct cert_cell one; /* one member after the other: the order of an initialiser is not fixed */
        one.item = cur_text(c);
        one.label = cur_text(c);
        one.text = cur_text(c);
        one.omitted = cur_bool(c);
        cell_add(cell, n, one);
    }
}

static void cur_person(struct cur *c, struct cert_copy *copy)
{
    struct span id = cur_bytes(c, PERSON_ID_MAX);
    int64_t rev = (int64_t)cur_u64(c);
    bool foreign = cur_bool(c);
    if (c->bad || !utf8_valid(id) || (id.n && memchr(id.p, 0, id.n))) {
        c->bad = true;
        return;
    }
    char text[PERSON_ID_MAX + 1] = "";
    if (id.n)
        memcpy(text, id.p, id.n);
    struct cert_person *p = cert_person_add(copy, text, rev, foreign);
    cur_cells(c, &p->cell, &p->n_cell);
    for (size_t i = cur_count(c, COPY_LINES); i > 0 && !c->bad; i--) {
        struct cert_line one;
        one.on = cur_text(c);
        one.reason = cur_text(c);
        one.text = cur_text(c);
        line_add(p, one);
    }
}

enum err cert_copy_decode(struct span bytes, struct cert_copy **ret, struct errinfo *reterr)
{
    struct cur c = cur_of(bytes);
    uint16_t format = cur_u16(&c);
    if (!c.bad && format > COPY_FORMAT)
        return err_set(reterr, E_TOONEW, NULL, "copy", "format %u", (unsigned)format);
    c.bad |= format != COPY_FORMAT;
    struct cert_copy *copy = cert_copy_new();
    for (size_t i = 0; i < ARRAY_LEN(text_at); i++) {
        free(*text_of(copy, i));
        *text_of(copy, i) = cur_text(&c);
    }
    copy->whole = cur_bool(&c);
    cur_cells(&c, &copy->common, &copy->n_common);
    for (size_t i = cur_count(&c, COPY_PERSONS); i > 0 && !c.bad; i--)
        cur_person(&c, copy);
    if (!cur_end(&c)) {
        cert_copy_free(copy);
        return err_set(reterr, E_CORRUPT, NULL, "copy", "not the bytes of a copy");
    }
    *ret = copy;
    return OK;
}

void cert_copy_subject(const struct cert_copy *c, struct buf *ret)
{
    put_text(ret, c->job);
    put_u16(ret, (uint16_t)c->n_person);
    for (size_t i = 0; i < c->n_person; i++) {
        put_text(ret, c->person[i].id);
        put_u64(ret, (uint64_t)c->person[i].rev);
    }
}
