/*
 * Typed messages between madoguchi-branchd and its own children over a socketpair. A frame says what it is and how
 * long; what is inside belongs to the reader of that type, who consumes it exactly (base/cur.h). There is no
 * forgiveness between siblings: a frame of an unknown type, a length beyond the type's limit or a reader that
 * refuses ends the channel for good, and whoever owns the other process ends it.
 *   frame  u32 length of body | u8 version | u8 type | u16 zero | u32 tag | body
 */
#ifndef APP_MSG_H
#define APP_MSG_H

#include "base/buf.h"
#include "base/loop.h"

#define MSG_VERSION 1
#define MSG_HEAD    12

/* What may be received on a channel: one row per type, the type is the index. max is the limit of the body. */
struct msg_type {
    const char *name; /* NULL: no such type */
    uint32_t max;
};
struct msg_types {
    const struct msg_type *t;
    size_t n;
};

struct msg {
    uint8_t type;
    uint32_t tag; /* copied from the question into its answer; 0 where nobody asked */
    struct span body;
};

struct chan_ops {
    /* One whole message; the body is borrowed. Anything but OK breaks the channel. May free the channel. */
    enum err (*message)(void *arg, const struct msg *, struct errinfo *);
    /* The channel has ended: the peer is gone (E_OFFLINE), broke the rules (E_CORRUPT), does not read (E_BUSY) or
     * the system failed (E_IO). Called once, never from within chan_send; the owner frees the channel. */
    void (*closed)(void *arg, const struct errinfo *why);
};

struct chan;
/* Takes the descriptor. `in` are the types that may be received. The channel wipes what passes through it. */
struct chan *chan_new(struct loop *, int fd, const struct msg_types *in, const struct chan_ops *, void *arg);
void chan_free(struct chan *); /* NULL allowed; closes without calling back */

/* Queues a message; what cannot be written now goes out with the loop. A peer that lets more than CHAN_QUEUE_MAX
 * bytes pile up ends the channel. Sending on an ended channel does nothing. */
#define CHAN_QUEUE_MAX (32u << 20)
void chan_send(struct chan *, uint8_t type, uint32_t tag, struct span body);
/* Bytes not yet handed to the system. */
size_t chan_queued(const struct chan *);

#endif
