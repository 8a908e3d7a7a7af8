#include "store/certs.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "stmt_in.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REASON_MIN 5

static const char *const state_names[] = {
    [REQUEST_OPEN] = "open",
    [REQUEST_ISSUED] = "issued",
    [REQUEST_REFUSED] = "refused",
    [REQUEST_CLOSED] = "closed",
};
_Static_assert(ARRAY_LEN(state_names) == REQUEST_STATES, "a state has no name");

const char *cert_request_state_name(enum cert_request_state s)
{
    return state_names[s];
}

/* Text and number members of both rows, once, for binding and reading. */
struct member {
    const char *column;
    size_t at;
};

static const struct member request_texts[] = {
    { "no", offsetof(struct cert_request, no) },
    { "operator", offsetof(struct cert_request, operator_id) },
    { "kind", offsetof(struct cert_request, kind) },
    { "requester", offsetof(struct cert_request, requester) },
    { "name", offsetof(struct cert_request, name) },
    { "address", offsetof(struct cert_request, address) },
    { "relation", offsetof(struct cert_request, relation) },
    { "basis", offsetof(struct cert_request, basis) },
    { "purpose", offsetof(struct cert_request, purpose) },
    { "proof", offsetof(struct cert_request, proof) },
    { "id_document", offsetof(struct cert_request, id_document) },
    { "id_tail", offsetof(struct cert_request, id_tail) },
    { "items", offsetof(struct cert_request, items) },
    { "exempt", offsetof(struct cert_request, exempt) },
    { "outage_no", offsetof(struct cert_request, outage_no) },
    { "keep_until", offsetof(struct cert_request, keep_until) },
    { "refusal", offsetof(struct cert_request, refusal) },
};

static const struct member issue_texts[] = {
    { "no", offsetof(struct cert_issue, no) },
    { "request", offsetof(struct cert_issue, request) },
    { "office", offsetof(struct cert_issue, office) },
    { "terminal", offsetof(struct cert_issue, terminal) },
    { "kind", offsetof(struct cert_issue, kind) },
    { "issued_on", offsetof(struct cert_issue, issued_on) },
    { "operator", offsetof(struct cert_issue, operator_id) },
    { "approver", offsetof(struct cert_issue, approver) },
    { "exempt", offsetof(struct cert_issue, exempt) },
    { "key_id", offsetof(struct cert_issue, key_id) },
    { "outage_no", offsetof(struct cert_issue, outage_no) },
    { "contact_no", offsetof(struct cert_issue, contact_no) },
};

static const struct member issue_numbers[] = {
    { "copy", offsetof(struct cert_issue, copy) },     { "year", offsetof(struct cert_issue, year) },
    { "serial", offsetof(struct cert_issue, serial) }, { "issued_ms", offsetof(struct cert_issue, issued_ms) },
    { "fee", offsetof(struct cert_issue, fee) },       { "copy_as_of_ms", offsetof(struct cert_issue, copy_as_of_ms) },
};

static const char **text_at(const void *row, size_t at)
{
    return (const char **)(void *)((char *)(uintptr_t)row + at);
}

static int64_t *number_at(const void *row, size_t at)
{
    return (int64_t *)(void *)((char *)(uintptr_t)row + at);
}

static void bind_texts(struct stmt *q, const void *row, const struct member *m, size_t n)
{
    char name[24];
    for (size_t i = 0; i < n; i++) {
        const char *text = *text_at(row, m[i].at);
        snprintf(name, sizeof name, ":%s", m[i].column);
        stmt_text(q, name, text ? text : "");
    }
}

static void read_texts(const struct stmt *q, void *row, const struct member *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *text_at(row, m[i].at) = col_text(q, m[i].column);
}

/* ---- requests ---- */

enum err cert_request_add(struct db *db, const struct cert_request *r, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CERT_REQUEST_ADD);
    bind_texts(q, r, request_texts, ARRAY_LEN(request_texts));
    stmt_i64(q, ":made_ms", db_now(db));
    stmt_i64(q, ":copies", r->copies);
    stmt_i64(q, ":reason_holds", r->reason_holds);
    stmt_i64(q, ":photo_id", r->photo_id);
    stmt_i64(q, ":in_person", r->in_person);
    stmt_i64(q, ":by_post", r->by_post);
    stmt_text(q, ":state", state_names[r->state]);
    TRY(stmt_run(q, reterr));
    for (size_t i = 0; i < r->n_person; i++) {
        q = stmt_get(db, Q_CERT_REQUEST_PERSON_ADD);
        stmt_text(q, ":request", r->no);
        stmt_i64(q, ":n", (int64_t)i);
        stmt_text(q, ":person", r->person[i]);
        TRY(stmt_run(q, reterr));
    }
    return OK;
}

