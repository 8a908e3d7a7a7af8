/*
 * Certificates as rules (住民票の写し等): what kinds there are, who may request them, which item may be shown to whom,
 * and how the rows of residents become the text of one copy. All of it is data – data/tables/cert_kinds.tsv,
 * cert_requesters.tsv, cert_exemptions.tsv and an item table per kind – read here into a closed set of words.
 * Provisional entries never reach this module; a planned move-out is not shown before its day. Pure. Source: 住基法
 * 第12条–第12条の4, 第15条の4; 標準仕様書 5.1–5.7; spec C.1–C.7, E53–E59.
 */
#ifndef DOMAIN_CERTIFICATE_H
#define DOMAIN_CERTIFICATE_H

#include "domain/cert_copy.h"
#include "domain/finding.h"
#include "domain/notice.h"
#include "domain/rulebook.h"
#include "domain/variant.h"

/* May an item be shown? In the order of strictness. */
enum cert_show {
    SHOW_ALWAYS, /* 基礎証明事項 */
    SHOW_ASK,    /* 特別の請求 */
    SHOW_REASON, /* asked for, and the reason was found to need it */
    SHOW_NEVER,
    SHOWS
};

enum cert_subject {
    SUBJECT_LIVING,
    SUBJECT_REMOVED, /* 除票: one person */
    SUBJECT_LEAVING, /* 転出予定者: persons of one move-out */
    SUBJECT_LATE,    /* 除票 of one who moved out without a notice, or filed too late for one */
    SUBJECTS
};
/* Who asks, as far as it decides how the counter may act; the rest is data. */
enum cert_relation { REL_SELF, REL_HOUSEHOLD, REL_PROXY, REL_THIRD, REL_OFFICE, RELS };
/* Whose name the requester must bear: the one person's, a member's of the household, or anybody's. */
enum cert_named { NAMED_SELF, NAMED_MEMBER, NAMED_OTHER, NAMEDS };

struct cert_requester { /* 請求者の区分 */
    const char *code, *label;
    char *basis; /* 法第12条第1項 */
    enum cert_relation relation;
    enum cert_named named;
    bool document;      /* 本人確認書類 must be seen */
    bool reason;        /* 請求の理由 must be stated */
    bool proof;         /* a document for authority or reason must be seen */
    const char *exempt; /* exemption that applies by itself, or "" */
    char *mark;         /* 公用, or "" */
};

struct cert_item { /* 記載項目 */
    const char *code, *label;
    enum attr attr;       /* where it comes from; decides for whom it exists */
    size_t format;        /* row of the format table */
    const char *table;    /* code table of the format, or "" */
    bool history;         /* its changes are lines of the history */
    const char *with;     /* item whose 請求 brings this one (筆頭者 comes with 本籍), or "" */
    bool number;          /* 個人番号・住民票コード: E53, W54, X05 */
    enum cert_show *show; /* by requester, in the order of the requester table */
};

struct cert_items {
    const char *name; /* of the table */
    struct cert_item *i;
    size_t n;
};

struct cert_kind {
    const char *code, *label, *layout, *fee;
    enum cert_subject subject;
    bool offline;             /* may be issued in a stop */
    const char *whole, *part; /* parameters with the sentence (認証文) for 世帯全員 and 世帯一部 */
    const struct cert_items *items;
    bool frozen;  /* issued again as it was issued first, marked 再交付 (転出証明書) */
    bool *denied; /* by requester: may not ask for this kind */
};

struct cert_rules {
    struct cert_kind *kind;
    size_t n_kind;
    struct cert_requester *requester;
    size_t n_requester;
    struct cert_items *items;
    size_t n_items;
    struct variants *variants; /* for comparing names */
};

/* Reads the tables; borrows from the rulebook. E_INVALID names table and row. */
enum err cert_rules_load(const struct rulebook *, struct cert_rules **ret, struct errinfo *) NODISCARD;
void cert_rules_free(struct cert_rules *);
const struct cert_kind *cert_kind_find(const struct cert_rules *, const char *code);           /* NULL when unknown */
const struct cert_requester *cert_requester_find(const struct cert_rules *, const char *code); /* NULL when unknown */
const struct cert_item *cert_item_find(const struct cert_kind *, struct span code);            /* NULL when unknown */
enum cert_show cert_show_of(const struct cert_rules *, const struct cert_item *, const struct cert_requester *);
const char *cert_show_label(enum cert_show); /* 請求があれば */

/* What is asked for. */
struct cert_ask {
    const struct cert_kind *kind;
    const struct cert_requester *requester;
    const char *const *item; /* codes of the items asked for besides those always shown */
    size_t n_item;
    bool reason_given; /* 請求の理由 is stated */
    bool reason_holds; /* the reason was found to need the items asked for */
    bool proof_seen;
    bool document_seen; /* 本人確認書類, of a kind the office knows */
    const char *name;   /* 請求者氏名 */
    int copies;
};

/* Rows of one person: all of them when the history is asked for, else only the newest. Oldest first. */
struct cert_subjects {
    const struct resident *const *newest;
    const struct resident_list *history; /* parallel to newest; NULL: none loaded */
    size_t n;
    const struct resident *const *member; /* living members of the household */
    size_t household_n;
};

/* Is it asked for, by itself or with the one that brings it? */
bool cert_asks(const struct cert_ask *, const struct cert_item *);
/* Is the request lawful, for these persons? Errors E53–E55, E59, S31x, S332–S334; warnings W53, W54, W57. Never fails
 * for bad input: it reports. */
void cert_judge(const struct cert_rules *, const struct rulebook *, const struct cert_ask *,
                const struct cert_subjects *, struct date today, struct findings *ret);

/* Errors S332–S334: who asks does not bear the name that the class of requesters demands, or showed no document. */
void cert_judge_claim(const struct cert_rules *, const struct cert_ask *, const struct cert_subjects *,
                      struct findings *ret);

/* The text of one copy: persons in the order of the standard, items, history, sentence, certifier, official mark.
 * Number, job and what belongs to an outage are the caller's. Call only when cert_judge found no error. E_INVALID S315
 * when there is no certifier for today. */
enum err cert_build(const struct cert_rules *, const struct rulebook *, const struct cert_ask *,
                    const struct cert_subjects *, struct date today, struct cert_copy **ret,
                    struct errinfo *) NODISCARD;

/* Fee of one copy in yen, and why none is taken ("" when it is). `exempt` is a row of cert_exemptions or "". E_INVALID
 * for an unknown one. */
enum err cert_fee(const struct rulebook *, const struct cert_kind *, const struct cert_requester *, const char *exempt,
                  int64_t *ret_yen, const char **ret_why, struct errinfo *) NODISCARD;

/* Is it about a removed record? */
bool cert_of_removed(const struct cert_kind *);

#endif
