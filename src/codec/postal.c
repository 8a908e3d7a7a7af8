#include "codec/postal.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "codec/charset.h"
#include "codec/csv.h"
#include "domain/kana.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of the layout that are used; the six flags at the end only have to be there. */
enum { C_CITY_CODE, C_OLD_ZIP, C_ZIP, C_PREF_KANA, C_CITY_KANA, C_TOWN_KANA, C_PREF, C_CITY, C_TOWN, COLUMNS = 15 };

#define LINE_MAX_BYTES 16384 /* the longest record of the UTF-8 file has some 1,500 */
#define NO_ENTRY       "以下に掲載がない場合"
#define OPEN_PAREN     "（"
#define CLOSE_PAREN    "）"

/* A record that may still want continuation lines. */
struct pending {
    bool open;
    long first_line, n_lines;
    struct buf city_code, zip, pref, city, town, pref_kana, city_kana, town_kana;
};

struct reader {
    struct charset *cs; /* NULL for UTF-8 */
    struct buf line, scratch;
    struct pending p;
    long at;
    struct postal_report *report;
    enum err (*cb)(void *, const struct postal_town *, struct errinfo *);
    void *arg;
};

static void reject(struct postal_report *r, long line, const char *reason)
{
    if (r->n_reject == r->cap_reject) {
        r->cap_reject = r->cap_reject ? r->cap_reject * 2 : 16;
        r->reject = xrealloc(r->reject, r->cap_reject, sizeof *r->reject);
    }
    struct postal_reject *j = &r->reject[r->n_reject++];
    j->line = line;
    snprintf(j->reason, sizeof j->reason, "%s", reason);
}

static void reject_pending(struct reader *r, const char *reason)
{
    for (long i = 0; i < r->p.n_lines; i++)
        reject(r->report, r->p.first_line + i, reason);
    r->p.open = false;
}

