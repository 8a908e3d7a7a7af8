/*
 * Reads one form (届出の定義, forms/NAME.form) into a kind of notice. One form is one kind; its id is the file's name.
 * The grammar:
 *
 *   form 1                                    version, always first
 *   title 転居届        group 異動      menu 2      law 第23条      reason M01      (one each per line)
 *   filing notice|ex-officio|request|claim
 *   event SECTION.FIELD                       異動日
 *   deadline DAYS                             届出期間; left out: none
 *   future yes                                the event day may lie ahead
 *   outage accept|hold|closed
 *   include PART                              the sections of forms/PART.part stand here
 *   section ID TITLE [rows MIN..MAX [whole-household]]
 *     KEY TYPE LABEL [required] [initial today|WORD] [max N] [table NAME] [to ATTRIBUTE]
 *       required-if CONDITION
 *       check CHECK
 *       help "…"
 *   check
 *     CHECK
 *   effect
 *     VERB ARGUMENT…
 *   checklist
 *     "…"
 *   papers
 *     KEY
 *
 * Indentation by two tells what belongs to what. Every error of a file is reported, with file, line and what was
 * expected; unknown words are errors. Reading and judging are two steps: formcheck.c looks at the meaning.
 */
#ifndef FORM_FORMREAD_H
#define FORM_FORMREAD_H

#include "base/lines.h"
#include "form/catalog.h"

/* Opens the part "filer" of the same directory. */
struct part_source {
    enum err (*open)(void *self, const char *name, struct lines *ret, struct errinfo *);
    void *self;
};

/* `id` names the kind. On E_INVALID the problems were added to the report and reterr holds the first. `parts` may be
 * NULL: then no form may include one. */
enum err form_read(struct lines *, const char *id, const struct part_source *parts, const struct rulebook *,
                   struct kind **ret, struct catalog_report *, struct errinfo *) NODISCARD;

/* Adds "file:line: text". */
void report_add(struct catalog_report *, const char *where, const char *fmt, ...) PRINTF_LIKE(3, 4);
void report_errinfo(struct catalog_report *, const struct errinfo *);

/* What must fit a screen of 80×24. */
#define FORM_LABEL_COLS   24 /* label of a field, left of the value */
#define FORM_TITLE_COLS   24 /* title of the kind, in the top line and the menu */
#define FORM_SECTION_COLS 40 /* title of a section, in its frame */
#define FORM_FIELDS       18 /* fields of a section: one line each between head and foot */
#define FORM_SECTIONS     12
#define FORM_ROWS         50
#define FORM_POINT_COLS   68 /* point of the checklist, with its number and answer */
#define FORM_POINTS       16
#define FORM_HELP_COLS    150 /* two lines */

#endif
