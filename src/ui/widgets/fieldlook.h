/* How values of each type of field are typed, stored and shown. Inside the layer ui. */
#ifndef UI_FIELDLOOK_H
#define UI_FIELDLOOK_H

#include "ui/form.h"

struct field_look {
    const char *name; /* as in the description of a form */
    enum edit_mode mode;
    int cols;     /* columns of the input; 0: by the length allowed */
    bool replace; /* a typed letter replaces the value */
    bool ask;     /* the service has candidates */
    bool named;   /* a number, shown by a name */
    /* Typed text (never empty) into the canonical value. FORM_WRONG sets *ret_wrong. */
    enum form_leave (*read)(const struct form *, const struct form_field *, const char *typed, struct buf *ret,
                            const char **ret_wrong);
    /* Canonical value as it is shown, and as it is put into the line for editing. NULL: as it is. */
    void (*show)(const struct form *, const struct form_field *, const char *code, struct buf *ret);
    void (*edit)(const struct form *, const struct form_field *, const char *code, struct buf *ret);
};

/* NULL when there is no such type. */
const struct field_look *field_look(const char *name);

#endif
