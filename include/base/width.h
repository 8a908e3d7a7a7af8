/*
 * Columns on a terminal. The only place that counts them. The table is our own (glibc 2.36 knows Unicode 14);
 * characters of ambiguous width follow the profile that was probed at start.
 */
#ifndef BASE_WIDTH_H
#define BASE_WIDTH_H

#include "base/buf.h"
#include <stdint.h>

struct width_profile {
    int ambiguous; /* 1 or 2 columns */
};

extern const struct width_profile WIDTH_NARROW; /* ambiguous = 1 */

int width_cp(const struct width_profile *, uint32_t cp);      /* 0, 1 or 2; control characters 0 */
int width_cluster(const struct width_profile *, struct span); /* of one cluster */
int width_str(const struct width_profile *, struct span);
/* Bytes of the longest prefix of whole clusters that fits in `cols`; *ret_cols gets its columns. */
size_t width_fit(const struct width_profile *, struct span, int cols, int *ret_cols);
/* Appends text cut to `cols` (with the mark "…" replaced by ">" when cut) and padded with spaces to `cols`. */
void width_pad(const struct width_profile *, struct buf *, struct span, int cols);

#endif
