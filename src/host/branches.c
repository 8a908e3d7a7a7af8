#include "host/branches.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static void secret_hash(const uint8_t secret[ENROL_SECRET], uint8_t ret[DIGEST_SIZE])
{
    static const char label[] = "madoguchi enrol 1";
    struct digest *d = digest_new();
    digest_add(d, label, sizeof label);
    digest_add(d, secret, ENROL_SECRET);
    digest_end(d, ret);
}

/* ---- codes ---- */

static enum err put_code(struct host *h, const char *branch, const struct enrol_code *c, struct errinfo *reterr)
{
    uint8_t hash[DIGEST_SIZE];
    int64_t now = host_now(h), valid = rulebook_param_int(h->book, "HOST_CODE_MIN") * MINUTE_MS;
    struct q q = q_get(h->b, Q_BRANCH_ADD);
    q_text(&q, ":name", branch);
    q_int(&q, ":created_ms", now);
    TRY(q_run(&q, reterr));
    q = q_get(h->b, Q_CODE_WITHDRAW);
    q_text(&q, ":branch", branch);
    TRY(q_run(&q, reterr));
    secret_hash(c->secret, hash);
    q = q_get(h->b, Q_CODE_ADD);
    q_blob(&q, ":secret_hash", hash, sizeof hash);
    q_text(&q, ":branch", branch);
    q_int(&q, ":made_ms", now);
    q_int(&q, ":until_ms", now + valid);
    return q_run(&q, reterr);
}

enum err host_enrol_code(struct host *h, const char *branch, struct span ca, const char *who, struct enrol_code *ret,
                         struct errinfo *reterr)
{
    uint8_t fingerprint[DIGEST_SIZE];
    struct enrol_code c;
    struct buf uri = BUF_INIT;
    struct cert_id again;
    buf_printf(&uri, "madoguchi://real/%s/branch/%s", h->facts.city, branch);
    enum err e = cert_id_parse(buf_span(&uri), &again, NULL);
    buf_done(&uri);
    if (e != OK)
        return err_set(reterr, E_INVALID, "S442", branch, "a branch is named by letters, digits and -");
    TRY(cert_fingerprint(ca, fingerprint, reterr));
    TRY(random_bytes(c.secret, sizeof c.secret, reterr));
    memcpy(c.pin, fingerprint, TLS_PIN);
    TRY(h->b->ops->begin(h->b, reterr));
    e = put_code(h, branch, &c, reterr);
    if (e == OK)
        e = journal(h, who, "branch.code", json_pack("{s:s}", "branch", branch), reterr);
    TRY(host_end(h, e, reterr));
    *ret = c;
    return OK;
}

bool host_enrol_open(struct host *h)
{
    bool have = false;
    struct q q = q_get(h->b, Q_CODE_OPEN);
    q_int(&q, ":now_ms", host_now(h));
    q_int(&q, ":again_ms", host_now(h) - rulebook_param_int(h->book, "HOST_CODE_AGAIN_S") * 1000);
    bool open = q_row(&q, &have, NULL) == OK && have && q_get_int(&q, "n") > 0;
    q_done(&q);
    return open;
}

/* ---- enrolment ---- */

struct code_row {
    char branch[CERT_NAME_MAX + 1];
    bool used;
    uint8_t key_id[KEY_ID]; /* of the certificate it was used for */
    struct buf cert;        /* empty: none, or none in force */
};

static enum err code_row(struct host *h, const uint8_t hash[DIGEST_SIZE], struct code_row *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_CODE_GET);
    q_blob(&q, ":secret_hash", hash, DIGEST_SIZE);
    q_int(&q, ":now_ms", host_now(h));
    enum err e = q_row(&q, &have, reterr);
    if (e == OK && !have)
        e = err_set(reterr, E_DENIED, "S402", "enrolment code", "unknown or expired");
    if (e == OK) {
        q_get_text(&q, "branch", ret->branch, CERT_NAME_MAX);
        ret->used = !q_null(&q, "used_ms");
    }
    if (e == OK && !q_null(&q, "cert_pem")) {
        struct span pem = q_get_span(&q, "cert_pem");
        buf_add(&ret->cert, pem.p, pem.n);
        e = q_get_fixed(&q, "key_id", ret->key_id, KEY_ID, reterr);
    }
    q_done(&q);
    return e;
}

static enum err issue(struct host *h, struct ca *ca, const char *branch, const struct enrol_request *r,
                      struct enrol_answer *ret, char serial[CERT_SERIAL_HEX], struct errinfo *reterr)
{
    struct clock real = clock_system(); /* TLS knows no other; a trial's clock may be moved by years */
    int64_t now = real.wall_ms(real.self);
    struct cert_order o = { .id = { .trial = h->facts.trial, .role = ROLE_BRANCH }, .from_ms = now - 600000 };
    memcpy(o.id.city, h->facts.city, sizeof o.id.city);
    memcpy(o.id.name, branch, strlen(branch) + 1);
    o.until_ms = now + rulebook_param_int(h->book, "HOST_CERT_DAYS") * DAY_MS;
    TRY(ca_issue(ca, buf_span(&r->csr), &o, &ret->cert, serial, reterr));
    ret->id = o.id;
    return OK;
}

