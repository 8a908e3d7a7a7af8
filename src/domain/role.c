#include "domain/role.h"
#include "base/mem.h"

static const struct {
    const char *code, *label;
} roles[] = {
#define ROLE_ROW(id, label_) [ROLE_##id] = { .code = #id, .label = (label_) },
    ROLE_LIST(ROLE_ROW)
#undef ROLE_ROW
};
_Static_assert(ARRAY_LEN(roles) == ROLE_COUNT, "a role has no row");

const char *role_code(enum role r)
{
    MUST(r < ROLE_COUNT);
    return roles[r].code;
}

const char *role_label(enum role r)
{
    MUST(r < ROLE_COUNT);
    return roles[r].label;
}

enum role role_by_code(struct span code)
{
    for (size_t r = 0; r < ROLE_COUNT; r++) {
        if (span_is(code, roles[r].code))
            return (enum role)r;
    }
    return ROLE_COUNT;
}
