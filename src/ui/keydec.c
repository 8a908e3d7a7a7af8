#include "base/mem.h"
#include "base/utf8.h"
#include "ui/key.h"

#include <stdlib.h>
#include <string.h>

#define ESC     0x1B
#define SEQ_MAX 32

struct keyseq {
    char seq[SEQ_MAX];
    enum key_code code;
};

struct keydec {
    char p[SEQ_MAX]; /* beginning of something */
    size_t n;
    bool pasting;
    struct buf paste;
    struct keyseq *more; /* from terminfo */
    size_t n_more;
    uint64_t consumed;
    void (*cb)(void *arg, const struct key *);
    void *arg;
};

/* What terminals send, behind ESC. Modifiers (";5") are taken off before the search. */
static const struct keyseq known[] = {
    { "[A", K_UP },      { "[B", K_DOWN },    { "[C", K_RIGHT },   { "[D", K_LEFT },  { "OA", K_UP },
    { "OB", K_DOWN },    { "OC", K_RIGHT },   { "OD", K_LEFT },    { "[H", K_HOME },  { "[F", K_END },
    { "OH", K_HOME },    { "OF", K_END },     { "[1~", K_HOME },   { "[7~", K_HOME }, { "[4~", K_END },
    { "[8~", K_END },    { "[2~", K_INSERT }, { "[3~", K_DELETE }, { "[5~", K_PGUP }, { "[6~", K_PGDN },
    { "[Z", K_BACKTAB }, { "OM", K_ENTER },   { "OP", K_F1 },      { "OQ", K_F2 },    { "OR", K_F3 },
    { "OS", K_F4 },      { "[P", K_F1 },      { "[Q", K_F2 },      { "[R", K_F3 },    { "[S", K_F4 },
    { "[11~", K_F1 },    { "[12~", K_F2 },    { "[13~", K_F3 },    { "[14~", K_F4 },  { "[[A", K_F1 },
    { "[[B", K_F2 },     { "[[C", K_F3 },     { "[[D", K_F4 },     { "[[E", K_F5 },   { "[15~", K_F5 },
    { "[17~", K_F6 },    { "[18~", K_F7 },    { "[19~", K_F8 },    { "[20~", K_F9 },  { "[21~", K_F10 },
    { "[23~", K_F11 },   { "[24~", K_F12 },
};

/* Alt with the digit row: F1 … F12. */
static const char alt_row[] = "1234567890-=";

static const char *const names[] = {
#define KEY_NAME(id, name) [K_##id] = name,
    KEY_LIST(KEY_NAME)
#undef KEY_NAME
};
_Static_assert(sizeof names / sizeof *names == K_COUNT, "a key has no name");

const char *keycode_name(enum key_code code)
{
    return code == K_CHAR || code == K_CTRL ? "" : names[code];
}

enum key_code keycode_by_name(struct span name)
{
    for (int i = K_ENTER; i < K_COUNT; i++)
        if (span_is(name, names[i]))
            return (enum key_code)i;
    return K_NONE;
}

struct keydec *keydec_new(void)
{
    return xcalloc(1, sizeof(struct keydec));
}

void keydec_free(struct keydec *d)
{
    if (!d)
        return;
    buf_done(&d->paste);
    free(d->more);
    wipe(d, sizeof *d);
    free(d);
}

static enum key_code lookup(const struct keydec *d, const char *seq)
{
    for (size_t i = 0; i < d->n_more; i++)
        if (strcmp(d->more[i].seq, seq) == 0)
            return d->more[i].code;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(known[i].seq, seq) == 0)
            return known[i].code;
    return K_NONE;
}

void keydec_add(struct keydec *d, const char *seq, enum key_code code)
{
    if (seq[0] != ESC || strlen(seq) >= SEQ_MAX || !seq[1] || lookup(d, seq + 1) != K_NONE)
        return;
    d->more = xrealloc(d->more, d->n_more + 1, sizeof *d->more);
    struct keyseq *row = &d->more[d->n_more++];
    *row = (struct keyseq){ .code = code };
    memcpy(row->seq, seq + 1, strlen(seq));
}

uint64_t keydec_consumed(const struct keydec *d)
{
    return d->consumed;
}

bool keydec_waiting(const struct keydec *d)
{
    return d->n > 0 && d->p[0] == ESC && !d->pasting;
}

static void emit(struct keydec *d, struct key k)
{
    d->cb(d->arg, &k);
}

/* Takes the first n held bytes away. */
static void take(struct keydec *d, size_t n)
{
    d->consumed += n;
    d->n -= n;
    memmove(d->p, d->p + n, d->n);
}

static void control(struct keydec *d, unsigned char c)
{
    static const enum key_code plain[0x20] = {
        [0x08] = K_BACKSPACE, ['\t'] = K_TAB, ['\n'] = K_ENTER, ['\r'] = K_ENTER
    };
    take(d, 1);
    if (c == 0x7F)
        emit(d, (struct key){ .code = K_BACKSPACE });
    else if (plain[c] != K_NONE)
        emit(d, (struct key){ .code = plain[c] });
    else if (c != 0)
        emit(d, (struct key){ .code = K_CTRL, .cp = (uint32_t)(c | 0x60) });
}

/* Length of the control sequence that the held bytes begin with, 0 when it is not complete. Behind ESC: "[[" and one
 * byte (Linux console), "O" and one byte, or "[", parameters, intermediates and a final byte (ECMA-48, 5.4). */
