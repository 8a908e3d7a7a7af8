/*
 * Open cases as the host knows them (本庁で処理中の届出): entered at whatever branch, not yet decided. They warn a
 * clerk that somebody else is working on the same person. Rows come by feed or snapshot only.
 */
#ifndef STORE_HOST_CASE_H
#define STORE_HOST_CASE_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

struct db;

struct host_case {
    const char *no, *kind, *state, *branch;
    const char *const *person; /* 宛名番号 */
    size_t n_person;
    int64_t host_seq;
};
/* Inside a transaction. A case is open while its state is "entered"; any other removes it. */
enum err host_case_apply(struct db *, const struct host_case *, struct errinfo *) NODISCARD;
/* Forgets all: before a full copy is loaded anew. */
enum err host_case_clear(struct db *, struct errinfo *) NODISCARD;
/* Calls back for each open case of a person at another branch than `own`; persons are not given. */
enum err host_case_of(struct db *, const char *person, const char *own, void (*cb)(void *arg, const struct host_case *),
                      void *arg, struct errinfo *) NODISCARD;

#endif
