#include "domain/notice_check.h"
#include "base/mem.h"
#include "rule_in.h"

#include <string.h>

static void check_notice_rules(const struct check *c)
{
    struct site at = { .kind = c->kind };
    for (size_t i = 0; i < c->kind->n_checks; i++) {
        struct rule_call call;
        struct span word;
        const char *problem = rule_parse(&at, span_of(c->kind->checks[i]), &call, &word);
        MUST(!problem); /* the reader of forms has proved it */
        call.rule->run(c, &at, &call);
    }
}

/* Values that have no place in the form: then it is not this form, and the rest would be guesses. */
static bool has_strays(const struct findings *f)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->f[i].msg, "S220") == 0 || strcmp(f->f[i].msg, "S210") == 0)
            return true;
    return false;
}

enum err notice_check(const struct kind *k, const struct notice *n, const struct world *w, const struct effect_ctx *ctx,
                      struct findings *ret, struct errinfo *reterr)
{
    (void)reterr;
    struct check c = { .kind = k, .notice = n, .world = w, .ctx = ctx, .out = ret };
    check_values(&c);
    if (has_strays(ret))
        return OK;
    check_event(&c);
    check_notice_rules(&c);
    check_outcome(&c);
    return OK;
}
