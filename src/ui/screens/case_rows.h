/* Rows of notices, shared by the list (scr_cases.c) and the decision about several (scr_decide.c). Inside the layer ui.
 */
#ifndef UI_CASE_ROWS_H
#define UI_CASE_ROWS_H

#include "ui/ui.h"

/* Names of the people a notice is about. */
void case_persons_text(const json_t *row, struct buf *ret);

#endif
