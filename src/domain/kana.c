#include "domain/kana.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

#define HALF_FIRST      0xFF66u /* ｦ */
#define HALF_LAST       0xFF9Du /* ﾝ */
#define HALF_VOICED     0xFF9Eu
#define HALF_SEMIVOICED 0xFF9Fu
#define MARK_VOICED     0x3099u
#define MARK_SEMIVOICED 0x309Au
#define LONG_MARK       0x30FCu
#define MIDDLE_DOT      0x30FBu
#define WIDE_SPACE      0x3000u

/* ---- to full width ---- */

static const uint16_t half_to_full[] = {
    0x30F2, 0x30A1, 0x30A3, 0x30A5, 0x30A7, 0x30A9, 0x30E3, 0x30E5, 0x30E7, 0x30C3, 0x30FC, /* ｦ ｧ–ｯ ｰ */
    0x30A2, 0x30A4, 0x30A6, 0x30A8, 0x30AA, 0x30AB, 0x30AD, 0x30AF, 0x30B1, 0x30B3,         /* ｱ–ｺ */
    0x30B5, 0x30B7, 0x30B9, 0x30BB, 0x30BD, 0x30BF, 0x30C1, 0x30C4, 0x30C6, 0x30C8,         /* ｻ–ﾄ */
    0x30CA, 0x30CB, 0x30CC, 0x30CD, 0x30CE, 0x30CF, 0x30D2, 0x30D5, 0x30D8, 0x30DB,         /* ﾅ–ﾎ */
    0x30DE, 0x30DF, 0x30E0, 0x30E1, 0x30E2, 0x30E4, 0x30E6, 0x30E8,                         /* ﾏ–ﾖ */
    0x30E9, 0x30EA, 0x30EB, 0x30EC, 0x30ED, 0x30EF, 0x30F3,                                 /* ﾗ–ﾝ */
};
_Static_assert(ARRAY_LEN(half_to_full) == HALF_LAST - HALF_FIRST + 1, "a half-width kana has no row");

static uint32_t wide_cp(uint32_t cp)
{
    if (cp >= HALF_FIRST && cp <= HALF_LAST)
        return half_to_full[cp - HALF_FIRST];
    if ((cp >= 0x3041 && cp <= 0x3096) || cp == 0x309D || cp == 0x309E) /* ぁ–ゖ ゝ ゞ */
        return cp + 0x60;
    switch (cp) {
    case HALF_VOICED:
        return MARK_VOICED;
    case HALF_SEMIVOICED:
        return MARK_SEMIVOICED;
    case 0xFF65:
        return MIDDLE_DOT;
    default:
        return cp;
    }
}

static bool is_space(uint32_t cp)
{
    return cp == ' ' || cp == WIDE_SPACE;
}

void kana_wide(struct span in, struct buf *ret)
{
    struct buf loose = BUF_INIT;
    const char *end = in.p + in.n;
    bool space = false;
    for (const char *p = in.p; p < end;) {
        const char *from = p;
        uint32_t cp = utf8_next(&p, end);
        if (is_space(cp)) {
            space = true;
            continue;
        }
        if (space && loose.len > 0)
            buf_addcp(&loose, WIDE_SPACE);
        space = false;
        if (cp == UTF8_BAD)
            buf_add(&loose, from, (size_t)(p - from));
        else
            buf_addcp(&loose, wide_cp(cp));
    }
    utf8_compose_kana(buf_span(&loose), ret);
    buf_done(&loose);
}

static bool is_katakana(uint32_t cp)
{
    return cp >= 0x30A1 && cp <= LONG_MARK; /* ァ–ヺ ・ ー */
}

enum err kana_check(struct span kana, int max, struct errinfo *reterr)
{
    const char *end = kana.p + kana.n;
    bool word = false;
    for (const char *p = kana.p; p < end;) {
        uint32_t cp = utf8_next(&p, end);
        bool gap = cp == WIDE_SPACE && word && p < end;
        if (!gap && !is_katakana(cp))
            return err_set(reterr, E_INVALID, "E19", NULL, "not katakana");
        word = !gap;
    }
    if (utf8_count(kana) > (size_t)max)
        return err_set(reterr, E_INVALID, "E19", NULL, "longer than %d characters", max);
    return OK;
}

