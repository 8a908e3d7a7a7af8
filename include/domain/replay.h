/*
 * Order of the replay (復旧時の反映順): by the minute of receipt at the counter, never by the time of entry. Within one
 * minute what creates a record goes before what changes it and what removes it last, then by office and number.
 * Operations of one notice stay in the order in which they were made. Pure. Source: spec standard §2.7 step 7.
 */
#ifndef DOMAIN_REPLAY_H
#define DOMAIN_REPLAY_H

#include <stddef.h>
#include <stdint.h>

enum replay_class { REPLAY_CREATE, REPLAY_CHANGE, REPLAY_REMOVE, REPLAY_CLASSES };
/* Of a reason key of spec B.1 ("K01" 記載, "M01" 修正, "D01" 消除); an unknown key counts as a change. */
enum replay_class replay_class_of(const char *journal);

struct replay_item {
    int64_t received_ms;
    enum replay_class order;
    const char *office;
    const char *notice_no;
    int64_t made; /* order in which the operation was made at this branch */
    const char *lane;
    size_t at; /* the caller's own index; carried along */
};
void replay_sort(struct replay_item *, size_t n);
/* The item that this one must wait for: the nearest before it in its lane, or SIZE_MAX. */
size_t replay_predecessor(const struct replay_item *, size_t i);

#endif
