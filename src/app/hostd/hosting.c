#include "app/hosting.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "form/catalog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOST_KEY  "host.key"
#define HOST_CERT "host.crt"
#define SIGN_KEY  "sign.key"
#define CA_CERT   "ca.crt"
#define RENEW_MS  (30 * DAY_MS)
#define EARLY_MS  INT64_C(600000) /* clocks of branches may be a little behind */

static char *in_place(const char *dir, enum place p, const char *name)
{
    char *parent = place_path(dir, p), *path = fs_join(parent, name);
    free(parent);
    return path;
}

/* TLS and certificates know the clock of the machine only, also on a trial. */
static int64_t machine_now(void)
{
    struct clock c = clock_system();
    return c.wall_ms(c.self);
}

/* ---- rules ---- */

static enum err load_policy(const char *share, struct alg_policy *ret, struct errinfo *reterr)
{
    char *path = fs_join(share, "data/tables/crypto_allow.tsv");
    enum err e = alg_policy_load(path, ret, reterr);
    free(path);
    return e;
}

static enum err load_rules(const char *dir, const char *share, struct rulebook **ret, struct errinfo *reterr)
{
    char *forms = fs_join(share, "forms"), *data = fs_join(share, "data"), *own = fs_join(dir, INSTANCE_PARAMETERS);
    enum err e = catalog_load(forms, data, access(own, F_OK) == 0 ? own : NULL, ret, NULL, reterr);
    free(forms);
    free(data);
    free(own);
    return e;
}

static enum err digest_rules(const char *share, uint8_t ret[DIGEST_SIZE], struct errinfo *reterr)
{
    struct buf all = BUF_INIT;
    char *forms = fs_join(share, "forms"), *data = fs_join(share, "data");
    enum err e = catalog_bytes(forms, data, &all, reterr);
    if (e == OK)
        digest_sha256(all.p, all.len, ret);
    buf_done(&all);
    free(forms);
    free(data);
    return e;
}

/* ---- the host's certificate ---- */

