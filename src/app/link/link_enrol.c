#include "app/link.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "link_http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum { DIR_MODE = 0700, KEY_MODE = 0600, CERT_MODE = 0644 };

struct enrolment {
    struct loop *loop;
    const struct link_enrol *order;
    struct http_answer got;
    struct buf body;
};

static void on_answer(void *arg, const struct http_answer *a)
{
    struct enrolment *r = arg;
    r->got = *a;
    buf_add(&r->body, a->body.p, a->body.n);
    loop_stop(r->loop, 0);
}

static enum err exchange(struct enrolment *r, const struct enrol_code *code, struct span request,
                         struct errinfo *reterr)
{
    const struct link_http_config cfg = {
        .url = r->order->url, .pin = code->pin, .connect_ms = r->order->connect_ms, .stall_ms = r->order->stall_ms
    };
    const struct http_request ask = { true, "/v1/enrol", "application/json", request, ENROL_MAX };
    struct link_http *http = NULL;
    TRY(link_http_new(r->loop, &cfg, &http, reterr));
    link_http_ask(http, &ask, on_answer, r);
    loop_run(r->loop);
    link_http_free(http);
    if (r->got.class == LINK_OK)
        return OK;
    bool refused = r->got.class == LINK_AUTH || r->got.class == LINK_CLOCK || r->got.class == LINK_REFUSED ||
                   r->got.class == LINK_GONE || r->got.class == LINK_STALE;
    return err_set(reterr, refused ? E_DENIED : E_OFFLINE, refused ? "S437" : "S438", r->order->url, "%s, HTTP %u: %s",
                   link_class_name(r->got.class), r->got.status, r->got.detail);
}

/* A key whose request got no answer is used again: the host may have signed it already. */
static enum err own_key(const struct link_enrol *o, const char *path, struct key **ret, struct errinfo *reterr)
{
    enum err e = key_load(path, ret, reterr);
    if (e != E_NOTFOUND)
        return e;
    struct key *k = NULL;
    TRY(key_generate(o->policy->preferred, &k, reterr));
    e = key_save(k, path, reterr);
    if (e == OK)
        *ret = k;
    else
        key_free(k);
    return e;
}

static enum err put(const char *dir, const char *name, mode_t mode, const struct buf *b, struct errinfo *reterr)
{
    char *path = fs_join(dir, name);
    enum err e = fs_write_atomic(path, mode, buf_span(b), reterr);
    free(path);
    return e;
}

static enum err store(const struct link_enrol *o, const struct enrol_code *code, const struct enrol_answer *a,
                      struct errinfo *reterr)
{
    uint8_t hash[32];
    TRY(cert_fingerprint(buf_span(&a->ca), hash, reterr));
    if (memcmp(hash, code->pin, sizeof code->pin) != 0)
        return err_set(reterr, E_DENIED, "S437", "ca.crt", "not the authority of the code");
    if (a->id.trial != o->trial || a->id.role != ROLE_BRANCH)
        return err_set(reterr, E_DENIED, "S437", "branch.crt", "not a certificate for this instance");
    TRY(put(o->keys_dir, "ca.crt", CERT_MODE, &a->ca, reterr));
    TRY(put(o->keys_dir, "host-pub", CERT_MODE, &a->host_pub, reterr));
    return put(o->keys_dir, "branch.crt", CERT_MODE, &a->cert, reterr);
}

static enum err ask(struct enrolment *r, const struct enrol_code *code, const struct key *key, struct errinfo *reterr)
{
    struct enrol_request request = { .trial = r->order->trial };
    struct buf out = BUF_INIT;
    memcpy(request.secret, code->secret, sizeof request.secret);
    enum err e = key_request(key, &request.csr, reterr);
    if (e == OK)
        e = enrol_request_encode(&request, &out, reterr);
    if (e == OK)
        e = exchange(r, code, buf_span(&out), reterr);
    enrol_request_done(&request);
    buf_done(&out);
    return e;
}

enum err link_enrol(const struct link_enrol *o, struct cert_id *ret_id, struct errinfo *reterr)
{
    struct enrol_code code;
    struct enrol_answer answer;
    struct key *key = NULL;
    struct enrolment r = { .order = o };
    TRY(enrol_code_read(o->code, &code, reterr));
    TRY(fs_mkdir_p(o->keys_dir, DIR_MODE, reterr));
    unsetenv("SSLKEYLOGFILE"); /* libcurl would write the session's keys there */
    if (curl_global_init(CURL_GLOBAL_SSL) != CURLE_OK)
        return err_set(reterr, E_IO, NULL, "libcurl", "curl_global_init");
    memset(&answer, 0, sizeof answer);
    r.loop = loop_new();
    char *path = fs_join(o->keys_dir, "branch.key");
    enum err e = own_key(o, path, &key, reterr);
    if (e == OK)
        e = ask(&r, &code, key, reterr);
    if (e == OK)
        e = enrol_answer_decode(buf_span(&r.body), &answer, reterr);
    if (e == OK)
        e = store(o, &code, &answer, reterr);
    if (e == OK)
        *ret_id = answer.id;
    enrol_answer_done(&answer);
    key_free(key);
    free(path);
    buf_done(&r.body);
    loop_free(r.loop);
    wipe(&code, sizeof code);
    return e;
}
