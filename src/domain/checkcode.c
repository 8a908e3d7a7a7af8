#include "domain/checkcode.h"
#include "base/cur.h"
#include "base/mem.h"
#include "base/utf8.h"
#include <inttypes.h>
#include <string.h>

#define QR_HEAD "MDGC1"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void check_input(struct span number, struct span content_hash, struct buf *ret)
{
    put_bytes(ret, span_of("madoguchi paper 1"));
    put_bytes(ret, number);
    put_bytes(ret, content_hash);
}

void check_base32(const uint8_t mac[CHECK_MAC], size_t chars, struct buf *ret)
{
    MUST(chars * 5 <= CHECK_MAC * 8);
    for (size_t i = 0; i < chars; i++) {
        size_t bit = i * 5, byte = bit / 8;
        unsigned two = (unsigned)mac[byte] << 8 | (byte + 1 < CHECK_MAC ? mac[byte + 1] : 0);
        buf_addc(ret, alphabet[two >> (11 - bit % 8) & 31]);
    }
}

void check_code_show(const uint8_t mac[CHECK_MAC], struct buf *ret)
{
    struct buf code = BUF_INIT;
    check_base32(mac, CHECK_CODE, &code);
    buf_printf(ret, "%.5s-%.5s", code.p, code.p + 5);
    buf_done(&code);
}

void issue_number(const char *yyyymmdd, const char *city, const char *terminal, const char *printer, int64_t serial,
                  struct buf *ret)
{
    buf_printf(ret, "%s %s %s %s%s%03" PRId64, yyyymmdd, city, terminal, printer, *printer ? " " : "", serial);
}

/* A wide digit, letter or sign as its narrow form. */
static uint32_t narrow(uint32_t cp)
{
    if (cp == 0x3000)
        return ' ';
    return cp >= 0xFF01 && cp <= 0xFF5E ? cp - 0xFEE0 : cp;
}

/* "1/2": digits, a slash, digits, to the end. */
static bool is_page_part(struct span s)
{
    size_t digits[2] = { 0, 0 }, slashes = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '/' && !slashes)
            slashes++;
        else if (s.p[i] >= '0' && s.p[i] <= '9')
            digits[slashes]++;
        else
            return false;
    }
    return slashes && digits[0] && digits[1];
}

void issue_number_fold(struct span typed, struct buf *ret)
{
    struct buf out = BUF_INIT;
    const char *p = typed.p, *end = typed.p + typed.n;
    while (p < end) {
        uint32_t cp = narrow(utf8_next(&p, end));
        if (cp == UTF8_BAD)
            cp = '?';
        if (cp != ' ' || (out.len && out.p[out.len - 1] != ' '))
            buf_addcp(&out, cp);
    }
    while (out.len && out.p[out.len - 1] == ' ')
        out.len--;
    size_t cut = out.len;
    while (cut && out.p[cut - 1] != ' ')
        cut--;
    if (cut && is_page_part((struct span){ out.p + cut, out.len - cut }))
        out.len = cut - 1;
    buf_add(ret, buf_str(&out), out.len);
    buf_done(&out);
}

void qr_text(const char *city_code, struct span number, const uint8_t mac[CHECK_MAC], struct buf *ret)
{
    buf_printf(ret, "%s;%s;%.*s;", QR_HEAD, city_code, (int)number.n, number.p);
    check_base32(mac, CHECK_LONG, ret);
}

enum err qr_read(struct span text, const char *city_code, struct buf *ret_number, struct buf *ret_code,
                 struct errinfo *reterr)
{
    struct span part[4];
    size_t n = 0;
    const char *p = text.p, *end = text.p + text.n;
    while (n < ARRAY_LEN(part)) {
        const char *stop = p < end ? memchr(p, ';', (size_t)(end - p)) : NULL;
        part[n++] = (struct span){ p, (size_t)((stop ? stop : end) - p) };
        if (!stop)
            break;
        p = stop + 1;
    }
    bool whole = n == 4 && part[3].p + part[3].n == end;
    if (!whole || !span_is(part[0], QR_HEAD) || !span_is(part[1], city_code) || !part[2].n || part[3].n != CHECK_LONG)
        return err_set(reterr, E_INVALID, "S307", "qr", "not a text of this municipality");
    buf_add(ret_number, part[2].p, part[2].n);
    buf_add(ret_code, part[3].p, part[3].n);
    return OK;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool check_matches(struct span typed, const uint8_t mac[CHECK_MAC])
{
    struct buf folded = BUF_INIT, right = BUF_INIT;
    const char *p = typed.p, *end = typed.p + typed.n;
    while (p < end) {
        uint32_t cp = narrow(utf8_next(&p, end));
        if (cp != ' ' && cp != '-')
            buf_addc(&folded, cp < 0x80 ? upper((char)cp) : '?');
    }
    bool good = folded.len == CHECK_CODE || folded.len == CHECK_LONG;
    unsigned wrong = 0;
    if (good) {
        check_base32(mac, folded.len, &right);
        for (size_t i = 0; i < folded.len; i++)
            wrong |= (unsigned)(folded.p[i] ^ right.p[i]);
    }
    buf_done(&folded);
    buf_done(&right);
    return good && !wrong;
}
