#include "domain/replay.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* First letter of the keys of a class: 創設, 変更, 消除. */
static const char LETTERS[] = { [REPLAY_CREATE] = 'K', [REPLAY_CHANGE] = 'M', [REPLAY_REMOVE] = 'D' };
_Static_assert(sizeof LETTERS == REPLAY_CLASSES, "a class has no letter");

enum replay_class replay_class_of(const char *journal)
{
    for (int c = 0; c < REPLAY_CLASSES; c++)
        if (journal[0] == LETTERS[c])
            return (enum replay_class)c;
    return REPLAY_CHANGE;
}

static int64_t minute(int64_t ms)
{
    return ms / MINUTE_MS - (ms % MINUTE_MS < 0);
}

static int cmp_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* One step of order after the other; qsort is not stable, so the last one tells any two items apart. */
static int cmp_item(const void *va, const void *vb)
{
    const struct replay_item *a = va, *b = vb;
    int c = cmp_i64(minute(a->received_ms), minute(b->received_ms));
    if (!c)
        c = cmp_i64(a->order, b->order);
    if (!c)
        c = strcmp(a->office, b->office);
    if (!c)
        c = strcmp(a->notice_no, b->notice_no);
    if (!c)
        c = cmp_i64(a->made, b->made);
    return c;
}

void replay_sort(struct replay_item *items, size_t n)
{
    if (n)
        qsort(items, n, sizeof *items, cmp_item);
}

size_t replay_predecessor(const struct replay_item *items, size_t i)
{
    const char *lane = items[i].lane;
    while (lane[0] && i-- > 0)
        if (strcmp(items[i].lane, lane) == 0)
            return i;
    return SIZE_MAX;
}
