/*
 * What the service asks of the process that works out passwords (照合プロセス): that work takes a good part of a second
 * on purpose, and no clerk waits for another's. The answer comes later, exactly once, from the event loop, never from
 * within the call. The process knows no operators and decides nothing. Source: spec/standard.md M6, KDF_ITER.
 */
#ifndef SERVICE_PROOFPORT_H
#define SERVICE_PROOFPORT_H

#include "base/err.h"

struct proof_ask { /* borrowed for the call */
    const char *password;
    const char *verifier; /* to compare with; NULL: no such operator, the same work is done in vain */
    int iterations;
    bool make; /* a new verifier instead of a comparison */
};

struct proof_answer {     /* borrowed for the call of `done` */
    enum err err;         /* OK, or why there is no answer: E_OFFLINE when the process has ended meanwhile */
    bool fits;            /* of a comparison */
    const char *verifier; /* of `make` */
};

struct proof_port {
    void *self;
    void (*ask)(void *self, const struct proof_ask *, void (*done)(void *arg, const struct proof_answer *), void *arg);
};

#endif