static enum err put_certificate(struct host *h, const char *branch, struct span pem, struct errinfo *reterr)
{
    struct cert_facts f;
    struct key *k = NULL;
    struct buf public_pem = BUF_INIT;
    TRY(cert_read(pem, &f, reterr));
    TRY(key_public_of_cert(pem, &k, reterr));
    enum err e = key_public_pem(k, &public_pem, reterr);
    key_free(k);
    if (e == OK) {
        struct q q = q_get(h->b, Q_CERT_REVOKE_ALL); /* one certificate in force per branch */
        q_text(&q, ":branch", branch);
        q_int(&q, ":at_ms", host_now(h));
        e = q_run(&q, reterr);
    }
    if (e == OK) {
        struct q q = q_get(h->b, Q_CERT_ADD);
        q_text(&q, ":serial", f.serial);
        q_text(&q, ":branch", branch);
        q_blob(&q, ":key_id", f.key_id, sizeof f.key_id);
        q_text(&q, ":public_pem", buf_str(&public_pem));
        q_span(&q, ":cert_pem", pem);
        q_int(&q, ":from_ms", f.from_ms);
        q_int(&q, ":until_ms", f.until_ms);
        e = q_run(&q, reterr);
    }
    buf_done(&public_pem);
    return e;
}

/* The answer to a code that was used got lost: the same key gets the same certificate again, another one nothing. */
static enum err answer_again(const struct code_row *row, const struct enrol_request *r, struct enrol_answer *ret,
                             struct errinfo *reterr)
{
    uint8_t id[KEY_ID];
    struct cert_facts f;
    if (row->cert.len == 0 || ca_request_key(buf_span(&r->csr), id, NULL) != OK || memcmp(id, row->key_id, KEY_ID) != 0)
        return err_set(reterr, E_DENIED, "S402", "enrolment code", "used");
    TRY(cert_read(buf_span(&row->cert), &f, reterr));
    buf_add(&ret->cert, row->cert.p, row->cert.len);
    ret->id = f.id;
    return OK;
}

static enum err answer_first(struct host *h, struct ca *ca, const char *branch, const uint8_t hash[DIGEST_SIZE],
                             const struct enrol_request *r, struct enrol_answer *ret, struct errinfo *reterr)
{
    char serial[CERT_SERIAL_HEX];
    TRY(issue(h, ca, branch, r, ret, serial, reterr));
    TRY(put_certificate(h, branch, buf_span(&ret->cert), reterr));
    struct q q = q_get(h->b, Q_CODE_USE);
    q_blob(&q, ":secret_hash", hash, DIGEST_SIZE);
    q_int(&q, ":now_ms", host_now(h));
    q_text(&q, ":serial", serial);
    TRY(q_run(&q, reterr));
    q = q_get(h->b, Q_BRANCH_REOPEN); /* a quarantine is lifted by a person, not by a certificate */
    q_text(&q, ":name", branch);
    TRY(q_run(&q, reterr));
    return journal(h, "host", "branch.enrol", json_pack("{s:s,s:s}", "branch", branch, "serial", serial), reterr);
}

static enum err enrol_in_transaction(struct host *h, struct ca *ca, const struct enrol_request *r,
                                     struct enrol_answer *ret, struct errinfo *reterr)
{
    uint8_t hash[DIGEST_SIZE];
    struct code_row row = { .used = false };
    secret_hash(r->secret, hash);
    enum err e = code_row(h, hash, &row, reterr);
    if (e == OK && r->trial != h->facts.trial)
        e = err_set(reterr, E_DENIED, "S448", row.branch, "trial and real do not mix");
    if (e == OK)
        e = row.used ? answer_again(&row, r, ret, reterr) : answer_first(h, ca, row.branch, hash, r, ret, reterr);
    buf_done(&row.cert);
    return e;
}

enum err host_enrol(struct host *h, struct ca *ca, const struct enrol_request *r, struct enrol_answer *ret,
                    struct errinfo *reterr)
{
    struct enrol_answer a = { .cert = BUF_INIT };
    TRY(h->b->ops->begin(h->b, reterr));
    enum err e = host_end(h, enrol_in_transaction(h, ca, r, &a, reterr), reterr);
    if (e == OK)
        e = key_public_pem(h->sign, &a.host_pub, reterr);
    if (e != OK) {
        enrol_answer_done(&a);
        return e;
    }
    struct span pem = ca_pem(ca);
    buf_add(&a.ca, pem.p, pem.n);
    *ret = a;
    return OK;
}

