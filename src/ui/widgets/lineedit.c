#include "ui/lineedit.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "domain/kana.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TYPING_MAX 12 /* letters of a code or an unfinished syllable */

static const char *const reasons[] = {
    [EDIT_TEXT] = "この文字は入力できません。",
    [EDIT_NAME] = "この文字は氏名に使えません。",
    [EDIT_KANA] = "カナの欄です。カタカナかローマ字で入力してください。",
    [EDIT_ALPHA] = "英字の欄です。半角の英字で入力してください。",
    [EDIT_DIGITS] = "数字の欄です。",
    [EDIT_DATE] = "この文字は日付に使えません。",
    [EDIT_SECRET] = "この文字は使えません。",
};
_Static_assert(sizeof reasons / sizeof *reasons == EDIT_MODES, "a mode of input has no reason for refusing");

static const char full_text[] = "これ以上は入りません。";
static const char no_code[] = "その文字コードの文字はありません。U+9AD9、1-16-1(面区点)、MJ番号で入力してください。";

void lineedit_init(struct lineedit *le, enum edit_mode mode, int max)
{
    *le = (struct lineedit){ .mode = mode, .max = max > 0 ? max : EDIT_MAX_DEFAULT, .trouble = "" };
}

void lineedit_done(struct lineedit *le)
{
    buf_done(&le->text);
    buf_done(&le->typing);
}

void lineedit_set(struct lineedit *le, const char *text)
{
    buf_done(&le->text);
    buf_adds(&le->text, text);
    buf_clear(&le->typing);
    le->code = false;
    le->at = le->text.len;
}

const char *lineedit_text(const struct lineedit *le)
{
    return buf_str(&le->text);
}

int lineedit_count(const struct lineedit *le)
{
    return (int)utf8_count(buf_span(&le->text));
}

const char *lineedit_trouble(const struct lineedit *le)
{
    return le->trouble;
}

static enum edit_result refuse(struct lineedit *le, const char *why)
{
    le->trouble = why;
    return EDIT_REFUSED;
}

/* Length of the character before byte offset `end`. */
static size_t before(const struct lineedit *le, size_t end)
{
    size_t last = 0;
    for (size_t i = 0; i < end;) {
        last = utf8_cluster((struct span){ le->text.p + i, end - i });
        i += last;
    }
    return last;
}

static size_t behind(const struct lineedit *le)
{
    return utf8_cluster((struct span){ le->text.p + le->at, le->text.len - le->at });
}

static void replace(struct lineedit *le, size_t from, size_t to, struct span with)
{
    struct buf b = BUF_INIT;
    buf_add(&b, buf_str(&le->text), from);
    buf_add(&b, with.p, with.n);
    buf_add(&b, buf_str(&le->text) + to, le->text.len - to);
    buf_done(&le->text);
    le->text = b;
    le->at = from + with.n;
}

/* The text with [from, to) replaced would still have at most `max` characters. */
static bool fits(const struct lineedit *le, size_t from, size_t to, struct span with)
{
    struct buf b = BUF_INIT;
    buf_add(&b, buf_str(&le->text), from);
    buf_add(&b, with.p, with.n);
    buf_add(&b, buf_str(&le->text) + to, le->text.len - to);
    bool ok = utf8_count(buf_span(&b)) <= (size_t)le->max;
    buf_done(&b);
    return ok;
}

/* What a field of this kind makes of one code point; 0: not allowed, UTF8_BAD: silently left out. */
static uint32_t filter(enum edit_mode mode, uint32_t cp)
{
    uint32_t ascii = cp >= 0xFF01 && cp <= 0xFF5E ? cp - 0xFEE0 : cp;
    switch (mode) {
    case EDIT_TEXT:
    case EDIT_SECRET:
        return cp;
    case EDIT_KANA:
    case EDIT_NAME:
        return cp == ' ' ? 0x3000 : cp;
    case EDIT_ALPHA:
        ascii = cp == 0x3000 ? ' ' : ascii;
        return ascii < 0x20 || ascii > 0x7E ? 0 : (uint32_t)toupper((int)ascii);
    case EDIT_DIGITS:
        if (ascii == '-' || ascii == ' ' || cp == 0x2010 || cp == 0x2212 || cp == 0x30FC)
            return UTF8_BAD;
        return ascii >= '0' && ascii <= '9' ? ascii : 0;
    case EDIT_DATE:
        return ascii < 0x80 ? (uint32_t)toupper((int)ascii) : cp;
    case EDIT_MODES:
    default:
        return 0;
    }
}

