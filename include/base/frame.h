/* Frames: four bytes of length, the highest first, then so many bytes. Both ends of the service socket use them. */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include "base/buf.h"

#define FRAME_HEAD 4

/* Appends an empty head to an empty buffer; what is appended next is the content. */
void frame_begin(struct buf *);
/* Writes the length into the head. Returns the length; what may be sent is for the caller to say. */
size_t frame_end(struct buf *);

/* Bytes of the frame that begins here, its head included; 0 while not even the head is there. */
size_t frame_size(const struct buf *);
/* The content of the whole frame that begins here. */
struct span frame_content(const struct buf *);

#endif
