#include "base/utf8.h"
#include "base/mem.h"
#include "range.h"

/* Unicode Standard, table 3-7: what a first byte says about the length and the second byte. */
static size_t sequence_length(uint8_t lead, uint8_t *ret_low, uint8_t *ret_high)
{
    static const struct {
        uint8_t first, last, length, low, high;
    } rows[] = {
        { 0x00, 0x7F, 1, 0x80, 0xBF }, { 0xC2, 0xDF, 2, 0x80, 0xBF }, { 0xE0, 0xE0, 3, 0xA0, 0xBF },
        { 0xE1, 0xEC, 3, 0x80, 0xBF }, { 0xED, 0xED, 3, 0x80, 0x9F }, { 0xEE, 0xEF, 3, 0x80, 0xBF },
        { 0xF0, 0xF0, 4, 0x90, 0xBF }, { 0xF1, 0xF3, 4, 0x80, 0xBF }, { 0xF4, 0xF4, 4, 0x80, 0x8F },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (lead >= rows[i].first && lead <= rows[i].last) {
            *ret_low = rows[i].low;
            *ret_high = rows[i].high;
            return rows[i].length;
        }
    return 0;
}

uint32_t utf8_next(const char **p, const char *end)
{
    const uint8_t *s = (const uint8_t *)*p;
    size_t left = (size_t)(end - *p);
    uint8_t low, high;
    size_t n = sequence_length(s[0], &low, &high);
    (*p)++;
    if (n == 1)
        return s[0];
    if (n == 0 || n > left || s[1] < low || s[1] > high)
        return UTF8_BAD;
    uint32_t cp = s[0] & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return UTF8_BAD;
        cp = cp << 6 | (s[i] & 0x3Fu);
    }
    *p += n - 1;
    return cp;
}

size_t utf8_put(char ret[4], uint32_t cp)
{
    static const uint8_t lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        return 0;
    if (cp < 0x80) {
        ret[0] = (char)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, cp >>= 6)
        ret[i] = (char)(0x80 | (cp & 0x3F));
    ret[0] = (char)(lead[n] | cp);
    return n;
}

void buf_addcp(struct buf *b, uint32_t cp)
{
    char bytes[4];
    size_t n = utf8_put(bytes, cp);
    MUST(n > 0);
    buf_add(b, bytes, n);
}

bool utf8_valid(struct span s)
{
    const char *p = s.p, *end = s.p + s.n;
    while (p < end)
        if (utf8_next(&p, end) == UTF8_BAD)
            return false;
    return true;
}

bool utf8_is_selector(uint32_t cp)
{
    return (cp >= 0xFE00 && cp <= 0xFE0F) || (cp >= 0xE0100 && cp <= 0xE01EF);
}

bool utf8_is_mark(uint32_t cp)
{
    return cp >= 0x300 && (utf8_is_selector(cp) || range_is_mark(cp));
}

size_t utf8_cluster(struct span s)
{
    if (s.n == 0)
        return 0;
    const char *p = s.p, *end = s.p + s.n;
    uint32_t base = utf8_next(&p, end);
    /* A control character or a broken byte carries no mark. */
    if (base < 0x20 || (base >= 0x7F && base < 0xA0) || base == UTF8_BAD)
        return (size_t)(p - s.p);
    for (const char *behind = p; behind < end && utf8_is_mark(utf8_next(&behind, end));)
        p = behind;
    return (size_t)(p - s.p);
}

size_t utf8_count(struct span s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.n; n++)
        at += utf8_cluster((struct span){ s.p + at, s.n - at });
    return n;
}

enum { VOICED = 0x3099, SEMIVOICED = 0x309A, KATAKANA_SHIFT = 0x60 };

