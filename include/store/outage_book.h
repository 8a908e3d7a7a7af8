/*
 * What was received while the counter was stopped (停止時受付簿), what the comparison of certificates found, and the
 * figures for the reconciliation. The day of receipt never changes. A notice handed to the host office never comes
 * back. Writes happen inside the caller's transaction. Source: spec standard §2.4, §2.7.
 */
#ifndef STORE_OUTAGE_BOOK_H
#define STORE_OUTAGE_BOOK_H

#include "domain/outage.h"

struct db;

enum book_state {
    BOOK_PAPER,     /* 未入力 */
    BOOK_ENTERED,   /* 停止時入力済 */
    BOOK_EXAMINED,  /* 審査済 */
    BOOK_DECIDED,   /* 承認済 */
    BOOK_POSTED,    /* 反映済 */
    BOOK_CONFLICT,  /* 競合 */
    BOOK_HOST,      /* 本庁代行 */
    BOOK_RETURNED,  /* 返戻 */
    BOOK_WITHDRAWN, /* 取下げ */
    BOOK_STATES
};
const char *book_state_name(enum book_state);
const char *book_state_label(enum book_state);
enum book_state book_state_by_name(struct span);

struct book_entry { /* texts never NULL when read; NULL is "" when written */
    int64_t n;
    const char *no;          /* 停止番号-連番; given */
    const char *received_at; /* ISO with offset */
    int64_t entered_ms;      /* given */
    const char *entered_by, *kind;
    const char *notifier, *relation, *id_check, *phone, *papers, *examined, *slip_no, *envelope;
    int64_t persons, sheets;
    bool by_host; /* entry_owner: the host office types it in */
    const char *notice_no, *host_no;
    enum book_state state;
    bool late; /* 後日入力 */
};
/* A paper that was received; *ret_no is its number in the book. */
enum err book_add(struct db *, const char *outage_no, const struct book_entry *, struct buf *ret_no,
                  struct errinfo *) NODISCARD;
/* The notice of the book was typed in: its 受付番号. E_CONFLICT when it has one or belongs to the host office. */
enum err book_link(struct db *, const char *no, const char *notice_no, struct errinfo *) NODISCARD;
/* 封筒, 預り証, 審査: may be filled in later. NULL leaves as it is. */
enum err book_note(struct db *, const char *no, const char *examined, const char *slip_no, const char *envelope,
                   struct errinfo *) NODISCARD;
/* 本庁代行: the host office takes it over; what waits for the replay leaves the queue. */
enum err book_hand_over(struct db *, const char *no, struct errinfo *) NODISCARD;
enum err book_set(struct db *, const char *no, enum book_state, const char *host_no, struct errinfo *) NODISCARD;
/* The same by 受付番号; nothing happens when the book does not have it. */
enum err book_set_notice(struct db *, const char *notice_no, enum book_state, const char *host_no,
                         struct errinfo *) NODISCARD;
/* In the order of the book. The row is borrowed. */
enum err book_list(struct db *, const char *outage_no, void (*cb)(void *arg, const struct book_entry *), void *arg,
                   struct errinfo *) NODISCARD;
enum err book_get(struct db *, const char *no, void (*cb)(void *arg, const struct book_entry *), void *arg,
                  struct errinfo *) NODISCARD;

/* 発行再照合. */
struct book_cert {
    const char *cert_no, *kind, *request;
    int64_t issued_ms;
    const char *found; /* "" not compared yet, "same", "differs" */
    const char *persons, *settled_by, *second, *ground;
};
enum err book_certs(struct db *, const char *outage_no, void (*cb)(void *arg, const struct book_cert *), void *arg,
                    struct errinfo *) NODISCARD;
/* persons: 宛名番号 separated by blanks, "" = the same. */
enum err book_cert_found(struct db *, const char *outage_no, const char *cert_no, const char *persons,
                         struct errinfo *) NODISCARD;
enum err book_cert_settle(struct db *, const char *outage_no, const char *cert_no, const char *operator_id,
                          const char *second, const char *ground, struct errinfo *) NODISCARD;

/* Figures of the reconciliation table, and what is still open: unposted, in conflict, certificates that differ. What is
 * unanswered is a line of the table. */
enum err book_counts(struct db *, const char *outage_no, struct outage_counts *ret, int64_t *ret_open,
                     struct errinfo *) NODISCARD;
/* A line that does not balance, explained by the 住民記録責任者: counts for that very difference only. */
enum err book_explain(struct db *, const char *outage_no, const char *line, int64_t difference, const char *ground,
                      const char *operator_id, struct errinfo *) NODISCARD;
enum err book_explained(struct db *, const char *outage_no, const char *line, int64_t difference, bool *ret,
                        struct errinfo *) NODISCARD;

#endif