/* Composed with the character before it: kana with a voiced mark, half-width kana with its mark. */
static void compose(const struct lineedit *le, struct span piece, struct buf *ret)
{
    if (le->mode == EDIT_KANA)
        kana_wide(piece, ret);
    else if (le->mode == EDIT_SECRET)
        buf_add(ret, piece.p, piece.n);
    else
        utf8_compose_kana(piece, ret);
}

static bool ends_with_loose_mark(struct span s)
{
    return s.n >= 3 && (memcmp(s.p + s.n - 3, "\xE3\x82\x99", 3) == 0 || memcmp(s.p + s.n - 3, "\xE3\x82\x9A", 3) == 0);
}

/* What the new character makes with the one before it may stand in this field. */
static bool allowed(const struct lineedit *le, struct span s)
{
    struct errinfo ignored;
    if (utf8_forbidden(s) || ends_with_loose_mark(s))
        return false;
    return le->mode != EDIT_KANA || kana_check(s, 2, &ignored) == OK;
}

static const struct span wide_space = { "\xE3\x80\x80", 3 };

static bool behind_space(const struct lineedit *le)
{
    size_t n = before(le, le->at);
    return n && span_eq((struct span){ le->text.p + le->at - n, n }, wide_space);
}

/* A kana field has one space between words and none in front. */
static enum edit_result insert_kana_space(struct lineedit *le)
{
    if (le->at == 0 || behind_space(le))
        return EDIT_MOVED;
    if (!fits(le, le->at, le->at, wide_space))
        return refuse(le, full_text);
    replace(le, le->at, le->at, wide_space);
    return EDIT_CHANGED;
}

static enum edit_result insert(struct lineedit *le, uint32_t cp)
{
    cp = filter(le->mode, cp);
    if (cp == UTF8_BAD)
        return EDIT_MOVED;
    if (cp == 0 || (utf8_is_mark(cp) && le->at == 0))
        return refuse(le, reasons[le->mode]);
    if (le->mode == EDIT_KANA && cp == 0x3000)
        return insert_kana_space(le);
    size_t from = le->at - before(le, le->at);
    if (le->mode == EDIT_KANA && behind_space(le))
        from = le->at;
    struct buf piece = BUF_INIT, composed = BUF_INIT;
    buf_add(&piece, buf_str(&le->text) + from, le->at - from);
    buf_addcp(&piece, cp);
    compose(le, buf_span(&piece), &composed);
    enum edit_result r = EDIT_CHANGED;
    if (!allowed(le, buf_span(&composed)))
        r = refuse(le, reasons[le->mode]);
    else if (!fits(le, from, le->at, buf_span(&composed)))
        r = refuse(le, full_text);
    else
        replace(le, from, le->at, buf_span(&composed));
    buf_done(&piece);
    buf_done(&composed);
    return r;
}

static enum edit_result insert_text(struct lineedit *le, struct span s)
{
    enum edit_result r = EDIT_MOVED;
    for (const char *p = s.p, *end = s.p + s.n; p < end;) {
        uint32_t cp = utf8_next(&p, end);
        if (cp == UTF8_BAD)
            continue;
        enum edit_result one = insert(le, cp);
        if (one == EDIT_REFUSED || r != EDIT_REFUSED)
            r = one == EDIT_MOVED ? r : one;
    }
    return r;
}

