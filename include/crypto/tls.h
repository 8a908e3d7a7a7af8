/*
 * TLS between branch and host: 1.3 only, both sides with certificates of the instance's own authority, AES-GCM,
 * X25519 or P-256, ALPN http/1.1, no early data, no session that outlives a process. Nothing of the system's
 * trust store is used. With TLS 1.3 the client learns of its refusal only with the first answer: "connected" is the
 * first authenticated answer, not the handshake.
 */
#ifndef CRYPTO_TLS_H
#define CRYPTO_TLS_H

#include "crypto/ca.h"

struct ssl_ctx_st; /* SSL_CTX */
struct ssl_st;     /* SSL */

struct tls_files {
    const char *key;  /* PEM, 0600 */
    const char *cert; /* PEM */
    const char *ca;   /* PEM of the instance's authority, the only trust anchor */
};

/* Server side. A peer certificate is asked for and verified; whether one may be missing is decided per connection
 * with tls_host_require. */
enum err tls_host_ctx(const struct tls_files *, struct ssl_ctx_st **ret, struct errinfo *) NODISCARD;
/* required = false only while a one-time enrolment code is open (POST /v1/enrol). */
void tls_host_require(struct ssl_st *, bool required);
/* Identity of the verified peer; E_NOTFOUND when it sent no certificate. */
enum err tls_peer(struct ssl_st *, struct cert_facts *ret, struct errinfo *) NODISCARD;
void tls_ctx_free(struct ssl_ctx_st *);

/* Client side (libcurl): call from CURLOPT_SSL_CTX_FUNCTION; together with CURLOPT_SSL_VERIFYPEER 1,
 * CURLOPT_SSL_VERIFYHOST 0, CURLOPT_HTTP_VERSION 1.1, CURLOPT_SSL_ENABLE_ALPN 1. The name in the URL is not what
 * proves the host: the certificate must be of the pinned authority, role host, and of `host`'s municipality and
 * trial flag (host.name may be ""). */
struct tls_client {
    struct tls_files files;
    struct cert_id host; /* role ROLE_HOST */
};
/* `client` is borrowed until the context is freed. */
enum err tls_client_setup(struct ssl_ctx_st *, const struct tls_client *client, struct errinfo *) NODISCARD;
/* The same without any file, for POST /v1/enrol: the chain must end in the certificate whose SHA-256 starts with pin.
 * Role host is required; the municipality and trial flag are learned from the answer. `pin` is borrowed likewise. */
#define TLS_PIN 10
enum err tls_client_setup_enrol(struct ssl_ctx_st *, const uint8_t pin[TLS_PIN], struct errinfo *) NODISCARD;

/* Both setups replace the context's verification with theirs. A context for tests and tools without curl: */
enum err tls_client_ctx(const struct tls_client *, struct ssl_ctx_st **ret, struct errinfo *) NODISCARD;

#endif
