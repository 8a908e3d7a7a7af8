/*
 * Cases (届出の受付簿): what was entered, in versions, what each was based on, every step and who took it. The state of
 * a case is that of its last step; triggers refuse a decision by anybody who took part in the entry, a decision without
 * examination, a second open case of a person, and every change of what has been. The rules of the steps are
 * domain/state.h's; here they are only kept. Source: spec/domain.md E.1–E.3; 標準仕様書 4.0.8, 10.3.
 */
#ifndef STORE_NOTICES_H
#define STORE_NOTICES_H

#include "domain/effect.h"
#include "domain/notice_points.h"
#include "domain/state.h"

struct db;

#define CASE_NO_MAX 40

struct case_base { /* the row of a person the entry was made against */
    char id[PERSON_ID_MAX + 1];
    int64_t rev;
};

struct case_row { /* texts owned; never NULL once read */
    char *no, *kind;
    enum case_state state;
    int64_t version;
    char *received_at; /* ISO with offset */
    int64_t received_ms;
    char *outage_no; /* "" outside a stop */
    char *entered_by;
    int64_t entered_ms, changed_ms;
    char *examined_by, *decided_by; /* "" while not done; not told by case_list */
    char *host_no;
    char *forms_digest; /* hex */
};
void case_row_done(struct case_row *);

/* ---- steps; all inside a transaction ---- */

/* Opens a case in state `draft`. */
enum err case_new(struct db *, const char *no, const char *kind, const char *received_at, int64_t received_ms,
                  const char *outage_no, struct errinfo *) NODISCARD;

struct case_entry {
    const char *no;
    const struct notice *notice;
    const char *operator_id, *forms_digest;
    const struct case_base *base;
    size_t n_base;
    const char *const *acks;
    size_t n_acks;
    const struct idlist *people;     /* who may have no other open case from now on */
    const struct idlist *households; /* that it concerns, also without naming anybody there; NULL: none */
};
/* Stores the next version. The step itself is a case_event. E_EXISTS E14 (item: the person) when somebody has an open
 * case. */
enum err case_enter(struct db *, const struct case_entry *, struct errinfo *) NODISCARD;

struct case_event { /* texts borrowed */
    int64_t n, at_ms;
    enum case_step step;
    enum case_state state; /* after it */
    const char *operator_id;
    const char *reason, *detail; /* detail: JSON or "" */
};
/* n and at_ms are given here. A case that is no longer open sets its people free. E_DENIED when a trigger refuses. */
enum err case_step_taken(struct db *, const char *no, const struct case_event *, struct errinfo *) NODISCARD;
enum err case_posted_as(struct db *, const char *no, const char *host_no, struct errinfo *) NODISCARD;

/* ---- reading ---- */

enum err case_get(struct db *, const char *no, struct case_row *ret, struct errinfo *) NODISCARD; /* E_NOTFOUND S221 */
/* Values of the present version; the caller frees. */
enum err case_values(struct db *, const struct case_row *, struct notice **ret, struct errinfo *) NODISCARD;
enum err case_bases(struct db *, const struct case_row *, struct case_base **ret, size_t *ret_n,
                    struct errinfo *) NODISCARD;
enum err case_acks(struct db *, const struct case_row *, void (*cb)(void *arg, const char *msg), void *arg,
                   struct errinfo *) NODISCARD;
enum err case_events(struct db *, const char *no, void (*cb)(void *arg, const struct case_event *), void *arg,
                     struct errinfo *) NODISCARD;
/* Has he taken part in the entry of any version? */
enum err case_entered_by(struct db *, const char *no, const char *operator_id, bool *ret, struct errinfo *) NODISCARD;
/* Open case of a person; "" when there is none. */
enum err case_of_person(struct db *, const char *person, char ret[CASE_NO_MAX + 1], struct errinfo *) NODISCARD;
/* An open case that concerns the household; "" when there is none. */
enum err case_of_household(struct db *, const char *household, char ret[CASE_NO_MAX + 1], struct errinfo *) NODISCARD;
/* Number of the stop that is open, "" outside one. */
enum err case_open_stop(struct db *, struct buf *ret, struct errinfo *) NODISCARD;

/* In the order of receipt. NULL in kind or operator: any. */
struct case_filter {
    enum case_state state;
    const char *kind, *entered_by;
    int64_t limit;
};
enum err case_list(struct db *, const struct case_filter *, void (*cb)(void *arg, const struct case_row *), void *arg,
                   struct errinfo *) NODISCARD;

/* Open cases by state. */
enum err case_waiting(struct db *, void (*cb)(void *arg, enum case_state, int64_t n, int64_t oldest_ms), void *arg,
                      struct errinfo *) NODISCARD;
/* When each open case was received, oldest first. */
enum err case_ages(struct db *, void (*cb)(void *arg, int64_t received_ms), void *arg, struct errinfo *) NODISCARD;

struct case_count {
    const char *kind;
    int64_t received, posted, withdrawn, in_stop;
};
/* Of cases received in [from_ms, to_ms); kinds with none are left out. */
enum err case_statistics(struct db *, int64_t from_ms, int64_t to_ms, void (*cb)(void *arg, const struct case_count *),
                         void *arg, struct errinfo *) NODISCARD;

#endif