/* The composed letter or 0. The katakana stand 0x60 behind the hiragana. */
static uint32_t composed(uint32_t base, uint32_t mark)
{
    static const struct {
        uint16_t base, mark, letter;
    } pairs[] = {
        { 0x304B, VOICED, 0x304C },     { 0x304D, VOICED, 0x304E },     { 0x304F, VOICED, 0x3050 },
        { 0x3051, VOICED, 0x3052 },     { 0x3053, VOICED, 0x3054 },     { 0x3055, VOICED, 0x3056 },
        { 0x3057, VOICED, 0x3058 },     { 0x3059, VOICED, 0x305A },     { 0x305B, VOICED, 0x305C },
        { 0x305D, VOICED, 0x305E },     { 0x305F, VOICED, 0x3060 },     { 0x3061, VOICED, 0x3062 },
        { 0x3064, VOICED, 0x3065 },     { 0x3066, VOICED, 0x3067 },     { 0x3068, VOICED, 0x3069 },
        { 0x306F, VOICED, 0x3070 },     { 0x3072, VOICED, 0x3073 },     { 0x3075, VOICED, 0x3076 },
        { 0x3078, VOICED, 0x3079 },     { 0x307B, VOICED, 0x307C },     { 0x306F, SEMIVOICED, 0x3071 },
        { 0x3072, SEMIVOICED, 0x3074 }, { 0x3075, SEMIVOICED, 0x3077 }, { 0x3078, SEMIVOICED, 0x307A },
        { 0x307B, SEMIVOICED, 0x307D }, { 0x3046, VOICED, 0x3094 },     { 0x309D, VOICED, 0x309E },
    };
    /* In katakana only. */
    static const struct {
        uint16_t base, letter;
    } katakana[] = { { 0x30EF, 0x30F7 }, { 0x30F0, 0x30F8 }, { 0x30F1, 0x30F9 }, { 0x30F2, 0x30FA } };

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        for (uint32_t shift = 0; shift <= KATAKANA_SHIFT; shift += KATAKANA_SHIFT)
            if (base == pairs[i].base + shift && mark == pairs[i].mark)
                return pairs[i].letter + shift;
    for (size_t i = 0; i < ARRAY_LEN(katakana); i++)
        if (base == katakana[i].base && mark == VOICED)
            return katakana[i].letter;
    return 0;
}

void utf8_compose_kana(struct span in, struct buf *ret)
{
    const char *p = in.p, *end = in.p + in.n;
    while (p < end) {
        const char *start = p;
        uint32_t cp = utf8_next(&p, end);
        const char *behind = p;
        uint32_t letter = p < end ? composed(cp, utf8_next(&behind, end)) : 0;
        if (letter) {
            buf_addcp(ret, letter);
            p = behind;
        } else {
            buf_add(ret, start, (size_t)(p - start));
        }
    }
}

/* Controls, and characters that are not seen or change how others are seen. */
static const struct range forbidden[] = {
    { 0x0000, 0x001F },   /* C0 */
    { 0x007F, 0x009F },   /* delete, C1 */
    { 0x00AD, 0x00AD },   /* soft hyphen */
    { 0x034F, 0x034F },   /* combining grapheme joiner */
    { 0x061C, 0x061C },   /* Arabic letter mark */
    { 0x115F, 0x1160 },   /* Hangul fillers */
    { 0x180B, 0x180F },   /* Mongolian selectors, vowel separator */
    { 0x200B, 0x200F },   /* zero width, direction marks */
    { 0x2028, 0x202E },   /* line and paragraph separator, bidi embedding */
    { 0x2060, 0x206F },   /* joiners, invisible operators, bidi isolates */
    { 0x3164, 0x3164 },   /* Hangul filler */
    { 0xFDD0, 0xFDEF },   /* noncharacters */
    { 0xFEFF, 0xFEFF },   /* byte order mark */
    { 0xFFA0, 0xFFA0 },   /* half-width Hangul filler */
    { 0xFFF9, 0xFFFB },   /* interlinear annotation */
    { 0xE0000, 0xE00FF }, /* tags */
    { UTF8_BAD, UTF8_BAD },
};

uint32_t utf8_forbidden(struct span s)
{
    const char *p = s.p, *end = s.p + s.n;
    while (p < end) {
        uint32_t cp = utf8_next(&p, end);
        bool noncharacter = (cp & 0xFFFE) == 0xFFFE;
        if (noncharacter || range_has(forbidden, ARRAY_LEN(forbidden), cp))
            return cp ? cp : UTF8_BAD;
    }
    return 0;
}
