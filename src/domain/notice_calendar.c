#include "domain/notice_calendar.h"
#include "base/mem.h"
#include "rule_in.h"

#include <string.h>

/* Birthdays are kept in the calendar of the group: 和暦 for Japanese, 西暦 for foreign residents (spec A.3, A.4). */

static bool in_calendar(const struct datex *x, bool foreign)
{
    return (x->kind != DX_DAY && x->kind != DX_NODAY) || (x->era == '\0') == foreign;
}

static void settle(const struct rulebook *b, struct notice *n, const struct section *s, int row)
{
    const struct field *born = section_field_of_attr(s, ATTR_BIRTH_ON), *class = section_field_of_attr(s, ATTR_CLASS);
    bool foreign = strcmp(notice_get(n, s->id, row, class->key), CLASS_FOREIGN) == 0;
    struct datex x;
    if (datex_read(notice_get(n, s->id, row, born->key), &b->eras, &x, NULL) != OK || in_calendar(&x, foreign) ||
        !(foreign ? datex_to_western(&x, &b->eras, &x) : datex_to_era(&x, &b->eras, &x)))
        return;
    struct buf text = BUF_INIT;
    datex_text(&x, &text);
    notice_set(n, s->id, row, born->key, buf_str(&text));
    buf_done(&text);
}

void notice_calendar(const struct kind *k, const struct rulebook *b, struct notice *n)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct section *s = &k->s[i];
        if (!section_field_of_attr(s, ATTR_BIRTH_ON) || !section_field_of_attr(s, ATTR_CLASS))
            continue;
        for (int row = 0; row < notice_rows(n, s->id); row++)
            settle(b, n, s, row);
    }
}

/* calendar CLASS: what notice_calendar could not turn over is for the clerk to decide. */
void rule_calendar(const struct check *c, const struct site *at, const struct rule_call *call)
{
    bool foreign = strcmp(ref_value(at, c->notice, call->arg[0]), CLASS_FOREIGN) == 0;
    struct datex x;
    if (datex_read(site_value(c, at), &c->ctx->book->eras, &x, NULL) == OK && !in_calendar(&x, foreign))
        report(c, at, call, NULL);
}
