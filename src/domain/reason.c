#include "domain/reason.h"
#include "base/utf8.h"

enum { LETTERS_MAX = 16 }; /* more different letters than anybody asks for */

static bool is_blank(uint32_t cp)
{
    return cp == ' ' || cp == 0xA0 || cp == 0x3000 || (cp >= 0x2000 && cp <= 0x200A);
}

/* Adds it when it is new and there is room. */
static int add_letter(uint32_t letter[LETTERS_MAX], int n, uint32_t cp)
{
    for (int i = 0; i < n; i++)
        if (letter[i] == cp)
            return n;
    if (n < LETTERS_MAX)
        letter[n++] = cp;
    return n;
}

bool reason_holds(struct span reason, int min_chars, int min_letters)
{
    uint32_t letter[LETTERS_MAX];
    int chars = 0, letters = 0;
    const char *p = reason.p, *end = reason.p + reason.n;
    if (utf8_forbidden(reason))
        return false;
    while (p < end) {
        uint32_t cp = utf8_next(&p, end);
        if (is_blank(cp) || utf8_is_mark(cp))
            continue;
        chars++;
        letters = add_letter(letter, letters, cp);
    }
    return chars >= min_chars && letters >= min_letters;
}
