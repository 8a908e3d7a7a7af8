/*
 * One copy of a certificate as it will be on paper (写し一通): what is printed for whom, with number, day, certifier
 * and sentence, already turned into text. It is immutable: its canonical bytes are stored with the print job, hashed,
 * handed to the paper process and compared again before the first byte goes out. It never holds what is not printed,
 * except the 宛名番号 and revision of each person, by which a mix-up is noticed. Source: spec C.2–C.4;
 * 標準仕様書 5.1–5.6.
 */
#ifndef DOMAIN_CERT_COPY_H
#define DOMAIN_CERT_COPY_H

#include "base/buf.h"
#include "domain/record.h"

struct cert_cell { /* one item of the record */
    char *item;    /* row of the item table */
    char *label;   /* 項目名, for the 別紙 and messages */
    char *text;    /* "" when blank */
    bool omitted;  /* 省略: not asked for, or not to be shown to this requester */
};

struct cert_line { /* one line of the history (履歴) */
    char *on;      /* 異動日 */
    char *reason;  /* 異動事由 */
    char *text;
};

struct cert_person {
    char id[PERSON_ID_MAX + 1];
    int64_t rev;
    bool foreign;
    struct cert_cell *cell;
    size_t n_cell;
    struct cert_line *line;
    size_t n_line;
};

struct cert_copy {
    char *kind;   /* row of the kind table */
    char *layout; /* name of the layout file */
    char *job;    /* request and copy, unique */
    char *number; /* 発行番号 without its page part */
    char *issued_on;
    char *sentence; /* 認証文 */
    char *certifier_title, *certifier_name;
    char *seal;               /* name of the seal picture, or "" */
    char *seal_note;          /* 公印省略, この印は黒色です, or "" */
    char *official;           /* 公用 mark, or "" */
    char *outage;             /* 作動停止時発行 line, or "" */
    char *omitted;            /* what an omitted item shows */
    char *trial;              /* printed across every page of a trial instance, or "" */
    bool whole;               /* 世帯全員 */
    struct cert_cell *common; /* 住所 and 世帯主 of the household */
    size_t n_common;
    struct cert_person *person;
    size_t n_person;
};

struct cert_copy *cert_copy_new(void);
void cert_copy_free(struct cert_copy *); /* wipes; NULL allowed */
struct cert_copy *cert_copy_dup(const struct cert_copy *);

/* All take copies of the texts; a text member of cert_copy is set with cert_set (NULL means ""). */
void cert_set(char **member, const char *text);
void cert_common_add(struct cert_copy *, const char *item, const char *label, const char *text, bool omitted);
struct cert_person *cert_person_add(struct cert_copy *, const char *id, int64_t rev, bool foreign); /* borrowed */
void cert_cell_add(struct cert_person *, const char *item, const char *label, const char *text, bool omitted);
void cert_line_add(struct cert_person *, const char *on, const char *reason, const char *text);

/* NULL when there is no such cell. */
const struct cert_cell *cert_person_cell(const struct cert_person *, struct span item);
const struct cert_cell *cert_common_cell(const struct cert_copy *, struct span item);

/* Canonical bytes. decode takes exactly what encode writes (E_CORRUPT otherwise). */
void cert_copy_encode(const struct cert_copy *, struct buf *ret);
enum err cert_copy_decode(struct span bytes, struct cert_copy **ret, struct errinfo *) NODISCARD;
/* Bytes that name the persons of the copy and nothing else, for the comparison of subjects. */
void cert_copy_subject(const struct cert_copy *, struct buf *ret);

#endif
