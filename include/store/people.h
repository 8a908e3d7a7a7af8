/*
 * Residents at the branch (住民の副本): the history as the host gave it — append-only, one row per 宛名番号 and
 * 履歴番号 — and what is derived from it to find people: current row, names and addresses that were ever theirs.
 * Nothing here changes a person; rows arrive by feed or snapshot only. What an operator may see is decided in the
 * service. Source: spec/domain.md A.1, D.1–D.3; 標準仕様書 1.2.1, 2.1.
 */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "domain/effect.h"
#include "domain/notice_points.h"
#include "domain/variant.h"

struct db;

/* Takes variant groups and eras out of the rules, for the search keys. Must be called once the store is open, before
 * anything below; again when the rules changed. E_INVALID when the table of variants is wrong. */
enum err people_use(struct db *, const struct rulebook *, struct errinfo *) NODISCARD;

/* ---- rows from the host ---- */

/* Takes one history row and refreshes what is derived, inside a transaction. The same row again changes nothing; other
 * content under a number that is there is E_CORRUPT (S110). An older row than the current one only adds to what the
 * person is found by. */
enum err people_apply(struct db *, const struct resident *, int64_t host_seq, struct errinfo *) NODISCARD;

/* The same for many rows (first load): keeps the dictionary in memory. May live over several transactions, but not over
 * one that was rolled back, nor beside people_apply. */
struct people_bulk;
struct people_bulk *people_bulk_new(struct db *);
enum err people_bulk_apply(struct people_bulk *, const struct resident *, int64_t host_seq, struct errinfo *) NODISCARD;
void people_bulk_free(struct people_bulk *);

/* The host was restored from a backup and knows nothing behind `host_seq`: rows from there on are kept aside and no
 * longer part of the history, so that the host may give their numbers again. Takes as long as people_rebuild when there
 * are any. Inside a transaction. Source: spec sync §2.12. */
enum err people_host_restored(struct db *, int64_t host_seq, struct errinfo *) NODISCARD;

/* True when the derived rows were made with other variant groups than those in force. */
enum err people_outdated(struct db *, bool *ret, struct errinfo *) NODISCARD;
/* Makes everything derived anew from the history, in one transaction of its own. */
enum err people_rebuild(struct db *, struct errinfo *) NODISCARD;

/* ---- one person, one household ---- */

/* Current row; E_NOTFOUND. The caller frees. */
enum err people_by_id(struct db *, const char *id, struct resident **ret, struct errinfo *) NODISCARD;
/* Row of a history number; E_NOTFOUND. */
enum err people_at_rev(struct db *, const char *id, int64_t rev, struct resident **ret, struct errinfo *) NODISCARD;
/* All rows of a person, oldest first; E_NOTFOUND when there is none. */
enum err people_history(struct db *, const char *id, struct resident_list *ret, struct errinfo *) NODISCARD;
/* Appends the living members of a household, in no particular order. */
enum err people_load_household(struct db *, const char *household, struct resident_list *ret,
                               struct errinfo *) NODISCARD;
enum err people_household_size(struct db *, const char *household, int64_t *ret, struct errinfo *) NODISCARD;
/* What a list tells beside a person, in one look-up. */
struct people_around {
    int64_t household_size; /* living members */
    bool restricted;        /* something not released stands on the person, the household or a living member */
    bool open_case;         /* a notice about the person is open */
};
enum err people_around(struct db *, const char *id, const char *household, struct people_around *ret,
                       struct errinfo *) NODISCARD;
/* World of a notice: these persons and all living members of their and these households, each once. A person or
 * household that is not there is left out. */
enum err people_world(struct db *, const struct idlist *people, const struct idlist *households, struct world *ret,
                      struct errinfo *) NODISCARD;
/* Persons, removed ones too, whose current row holds this number: ATTR_MY_NUMBER, ATTR_RESIDENT_CODE or ATTR_CARD_NO.
 */
enum err people_by_number(struct db *, enum attr, const char *number, struct idlist *ret, struct errinfo *) NODISCARD;
/* Persons of that birth day whose names, past ones too, hold this one: 再転入, 三情報の一致. */
enum err people_same(struct db *, const char *name, struct date birth, const char *sex, struct idlist *ret,
                     struct errinfo *) NODISCARD;
/* Persons and rows, for the comparison with a snapshot's counts. */
enum err people_count(struct db *, int64_t *ret_persons, int64_t *ret_living, int64_t *ret_rows,
                      struct errinfo *) NODISCARD;

/* ---- search ---- */

struct people_query { /* NULL or "" in a member: any. All that are given must hold. */
    const char *name; /* 氏名, アルファベット, 旧氏, 通称, today's or former: part of it, in any variant form */
    const char *kana;    /* the same of the readings */
    const char *address; /* from the name of the town on, or the name of the building; today's or former */
    const char *id, *household;
    struct date birth;    /* y = 0: any; compared with the sort day */
    struct date birth_to; /* y = 0: that day alone, else every day up to this one */
    bool include_removed;
    /* Rows for which it says true are passed over and not counted; NULL: none. */
    enum err (*hide)(void *arg, const struct resident *, bool *ret_hide, struct errinfo *);
    void *arg;
    int offset, limit;
    int examine; /* at most so many persons are looked at */
};
struct people_found {
    /* Current rows, beginnings of names before other parts. Of the attributes those of a list: 氏名, アルファベット,
     * フリガナ, 生年月日, 性別, 続柄, 世帯番号, 住所, 住民状態, 届出予定日. */
    struct resident_list rows;
    bool more; /* there are, or may be, others */
};
/* E_INVALID S111 when nothing is given that can be looked up (an address that begins with a number, a single blank). */
enum err people_search(struct db *, const struct people_query *, struct people_found *ret, struct errinfo *) NODISCARD;

/* Whether each row of the copy still is what the host sent (点検): walks at most `max` rows behind `after` (0: from the
 * beginning), calls back for each whose content does not fit its hash. *ret_last is where to go on; *ret_rows = 0 at
 * the end. */
enum err people_verify(struct db *, int64_t after, int64_t max, void (*bad)(void *arg, const char *id, int64_t rev),
                       void *arg, int64_t *ret_last, int64_t *ret_rows, struct errinfo *) NODISCARD;

#endif
