#include "domain/address.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "scan_in.h"

#include <string.h>

void address_join(const char *pref, const char *city, const char *town, const char *lot, const char *building,
                  struct buf *ret)
{
    const char *parts[] = { pref, city, town, lot };
    size_t before = ret->len;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i] != NULL)
            buf_adds(ret, parts[i]);
    }
    if (building == NULL || *building == '\0')
        return;
    if (ret->len > before)
        buf_adds(ret, "　");
    buf_adds(ret, building);
}

void address_show(const struct resident *r, bool building, struct buf *ret)
{
    address_join(resident_get(r, ATTR_ADDR_PREF), resident_get(r, ATTR_ADDR_CITY), resident_get(r, ATTR_ADDR_TOWN),
                 resident_get(r, ATTR_ADDR_LOT), building ? resident_get(r, ATTR_ADDR_BUILDING) : NULL, ret);
}

/* Words and signs that stand between or behind the numbers of a lot, longest first. */
static const char *const joints[] = { "番地の", "番地ノ", "番地", "番の", "番", "号の", "号", "の",
                                      "ノ",     "－",     "−",    "‐",    "―",  "–",    "ー", "-" };

static bool is_digit(uint32_t cp)
{
    return cp >= '0' && cp <= '9';
}

static bool scan_joint(struct scan *s)
{
    for (size_t i = 0; i < ARRAY_LEN(joints); i++) {
        if (scan_literal(s, joints[i]))
            return true;
    }
    return false;
}

/* 1丁目 is 一丁目: the name of the town, not a number of the lot. Up to 99, as there are none above. */
static bool scan_block(struct scan *s, struct buf *ret)
{
    static const char *const digits[] = { "", "一", "二", "三", "四", "五", "六", "七", "八", "九" };
    struct scan ahead = *s;
    int n;
    if (!scan_number(&ahead, 1, 2, &n) || !scan_literal(&ahead, "丁目") || n == 0)
        return false;
    buf_printf(ret, "%s%s%s丁目", n >= 20 ? digits[n / 10] : "", n >= 10 ? "十" : "", digits[n % 10]);
    *s = ahead;
    return true;
}

void address_fold_numbers(struct span text, struct buf *ret)
{
    struct scan s = scan_of(text);
    bool digit = false; /* the last character written is one */
    scan_blanks(&s);
    while (!scan_end(&s)) {
        const char *from = s.p;
        if (digit && scan_joint(&s))
            digit = false;
        scan_blanks(&s);
        if (s.p != from) {
            if (is_digit(scan_peek(&s)) && ret->len > 0 && is_digit((unsigned char)ret->p[ret->len - 1]))
                buf_addc(ret, '-');
            continue;
        }
        if (!digit && scan_block(&s, ret))
            continue;
        uint32_t cp = scan_take(&s);
        if (cp != 0)
            buf_addcp(ret, cp);
        digit = is_digit(cp);
    }
}

static bool same_folded(const struct resident *a, const struct resident *b, const enum attr *attrs, size_t n)
{
    struct buf x = BUF_INIT, y = BUF_INIT, joined = BUF_INIT;
    for (size_t i = 0; i < n; i++)
        buf_adds(&joined, resident_get(a, attrs[i]));
    address_fold_numbers(buf_span(&joined), &x);
    buf_clear(&joined);
    for (size_t i = 0; i < n; i++)
        buf_adds(&joined, resident_get(b, attrs[i]));
    address_fold_numbers(buf_span(&joined), &y);
    bool same = span_eq(buf_span(&x), buf_span(&y));
    buf_done(&x);
    buf_done(&y);
    buf_done(&joined);
    return same;
}

enum address_same address_compare(const struct resident *a, const struct resident *b)
{
    static const enum attr lot[] = { ATTR_ADDR_PREF, ATTR_ADDR_CITY, ATTR_ADDR_TOWN, ATTR_ADDR_LOT };
    static const enum attr building[] = { ATTR_ADDR_BUILDING };
    if (!same_folded(a, b, lot, ARRAY_LEN(lot)))
        return ADDRESS_OTHER;
    return same_folded(a, b, building, ARRAY_LEN(building)) ? ADDRESS_SAME : ADDRESS_SAME_LOT;
}
