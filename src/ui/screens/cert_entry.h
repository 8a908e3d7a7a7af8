/* A request for certificates on its way: shared by the form (scr_cert.c) and the preview (scr_preview.c). */
#ifndef UI_CERT_ENTRY_H
#define UI_CERT_ENTRY_H

#include "ui/formview.h"
#include "ui/screens.h"

struct cert_entry {
    json_t *tables; /* answer of cert.kinds */
    struct form *form;
    struct formview view;
    json_t *request; /* answer of cert.request; NULL after a change */
    json_t *preview; /* answer of cert.preview */
    bool issued;
};

extern const struct screen_ops scr_preview; /* struct cert_entry: 交付前の確認 */

#endif
