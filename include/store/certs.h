/*
 * Requests for certificates and what was issued on them (交付請求、交付履歴). A request and an issue never change and
 * are never deleted; a wrong issue is voided with a reason and keeps its number. All writes stand inside the
 * transaction of the use case. Never decides who may have what. Source: 標準仕様書 1.3.8; spec C.4, C.5, C.7, C.8.
 */
#ifndef STORE_CERTS_H
#define STORE_CERTS_H

#include "base/buf.h"
#include "domain/record.h"
#include <stdint.h>

struct db;

#define CERT_HASH 32

enum cert_request_state { REQUEST_OPEN, REQUEST_ISSUED, REQUEST_REFUSED, REQUEST_CLOSED, REQUEST_STATES };
const char *cert_request_state_name(enum cert_request_state); /* "open" */

struct cert_request { /* texts are never NULL when read; NULL is "" when written */
    const char *no, *operator_id, *kind, *requester;
    const char *name, *address, *relation, *basis, *purpose, *proof;
    const char *id_document, *id_tail; /* kind of document and the last digits of its number */
    const char *items;                 /* codes separated by blanks */
    const char *exempt, *outage_no, *keep_until;
    const char *refusal; /* message, "" unless refused or held back */
    int64_t made_ms, copies;
    bool reason_holds, photo_id, in_person, by_post;
    enum cert_request_state state;
    bool previewed;
    uint8_t preview[CERT_HASH]; /* of what was previewed last */
    const char *const *person;  /* 宛名番号 */
    size_t n_person;
};

enum err cert_request_add(struct db *, const struct cert_request *, struct errinfo *) NODISCARD;
/* Calls back once; E_NOTFOUND without. The row is borrowed for the call. */
enum err cert_request_get(struct db *, const char *no, void (*cb)(void *arg, const struct cert_request *), void *arg,
                          struct errinfo *) NODISCARD;
/* Requests that still wait, oldest first, from a moment on: number, moment, operator, kind, requester and name, copies,
 * stop and what was said when it was taken. */
enum err cert_requests_open(struct db *, int64_t since_ms, int64_t max,
                            void (*cb)(void *arg, const struct cert_request *), void *arg, struct errinfo *) NODISCARD;
enum err cert_request_end(struct db *, const char *no, enum cert_request_state, const char *refusal,
                          struct errinfo *) NODISCARD;
enum err cert_request_previewed(struct db *, const char *no, const uint8_t hash[CERT_HASH], struct errinfo *) NODISCARD;
/* Highest number of a copy issued on the request, 0 when none. */
enum err cert_request_last_copy(struct db *, const char *no, int64_t *ret, struct errinfo *) NODISCARD;

struct cert_issue {
    const char *no, *request, *office, *terminal, *kind, *issued_on, *operator_id, *approver, *exempt, *key_id,
        *outage_no;
    const char *contact_no; /* 連絡記録 of an approval by telephone */
    int64_t copy, year, serial, issued_ms, fee, copy_as_of_ms;
    uint8_t content_hash[CERT_HASH];
    bool my_number, seal;
    /* Read only: of the print job and the disposal. */
    int64_t job, pages, void_ms;
    const char *state, *printer, *void_reason;
};
struct cert_issue_person {
    const char *id;
    int64_t rev;
};

enum err cert_issue_add(struct db *, const struct cert_issue *, const struct cert_issue_person *, size_t n,
                        struct errinfo *) NODISCARD;
/* Calls back once; E_NOTFOUND without. */
enum err cert_issue_get(struct db *, const char *no, void (*cb)(void *arg, const struct cert_issue *), void *arg,
                        struct errinfo *) NODISCARD;
enum cert_issues_by { CERTS_BY_REQUEST, CERTS_BY_DAY, CERTS_BY_PERSON, CERTS_BY };
/* At most max rows; of a request in the order of the copies, else newest first. `day` is "2026-07-01". */
enum err cert_issues(struct db *, enum cert_issues_by, const char *key, int64_t max,
                     void (*cb)(void *arg, const struct cert_issue *), void *arg, struct errinfo *) NODISCARD;
enum err cert_issue_persons(struct db *, const char *no, void (*cb)(void *arg, const char *person, int64_t rev),
                            void *arg, struct errinfo *) NODISCARD;
/* E_EXISTS when it is void already, E_NOTFOUND for an unknown number, E_INVALID for a reason below 5 characters. */
enum err cert_void(struct db *, const char *no, const char *operator_id, const char *reason, bool fee_back,
                   struct errinfo *) NODISCARD;

struct cert_sums { /* for the dashboard, the daily tally and the balance of a stop */
    int64_t requests, copies, fees, handed, spoiled, voided, sheets, sheets_good;
};
enum err cert_sums_of_day(struct db *, const char *day, struct cert_sums *ret, struct errinfo *) NODISCARD;
enum err cert_sums_of_outage(struct db *, const char *outage_no, struct cert_sums *ret, struct errinfo *) NODISCARD;

#endif
