/* Days that stand in the records of the copy (転出予定). Read only; who may see them is the service's business. */
#ifndef STORE_DUE_H
#define STORE_DUE_H

#include "domain/record.h"

struct db;

/* Living persons whose record names a planned day; borrowed for the call. */
enum err due_planned(struct db *, void (*cb)(void *arg, const struct resident *), void *arg,
                     struct errinfo *) NODISCARD;

#endif
