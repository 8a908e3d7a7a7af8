#include "base/fsx.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "domain/checkdigit.h"
#include "domain/notice_points.h"
#include "internal.h"
#include "journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_TRIES 1000

static const uint8_t no_incarnation[OP_INCARNATION];
const struct origin ORIGIN_HOST = { "", no_incarnation, 0 };

void q_get_text(const struct q *q, const char *name, char *ret, size_t max)
{
    struct span s = q_get_span(q, name);
    size_t n = s.n < max ? s.n : max;
    memcpy(ret, s.p, n);
    ret[n] = '\0';
}

enum err q_get_fixed(const struct q *q, const char *name, void *ret, size_t n, struct errinfo *reterr)
{
    struct span s = q_get_span(q, name);
    if (s.n != n)
        return err_set(reterr, E_CORRUPT, NULL, name, "%zu bytes instead of %zu", s.n, n);
    memcpy(ret, s.p, n);
    return OK;
}

/* ---- facts ---- */

enum err fact_get(struct host_backend *b, const char *k, struct buf *ret, bool *ret_found, struct errinfo *reterr)
{
    struct q q = q_get(b, Q_FACT_GET);
    q_text(&q, ":k", k);
    enum err e = q_row(&q, ret_found, reterr);
    if (e == OK && *ret_found) {
        struct span v = q_get_span(&q, "v");
        buf_add(ret, v.p, v.n);
    }
    q_done(&q);
    return e;
}

enum err fact_set(struct host_backend *b, const char *k, const char *v, struct errinfo *reterr)
{
    struct q q = q_get(b, Q_FACT_SET);
    q_text(&q, ":k", k);
    q_text(&q, ":v", v);
    return q_run(&q, reterr);
}

static enum err set_random(struct host_backend *b, const char *k, size_t n, struct errinfo *reterr)
{
    uint8_t raw[32];
    struct buf hex = BUF_INIT;
    TRY(random_bytes(raw, n, reterr));
    hex_add(&hex, raw, n);
    enum err e = fact_set(b, k, buf_str(&hex), reterr);
    buf_done(&hex);
    return e;
}

static enum err need_text(struct host_backend *b, const char *k, char *ret, size_t max, struct errinfo *reterr)
{
    struct buf v = BUF_INIT;
    bool found = false;
    enum err e = fact_get(b, k, &v, &found, reterr);
    if (e == OK && (!found || v.len > max))
        e = err_set(reterr, E_CORRUPT, "S441", k, "the database is not that of a host");
    if (e == OK)
        memcpy(ret, buf_str(&v), v.len + 1);
    buf_done(&v);
    return e;
}

static enum err need_hex(struct host_backend *b, const char *k, uint8_t *ret, size_t n, struct errinfo *reterr)
{
    char text[65];
    TRY(need_text(b, k, text, 2 * n, reterr));
    return unhex(span_of(text), ret, n, NULL) == OK ? OK : err_set(reterr, E_CORRUPT, "S441", k, "not hexadecimal");
}

static enum err facts_load(struct host_backend *b, struct host_facts *ret, struct errinfo *reterr)
{
    char trial[4];
    TRY(need_text(b, "host.trial", trial, 3, reterr));
    TRY(need_text(b, "host.city", ret->city, CERT_CITY_MAX, reterr));
    TRY(need_text(b, "host.name", ret->name, CERT_NAME_MAX, reterr));
    TRY(need_hex(b, "host.id", ret->host_id, HOST_ID, reterr));
    TRY(need_hex(b, "host.epoch", ret->epoch, FEED_EPOCH, reterr));
    ret->trial = strcmp(trial, "yes") == 0;
    return OK;
}

static enum err write_facts(struct host_backend *b, bool trial, const char *city, const char *name,
                            struct errinfo *reterr)
{
    struct buf old = BUF_INIT;
    bool found = false;
    TRY(fact_get(b, "host.id", &old, &found, reterr));
    buf_done(&old);
    if (found)
        return err_set(reterr, E_EXISTS, NULL, "host", "there is a host in this database already");
    TRY(fact_set(b, "host.trial", trial ? "yes" : "no", reterr));
    TRY(fact_set(b, "host.city", city, reterr));
    TRY(fact_set(b, "host.name", name, reterr));
    TRY(set_random(b, "host.id", HOST_ID, reterr));
    return set_random(b, "host.epoch", FEED_EPOCH, reterr);
}

