/* What the two halves of the form reader share: the form under construction and where each text of it stood. */
#ifndef FORM_READ_H
#define FORM_READ_H

#include "form/formread.h"

enum mark_what { MARK_SECTION, MARK_FIELD, MARK_REQUIRED_IF, MARK_CHECK, MARK_EFFECT, MARK_PAPER, MARK_POINT, MARKS };

/* One thing to be judged once the whole form is known. */
struct mark {
    char *where; /* "forms/tenkyo.form:17" */
    enum mark_what what;
    size_t section, field; /* SIZE_MAX: outside sections, or of the whole section */
    size_t i;              /* number of the check, step, paper, point */
};
struct marks {
    struct mark *m;
    size_t n;
};

/* Judges meaning; adds what is wrong. Returns the number of problems. */
size_t form_check(const struct kind *, const struct marks *, const struct rulebook *, struct catalog_report *);

#endif
