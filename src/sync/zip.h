/* zstd with caps: one frame, exactly the announced number of bytes. */
#ifndef SYNC_ZIP_H
#define SYNC_ZIP_H

#include "base/buf.h"

enum err zip(struct span raw, struct buf *ret, struct errinfo *) NODISCARD;
/* E_CORRUPT unless `in` is one frame of exactly raw_len ≤ max bytes. */
enum err unzip(struct span in, size_t raw_len, size_t max, struct buf *ret, struct errinfo *) NODISCARD;

#endif