/* Moves finished syllables of what is being typed into the text. */
static enum edit_result settle(struct lineedit *le, bool final)
{
    struct buf kana = BUF_INIT;
    kana_from_romaji(buf_span(&le->typing), final, &kana);
    size_t rest = kana.len;
    while (rest && (unsigned char)kana.p[rest - 1] < 0x80)
        rest--;
    buf_clear(&le->typing);
    enum edit_result r = EDIT_CHANGED;
    if (rest)
        r = insert_text(le, (struct span){ kana.p, rest });
    if (!final)
        buf_adds(&le->typing, buf_str(&kana) + rest);
    buf_done(&kana);
    return r;
}

static enum edit_result romaji(struct lineedit *le, uint32_t cp)
{
    if (le->typing.len >= TYPING_MAX)
        return refuse(le, reasons[EDIT_KANA]);
    buf_addc(&le->typing, (char)tolower((int)cp));
    return settle(le, false);
}

static bool is_romaji(uint32_t cp)
{
    return cp < 0x80 && (isalpha((int)cp) || cp == '-' || cp == '\'');
}

void lineedit_leave(struct lineedit *le)
{
    if (le->mode == EDIT_KANA && le->typing.len && !le->code)
        settle(le, true);
    buf_clear(&le->typing);
    le->code = false;
    le->trouble = "";
}

void lineedit_code(struct lineedit *le)
{
    lineedit_leave(le);
    le->code = true;
}

/* "U+20BB7" or four to six hexadecimal digits. */
static bool unicode_code(struct span s, struct buf *ret)
{
    if (s.n > 2 && (s.p[0] == 'U' || s.p[0] == 'u') && s.p[1] == '+')
        s = (struct span){ s.p + 2, s.n - 2 };
    if (s.n < 4 || s.n > 6 || strspn(s.p, "0123456789abcdefABCDEF") != s.n)
        return false;
    char bytes[4];
    size_t n = utf8_put(bytes, (uint32_t)strtoul(s.p, NULL, 16));
    buf_add(ret, bytes, n);
    return n > 0;
}

static enum edit_result end_code(struct lineedit *le)
{
    struct buf b = BUF_INIT;
    bool found = unicode_code(buf_span(&le->typing), &b) ||
                 (le->lookup && le->typing.len && le->lookup(le->lookup_arg, buf_span(&le->typing), &b));
    buf_clear(&le->typing);
    le->code = false;
    enum edit_result r = found ? insert_text(le, buf_span(&b)) : refuse(le, no_code);
    buf_done(&b);
    return r;
}

static enum edit_result code_key(struct lineedit *le, const struct key *k)
{
    if (k->code == K_ENTER || k->code == K_TAB || (k->code == K_CHAR && k->cp == ' '))
        return end_code(le);
    if (k->code == K_ESC) {
        lineedit_leave(le);
        return EDIT_MOVED;
    }
    if (k->code == K_BACKSPACE) {
        if (le->typing.len)
            le->typing.p[--le->typing.len] = '\0';
        return EDIT_MOVED;
    }
    if (k->code != K_CHAR || k->cp >= 0x7F || le->typing.len >= TYPING_MAX)
        return EDIT_MOVED;
    buf_addc(&le->typing, (char)toupper((int)k->cp));
    return EDIT_MOVED;
}

static enum edit_result erase(struct lineedit *le, size_t from, size_t to)
{
    if (from == to)
        return EDIT_MOVED;
    replace(le, from, to, (struct span){ "", 0 });
    return EDIT_CHANGED;
}

static enum edit_result ctrl(struct lineedit *le, uint32_t letter)
{
    switch (letter) {
    case 'a':
        le->at = 0;
        return EDIT_MOVED;
    case 'e':
        le->at = le->text.len;
        return EDIT_MOVED;
    case 'k':
        return erase(le, le->at, le->text.len);
    case 'u':
        return erase(le, 0, le->text.len);
    case 'v':
        lineedit_code(le);
        return EDIT_MOVED;
    default:
        return EDIT_IGNORED;
    }
}

static enum edit_result type(struct lineedit *le, uint32_t cp)
{
    if (le->mode == EDIT_KANA && is_romaji(cp))
        return romaji(le, cp);
    if (le->typing.len)
        settle(le, true);
    return insert(le, cp);
}