static size_t sequence(const struct keydec *d)
{
    if (d->p[1] == 'O')
        return d->n >= 3 ? 3 : 0;
    if (d->n >= 3 && d->p[2] == '[')
        return d->n >= 4 ? 4 : 0;
    for (size_t i = 2; i < d->n; i++)
        if (d->p[i] < 0x20 || d->p[i] > 0x3F)
            return i + 1;
    return d->n == SEQ_MAX ? SEQ_MAX : 0;
}

/* "[15;2~" → "[15~", "[1;5A" → "[A". */
static void strip_modifier(char *seq)
{
    char *semi = strchr(seq, ';');
    if (!semi)
        return;
    size_t len = strlen(seq);
    char final = seq[len - 1];
    char *to = final == '~' ? semi : seq + 1;
    to[0] = final;
    to[1] = '\0';
}

static void sequence_done(struct keydec *d, size_t n)
{
    char seq[SEQ_MAX] = "";
    memcpy(seq, d->p + 1, n - 1);
    take(d, n);
    if (strcmp(seq, "[200~") == 0) {
        d->pasting = true;
        buf_clear(&d->paste);
        return;
    }
    enum key_code code = lookup(d, seq);
    if (code == K_NONE) {
        strip_modifier(seq);
        code = lookup(d, seq);
    }
    if (code != K_NONE)
        emit(d, (struct key){ .code = code });
}

/* Some terminfo sequence begins with the held bytes and is longer. */
static bool may_become(const struct keydec *d)
{
    for (size_t i = 0; i < d->n_more; i++)
        if (strncmp(d->more[i].seq, d->p + 1, d->n - 1) == 0 && strlen(d->more[i].seq) > d->n - 1)
            return true;
    return false;
}

/* Held bytes begin with ESC and there are at least two. False: wait for more. */
static bool escape(struct keydec *d)
{
    if (d->p[1] == '[' || d->p[1] == 'O') {
        size_t n = sequence(d);
        if (n)
            sequence_done(d, n);
        return n > 0;
    }
    char seq[SEQ_MAX] = "";
    memcpy(seq, d->p + 1, d->n - 1);
    enum key_code code = lookup(d, seq);
    if (code != K_NONE) {
        take(d, d->n);
        emit(d, (struct key){ .code = code });
        return true;
    }
    if (may_become(d))
        return false;
    if (d->p[1] == ESC) {
        take(d, 1);
        emit(d, (struct key){ .code = K_ESC });
        return true;
    }
    const char *alt = strchr(alt_row, d->p[1]);
    take(d, 2);
    if (alt && *alt)
        emit(d, (struct key){ .code = (enum key_code)(K_F1 + (alt - alt_row)) });
    return true;
}

/* Number of bytes that the first byte of a character announces; 1 for what cannot begin one. */
static size_t announced(unsigned char lead)
{
    return lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? (lead < 0xF0 ? 3 : 1) : lead >= 0xC2 ? 2 : 1;
}

static bool character(struct keydec *d)
{
    size_t want = announced((unsigned char)d->p[0]);
    const char *p = d->p;
    if (d->n < want) {
        /* A byte that cannot continue ends the wait at once. */
        for (size_t i = 1; i < d->n; i++)
            if (((unsigned char)d->p[i] & 0xC0) != 0x80) {
                take(d, 1);
                return true;
            }
        return false;
    }
    uint32_t cp = utf8_next(&p, d->p + d->n);
    take(d, (size_t)(p - d->p));
    if (cp != UTF8_BAD)
        emit(d, (struct key){ .code = K_CHAR, .cp = cp });
    return true;
}

/* Makes at most one key of the held bytes; false when more bytes are needed. */
static bool step(struct keydec *d)
{
    unsigned char c = (unsigned char)d->p[0];
    if (c == ESC)
        return d->n >= 2 && escape(d);
    if (c < 0x20 || c == 0x7F) {
        control(d, c);
        return true;
    }
    return character(d);
}

static void paste_byte(struct keydec *d, char c)
{
    static const char end[] = "\033[201~";
    const size_t end_len = sizeof end - 1;
    buf_addc(&d->paste, c);
    d->consumed++;
    struct buf *b = &d->paste;
    if (b->len < end_len || memcmp(b->p + b->len - end_len, end, end_len) != 0) {
        /* A paste that is too large keeps its first part; the tail is kept only to find the end. */
        if (b->len > KEY_PASTE_MAX + end_len)
            memmove(b->p + KEY_PASTE_MAX, b->p + KEY_PASTE_MAX + 1, --b->len - KEY_PASTE_MAX + 1);
        return;
    }
    b->len -= end_len;
    d->pasting = false;
    struct buf clean = BUF_INIT;
    for (const char *p = b->p, *stop = b->p + b->len; p < stop;) {
        uint32_t cp = utf8_next(&p, stop);
        if (cp != UTF8_BAD)
            buf_addcp(&clean, cp);
    }
    emit(d, (struct key){ .code = K_PASTE, .text = buf_span(&clean) });
    buf_done(&clean);
    buf_done(b);
}

void keydec_feed(struct keydec *d, struct span bytes, void (*cb)(void *arg, const struct key *), void *arg)
{
    d->cb = cb;
    d->arg = arg;
    for (size_t i = 0; i < bytes.n; i++) {
        if (d->pasting) {
            paste_byte(d, bytes.p[i]);
            continue;
        }
        d->p[d->n++] = bytes.p[i];
        while (d->n && step(d))
            ;
    }
}

void keydec_flush(struct keydec *d, void (*cb)(void *arg, const struct key *), void *arg)
{
    d->cb = cb;
    d->arg = arg;
    if (!keydec_waiting(d))
        return;
    take(d, d->n);
    emit(d, (struct key){ .code = K_ESC });
}
