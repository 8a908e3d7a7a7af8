/*
 * Enrolment (端末登録): a branch gets its certificate with a one-time code that an administrator of the host reads out.
 * The code carries the fingerprint of the instance's authority, so the branch knows whom it talks to before it trusts
 * anybody. Thirty-two letters in groups of four (Crockford base 32: no I, L, O, U); case and dashes do not matter.
 */
#ifndef SYNC_ENROL_H
#define SYNC_ENROL_H

#include "crypto/ca.h"
#include "crypto/tls.h"

#define ENROL_SECRET 10
#define ENROL_TEXT   40 /* with dashes and NUL */
#define ENROL_MAX    (32u << 10)

struct enrol_code {
    uint8_t secret[ENROL_SECRET];
    uint8_t pin[TLS_PIN]; /* start of SHA-256 over the authority's certificate */
};
void enrol_code_show(const struct enrol_code *, char ret[ENROL_TEXT]);
enum err enrol_code_read(const char *text, struct enrol_code *ret, struct errinfo *) NODISCARD;

/* POST /v1/enrol, JSON. */
struct enrol_request {
    uint8_t secret[ENROL_SECRET];
    bool trial;
    struct buf csr; /* PEM of key_request */
};
struct enrol_answer {
    struct cert_id id;   /* of the branch: city, name and trial flag */
    struct buf cert;     /* PEM */
    struct buf ca;       /* PEM: keys/ca.crt */
    struct buf host_pub; /* PEM: keys/host-pub, verifies manifests and log receipts */
};
void enrol_request_done(struct enrol_request *);
void enrol_answer_done(struct enrol_answer *);
enum err enrol_request_encode(const struct enrol_request *, struct buf *ret, struct errinfo *) NODISCARD;
enum err enrol_request_decode(struct span, struct enrol_request *ret, struct errinfo *) NODISCARD;
enum err enrol_answer_encode(const struct enrol_answer *, struct buf *ret, struct errinfo *) NODISCARD;
enum err enrol_answer_decode(struct span, struct enrol_answer *ret, struct errinfo *) NODISCARD;

#endif