static enum err end(struct host_backend *b, enum err e, struct errinfo *reterr)
{
    if (e == OK)
        return b->ops->commit(b, reterr);
    b->ops->rollback(b);
    return e;
}

enum err host_end(struct host *h, enum err e, struct errinfo *reterr)
{
    return end(h->b, e, reterr);
}

enum err host_create(struct host_backend *b, struct clock clock, bool trial, const char *city, const char *name,
                     struct errinfo *reterr)
{
    struct buf uri = BUF_INIT;
    struct cert_id id = { .trial = trial, .role = ROLE_HOST }, again;
    snprintf(id.city, sizeof id.city, "%s", city);
    snprintf(id.name, sizeof id.name, "%s", name);
    cert_id_uri(&id, &uri);
    enum err e = cert_id_parse(buf_span(&uri), &again, NULL);
    buf_done(&uri);
    if (e != OK || strcmp(again.city, city) != 0 || strcmp(again.name, name) != 0)
        return err_set(reterr, E_INVALID, "S442", "host", "city must be digits, name letters, digits and -");
    TRY(b->ops->begin(b, reterr));
    e = write_facts(b, trial, city, name, reterr);
    if (e == OK)
        e = journal_add(b, clock.wall_ms(clock.self), "ctl", "host.create",
                        json_pack("{s:s,s:b}", "name", name, "trial", trial), reterr);
    return end(b, e, reterr);
}

/* One line for each epoch that ended: which, and the head from which the next one went on. */
#define PARTED "host.parted"

static enum err note_parting(struct host_backend *b, struct errinfo *reterr)
{
    struct buf lines = BUF_INIT;
    struct host_facts f;
    bool have = false;
    TRY(facts_load(b, &f, reterr));
    enum err e = fact_get(b, PARTED, &lines, &have, reterr);
    struct q q = q_get(b, Q_FEED_STATE);
    if (e == OK)
        e = q_row(&q, &have, reterr);
    if (e == OK) {
        hex_add(&lines, f.epoch, FEED_EPOCH);
        buf_printf(&lines, " %" PRId64 "\n", q_get_int(&q, "head"));
    }
    q_done(&q);
    if (e == OK)
        e = fact_set(b, PARTED, buf_str(&lines), reterr);
    buf_done(&lines);
    return e;
}

enum err epoch_parted(struct host *h, const uint8_t epoch[FEED_EPOCH], uint64_t *head, struct errinfo *reterr)
{
    struct buf lines = BUF_INIT, hex = BUF_INIT;
    bool found = false;
    TRY(fact_get(h->b, PARTED, &lines, &found, reterr));
    hex_add(&hex, epoch, FEED_EPOCH);
    const char *from = found ? strstr(buf_str(&lines), buf_str(&hex)) : NULL;
    if (found && !from) { /* of a course this register never took: it parted with the last one at the latest */
        const char *last = memrchr(lines.p, '\n', lines.len - 1);
        from = last ? last + 1 : lines.p;
    }
    while (from && *from) {
        uint64_t at = strtoull(from + 2 * (size_t)FEED_EPOCH, NULL, 10);
        *head = at < *head ? at : *head;
        from = strchr(from, '\n') + 1;
    }
    buf_done(&lines);
    buf_done(&hex);
    return OK;
}

enum err host_restored(struct host_backend *b, struct clock clock, const char *who, struct errinfo *reterr)
{
    TRY(b->ops->begin(b, reterr));
    enum err e = note_parting(b, reterr);
    if (e == OK)
        e = set_random(b, "host.epoch", FEED_EPOCH, reterr);
    if (e == OK)
        e = journal_add(b, clock.wall_ms(clock.self), who, "host.restored", json_object(), reterr);
    return end(b, e, reterr);
}

enum err host_is_of(struct host_backend *b, bool trial, const char *city, bool *ret, struct errinfo *reterr)
{
    struct host_facts f;
    TRY(facts_load(b, &f, reterr));
    *ret = f.trial == trial && strcmp(f.city, city) == 0;
    return OK;
}

/* ---- the object ---- */

enum err host_open(const struct host_options *o, struct host **ret, struct errinfo *reterr)
{
    struct host *h = xcalloc(1, sizeof *h);
    h->b = o->backend;
    h->clock = o->clock;
    h->book = o->book;
    h->policy = o->policy;
    h->sign = o->sign;
    h->dir = xstrdup(o->dir);
    memcpy(h->forms_digest, o->forms_digest, sizeof h->forms_digest);
    enum err e = facts_load(h->b, &h->facts, reterr);
    if (e != OK) {
        host_close(h);
        return e;
    }
    *ret = h;
    return OK;
}