static bool digits(struct span s, size_t n)
{
    if (s.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

/* One form for both layouts: the code page file writes kana and signs in half width and decodes its dash and wave
 * to the vendor's code points, the other one has those of JIS X 0213. */
static uint32_t standard_sign(uint32_t cp)
{
    static const struct {
        uint32_t from, to;
    } SIGNS[] = {
        { 0xFF5E, 0x301C }, /* wave dash */
        { 0xFF0D, 0x2212 }, /* minus sign */
        { '-', 0x2212 },    { 0xFF61, 0x3002 }, { 0xFF62, 0x300C }, { 0xFF63, 0x300D }, { 0xFF64, 0x3001 },
    };
    for (size_t i = 0; i < ARRAY_LEN(SIGNS); i++)
        if (SIGNS[i].from == cp)
            return SIGNS[i].to;
    return cp > 0x20 && cp < 0x7F ? cp + 0xFEE0 : cp;
}

static void put_signs(struct span s, struct buf *b)
{
    for (const char *p = s.p, *end = s.p + s.n; p < end;)
        buf_addcp(b, standard_sign(utf8_next(&p, end)));
}

static void put(struct buf *b, struct span s)
{
    buf_clear(b);
    put_signs(s, b);
}

static void put_kana(struct buf *b, struct span s)
{
    struct buf wide = BUF_INIT;
    kana_wide(s, &wide);
    put(b, buf_span(&wide));
    buf_done(&wide);
}

/* Splits "町名（注記）" at the first parenthesis; without one the note is empty. Cuts in place. */
static const char *cut_note(char *town)
{
    char *open = strstr(town, OPEN_PAREN);
    if (!open)
        return "";
    *open = '\0';
    char *note = open + strlen(OPEN_PAREN);
    size_t n = strlen(note), c = strlen(CLOSE_PAREN);
    if (n >= c && strcmp(note + n - c, CLOSE_PAREN) == 0)
        note[n - c] = '\0';
    return note;
}

static enum err emit(struct reader *r, struct errinfo *reterr)
{
    struct pending *p = &r->p;
    struct buf kana = BUF_INIT;
    put_kana(&kana, buf_span(&p->town_kana));
    const char *note = cut_note(p->town.p);
    const char *note_kana = cut_note(kana.p);
    bool none = strcmp(p->town.p, NO_ENTRY) == 0;
    struct postal_town t = {
        .city_code = buf_str(&p->city_code),
        .zip = buf_str(&p->zip),
        .pref = buf_str(&p->pref),
        .city = buf_str(&p->city),
        .town = none ? "" : buf_str(&p->town),
        .note = note,
        .pref_kana = buf_str(&p->pref_kana),
        .city_kana = buf_str(&p->city_kana),
        .town_kana = none ? "" : buf_str(&kana),
        .note_kana = note_kana,
    };
    enum err e = r->cb(r->arg, &t, reterr);
    buf_done(&kana);
    if (e != OK)
        return e;
    r->report->records++;
    r->report->merged += p->n_lines - 1;
    p->open = false;
    return OK;
}

static bool wants_more(const struct buf *town)
{
    return strstr(buf_str(town), OPEN_PAREN) && !strstr(buf_str(town), CLOSE_PAREN);
}

/* A continuation repeats code and postal number and carries on the town. Where the kana fitted in one line the file
 * repeats it in every line. */
static void carry_on(struct pending *p, const struct span *v)
{
    put_signs(v[C_TOWN], &p->town);
    if (!span_eq(buf_span(&p->town_kana), v[C_TOWN_KANA]))
        buf_add(&p->town_kana, v[C_TOWN_KANA].p, v[C_TOWN_KANA].n);
    p->n_lines++;
}

static void start(struct reader *r, const struct span *v)
{
    struct pending *p = &r->p;
    p->open = true;
    p->first_line = r->at;
    p->n_lines = 1;
    buf_clear(&p->city_code);
    buf_add(&p->city_code, v[C_CITY_CODE].p, v[C_CITY_CODE].n);
    buf_clear(&p->zip);
    buf_add(&p->zip, v[C_ZIP].p, v[C_ZIP].n);
    put(&p->pref, v[C_PREF]);
    put(&p->city, v[C_CITY]);
    put(&p->town, v[C_TOWN]);
    buf_clear(&p->town_kana);
    buf_add(&p->town_kana, v[C_TOWN_KANA].p, v[C_TOWN_KANA].n);
    put_kana(&p->pref_kana, v[C_PREF_KANA]);
    put_kana(&p->city_kana, v[C_CITY_KANA]);
}

/* Reason why a split line is not of the layout, or NULL. */
static const char *wrong(const struct span *v)
{
    if (!digits(v[C_CITY_CODE], 5))
        return "市区町村コードが5桁の数字ではありません";
    if (!digits(v[C_ZIP], 7))
        return "郵便番号が7桁の数字ではありません";
    if (!v[C_PREF].n || !v[C_CITY].n || !v[C_TOWN].n)
        return "都道府県・市区町村・町域のどれかが空です";
    return NULL;
}

static enum err one_line(struct reader *r, struct span raw, struct errinfo *reterr)
{
    struct span v[COLUMNS];
    struct errinfo why = { 0 };
    const char *reason = NULL;
    buf_clear(&r->line);
    if (raw.n > LINE_MAX_BYTES)
        reason = "行が長すぎます";
    else if (r->cs ? charset_decode(r->cs, raw, &r->line, &why) != OK : !utf8_valid(raw))
        reason = "文字コードが正しくありません";
    else {
        if (!r->cs)
            buf_add(&r->line, raw.p, raw.n);
        if (csv_split(buf_span(&r->line), &r->scratch, v, COLUMNS, &why) != OK)
            reason = "15列の形式ではありません";
        else
            reason = wrong(v);
    }
    if (reason) {
        if (r->p.open)
            reject_pending(r, "続きの行が読めません");
        reject(r->report, r->at, reason);
        return OK;
    }
    if (r->p.open && span_eq(buf_span(&r->p.city_code), v[C_CITY_CODE]) && span_eq(buf_span(&r->p.zip), v[C_ZIP])) {
        carry_on(&r->p, v);
    } else {
        if (r->p.open)
            reject_pending(r, "括弧が閉じないまま別の町域になりました");
        start(r, v);
    }
    return wants_more(&r->p.town) ? OK : emit(r, reterr);
}

/* The layout follows from the bytes: the CP932 file has half-width kana in its first line, which is never UTF-8. */
static enum err find_layout(FILE *f, const char *path, struct reader *r, struct errinfo *reterr)
{
    char head[4096];
    size_t n = fread(head, 1, sizeof head, f);
    const char *end = memchr(head, '\n', n);
    r->report->utf8 = end && utf8_valid((struct span){ head, (size_t)(end - head) });
    if (fseek(f, 0, SEEK_SET) != 0)
        return err_sys(reterr, errno, path, "seek");
    return r->report->utf8 ? OK : charset_open("CP932", &r->cs, reterr);
}

static enum err read_lines(FILE *f, const char *path, struct reader *r, struct errinfo *reterr)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    enum err e = OK;
    while (e == OK && (n = getline(&line, &cap, f)) >= 0) {
        struct span raw = { line, (size_t)n };
        while (raw.n && (raw.p[raw.n - 1] == '\n' || raw.p[raw.n - 1] == '\r'))
            raw.n--;
        r->at = ++r->report->lines;
        e = one_line(r, raw, reterr);
    }
    if (e == OK && ferror(f))
        e = err_sys(reterr, errno, path, "read");
    if (e == OK && r->p.open)
        reject_pending(r, "括弧が閉じないままファイルが終わりました");
    free(line);
    return e;
}

enum err postal_read(const char *path, enum err (*cb)(void *, const struct postal_town *, struct errinfo *), void *arg,
                     struct postal_report *ret, struct errinfo *reterr)
{
    *ret = (struct postal_report){ 0 };
    FILE *f = fopen(path, "rbe");
    if (!f)
        return errno == ENOENT ? err_set(reterr, E_NOTFOUND, "S710", path, "no such file")
                               : err_sys(reterr, errno, path, "open");
    struct reader r = { .report = ret, .cb = cb, .arg = arg };
    enum err e = find_layout(f, path, &r, reterr);
    if (e == OK)
        e = read_lines(f, path, &r, reterr);
    if (e == OK && ret->records == 0)
        e = err_set(reterr, E_INVALID, "S707", path, "no line of the file is a record");
    struct buf *all[] = { &r.line,   &r.scratch, &r.p.city_code, &r.p.zip,       &r.p.pref,
                          &r.p.city, &r.p.town,  &r.p.pref_kana, &r.p.city_kana, &r.p.town_kana };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_done(all[i]);
    charset_close(r.cs);
    fclose(f);
    return e;
}

void postal_report_done(struct postal_report *r)
{
    free(r->reject);
    *r = (struct postal_report){ 0 };
}
