#include "base/lines.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is wrong with the code point, or NULL. */
static const char *fault(uint32_t cp)
{
    if (cp == UTF8_BAD)
        return "not valid UTF-8";
    if (cp == '\0')
        return "NUL character";
    return cp == '\r' ? "carriage return: lines end with LF only" : NULL;
}

static enum err check(const struct lines *l, struct errinfo *reterr)
{
    struct lines here = { .path = l->path, .no = 1 };
    const char *p = l->text, *end = l->text + l->size;
    while (p < end) {
        uint32_t cp = utf8_next(&p, end);
        const char *wrong = fault(cp);
        if (wrong)
            return lines_fail(&here, reterr, "%s", wrong);
        here.no += cp == '\n';
    }
    return OK;
}

/* Takes the bytes over. */
static enum err open_bytes(struct lines *l, const char *name, struct buf *text, struct errinfo *reterr)
{
    struct lines fresh = { .path = xstrdup(name), .size = text->len };
    fresh.text = buf_steal(text);
    fresh.raw = (struct span){ fresh.text, fresh.size };
    fresh.line = (struct span){ fresh.text, 0 };
    enum err err = check(&fresh, reterr);
    if (err != OK)
        lines_close(&fresh);
    else
        *l = fresh;
    return err;
}

enum err lines_open(struct lines *l, const char *path, struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    TRY(fs_read(path, LINES_MAX_FILE, &text, reterr));
    return open_bytes(l, path, &text, reterr);
}

enum err lines_text(struct lines *l, const char *name, struct span text, struct errinfo *reterr)
{
    if (text.n > LINES_MAX_FILE)
        return err_set(reterr, E_INVALID, NULL, name, "larger than %u bytes", LINES_MAX_FILE);
    struct buf copy = BUF_INIT;
    buf_add(&copy, text.p, text.n);
    return open_bytes(l, name, &copy, reterr);
}

void lines_close(struct lines *l)
{
    if (!l)
        return;
    free(l->path);
    free(l->text);
    *l = (struct lines){ 0 };
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool lines_next(struct lines *l)
{
    while (l->at < l->size) {
        const char *start = l->text + l->at;
        const char *nl = memchr(start, '\n', l->size - l->at);
        size_t n = nl ? (size_t)(nl - start) : l->size - l->at;
        l->at += n + (nl != NULL);
        l->no++;
        l->line = (struct span){ start, n };
        size_t blanks = 0;
        while (blanks < n && is_blank(start[blanks]))
            blanks++;
        if (blanks < n && start[0] != '#')
            return true;
    }
    return false;
}

size_t lines_indent(const struct lines *l)
{
    size_t n = 0;
    while (n < l->line.n && l->line.p[n] == ' ')
        n++;
    return n;
}

enum err lines_fail(const struct lines *l, struct errinfo *reterr, const char *fmt, ...)
{
    struct errinfo e;
    char number[16];
    int digits = snprintf(number, sizeof number, ":%d", l->no);
    /* Of a path that is too long the end is shown: it has the file's name. */
    size_t room = sizeof e.item - 1 - (size_t)digits, len = strlen(l->path);
    const char *path = l->path + (len > room ? len - room : 0);
    while (len > room && ((unsigned char)*path & 0xC0) == 0x80)
        path++;
    char item[sizeof e.item];
    snprintf(item, sizeof item, "%.*s%s", (int)room, path, number);

    struct buf text = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    err_set(reterr, E_INVALID, NULL, item, "%s", buf_str(&text));
    buf_done(&text);
    return E_INVALID;
}

/* The word at *at, which stands on no blank and before the end of s; moves *at behind it. NULL when whole. */
static const char *next_word(struct span s, size_t *at, struct span *ret)
{
    size_t i = *at;
    if (s.p[i] == '"') {
        const char *start = s.p + i + 1;
        const char *close = memchr(start, '"', s.n - i - 1);
        if (!close)
            return "expected a closing quotation mark";
        *ret = (struct span){ start, (size_t)(close - start) };
        *at = (size_t)(close - s.p) + 1;
        return *at == s.n || is_blank(s.p[*at]) ? NULL : "expected a blank after the closing quotation mark";
    }
    for (; i < s.n && !is_blank(s.p[i]); i++)
        if (s.p[i] == '"')
            return "quotation mark inside a word";
    *ret = (struct span){ s.p + *at, i - *at };
    *at = i;
    return NULL;
}

/* Counts the words, and stores them when ret is given. */
static enum err split(const struct lines *l, struct span *ret, size_t max, size_t *ret_n, struct errinfo *reterr)
{
    size_t at = 0, n = 0;
    for (;;) {
        while (at < l->line.n && is_blank(l->line.p[at]))
            at++;
        if (at == l->line.n)
            break;
        if (n == max)
            return lines_fail(l, reterr, "expected at most %zu words", max);
        struct span word;
        const char *wrong = next_word(l->line, &at, &word);
        if (wrong)
            return lines_fail(l, reterr, "%s", wrong);
        if (ret)
            ret[n] = word;
        n++;
    }
    *ret_n = n;
    return OK;
}

enum err lines_words(const struct lines *l, struct span *ret, size_t max, size_t *ret_n, struct errinfo *reterr)
{
    size_t n;
    TRY(split(l, NULL, max, &n, reterr));
    return split(l, ret, max, ret_n, reterr);
}

enum err lines_cells(const struct lines *l, struct span *ret, size_t n, struct errinfo *reterr)
{
    size_t have = 1;
    for (size_t i = 0; i < l->line.n; i++)
        have += l->line.p[i] == '\t';
    if (have != n)
        return lines_fail(l, reterr, "expected %zu cells separated by tabs, found %zu", n, have);
    const char *p = l->line.p, *end = l->line.p + l->line.n;
    for (size_t i = 0; i < n; i++) {
        const char *tab = memchr(p, '\t', (size_t)(end - p));
        const char *stop = tab ? tab : end;
        ret[i] = (struct span){ p, (size_t)(stop - p) };
        p = tab ? tab + 1 : end;
    }
    return OK;
}