/* Names by which branches may reach it: what it listens on, this machine, and the machine itself. */
static size_t own_names(const struct instance *i, char listen[256], char machine[256], const char *ret[5])
{
    size_t n = 0;
    ret[n++] = "localhost";
    ret[n++] = "127.0.0.1";
    ret[n++] = "::1";
    const char *colon = strrchr(i->host_listen, ':');
    snprintf(listen, 256, "%.*s", colon ? (int)(colon - i->host_listen) : 0, i->host_listen);
    size_t len = strlen(listen);
    if (len > 2 && listen[0] == '[') { /* [::1] */
        memmove(listen, listen + 1, len - 2);
        listen[len - 2] = '\0';
    }
    if (*listen && strcmp(listen, "0.0.0.0") != 0 && strcmp(listen, "::") != 0)
        ret[n++] = listen;
    if (gethostname(machine, 255) == 0 && strspn(machine, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(machine))
        ret[n++] = machine;
    return n;
}

static enum err issue(struct ca *ca, const struct instance *i, const char *name, int64_t days, const struct key *k,
                      const char *path, struct errinfo *reterr)
{
    char listen[256], machine[256] = "", serial[CERT_SERIAL_HEX];
    const char *names[5];
    struct buf csr = BUF_INIT, pem = BUF_INIT;
    int64_t now = machine_now();
    struct cert_order o = { .id = { .trial = i->trial, .role = ROLE_HOST },
                            .from_ms = now - EARLY_MS,
                            .until_ms = now + days * DAY_MS,
                            .names = names };
    snprintf(o.id.city, sizeof o.id.city, "%s", i->city_code);
    snprintf(o.id.name, sizeof o.id.name, "%s", name);
    o.n_names = own_names(i, listen, machine, names);
    enum err e = key_request(k, &csr, reterr);
    if (e == OK)
        e = ca_issue(ca, buf_span(&csr), &o, &pem, serial, reterr);
    if (e == OK)
        e = fs_write_atomic(path, 0644, buf_span(&pem), reterr);
    buf_done(&csr);
    buf_done(&pem);
    return e;
}

static enum err renew_when_due(struct host_opening *o, const struct instance *i, struct errinfo *reterr)
{
    struct buf pem = BUF_INIT;
    struct cert_facts f;
    struct key *k = NULL;
    enum err e = fs_read(o->cert, CERT_PEM_MAX, &pem, reterr);
    if (e == OK)
        e = cert_read(buf_span(&pem), &f, reterr);
    buf_done(&pem);
    TRY(e);
    if (f.until_ms - machine_now() > RENEW_MS)
        return OK;
    TRY(key_load(o->key, &k, reterr));
    e = issue(o->ca, i, f.id.name, rulebook_param_int(o->book, "HOST_CERT_DAYS"), k, o->cert, reterr);
    key_free(k);
    return e;
}

/* ---- making ---- */

static enum err new_key(const struct alg_policy *policy, const char *path, struct key **ret, struct errinfo *reterr)
{
    struct key *k = NULL;
    TRY(key_generate(policy->preferred, &k, reterr));
    enum err e = key_save(k, path, reterr);
    if (e == OK && ret)
        *ret = k;
    else
        key_free(k);
    return e;
}

static enum err make_keys(const char *dir, const struct instance *i, const char *name, const struct alg_policy *policy,
                          const struct rulebook *book, struct errinfo *reterr)
{
    char *ca_dir = place_path(dir, PLACE_HOST_CA), *key = in_place(dir, PLACE_HOST_KEYS, HOST_KEY);
    char *cert = in_place(dir, PLACE_HOST_KEYS, HOST_CERT), *sign = in_place(dir, PLACE_HOST_KEYS, SIGN_KEY);
    struct cert_id id = { .trial = i->trial, .role = ROLE_HOST };
    struct ca *ca = NULL;
    struct key *k = NULL;
    snprintf(id.city, sizeof id.city, "%s", i->city_code);
    enum err e = ca_create(ca_dir, policy, &id, machine_now() - EARLY_MS, (int)rulebook_param_int(book, "HOST_CA_DAYS"),
                           &ca, reterr);
    if (e == OK)
        e = new_key(policy, sign, NULL, reterr);
    if (e == OK)
        e = new_key(policy, key, &k, reterr);
    if (e == OK)
        e = issue(ca, i, name, rulebook_param_int(book, "HOST_CERT_DAYS"), k, cert, reterr);
    key_free(k);
    ca_free(ca);
    free(ca_dir);
    free(key);
    free(cert);
    free(sign);
    return e;
}

static enum err make_register(const char *dir, const struct instance *i, const char *name, struct errinfo *reterr)
{
    struct host_backend *b = NULL;
    char *path = place_path(dir, PLACE_HOST_STORE);
    enum err e = host_sqlite_open(path, true, clock_system(), &b, reterr);
    if (e == OK) {
        e = host_create(b, clock_system(), i->trial, i->city_code, name, reterr);
        host_backend_close(b);
        if (e != OK)
            unlink(path);
    }
    free(path);
    return e;
}

/* The register first: keys without one are replaced by the next attempt only when a person removes them. */
enum err host_making(const char *dir, const char *share, const struct instance *i, const char *name,
                     struct errinfo *reterr)
{
    static const enum place places[] = { PLACE_HOST, PLACE_HOST_RUN, PLACE_HOST_KEYS, PLACE_HOST_CA };
    struct alg_policy policy;
    struct rulebook *book = NULL;
    TRY(load_policy(share, &policy, reterr));
    for (size_t k = 0; k < ARRAY_LEN(places); k++)
        TRY(place_make(dir, places[k], reterr));
    TRY(load_rules(dir, share, &book, reterr));
    enum err e = make_register(dir, i, name, reterr);
    if (e == OK)
        e = make_keys(dir, i, name, &policy, book, reterr);
    rulebook_free(book);
    return e;
}

/* ---- opening ---- */

static enum err open_host(const char *dir, const char *share, struct host_opening *o, struct errinfo *reterr)
{
    char *path = place_path(dir, PLACE_HOST), *db = place_path(dir, PLACE_HOST_STORE);
    char *sign = in_place(dir, PLACE_HOST_KEYS, SIGN_KEY);
    struct host_options h = { .clock = trialclock_clock(o->trialclock), .book = o->book, .dir = path };
    enum err e = load_policy(share, &h.policy, reterr);
    if (e == OK)
        e = digest_rules(share, h.forms_digest, reterr);
    if (e == OK)
        e = host_sqlite_open(db, false, h.clock, &h.backend, reterr);
    if (e == OK)
        e = key_load(sign, &h.sign, reterr);
    if (e == OK)
        e = host_open(&h, &o->host, reterr);
    else
        host_backend_close(h.backend);
    free(path);
    free(db);
    free(sign);
    return e;
}

static enum err check_facts(const struct host *h, const struct instance *i, struct errinfo *reterr)
{
    const struct host_facts *f = host_facts(h);
    if (f->trial != i->trial || strcmp(f->city, i->city_code) != 0)
        return err_set(reterr, E_CONFLICT, "S441", "instance.conf", "says otherwise than the register");
    return OK;
}

enum err host_opening(const char *dir, const char *share, const struct instance *i, bool renew,
                      struct host_opening *ret, struct errinfo *reterr)
{
    struct host_opening o = { .key = in_place(dir, PLACE_HOST_KEYS, HOST_KEY) };
    char *ca_dir = place_path(dir, PLACE_HOST_CA), *offset = place_path(dir, PLACE_HOST_CLOCK);
    o.cert = in_place(dir, PLACE_HOST_KEYS, HOST_CERT);
    o.ca_path = fs_join(ca_dir, CA_CERT);
    o.trialclock = trialclock_new(offset, i->trial, clock_system());
    enum err e = load_rules(dir, share, &o.book, reterr);
    if (e == OK)
        e = ca_open(ca_dir, &o.ca, reterr);
    if (e == OK)
        e = open_host(dir, share, &o, reterr);
    if (e == OK)
        e = check_facts(o.host, i, reterr);
    if (e == OK && renew)
        e = renew_when_due(&o, i, reterr);
    free(ca_dir);
    free(offset);
    if (e == OK)
        *ret = o;
    else
        host_opening_done(&o);
    return e;
}

void host_opening_done(struct host_opening *o)
{
    host_close(o->host);
    ca_free(o->ca);
    rulebook_free(o->book);
    trialclock_free(o->trialclock);
    free(o->key);
    free(o->cert);
    free(o->ca_path);
    *o = (struct host_opening){ .host = NULL };
}

/* ---- restoring ---- */

/* Files beside the database belong to it: a log of the old one must not meet the new one. */
static enum err move_aside(const char *db, struct errinfo *reterr)
{
    static const char *const parts[] = { "", "-wal", "-shm" };
    int64_t now = machine_now();
    for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
        char *from = xprintf("%s%s", db, parts[k]), *to = xprintf("%s.%" PRId64 "%s", db, now, parts[k]);
        bool moved = rename(from, to) == 0 || errno == ENOENT;
        int saved = errno;
        free(from);
        free(to);
        if (!moved)
            return err_sys(reterr, saved, db, "rename");
    }
    return OK;
}