void host_close(struct host *h)
{
    if (!h)
        return;
    snapshot_maker_free(h->snapshot);
    backup_maker_free(h->backup);
    host_backend_close(h->b);
    key_free(h->sign);
    free(h->slots);
    free(h->dir);
    free(h);
}

const struct host_facts *host_facts(const struct host *h)
{
    return &h->facts;
}

int64_t host_now(const struct host *h)
{
    return h->clock.wall_ms(h->clock.self);
}

struct date host_today(const struct host *h)
{
    return date_of_ms(host_now(h));
}

/* ---- numbers ---- */

static enum err next_in_series(struct host *h, const char *name, int64_t *ret, struct errinfo *reterr)
{
    bool have = false;
    struct q q = q_get(h->b, Q_SERIES_NEXT);
    q_text(&q, ":name", name);
    enum err e = q_row(&q, &have, reterr);
    if (e == OK)
        *ret = q_get_int(&q, "last");
    q_done(&q);
    return e;
}

/* Body of fixed width and its check digit; bodies for which the standard names none are skipped. */
static enum err next_number(struct host *h, const char *series, char ret[PERSON_ID_MAX + 1], struct errinfo *reterr)
{
    int width = (int)rulebook_param_int(h->book, "SERIAL_DIGITS");
    for (;;) {
        int64_t n = 0;
        char body[24];
        TRY(next_in_series(h, series, &n, reterr));
        int len = snprintf(body, sizeof body, "%0*" PRId64, width, n);
        if (len != width || width >= PERSON_ID_MAX)
            return err_set(reterr, E_FULL, "S443", series, "no numbers of %d digits are left", width);
        int digit = checkdigit_serial(span_of(body));
        if (digit >= 0) {
            snprintf(ret, PERSON_ID_MAX + 1, "%.*s%d", width, body, digit);
            return OK;
        }
    }
}

static enum err real_person(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *reterr)
{
    struct numbers *n = self;
    TRY(next_number(n->h, "person", ret, reterr));
    idlist_add(&n->drawn, ret);
    return OK;
}

static enum err real_household(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *reterr)
{
    struct numbers *n = self;
    return next_number(n->h, "household", ret, reterr);
}

static enum err code_taken(struct host *h, const char *code, bool *ret, struct errinfo *reterr)
{
    struct q q = q_get(h->b, Q_CODE_TAKEN);
    q_text(&q, ":code", code);
    enum err e = q_row(&q, ret, reterr);
    q_done(&q);
    return e;
}

/* Ten random digits, the first not 0, without bias: values at the end of the range are drawn again. */
static enum err draw_body(char ret[11], struct errinfo *reterr)
{
    const uint64_t range = 9000000000, top = UINT64_MAX - UINT64_MAX % range;
    uint64_t v = 0;
    do
        TRY(random_bytes(&v, sizeof v, reterr));
    while (v >= top);
    snprintf(ret, 11, "%" PRIu64, 1000000000 + v % range);
    return OK;
}

/* 住民票コード: drawn at random so that it says nothing (住民基本台帳法施行規則 第1条). */
static enum err real_code(void *self, char ret[12], struct errinfo *reterr)
{
    struct numbers *n = self;
    for (int i = 0; i < CODE_TRIES; i++) {
        char body[11], code[12];
        bool taken = false;
        TRY(draw_body(body, reterr));
        snprintf(code, sizeof code, "%s%d", body, checkdigit_resident_code(span_of(body)));
        TRY(code_taken(n->h, code, &taken, reterr));
        if (!taken) {
            memcpy(ret, code, sizeof code);
            return OK;
        }
    }
    return err_set(reterr, E_FULL, "S443", "resident code", "no free code found");
}

struct number_source numbers_real(struct numbers *n)
{
    return (struct number_source){ real_person, real_household, real_code, n };
}

static enum err trial_number(void *self, char ret[PERSON_ID_MAX + 1], struct errinfo *reterr)
{
    (void)reterr;
    struct numbers_trial *n = self;
    snprintf(ret, PERSON_ID_MAX + 1, "T-%d", ++n->n);
    return OK;
}

static enum err trial_code(void *self, char ret[12], struct errinfo *reterr)
{
    (void)self, (void)reterr;
    ret[0] = '\0';
    return OK;
}

struct number_source numbers_provisional(struct numbers_trial *n)
{
    return (struct number_source){ trial_number, trial_number, trial_code, n };
}
