#include "domain/attr.h"
#include "base/mem.h"

#include <string.h>

static const struct attr_info attrs[] = {
#define ATTR_ROW(id_, key_, label_, type_, max_, view_, who_) \
    [ATTR_##id_] = { .key = (key_), .label = (label_), .type = (type_), .max = (max_), .view = (view_), .who = (who_) },
    ATTR_LIST(ATTR_ROW)
#undef ATTR_ROW
};
_Static_assert(ARRAY_LEN(attrs) == ATTR_COUNT, "an attribute has no row");

const struct attr_info *attr_info(enum attr a)
{
    MUST(a < ATTR_COUNT);
    return &attrs[a];
}

enum attr attr_by_key(struct span key)
{
    for (size_t a = 0; a < ATTR_COUNT; a++) {
        if (span_is(key, attrs[a].key))
            return (enum attr)a;
    }
    return ATTR_COUNT;
}
