/*
 * What is being typed into a form (入力中の届出書): sections, rows and fields as `notice.form` described them, each
 * value both as it is typed and as it is stored (a date typed R8.4.1 is stored 2026-04-01), and what the last check
 * said about each. Knows no kind of notice: everything comes from the description.
 */
#ifndef UI_FORM_H
#define UI_FORM_H

#include "domain/date.h"
#include "ui/lineedit.h"
#include <jansson.h>

struct form_place { /* a field of a row of a section, by index */
    int s, r, f;
};

struct form_cell {
    struct lineedit edit; /* what is typed, or shown while the cursor is here */
    char *code;           /* canonical value; "" = blank */
    char *shown;          /* how it is shown without the cursor */
    const char *wrong;    /* why the typed text is no value, NULL when it is one */
    bool touched;         /* typed since the field was entered */
    bool fresh;           /* no key since then: a letter may replace what stands there */
};

struct field_look;
struct form_field {
    const char *key, *label, *help, *initial, *required_if;
    const struct field_look *look;
    bool required;
    int max;
    json_t *choices; /* [{code,label}]; NULL: none */
    int cols;        /* columns of the input it likes to have */
};

struct form_section {
    const char *id, *title;
    int min, max;
    bool whole; /* 世帯全員: takes the members of a household together */
    struct form_field *field;
    int n_field;
    struct form_cell **row; /* row[r][f] */
    int n_row;
};

struct form {
    json_t *doc; /* the description; texts are borrowed from it */
    const struct eras *eras;
    struct date today;
    struct form_section *section;
    int n;
    json_t *findings;    /* of the last check; NULL: none since the last change */
    edit_lookup *lookup; /* characters by code, for every field; NULL: U+ only */
    void *lookup_arg;
};

/* Keeps a reference to the description. `today` is for the initial value "today". */
struct form *form_new(json_t *doc, const struct eras *, struct date today);
void form_free(struct form *); /* wipes; NULL allowed */
/* How characters are looked up by 面区点 and MJ number. */
void form_lookup(struct form *, edit_lookup *, void *arg);

/* [{"s","r","f","v"}], with "l" as the label of a picked value. Unknown places are left out. */
void form_load(struct form *, const json_t *values);
/* All values that are not blank, without labels: params of draft.save and notice.check. Caller owns. */
json_t *form_values(const struct form *);
/* Values and their words go over to a form that was described anew; what it no longer has is left behind. */
void form_carry(struct form *to, const struct form *from);
bool form_blank(const struct form *); /* nothing but initial values */

struct form_cell *form_cell(const struct form *, struct form_place);
const struct form_field *form_field(const struct form *, struct form_place);
const char *form_value(const struct form *, struct form_place);
/* Value of another field of the same row ("addr_town"), or NULL; *ret tells where. */
bool form_sibling(const struct form *, struct form_place, const char *key, struct form_place *ret);
/* Place of a finding; false when the form has no such place. */
bool form_place_of(const struct form *, const char *section, int row, const char *field, struct form_place *ret);

/* The cursor comes, goes. Leaving turns what was typed into a value: OK, or the typed text is kept and `wrong` says
 * why. FORM_ASK: it may be one of several; ask for candidates. */
enum form_leave { FORM_FINE, FORM_WRONG, FORM_ASK };
void form_enter(struct form *, struct form_place);
enum form_leave form_leave(struct form *, struct form_place);
/* Sets a canonical value; `label` NULL: computed. */
void form_set(struct form *, struct form_place, const char *code, const char *label);
/* A space on a flag and the like. False: nothing to toggle. */
bool form_toggle(struct form *, struct form_place);
/* A typed letter replaces what stands in the field (choices, picked persons). */
bool form_replaces(const struct form *, struct form_place);
/* Candidates that the description itself holds; NULL: ask the service. */
json_t *form_choices(const struct form *, struct form_place); /* rows [{value,label}], caller owns */
/* The service can be asked for candidates for this field. */
bool form_asks(const struct form *, struct form_place);
/* Type of the field as in the description ("person", "zip" …). */
const char *form_type(const struct form *, struct form_place);
/* The next field behind `from`, from the beginning again behind the last, that must be filled in and is not, or whose
 * text is no value. Conditions (required-if) are looked at with the values as they are. False: none but `from`. */
bool form_next_open(const struct form *, struct form_place from, struct form_place *ret);
/* The value is a number in the register, shown by its name. */
bool form_named(const struct form *, struct form_place);
/* First field of a type, from the beginning; false: none. */
/* Letters are typed into it, which may be given by their code. */
bool form_takes_letters(const struct form *, struct form_place);
bool form_first(const struct form *, const char *type, struct form_place *ret);

/* Rows of a repeated section. False: at its limit. */
bool form_add_row(struct form *, int section);
bool form_remove_row(struct form *, int section, int row);
bool form_row_blank(const struct form *, int section, int row);

/* Result of notice.check; taken. NULL: nothing known (after a change). */
void form_set_findings(struct form *, json_t *take);
/* The gravest finding of a field, errors before warnings; NULL when there is none. */
const json_t *form_finding(const struct form *, struct form_place);
bool finding_is_error(const json_t *finding);

#endif