static enum err read_persons(struct db *db, const char *no, char ***ret, size_t *ret_n, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CERT_REQUEST_PERSONS);
    bool have = false;
    enum err e;
    stmt_text(q, ":request", no);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        *ret = xrealloc(*ret, *ret_n + 1, sizeof **ret);
        (*ret)[(*ret_n)++] = col_dup(q, "person");
    }
    stmt_done(q);
    return e;
}

static enum err read_request(const struct stmt *q, struct cert_request *r, struct errinfo *reterr)
{
    read_texts(q, r, request_texts, ARRAY_LEN(request_texts));
    r->made_ms = col_i64(q, "made_ms");
    r->copies = col_i64(q, "copies");
    r->reason_holds = col_i64(q, "reason_holds") != 0;
    r->photo_id = col_i64(q, "photo_id") != 0;
    r->in_person = col_i64(q, "in_person") != 0;
    r->by_post = col_i64(q, "by_post") != 0;
    while (r->state < REQUEST_CLOSED && strcmp(state_names[r->state], col_text(q, "state")))
        r->state++;
    r->previewed = !col_null(q, "preview");
    return r->previewed ? col_fixed(q, "preview", r->preview, CERT_HASH, reterr) : OK;
}

enum err cert_request_get(struct db *db, const char *no, void (*cb)(void *arg, const struct cert_request *), void *arg,
                          struct errinfo *reterr)
{
    char **person = NULL;
    struct cert_request r = { .state = REQUEST_OPEN };
    struct stmt *q = stmt_get(db, Q_CERT_REQUEST_GET);
    stmt_text(q, ":no", no);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        e = read_persons(db, no, &person, &r.n_person, reterr);
    if (e == OK)
        e = read_request(q, &r, reterr);
    r.person = (const char *const *)person;
    if (e == OK)
        cb(arg, &r);
    stmt_done(q);
    for (size_t i = 0; i < r.n_person; i++)
        free(person[i]);
    free(person);
    return e;
}

enum err cert_requests_open(struct db *db, int64_t since_ms, int64_t max,
                            void (*cb)(void *arg, const struct cert_request *), void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CERT_REQUESTS_OPEN);
    bool have = false;
    enum err e;
    stmt_i64(q, ":since", since_ms);
    stmt_i64(q, ":max", max);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct cert_request r = { .no = col_text(q, "no"),
                                  .operator_id = col_text(q, "operator"),
                                  .kind = col_text(q, "kind"),
                                  .requester = col_text(q, "requester"),
                                  .name = col_text(q, "name"),
                                  .outage_no = col_text(q, "outage_no"),
                                  .refusal = col_text(q, "refusal"),
                                  .made_ms = col_i64(q, "made_ms"),
                                  .copies = col_i64(q, "copies") };
        cb(arg, &r);
    }
    stmt_done(q);
    return e;
}

static enum err changed_one(struct stmt *q, const char *no, struct errinfo *reterr)
{
    int64_t n = 0;
    TRY(stmt_run_n(q, &n, reterr));
    return n == 1 ? OK : err_set(reterr, E_NOTFOUND, NULL, no, "no such row");
}

enum err cert_request_end(struct db *db, const char *no, enum cert_request_state state, const char *refusal,
                          struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CERT_REQUEST_STATE);
    stmt_text(q, ":no", no);
    stmt_text(q, ":state", state_names[state]);
    stmt_text(q, ":refusal", refusal ? refusal : "");
    return changed_one(q, no, reterr);
}

enum err cert_request_previewed(struct db *db, const char *no, const uint8_t hash[CERT_HASH], struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CERT_REQUEST_PREVIEW);
    stmt_text(q, ":no", no);
    stmt_blob(q, ":preview", hash, CERT_HASH);
    return changed_one(q, no, reterr);
}

enum err cert_request_last_copy(struct db *db, const char *no, int64_t *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CERT_REQUEST_LAST_COPY);
    stmt_text(q, ":request", no);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = col_i64(q, "copy");
    stmt_done(q);
    return e;
}

/* ---- issues ---- */

enum err cert_issue_add(struct db *db, const struct cert_issue *i, const struct cert_issue_person *person, size_t n,
                        struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CERT_ISSUE_ADD);
    char name[24];
    bind_texts(q, i, issue_texts, ARRAY_LEN(issue_texts));
    for (size_t k = 0; k < ARRAY_LEN(issue_numbers); k++) {
        snprintf(name, sizeof name, ":%s", issue_numbers[k].column);
        stmt_i64(q, name, *number_at(i, issue_numbers[k].at));
    }
    stmt_blob(q, ":content_hash", i->content_hash, CERT_HASH);
    stmt_i64(q, ":my_number", i->my_number);
    stmt_i64(q, ":seal", i->seal);
    TRY(stmt_run(q, reterr));
    for (size_t k = 0; k < n; k++) {
        q = stmt_get(db, Q_CERT_ISSUE_PERSON_ADD);
        stmt_text(q, ":issue", i->no);
        stmt_text(q, ":person", person[k].id);
        stmt_i64(q, ":rev", person[k].rev);
        TRY(stmt_run(q, reterr));
    }
    return OK;
}