enum err host_admit(struct host *h, const struct cert_facts *f, struct errinfo *reterr)
{
    bool have = false, good = false;
    if (f->id.role != ROLE_BRANCH || f->id.trial != h->facts.trial || strcmp(f->id.city, h->facts.city) != 0)
        return err_set(reterr, E_DENIED, "S448", f->id.name, "certificate of another kind of instance");
    struct q q = q_get(h->b, Q_CERT_BY_SERIAL);
    q_text(&q, ":serial", f->serial);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK && have)
        good = span_is(q_get_span(&q, "branch"), f->id.name) && !span_is(q_get_span(&q, "state"), "closed");
    q_done(&q);
    if (e == OK && !good)
        return err_set(reterr, E_DENIED, "S451", f->id.name, "certificate is not in force");
    return e;
}

/* ---- administration ---- */

enum err host_branches(struct host *h, void (*cb)(void *arg, const struct host_branch *), void *arg,
                       struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_BRANCH_ALL);
    enum err e;
    while ((e = q_row(&q, &have, reterr)) == OK && have) {
        struct span reason = q_get_span(&q, "reason");
        struct host_branch b = { .reason = xstrndup(reason.p, reason.n),
                                 .created_ms = q_get_int(&q, "created_ms"),
                                 .last_seen_ms = q_get_int(&q, "last_seen_ms"),
                                 .skew_ms = q_get_int(&q, "skew_ms"),
                                 .cert_until_ms = q_get_int(&q, "cert_until_ms"),
                                 .received = (uint64_t)q_get_int(&q, "received"),
                                 .durable = (uint64_t)q_get_int(&q, "durable") };
        q_get_text(&q, "name", b.name, CERT_NAME_MAX);
        q_get_text(&q, "state", b.state, sizeof b.state - 1);
        q_get_text(&q, "app", b.app, OP_APP_MAX);
        cb(arg, &b);
        free(b.reason);
    }
    q_done(&q);
    return e;
}

struct change {
    const char *from, *to, *what;
};

static enum err change_in_transaction(struct host *h, const char *branch, const struct change *c, const char *reason,
                                      const char *who, struct errinfo *reterr)
{
    bool have = false, fits = false;
    struct q q = q_get(h->b, Q_BRANCH_GET);
    q_text(&q, ":name", branch);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK && have)
        fits = !c->from || span_is(q_get_span(&q, "state"), c->from);
    q_done(&q);
    TRY(e);
    if (!have)
        return err_set(reterr, E_NOTFOUND, "S468", branch, "no such branch");
    if (!fits)
        return err_set(reterr, E_INVALID, "S469", branch, "branch is not %s", c->from);
    q = q_get(h->b, Q_BRANCH_STATE);
    q_text(&q, ":name", branch);
    q_text(&q, ":state", c->to);
    q_text(&q, ":reason", reason);
    TRY(q_run(&q, reterr));
    return journal(h, who, c->what, json_pack("{s:s,s:s}", "branch", branch, "reason", reason), reterr);
}

enum err host_branch_close(struct host *h, const char *branch, const char *reason, const char *who,
                           struct errinfo *reterr)
{
    static const struct change close = { NULL, "closed", "branch.close" };
    TRY(h->b->ops->begin(h->b, reterr));
    enum err e = change_in_transaction(h, branch, &close, reason, who, reterr);
    if (e == OK) {
        struct q q = q_get(h->b, Q_CERT_REVOKE_ALL);
        q_text(&q, ":branch", branch);
        q_int(&q, ":at_ms", host_now(h));
        e = q_run(&q, reterr);
    }
    if (e == OK) {
        struct q q = q_get(h->b, Q_CODE_WITHDRAW);
        q_text(&q, ":branch", branch);
        e = q_run(&q, reterr);
    }
    return host_end(h, e, reterr);
}

enum err host_branch_release(struct host *h, const char *branch, const char *reason, const char *who,
                             struct errinfo *reterr)
{
    static const struct change release = { "quarantined", "active", "branch.release" };
    TRY(h->b->ops->begin(h->b, reterr));
    return host_end(h, change_in_transaction(h, branch, &release, reason, who, reterr), reterr);
}

enum err branch_state(struct host *h, const char *branch, bool *ret_quarantined, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_BRANCH_GET);
    q_text(&q, ":name", branch);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK && (!have || span_is(q_get_span(&q, "state"), "closed")))
        e = err_set(reterr, E_DENIED, "S451", branch, "not a branch of this host");
    if (e == OK)
        *ret_quarantined = span_is(q_get_span(&q, "state"), "quarantined");
    q_done(&q);
    return e;
}