static enum edit_result backspace(struct lineedit *le)
{
    if (le->typing.len) {
        le->typing.p[--le->typing.len] = '\0';
        return EDIT_MOVED;
    }
    return erase(le, le->at - before(le, le->at), le->at);
}

enum edit_result lineedit_key(struct lineedit *le, const struct key *k)
{
    le->trouble = "";
    if (le->code)
        return code_key(le, k);
    if (k->code == K_CHAR)
        return type(le, k->cp);
    if (k->code == K_BACKSPACE)
        return backspace(le);
    if (le->typing.len && k->code != K_ESC)
        settle(le, true);
    switch ((int)k->code) {
    case K_PASTE:
        return insert_text(le, k->text);
    case K_CTRL:
        return ctrl(le, k->cp);
    case K_LEFT:
        le->at -= before(le, le->at);
        return EDIT_MOVED;
    case K_RIGHT:
        le->at += behind(le);
        return EDIT_MOVED;
    case K_HOME:
        le->at = 0;
        return EDIT_MOVED;
    case K_END:
        le->at = le->text.len;
        return EDIT_MOVED;
    case K_DELETE:
        return erase(le, le->at, le->at + behind(le));
    default:
        return EDIT_IGNORED;
    }
}

/* What is seen: text with the letters being typed at the caret, or asterisks. */
static void visible(const struct lineedit *le, struct buf *ret, size_t *ret_caret)
{
    if (le->mode == EDIT_SECRET) {
        size_t n = utf8_count(buf_span(&le->text));
        for (size_t i = 0; i < n; i++)
            buf_addc(ret, '*');
        *ret_caret = utf8_count((struct span){ buf_str(&le->text), le->at });
        return;
    }
    buf_add(ret, buf_str(&le->text), le->at);
    if (le->code && !le->typing.len)
        buf_adds(ret, "U+?");
    buf_add(ret, buf_str(&le->typing), le->typing.len);
    *ret_caret = ret->len;
    buf_adds(ret, buf_str(&le->text) + le->at);
}

/* First byte to show: the window jumps by half its width, so that the caret is never at an edge without need. */
static size_t first_shown(const struct width_profile *wp, struct span all, size_t caret, int cols)
{
    int used, half = cols / 2 > 2 ? cols / 2 : 2;
    int at = width_str(wp, (struct span){ all.p, caret });
    if (width_str(wp, all) < cols || at < cols - 1)
        return 0;
    return width_fit(wp, all, (at / half - 1) * half, &used);
}

void lineedit_draw(const struct lineedit *le, struct canvas *cv, int y, int x, int cols, bool focus)
{
    enum style style = focus ? STYLE_FOCUS : STYLE_FIELD;
    const struct width_profile *wp = canvas_profile(cv);
    struct buf all = BUF_INIT;
    size_t caret;
    visible(le, &all, &caret);
    size_t from = focus ? first_shown(wp, buf_span(&all), caret, cols) : 0;
    struct span shown = { buf_str(&all) + from, all.len - from };
    int lead = from > 0;
    canvas_fill(cv, (struct rect){ y, x, 1, cols }, style);
    if (lead)
        canvas_text(cv, y, x, 1, style, "<");
    canvas_span(cv, y, x + lead, cols - lead, style, shown);
    if (focus) {
        int at = lead + width_str(wp, (struct span){ shown.p, caret - from });
        int typed = width_str(wp, buf_span(&le->typing));
        canvas_restyle(cv, (struct rect){ y, x + at - typed, 1, typed }, STYLE_TYPING);
        canvas_cursor(cv, y, x + (at < cols ? at : cols - 1));
    }
    buf_done(&all);
}

void lineedit_show_code(const struct lineedit *le, struct buf *ret)
{
    size_t n = behind(le), from = le->at;
    if (n == 0) {
        n = before(le, le->at);
        from -= n;
    }
    const char *p = buf_str(&le->text) + from, *end = p + n;
    for (bool first = true; p < end; first = false)
        buf_printf(ret, "%sU+%04X", first ? "" : " ", utf8_next(&p, end));
}