static enum err read_issue(const struct stmt *q, struct cert_issue *i, struct errinfo *reterr)
{
    *i = (struct cert_issue){ 0 };
    read_texts(q, i, issue_texts, ARRAY_LEN(issue_texts));
    for (size_t k = 0; k < ARRAY_LEN(issue_numbers); k++)
        *number_at(i, issue_numbers[k].at) = col_i64(q, issue_numbers[k].column);
    i->my_number = col_i64(q, "my_number") != 0;
    i->seal = col_i64(q, "seal") != 0;
    i->job = col_i64(q, "job");
    i->pages = col_i64(q, "pages");
    i->state = col_text(q, "state");
    i->printer = col_text(q, "printer");
    i->void_ms = col_i64(q, "void_ms");
    i->void_reason = col_text(q, "void_reason");
    return col_fixed(q, "content_hash", i->content_hash, CERT_HASH, reterr);
}

enum err cert_issue_get(struct db *db, const char *no, void (*cb)(void *arg, const struct cert_issue *), void *arg,
                        struct errinfo *reterr)
{
    struct cert_issue i;
    struct stmt *q = stmt_get(db, Q_CERT_ISSUE_GET);
    stmt_text(q, ":no", no);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        e = read_issue(q, &i, reterr);
    if (e == OK)
        cb(arg, &i);
    stmt_done(q);
    return e;
}

enum err cert_issues(struct db *db, enum cert_issues_by by, const char *key, int64_t max,
                     void (*cb)(void *arg, const struct cert_issue *), void *arg, struct errinfo *reterr)
{
    static const enum stmt_id query[] = {
        [CERTS_BY_REQUEST] = Q_CERT_ISSUES_BY_REQUEST,
        [CERTS_BY_DAY] = Q_CERT_ISSUES_BY_DAY,
        [CERTS_BY_PERSON] = Q_CERT_ISSUES_BY_PERSON,
    };
    _Static_assert(ARRAY_LEN(query) == CERTS_BY, "a key has no query");
    struct stmt *q = stmt_get(db, query[by]);
    struct cert_issue i;
    bool have = false;
    enum err e;
    stmt_text(q, ":key", key);
    stmt_i64(q, ":max", max);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        e = read_issue(q, &i, reterr);
        if (e != OK)
            break;
        cb(arg, &i);
    }
    stmt_done(q);
    return e;
}

enum err cert_issue_persons(struct db *db, const char *no, void (*cb)(void *arg, const char *person, int64_t rev),
                            void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CERT_ISSUE_PERSONS);
    bool have = false;
    enum err e;
    stmt_text(q, ":issue", no);
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        cb(arg, col_text(q, "person"), col_i64(q, "rev"));
    stmt_done(q);
    return e;
}

enum err cert_void(struct db *db, const char *no, const char *operator_id, const char *reason, bool fee_back,
                   struct errinfo *reterr)
{
    if (utf8_count(span_of(reason)) < REASON_MIN)
        return err_set(reterr, E_INVALID, "S007", "reason", "at least %d characters", REASON_MIN);
    struct stmt *q = stmt_get(db, Q_CERT_VOID_ADD);
    stmt_text(q, ":no", no);
    stmt_i64(q, ":at_ms", db_now(db));
    stmt_text(q, ":operator", operator_id);
    stmt_text(q, ":reason", reason);
    stmt_i64(q, ":fee_back", fee_back);
    return stmt_run(q, reterr);
}

static enum err read_sums(struct stmt *q, struct cert_sums *ret, struct errinfo *reterr)
{
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = (struct cert_sums){ col_i64(q, "requests"), col_i64(q, "copies"),     col_i64(q, "fees"),
                                   col_i64(q, "handed"),   col_i64(q, "spoiled"),    col_i64(q, "voided"),
                                   col_i64(q, "sheets"),   col_i64(q, "sheets_good") };
    stmt_done(q);
    return e;
}

enum err cert_sums_of_day(struct db *db, const char *day, struct cert_sums *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CERT_DAY_SUMS);
    stmt_text(q, ":day", day);
    return read_sums(q, ret, reterr);
}

enum err cert_sums_of_outage(struct db *db, const char *outage_no, struct cert_sums *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_CERT_OUTAGE_SUMS);
    stmt_text(q, ":outage", outage_no);
    return read_sums(q, ret, reterr);
}
