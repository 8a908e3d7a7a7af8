#include "sync/enrol.h"
#include "base/mem.h"
#include "jsonx.h"

#include <string.h>

#define CODE_BYTES (ENROL_SECRET + TLS_PIN)
#define CODE_CHARS (CODE_BYTES * 8 / 5)
#define GROUP      4
_Static_assert(CODE_BYTES * 8 % 5 == 0, "the code is a whole number of letters");
_Static_assert(CODE_CHARS + CODE_CHARS / GROUP - 1 < ENROL_TEXT, "the code fits its text");

static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void enrol_code_show(const struct enrol_code *c, char ret[ENROL_TEXT])
{
    uint8_t raw[CODE_BYTES];
    memcpy(raw, c->secret, ENROL_SECRET);
    memcpy(raw + ENROL_SECRET, c->pin, TLS_PIN);
    size_t at = 0;
    for (size_t i = 0; i < CODE_CHARS; i++) {
        size_t bit = i * 5, byte = bit / 8;
        unsigned two = (unsigned)raw[byte] << 8 | (byte + 1 < CODE_BYTES ? raw[byte + 1] : 0);
        if (i && i % GROUP == 0)
            ret[at++] = '-';
        ret[at++] = letters[two >> (11 - bit % 8) & 31];
    }
    ret[at] = '\0';
    wipe(raw, sizeof raw);
}

/* 0–31, or -1. What is easily misread is taken for what was meant. */
static int letter_value(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    const char *p = c ? strchr(letters, c) : NULL;
    return p ? (int)(p - letters) : -1;
}

enum err enrol_code_read(const char *text, struct enrol_code *ret, struct errinfo *reterr)
{
    uint8_t raw[CODE_BYTES] = { 0 };
    size_t n = 0;
    for (; *text; text++) {
        if (*text == '-' || *text == ' ')
            continue;
        int v = letter_value(*text);
        if (v < 0 || n == CODE_CHARS)
            return err_set(reterr, E_INVALID, "S401", "enrolment code", "not a letter of a code, or too many");
        for (size_t b = 0; b < 5; b++)
            if (v >> (4 - b) & 1)
                raw[(n * 5 + b) / 8] |= (uint8_t)(1 << (7 - (n * 5 + b) % 8));
        n++;
    }
    if (n != CODE_CHARS)
        return err_set(reterr, E_INVALID, "S401", "enrolment code", "%zu letters instead of %d", n, CODE_CHARS);
    memcpy(ret->secret, raw, ENROL_SECRET);
    memcpy(ret->pin, raw + ENROL_SECRET, TLS_PIN);
    wipe(raw, sizeof raw);
    return OK;
}

void enrol_request_done(struct enrol_request *r)
{
    buf_done(&r->csr);
    wipe(r, sizeof *r);
}

void enrol_answer_done(struct enrol_answer *a)
{
    buf_done(&a->cert);
    buf_done(&a->ca);
    buf_done(&a->host_pub);
}

enum err enrol_request_encode(const struct enrol_request *r, struct buf *ret, struct errinfo *reterr)
{
    if (r->csr.len == 0 || r->csr.len > CERT_PEM_MAX)
        return err_set(reterr, E_INVALID, NULL, "enrolment", "no request");
    json_t *o = json_object();
    jx_set_hex(o, "secret", r->secret, ENROL_SECRET);
    json_object_set_new(o, "trial", json_boolean(r->trial));
    jx_set_text(o, "csr", buf_span(&r->csr));
    jx_write(o, ret);
    return OK;
}

enum err enrol_request_decode(struct span json, struct enrol_request *ret, struct errinfo *reterr)
{
    struct jx j;
    struct enrol_request r = { .trial = false };
    TRY(jx_load(json, ENROL_MAX, "enrolment", &j, reterr));
    jx_hex(&j, "secret", r.secret, ENROL_SECRET);
    r.trial = jx_bool(&j, "trial");
    jx_buf(&j, "csr", &r.csr, CERT_PEM_MAX);
    enum err e = jx_end(&j, true, E_CORRUPT, "enrolment", reterr);
    jx_done(&j);
    if (e == OK)
        *ret = r;
    else
        enrol_request_done(&r);
    return e;
}

enum err enrol_answer_encode(const struct enrol_answer *a, struct buf *ret, struct errinfo *reterr)
{
    struct buf uri = BUF_INIT;
    json_t *o = json_object();
    cert_id_uri(&a->id, &uri);
    jx_set_text(o, "id", buf_span(&uri));
    jx_set_text(o, "cert", buf_span(&a->cert));
    jx_set_text(o, "ca", buf_span(&a->ca));
    jx_set_text(o, "host_pub", buf_span(&a->host_pub));
    buf_done(&uri);
    struct buf text = BUF_INIT;
    jx_write(o, &text);
    enum err e = text.len <= ENROL_MAX ? OK : err_set(reterr, E_INVALID, NULL, "enrolment", "too long");
    if (e == OK)
        buf_add(ret, text.p, text.len);
    buf_done(&text);
    return e;
}

enum err enrol_answer_decode(struct span json, struct enrol_answer *ret, struct errinfo *reterr)
{
    struct jx j;
    struct enrol_answer a = { .cert = BUF_INIT };
    struct buf uri = BUF_INIT;
    TRY(jx_load(json, ENROL_MAX, "enrolment", &j, reterr));
    jx_buf(&j, "id", &uri, 200);
    jx_buf(&j, "cert", &a.cert, CERT_PEM_MAX);
    jx_buf(&j, "ca", &a.ca, CERT_PEM_MAX);
    jx_buf(&j, "host_pub", &a.host_pub, KEY_PEM_MAX);
    enum err e = jx_end(&j, true, E_CORRUPT, "enrolment", reterr);
    if (e == OK && cert_id_parse(buf_span(&uri), &a.id, NULL) != OK)
        e = err_set(reterr, E_CORRUPT, NULL, "enrolment", "no identity");
    jx_done(&j);
    buf_done(&uri);
    if (e == OK)
        *ret = a;
    else
        enrol_answer_done(&a);
    return e;
}
