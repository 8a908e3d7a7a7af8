/*
 * Kinds of notice (届出・職権の種類) as data. A kind exists because a file in forms/ says so; nothing in C knows the
 * name of one. The form layer reads the files into these structures; screens, checks, effects, papers, manual and
 * statistics are all derived from them. Field types, checks and effect verbs are closed sets: data may combine
 * them, never invent them.
 */
#ifndef DOMAIN_KIND_H
#define DOMAIN_KIND_H

#include "domain/attr.h"

enum field_type {
    FT_TEXT,
    FT_NAME,      /* 氏名: register repertoire */
    FT_KANA,      /* katakana; romaji is turned into kana by the screen */
    FT_ALPHA,     /* capitals and digits; into name_alpha: a name as on the card */
    FT_DIGITS,    /* digits, with the check named in `check` */
    FT_DATE,      /* real calendar day */
    FT_DATEX,     /* day, non-existing day or 不詳 */
    FT_CHOICE,    /* code of a table in data/tables */
    FT_FLAG,      /* 1 or blank */
    FT_PERSON,    /* 宛名番号 of an existing resident, or "新N" for row N of the new persons */
    FT_HOUSEHOLD, /* 世帯番号 of an existing household */
    FT_RELATION,  /* 続柄 */
    FT_ZIP,       /* 郵便番号 */
    FT_TOWN,      /* 町字 resolved in the address dictionary (own city) or free (elsewhere) */
    FT_COUNT
};

/* What a form calls a type, what the manual calls it, and how long a value may be when neither form nor attribute
 * says. */
struct field_type_info {
    const char *name;
    const char *label;
    int max;
};
const struct field_type_info *field_type_info(enum field_type);
enum field_type field_type_by_name(struct span); /* FT_COUNT when there is none */

struct field {
    char *key; /* unique in its section; address fields are written as leaves: "addr_zip", "addr_town" … */
    char *label;
    enum field_type type;
    bool required;
    char *required_if; /* condition text as the rule grammar has it, or NULL */
    char *table;       /* FT_CHOICE: table name */
    char *initial;     /* "today", a literal, or NULL */
    int max;           /* characters, never 0 */
    enum attr attr;    /* where the value goes in the record, or ATTR_COUNT */
    char *help;        /* one sentence for F1 and the manual, or NULL */
    char **checks;     /* check names with arguments, in order, e.g. "not-after today" */
    size_t n_checks;
};

struct section {
    char *id;
    char *title;
    int min, max; /* rows; 1,1 = a plain section */
    bool whole;   /* 世帯全員: the members of a household may come in together, each with the 続柄 that he has */
    struct field *f;
    size_t n;
};

enum outage_class { OUTAGE_ACCEPT, OUTAGE_HOLD, OUTAGE_CLOSED }; /* A, H, X of spec B.3 */
enum filing {
    FILED_NOTICE,
    FILED_EX_OFFICIO,
    FILED_REQUEST,
    FILED_CLAIM
}; /* 届出, 職権(通知), 申出, 請求: spec B-05 */

struct effect_step {
    char *verb; /* row of the verb table in effect.c */
    char **arg;
    size_t n;
};

struct kind {
    char *id;      /* "tenkyo": file name without its ending */
    char *title;   /* 転居届 */
    char *group;   /* 異動 … menu group */
    char *law;     /* 法第23条 */
    char *journal; /* statistics key: reason of spec B.1, "M01" */
    enum filing filing;
    int deadline_days;   /* 0: none */
    char *deadline_from; /* "section.field" of the event day (異動日) */
    bool future_ok;      /* event day may lie ahead (転出) */
    enum outage_class outage;
    char *menu_key; /* number in the menu, unique in its group */
    struct section *s;
    size_t n;
    struct effect_step *effect;
    size_t n_effect;
    char **checks; /* checks of the whole notice */
    size_t n_checks;
    char **checklist; /* 審査 points that must be answered */
    size_t n_checklist;
    char **papers; /* keys of papers that follow */
    size_t n_papers;
    char *file; /* for messages */
};

struct kinds {
    struct kind **k; /* sorted by group, then menu key */
    size_t n;
};

/* Order of the menu: group, then menu key as a number. */
int kind_cmp(const struct kind *, const struct kind *);
const struct kind *kind_find(const struct kinds *, const char *id); /* NULL when unknown */
const struct section *kind_section(const struct kind *, const char *id);
const struct field *section_field(const struct section *, const char *key);
/* Field of the section that has this type or attribute first, or NULL. */
const struct field *section_field_of_type(const struct section *, enum field_type);
const struct field *section_field_of_attr(const struct section *, enum attr);
void kind_free(struct kind *);

#endif
