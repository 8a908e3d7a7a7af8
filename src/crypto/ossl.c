#include "ossl.h"
#include "base/mem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

enum err ossl_fail(struct errinfo *reterr, enum err code, const char *item, const char *what)
{
    char text[160] = "";
    unsigned long e = ERR_peek_last_error();
    if (e)
        ERR_error_string_n(e, text, sizeof text);
    ERR_clear_error();
    return err_set(reterr, code, NULL, item, "%s%s%s", what, *text ? ": " : "", text);
}

BIO *bio_of(struct span s)
{
    MUST(s.n <= INT32_MAX);
    BIO *b = BIO_new_mem_buf(s.n ? s.p : "", (int)s.n);
    MUST(b);
    return b;
}

void bio_take(BIO *b, struct buf *ret)
{
    char *p = NULL;
    long n = BIO_get_mem_data(b, &p);
    if (n > 0)
        buf_add(ret, p, (size_t)n);
}

enum err cert_parse_pem(struct span pem, X509 **ret, struct errinfo *reterr)
{
    if (pem.n > CERT_PEM_MAX)
        return err_set(reterr, E_CORRUPT, NULL, "certificate", "too long");
    BIO *b = bio_of(pem);
    X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
    BIO_free(b);
    if (!x)
        return ossl_fail(reterr, E_CORRUPT, "certificate", "not a certificate in PEM");
    *ret = x;
    return OK;
}
