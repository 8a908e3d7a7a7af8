/*
 * Binary reading and writing for wire and evidence formats: big-endian, length-prefixed. A read past the end
 * sets `bad`, which stays; the reader checks once with cur_end(), which also refuses left-over bytes.
 */
#ifndef BASE_CUR_H
#define BASE_CUR_H

#include "base/buf.h"
#include <stdint.h>

struct cur {
    const uint8_t *p, *end;
    bool bad;
};

struct cur cur_of(struct span);
uint8_t cur_u8(struct cur *);
uint16_t cur_u16(struct cur *);
uint32_t cur_u32(struct cur *);
uint64_t cur_u64(struct cur *);
/* u32 length then bytes; more than max is bad. Borrowed. */
struct span cur_bytes(struct cur *, size_t max);
/* Fixed number of bytes, copied. */
void cur_fixed(struct cur *, void *ret, size_t n);
bool cur_end(const struct cur *); /* !bad and nothing left */

void put_u8(struct buf *, uint8_t);
void put_u16(struct buf *, uint16_t);
void put_u32(struct buf *, uint32_t);
void put_u64(struct buf *, uint64_t);
void put_bytes(struct buf *, struct span);

#endif