/* ---- keys ---- */

/* Katakana U+30A1–U+30FA folded: small to large, without voiced marks, ヲ as オ, ワ as ハ. The old ヰ ヱ go with イ エ.
 */
static const char *const folded[] = {
    "ア", "ア", "イ", "イ", "ウ", "ウ", "エ", "エ", "オ", "オ",             /* ァ–オ */
    "カ", "カ", "キ", "キ", "ク", "ク", "ケ", "ケ", "コ", "コ",             /* カ–ゴ */
    "サ", "サ", "シ", "シ", "ス", "ス", "セ", "セ", "ソ", "ソ",             /* サ–ゾ */
    "タ", "タ", "チ", "チ", "ツ", "ツ", "ツ", "テ", "テ", "ト", "ト",       /* タ–ド */
    "ナ", "ニ", "ヌ", "ネ", "ノ",                                           /* ナ–ノ */
    "ハ", "ハ", "ハ", "ヒ", "ヒ", "ヒ", "フ", "フ", "フ", "ヘ", "ヘ", "ヘ", /* ハ–ペ */
    "ホ", "ホ", "ホ",                                                       /* ホ–ポ */
    "マ", "ミ", "ム", "メ", "モ",                                           /* マ–モ */
    "ヤ", "ヤ", "ユ", "ユ", "ヨ", "ヨ",                                     /* ャ–ヨ */
    "ラ", "リ", "ル", "レ", "ロ",                                           /* ラ–ロ */
    "ハ", "ハ", "イ", "エ", "オ", "ン",                                     /* ヮ ワ ヰ ヱ ヲ ン */
    "ウ", "カ", "ケ", "ハ", "イ", "エ", "オ",                               /* ヴ ヵ ヶ ヷ–ヺ */
};
_Static_assert(ARRAY_LEN(folded) == 0x30FA - 0x30A1 + 1, "a katakana has no row");

static bool is_dropped(uint32_t cp)
{
    static const uint32_t marks[] = { ' ',       '-',         0x2010,          0x2013, 0x2015, 0x3000, MIDDLE_DOT,
                                      LONG_MARK, 0xFF0D,      0xFF70,          0x2011, 0x2012, 0x2014, 0x2212,
                                      0x30A0,    MARK_VOICED, MARK_SEMIVOICED, 0x309B, 0x309C };
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        if (cp == marks[i])
            return true;
    }
    return false;
}

/* ヴ and a following vowel, small or large, sound as バ ビ ブ ベ ボ: the folded letter. `*p` stands behind ヴ and moves
 * behind the vowel. */
static const char *fold_vu(const char **p, const char *end)
{
    static const char *const rows[] = { "ハ", "ヒ", NULL, "ヘ", "ホ" };
    const char *ahead = *p;
    uint32_t cp = ahead < end ? utf8_next(&ahead, end) : 0;
    if (cp >= 0x30A1 && cp <= 0x30AA && rows[(cp - 0x30A1) / 2] != NULL) {
        *p = ahead;
        return rows[(cp - 0x30A1) / 2];
    }
    return "フ";
}

static const char *fold_cp(uint32_t cp, unsigned fold)
{
    if ((fold & KANA_KEY2) != 0 && cp == 0x30C2) /* ヂ */
        return "シ";
    if ((fold & KANA_KEY2) != 0 && cp == 0x30C5) /* ヅ */
        return "ス";
    return folded[cp - 0x30A1];
}

static bool is_o_row(const char *letter)
{
    static const char row[] = "オコソトノホモヨロ";
    return *letter != '\0' && strstr(row, letter) != NULL;
}

void kana_key(struct span kana, unsigned fold, struct buf *ret)
{
    struct buf wide = BUF_INIT;
    kana_wide(kana, &wide);
    const char *end = buf_str(&wide) + wide.len;
    const char *last = ""; /* folded letter before, "" at the beginning of a word */
    for (const char *p = buf_str(&wide); p < end;) {
        uint32_t cp = utf8_next(&p, end);
        if (is_dropped(cp) || cp < ' ' || cp == UTF8_BAD) {
            if (is_space(cp))
                last = "";
            continue;
        }
        if (cp < 0x30A1 || cp > 0x30FA) { /* Latin and the like: kept, in capitals */
            buf_addcp(ret, cp >= 'a' && cp <= 'z' ? cp - 0x20 : cp);
            last = "";
            continue;
        }
        const char *letter = cp == 0x30F4 ? fold_vu(&p, end) : fold_cp(cp, fold);
        if ((fold & KANA_PLAIN_U) == 0 && strcmp(letter, "ウ") == 0 && is_o_row(last))
            letter = "オ";
        buf_adds(ret, letter);
        last = letter;
    }
    buf_done(&wide);
}

