/*
 * The private authority of an instance (認証局) and what its certificates say. Role, municipality and whether the
 * instance is a trial stand in the certificate as one URI (madoguchi://trial/131016/branch/E1), so that a trial
 * branch never speaks to a real host, and a branch never poses as a host. Certificates are short-lived; the host
 * keeps the list of serials that are in force.
 */
#ifndef CRYPTO_CA_H
#define CRYPTO_CA_H

#include "crypto/keys.h"

enum cert_role { ROLE_BRANCH, ROLE_HOST, CERT_ROLES };

#define CERT_CITY_MAX   6  /* 市区町村コード: digits */
#define CERT_NAME_MAX   32 /* branch or host name: A-Z a-z 0-9 - */
#define CERT_SERIAL_HEX 41 /* 20 bytes in hexadecimal and NUL */
#define CERT_PEM_MAX    8192

struct cert_id {
    bool trial;
    enum cert_role role;
    char city[CERT_CITY_MAX + 1];
    char name[CERT_NAME_MAX + 1];
};
void cert_id_uri(const struct cert_id *, struct buf *ret);
enum err cert_id_parse(struct span uri, struct cert_id *ret, struct errinfo *) NODISCARD;
/* "branch", "host". */
const char *cert_role_name(enum cert_role);

struct ca; /* key and certificate of the authority */
/* Makes DIR/ca.key (0600) and DIR/ca.crt; E_EXISTS when one is there. */
enum err ca_create(const char *dir, const struct alg_policy *, const struct cert_id *instance, int64_t now_ms, int days,
                   struct ca **ret, struct errinfo *) NODISCARD;
enum err ca_open(const char *dir, struct ca **ret, struct errinfo *) NODISCARD;
void ca_free(struct ca *); /* NULL allowed */
/* Certificate of the authority in PEM; borrowed. */
struct span ca_pem(const struct ca *);

struct cert_order {
    struct cert_id id;
    int64_t from_ms, until_ms;
    const char *const *names; /* host only: DNS names and IP addresses */
    size_t n_names;
};
/* Checks that the request proves possession of its key, and signs. The serial is drawn at random. */
enum err ca_issue(struct ca *, struct span request_pem, const struct cert_order *, struct buf *ret_pem,
                  char ret_serial[CERT_SERIAL_HEX], struct errinfo *) NODISCARD;

/* Id of the key a request asks a certificate for, after it proved possession; E_INVALID. */
enum err ca_request_key(struct span request_pem, uint8_t ret[KEY_ID], struct errinfo *) NODISCARD;

/* What a certificate in PEM says (not verified). */
struct cert_facts {
    struct cert_id id;
    char serial[CERT_SERIAL_HEX];
    int64_t from_ms, until_ms;
    uint8_t key_id[KEY_ID];
};
enum err cert_read(struct span pem, struct cert_facts *ret, struct errinfo *) NODISCARD;
/* The same, of one that this authority has issued. Not asked: whether it is valid now (what it signed outlives it) and
 * whether it was withdrawn (only the host knows). E_DENIED: of another authority. */
enum err cert_issued_by(struct span pem, struct span ca_pem, struct cert_facts *ret, struct errinfo *) NODISCARD;
/* SHA-256 of a certificate's DER: the pin that comes with the one-time code. */
enum err cert_fingerprint(struct span pem, uint8_t ret[32], struct errinfo *) NODISCARD;

#endif
