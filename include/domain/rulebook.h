/*
 * The tables that rules read (例規・コード表): eras, holidays, parameters, code tables, kinds, messages. Filled by the
 * form layer from data/ and forms/, handed to pure functions, never changed afterwards.
 */
#ifndef DOMAIN_RULEBOOK_H
#define DOMAIN_RULEBOOK_H

#include "domain/date.h"
#include "domain/kind.h"

struct param { /* data/parameters.tsv: name, default, unit, meaning; an office may override the value */
    char *name;
    char *value;
    char *unit;
    char *meaning; /* Japanese */
};
struct code { /* data/tables/NAME.tsv: code, label, and a note */
    char *code;
    char *label;
    char *note;
};
struct code_table {
    char *name;
    struct code *c;
    size_t n;
};
struct message { /* data/messages.tsv: id, level E/W/S, text with {item} and {about}, remedy, screen */
    char *id;
    char level;
    char *text;
    char *remedy;
};

struct rulebook {
    struct eras eras;
    struct holidays holidays;
    struct kinds kinds;
    struct param *param;
    size_t n_param;
    struct code_table *table;
    size_t n_table;
    struct message *message; /* sorted by id */
    size_t n_message;
    char *own_pref, *own_city, *own_city_code; /* the municipality: parameters CITY_* */
};

/* Value of a parameter; BUG when data/parameters.tsv has no such row (a test walks all uses). */
const char *rulebook_param(const struct rulebook *, const char *name);
int64_t rulebook_param_int(const struct rulebook *, const char *name);
const struct code_table *rulebook_table(const struct rulebook *, const char *name);       /* NULL when unknown */
const char *rulebook_label(const struct rulebook *, const char *table, const char *code); /* code itself if unknown */
/* 住所コード (11 digits) of a town of the own municipality, by its whole name; NULL when the table has no such town. */
const char *rulebook_town_code(const struct rulebook *, const char *town);
const struct message *rulebook_message(const struct rulebook *, const char *id); /* NULL when unknown */
/* Severity of a finding with this message: it must be mended unless the level is W. Host and branch ask here, so that
 * they never differ. An id without a row is an error. */
bool rulebook_is_error(const struct rulebook *, const char *id);
/* Text of a message with {item} and {about} filled in; rulebook_say adds the remedy after a blank. An unknown id is
 * copied. */
void rulebook_text(const struct rulebook *, const char *id, const char *item, const char *about, struct buf *ret);
void rulebook_say(const struct rulebook *, const char *id, const char *item, const char *about, struct buf *ret);

#endif