bool kana_hit(struct span query, struct span name)
{
    bool hit = false;
    for (unsigned fold = 0; fold < KANA_FOLDS && !hit; fold++) {
        struct buf q = BUF_INIT, n = BUF_INIT;
        kana_key(query, fold, &q);
        kana_key(name, fold & KANA_KEY2, &n);
        hit = strstr(buf_str(&n), buf_str(&q)) != NULL;
        buf_done(&q);
        buf_done(&n);
    }
    return hit;
}

/* ---- romaji ---- */

/* Syllables by consonants: ア イ ウ エ オ rows; "" = there is none. */
static const struct syllables {
    const char *head;
    const char *kana[5]; /* a i u e o */
} rows[] = {
    { "", { "ア", "イ", "ウ", "エ", "オ" } },
    { "k", { "カ", "キ", "ク", "ケ", "コ" } },
    { "s", { "サ", "シ", "ス", "セ", "ソ" } },
    { "t", { "タ", "チ", "ツ", "テ", "ト" } },
    { "n", { "ナ", "ニ", "ヌ", "ネ", "ノ" } },
    { "h", { "ハ", "ヒ", "フ", "ヘ", "ホ" } },
    { "m", { "マ", "ミ", "ム", "メ", "モ" } },
    { "y", { "ヤ", "イ", "ユ", "イェ", "ヨ" } },
    { "r", { "ラ", "リ", "ル", "レ", "ロ" } },
    { "w", { "ワ", "ウィ", "ウ", "ウェ", "ヲ" } },
    { "g", { "ガ", "ギ", "グ", "ゲ", "ゴ" } },
    { "z", { "ザ", "ジ", "ズ", "ゼ", "ゾ" } },
    { "d", { "ダ", "ヂ", "ヅ", "デ", "ド" } },
    { "b", { "バ", "ビ", "ブ", "ベ", "ボ" } },
    { "p", { "パ", "ピ", "プ", "ペ", "ポ" } },
    { "f", { "ファ", "フィ", "フ", "フェ", "フォ" } },
    { "v", { "ヴァ", "ヴィ", "ヴ", "ヴェ", "ヴォ" } },
    { "j", { "ジャ", "ジ", "ジュ", "ジェ", "ジョ" } },
    { "q", { "クァ", "クィ", "ク", "クェ", "クォ" } },
    { "c", { "カ", "シ", "ク", "セ", "コ" } },
    { "x", { "ァ", "ィ", "ゥ", "ェ", "ォ" } },
    { "l", { "ァ", "ィ", "ゥ", "ェ", "ォ" } },
    { "sh", { "シャ", "シ", "シュ", "シェ", "ショ" } },
    { "ch", { "チャ", "チ", "チュ", "チェ", "チョ" } },
    { "ts", { "ツァ", "ツィ", "ツ", "ツェ", "ツォ" } },
    { "th", { "テャ", "ティ", "テュ", "テェ", "テョ" } },
    { "dh", { "デャ", "ディ", "デュ", "デェ", "デョ" } },
    { "ky", { "キャ", "キィ", "キュ", "キェ", "キョ" } },
    { "sy", { "シャ", "シィ", "シュ", "シェ", "ショ" } },
    { "ty", { "チャ", "チィ", "チュ", "チェ", "チョ" } },
    { "cy", { "チャ", "チィ", "チュ", "チェ", "チョ" } },
    { "ny", { "ニャ", "ニィ", "ニュ", "ニェ", "ニョ" } },
    { "hy", { "ヒャ", "ヒィ", "ヒュ", "ヒェ", "ヒョ" } },
    { "my", { "ミャ", "ミィ", "ミュ", "ミェ", "ミョ" } },
    { "ry", { "リャ", "リィ", "リュ", "リェ", "リョ" } },
    { "gy", { "ギャ", "ギィ", "ギュ", "ギェ", "ギョ" } },
    { "zy", { "ジャ", "ジィ", "ジュ", "ジェ", "ジョ" } },
    { "jy", { "ジャ", "ジィ", "ジュ", "ジェ", "ジョ" } },
    { "dy", { "ヂャ", "ヂィ", "ヂュ", "ヂェ", "ヂョ" } },
    { "by", { "ビャ", "ビィ", "ビュ", "ビェ", "ビョ" } },
    { "py", { "ピャ", "ピィ", "ピュ", "ピェ", "ピョ" } },
    { "fy", { "フャ", "フィ", "フュ", "フェ", "フョ" } },
    { "vy", { "ヴャ", "ヴィ", "ヴュ", "ヴェ", "ヴョ" } },
    { "wy", { "", "ヰ", "", "ヱ", "" } },
    { "xy", { "ャ", "ィ", "ュ", "ェ", "ョ" } },
    { "ly", { "ャ", "ィ", "ュ", "ェ", "ョ" } },
    { "xt", { "", "", "ッ", "", "" } },
    { "lt", { "", "", "ッ", "", "" } },
    { "xts", { "", "", "ッ", "", "" } },
    { "xw", { "ヮ", "", "", "", "" } },
    { "xk", { "ヵ", "", "", "ヶ", "" } },
    { "kw", { "クァ", "クィ", "クゥ", "クェ", "クォ" } },
    { "gw", { "グァ", "グィ", "グゥ", "グェ", "グォ" } },
    { "tw", { "", "", "トゥ", "", "" } },
    { "dw", { "", "", "ドゥ", "", "" } },
};

