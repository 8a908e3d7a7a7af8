#include "domain/name.h"
#include "base/mem.h"
#include "base/utf8.h"

#define WIDE_SPACE 0x3000u

/* What a character of a name is. Kinds of name are sets of these. */
enum {
    C_KANJI = 1,
    C_HIRAGANA = 2,
    C_KATAKANA = 4,
    C_MARK = 8,     /* 々 〆 〇 ー ・ and the repetition marks */
    C_CAPITAL = 16, /* half-width A–Z and the signs that passports allow */
    C_WIDE_LATIN = 32,
    C_GAIJI = 64,
};

static const struct range {
    uint32_t from, to;
    int class;
} repertoire[] = {
    { '\'', '\'', C_CAPITAL },        { ',', '.', C_CAPITAL }, /* , - . */
    { 'A', 'Z', C_CAPITAL },          { 0x3005, 0x3007, C_MARK },       { 0x303B, 0x303B, C_MARK },
    { 0x3041, 0x3096, C_HIRAGANA },   { 0x309D, 0x309F, C_MARK },       { 0x30A1, 0x30FA, C_KATAKANA },
    { 0x30FB, 0x30FF, C_MARK },       { 0x3400, 0x4DBF, C_KANJI },      { 0x4E00, 0x9FFF, C_KANJI },
    { 0xE000, 0xF8FF, C_GAIJI },      { 0xF900, 0xFAFF, C_KANJI },      { 0xFF21, 0xFF3A, C_WIDE_LATIN },
    { 0xFF41, 0xFF5A, C_WIDE_LATIN }, { 0x1B002, 0x1B11E, C_HIRAGANA }, /* 変体仮名 */
    { 0x20000, 0x323AF, C_KANJI },    { 0xF0000, 0xFFFFD, C_GAIJI },    { 0x100000, 0x10FFFD, C_GAIJI },
};

static const struct rule {
    int classes;
    uint32_t space;
} rules[] = {
    [NAME_PERSON] = { C_KANJI | C_HIRAGANA | C_KATAKANA | C_MARK | C_CAPITAL | C_WIDE_LATIN | C_GAIJI, WIDE_SPACE },
    [NAME_ALIAS] = { C_KANJI | C_HIRAGANA | C_KATAKANA | C_MARK, WIDE_SPACE },
    [NAME_ALPHA] = { C_CAPITAL, ' ' },
};
_Static_assert(ARRAY_LEN(rules) == NAME_KINDS, "a kind of name has no rule");

static int class_of(uint32_t cp)
{
    for (size_t i = 0; i < ARRAY_LEN(repertoire); i++) {
        if (cp >= repertoire[i].from && cp <= repertoire[i].to)
            return repertoire[i].class;
    }
    return 0;
}

void name_typed(enum name_kind kind, struct span in, struct buf *ret)
{
    struct buf loose = BUF_INIT;
    const char *end = in.p + in.n;
    bool space = false;
    for (const char *p = in.p; p < end;) {
        const char *from = p;
        uint32_t cp = utf8_next(&p, end);
        if (cp == ' ' || cp == WIDE_SPACE) {
            space = true;
            continue;
        }
        if (space && loose.len > 0)
            buf_addcp(&loose, rules[kind].space);
        space = false;
        if (kind == NAME_ALPHA && cp >= 'a' && cp <= 'z')
            buf_addcp(&loose, cp - 0x20);
        else
            buf_add(&loose, from, (size_t)(p - from));
    }
    utf8_compose_kana(buf_span(&loose), ret);
    buf_done(&loose);
}

enum err name_check(enum name_kind kind, struct span name, int max, struct errinfo *reterr)
{
    const char *end = name.p + name.n;
    bool in_word = false, after_kanji = false;
    for (const char *p = name.p; p < end;) {
        uint32_t cp = utf8_next(&p, end);
        bool gap = cp == rules[kind].space && in_word && p < end;
        bool selector = utf8_is_selector(cp) && after_kanji;
        int class = class_of(cp);
        if (!gap && !selector && (class & rules[kind].classes) == 0)
            return err_set(reterr, E_INVALID, "E19", NULL, "U+%04X may not stand here", (unsigned)cp);
        in_word = !gap;
        after_kanji = class == C_KANJI;
    }
    if (utf8_count(name) > (size_t)max)
        return err_set(reterr, E_INVALID, "E19", NULL, "longer than %d characters", max);
    return OK;
}

bool name_has_unregistered(struct span name)
{
    const char *end = name.p + name.n;
    for (const char *p = name.p; p < end;) {
        if (class_of(utf8_next(&p, end)) == C_GAIJI)
            return true;
    }
    return false;
}

void name_split(struct span full, struct span *ret_surname, struct span *ret_given)
{
    const char *end = full.p + full.n;
    for (const char *p = full.p; p < end;) {
        const char *from = p;
        if (utf8_next(&p, end) != WIDE_SPACE)
            continue;
        *ret_surname = (struct span){ full.p, (size_t)(from - full.p) };
        *ret_given = (struct span){ p, (size_t)(end - p) };
        return;
    }
    *ret_surname = full;
    *ret_given = (struct span){ end, 0 };
}