static enum err copy_register(const char *from, const char *to, struct errinfo *reterr)
{
    struct host_backend *b = NULL;
    struct host_copy *copy = NULL;
    int left = 1;
    TRY(host_sqlite_open(from, false, clock_system(), &b, reterr));
    enum err e = b->ops->copy_start(b, to, &copy, reterr);
    if (e == OK) {
        while (e == OK && left > 0)
            e = b->ops->copy_step(copy, &left, reterr);
        enum err end = b->ops->copy_finish(copy, e == OK ? reterr : NULL);
        e = e == OK ? end : e;
    }
    host_backend_close(b);
    return e;
}

static enum err begin_epoch(const char *db, const struct instance *i, const char *who, struct errinfo *reterr)
{
    struct host_backend *b = NULL;
    bool ours = false;
    TRY(host_sqlite_open(db, false, clock_system(), &b, reterr));
    enum err e = host_is_of(b, i->trial, i->city_code, &ours, reterr);
    if (e == OK && !ours)
        e = err_set(reterr, E_CONFLICT, "S441", db, "backup of another municipality, or trial and real mixed");
    if (e == OK)
        e = host_restored(b, clock_system(), who, reterr);
    host_backend_close(b);
    return e;
}

enum err host_restoring(const char *dir, const struct instance *i, const char *backup, const char *who,
                        struct errinfo *reterr)
{
    char *db = place_path(dir, PLACE_HOST_STORE), *next = xprintf("%s.next", db);
    unlink(next);
    enum err e = copy_register(backup, next, reterr);
    if (e == OK)
        e = begin_epoch(next, i, who, reterr);
    if (e == OK)
        e = move_aside(db, reterr);
    if (e == OK && rename(next, db) != 0)
        e = err_sys(reterr, errno, db, "rename");
    if (e != OK)
        unlink(next);
    free(db);
    free(next);
    return e;
}