#define HEAD_MAX 3

struct romaji {
    char text[HEAD_MAX + 2]; /* lower case: at most a head and its vowel */
    size_t n;
};

/* The next letters in lower case. */
static struct romaji look(const char *p, const char *end)
{
    struct romaji r = { .n = 0 };
    for (; p < end && r.n < sizeof r.text - 1; p++) {
        char c = *p;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 0x20);
        if ((c < 'a' || c > 'z') && c != '\'')
            break;
        r.text[r.n++] = c;
    }
    return r;
}

static int vowel(char c)
{
    static const char vowels[] = "aiueo";
    const char *at = c != '\0' ? strchr(vowels, c) : NULL;
    return at != NULL ? (int)(at - vowels) : -1;
}

/* Kana of the syllable at the beginning and its length in letters; 0 when there is none. */
static size_t syllable(const struct romaji *r, const char **ret)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t n = strlen(rows[i].head);
        if (n >= r->n || strncmp(r->text, rows[i].head, n) != 0)
            continue;
        int v = vowel(r->text[n]);
        if (v >= 0 && *rows[i].kana[v] != '\0') {
            *ret = rows[i].kana[v];
            return n + 1;
        }
    }
    return 0;
}

/* ン and ッ: their length in letters, 0 when there is none here. */
static size_t moraic(const struct romaji *r, bool closed, const char **ret)
{
    char c = r->text[0], next = r->text[1];
    if (c == 'n') {
        *ret = "ン";
        if (next == 'n' || next == '\'')
            return 2;
        if (next == '\0')
            return closed ? 1 : 0;
        return vowel(next) < 0 && next != 'y' ? 1 : 0;
    }
    *ret = "ッ";
    bool doubled = c == next || (c == 't' && next == 'c');
    return doubled && c >= 'a' && c <= 'z' && vowel(c) < 0 ? 1 : 0;
}

void kana_from_romaji(struct span in, bool final, struct buf *ret)
{
    const char *end = in.p + in.n;
    for (const char *p = in.p; p < end;) {
        struct romaji r = look(p, end);
        const char *kana = "";
        size_t used = r.n > 0 ? syllable(&r, &kana) : 0;
        if (used == 0 && r.n > 0) {
            bool closed = final || p + r.n < end; /* no letter can follow */
            used = moraic(&r, closed, &kana);
        }
        if (used > 0) {
            buf_adds(ret, kana);
            p += used;
        } else if (*p == '-') {
            buf_adds(ret, "ー");
            p++;
        } else {
            buf_addc(ret, *p++);
        }
    }
}
