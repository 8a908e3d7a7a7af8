#include "base/mem.h"
#include "cert_format_in.h"
#include "domain/finding.h"
#include "domain/order.h"
#include <stdlib.h>
#include <string.h>

struct builder {
    const struct cert_rules *rules;
    const struct rulebook *book;
    const struct cert_ask *ask;
    const struct cert_subjects *who;
    struct format_ctx ctx;
};

static bool asked(const struct cert_ask *ask, const char *item)
{
    for (size_t i = 0; i < ask->n_item; i++)
        if (!strcmp(ask->item[i], item))
            return true;
    return false;
}

bool cert_asks(const struct cert_ask *ask, const struct cert_item *item)
{
    return asked(ask, item->code) || (*item->with && asked(ask, item->with));
}

static bool shown(const struct cert_rules *rules, const struct cert_ask *ask, const struct cert_item *item)
{
    switch (cert_show_of(rules, item, ask->requester)) {
    case SHOW_ALWAYS:
        return true;
    case SHOW_ASK:
        return cert_asks(ask, item);
    case SHOW_REASON:
        return cert_asks(ask, item) && ask->reason_holds;
    case SHOW_NEVER:
    case SHOWS:
        break;
    }
    return false;
}

static bool is_japanese(const struct resident *r)
{
    return resident_is(r, ATTR_CLASS, CLASS_JAPANESE);
}

/* Whether the item exists for this person at all. */
static bool concerns(const struct cert_item *item, const struct resident *r)
{
    enum attr_who who = attr_info(item->attr)->who;
    return who == AW_BOTH || (who == AW_JAPANESE) == is_japanese(r);
}

/* ---- judging ---- */

static void judge_item(const struct cert_rules *rules, const struct cert_ask *ask, const char *code,
                       struct findings *ret)
{
    const struct cert_item *item = cert_item_find(ask->kind, span_of(code));
    if (!item) {
        findings_add(ret, "S310", "items", 0, code, code);
        return;
    }
    enum cert_show show = cert_show_of(rules, item, ask->requester);
    if (show == SHOW_NEVER)
        findings_add(ret, item->number ? "E53" : "S311", "items", 0, code, item->label);
    else if (show == SHOW_REASON && !ask->reason_holds)
        findings_add(ret, "S312", "items", 0, code, item->label);
    else if (item->number)
        findings_add(ret, "W54", "items", 0, code, item->label);
}

static bool number_asked(const struct cert_ask *ask)
{
    for (size_t i = 0; i < ask->n_item; i++) {
        const struct cert_item *item = cert_item_find(ask->kind, span_of(ask->item[i]));
        if (item && item->number)
            return true;
    }
    return false;
}

static const char *name_of(const struct resident *r)
{
    const char *name = resident_get(r, ATTR_NAME);
    return *name ? name : resident_get(r, ATTR_NAME_ALPHA);
}

static struct date planned_day(const struct resident *r)
{
    struct date d = { 0 };
    return date_read(resident_get(r, ATTR_PLANNED_ON), &d, NULL) == OK ? d : (struct date){ 0 };
}

bool cert_of_removed(const struct cert_kind *k)
{
    return k->subject == SUBJECT_REMOVED || k->subject == SUBJECT_LATE;
}

/* 職権, or filed later than a notice may be: the paper stands in for the 転出証明書 (spec B3-07). */
static bool moved_out_late(const struct rulebook *book, const struct resident *r)
{
    struct datex on;
    struct date filed;
    int64_t days = rulebook_param_int(book, "LEAVE_FILE_DAYS");
    if (!resident_is(r, ATTR_STATUS, STATUS_MOVED))
        return false;
    return date_read(resident_get(r, ATTR_REMOVED_FILED_ON), &filed, NULL) != OK ||
           (datex_read(resident_get(r, ATTR_REMOVED_ON), &book->eras, &on, NULL) == OK &&
            date_cmp(filed, date_add(on.sort, (int)days)) > 0);
}

static void judge_person(const struct rulebook *book, const struct cert_ask *ask, const struct resident *r, int row,
                         struct date today, struct findings *ret)
{
    const char *name = name_of(r);
    struct date planned = planned_day(r);
    bool living = resident_living(r), leaving = ask->kind->subject == SUBJECT_LEAVING;
    if (living == cert_of_removed(ask->kind))
        findings_add(ret, "E55", "persons", row, "id", name);
    else if (ask->kind->subject == SUBJECT_LATE && !moved_out_late(book, r))
        findings_add(ret, "S331", "persons", row, "id", name);
    if (leaving && (!living || !planned.y))
        findings_add(ret, "E56", "persons", row, "id", name);
    if (resident_is(r, ATTR_STATUS, STATUS_DEAD) && number_asked(ask))
        findings_add(ret, "E54", "persons", row, "id", name);
    if (living && !leaving && planned.y && date_cmp(planned, today) <= 0)
        findings_add(ret, "S313", "persons", row, "id", name);
}

/* Whether two may stand on one paper: one household, and when they leave, one move-out. */
static bool go_together(const struct cert_ask *ask, const struct resident *a, const struct resident *b)
{
    bool leaving = ask->kind->subject == SUBJECT_LEAVING;
    return resident_is(b, ATTR_HOUSEHOLD, resident_get(a, ATTR_HOUSEHOLD)) &&
           (!leaving || (resident_is(b, ATTR_PLANNED_ON, resident_get(a, ATTR_PLANNED_ON)) &&
                         resident_is(b, ATTR_PLANNED_TO, resident_get(a, ATTR_PLANNED_TO))));
}

static void judge_household(const struct cert_ask *ask, const struct cert_subjects *who, struct findings *ret)
{
    for (size_t i = 1; i < who->n; i++)
        if (cert_of_removed(ask->kind) || !go_together(ask, who->newest[0], who->newest[i]))
            findings_add(ret, "S314", "persons", (int)i, "id", name_of(who->newest[i]));
}

void cert_judge(const struct cert_rules *rules, const struct rulebook *book, const struct cert_ask *ask,
                const struct cert_subjects *who, struct date today, struct findings *ret)
{
    if (!who->n) {
        findings_add(ret, "E16", "persons", 0, "id", NULL);
        return;
    }
    if (ask->kind->denied[ask->requester - rules->requester])
        findings_add(ret, "E59", "requester", 0, "class", ask->requester->label);
    if (ask->requester->reason && !ask->reason_given)
        findings_add(ret, "E59", "requester", 0, "reason", ask->requester->label);
    if (ask->requester->proof && !ask->proof_seen)
        findings_add(ret, "E59", "requester", 0, "proof", ask->requester->label);
    cert_judge_claim(rules, ask, who, ret);
    for (size_t i = 0; i < ask->n_item; i++)
        judge_item(rules, ask, ask->item[i], ret);
    for (size_t i = 0; i < who->n; i++)
        judge_person(book, ask, who->newest[i], (int)i, today, ret);
    judge_household(ask, who, ret);
    if (asked(ask, "history_all"))
        findings_add(ret, "W53", "items", 0, "history_all", NULL);
    if (ask->copies > rulebook_param_int(book, "CERT_COPIES_MAX") ||
        (int64_t)who->n > rulebook_param_int(book, "CERT_PERSONS_MAX"))
        findings_add(ret, "W57", "copies", 0, "copies", NULL);
}

/* ---- history ---- */

/* Lines that are left out unless asked for: a change of sex, and what the remark of the change names (特別養子縁組). */
static bool suppressed(const struct builder *b, const struct resident *before, const struct resident *after)
{
    const char *word = rulebook_param(b->book, "CERT_HISTORY_OFF");
    return strcmp(resident_get(before, ATTR_SEX), resident_get(after, ATTR_SEX)) ||
           (*word && strstr(resident_get(after, ATTR_EV_NOTE), word));
}

/* The record begins anew: 改製, or somebody who had left and came back (再転入), whose stays are never one timeline. */
static size_t history_from(const struct builder *b, const struct resident_list *rows)
{
    const char *reform = rulebook_param(b->book, "CERT_HISTORY_FROM");
    size_t from = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (resident_is(rows->r[i], ATTR_EV_REASON, reform) || (i > 0 && record_begins(rows->r[i - 1], rows->r[i])))
            from = i;
    return from;
}

static void event_day(const struct builder *b, const struct resident *r, struct buf *ret)
{
    struct datex d;
    if (datex_read(resident_get(r, ATTR_EV_ON), &b->book->eras, &d, NULL) == OK)
        datex_show(&d, &b->book->eras, ret);
}

/* What changed between two rows, of the items that this copy shows and of no other. */
static void history_changes(const struct builder *b, const struct resident *before, const struct resident *after,
                            struct buf *ret)
{
    const struct cert_items *items = b->ask->kind->items;
    for (size_t i = 0; i < items->n; i++) {
        const struct cert_item *item = &items->i[i];
        struct buf was = BUF_INIT, is = BUF_INIT;
        if (item->history && shown(b->rules, b->ask, item) && concerns(item, after)) {
            cert_format(&b->ctx, item, before, &was);
            cert_format(&b->ctx, item, after, &is);
        }
        if (!span_eq(buf_span(&was), buf_span(&is)))
            buf_printf(ret, "%s%s　%s → %s", ret->len ? "、" : "", item->label, was.len ? was.p : "（なし）",
                       is.len ? is.p : "（なし）");
        buf_done(&was);
        buf_done(&is);
    }
}

static void add_history(const struct builder *b, struct cert_person *p, const struct resident_list *rows)
{
    bool all = asked(b->ask, "history_all");
    for (size_t i = history_from(b, rows) + 1; i < rows->n; i++) {
        struct buf on = BUF_INIT, text = BUF_INIT;
        const struct resident *row = rows->r[i];
        history_changes(b, rows->r[i - 1], row, &text);
        event_day(b, row, &on);
        if (text.len && (all || !suppressed(b, rows->r[i - 1], row)))
            cert_line_add(p, buf_str(&on), rulebook_label(b->book, "reason", resident_get(row, ATTR_EV_REASON)),
                          text.p);
        buf_done(&on);
        buf_done(&text);
    }
}

/* ---- one copy ---- */

static void add_cells(const struct builder *b, struct cert_copy *copy, const struct resident *r)
{
    struct cert_person *p = cert_person_add(copy, r->id, r->rev, !is_japanese(r));
    const struct cert_items *items = b->ask->kind->items;
    for (size_t i = 0; i < items->n; i++) {
        const struct cert_item *item = &items->i[i];
        struct buf text = BUF_INIT;
        bool show = shown(b->rules, b->ask, item);
        if (!concerns(item, r))
            continue;
        if (show)
            cert_format(&b->ctx, item, r, &text);
        cert_cell_add(p, item->code, item->label, buf_str(&text), !show);
        buf_done(&text);
    }
}

/* What holds for all of them, as the first member's row has it. */
static void add_common(struct cert_copy *copy)
{
    static const char *const common[] = { "address", "head", "planned_to", "planned_on" };
    for (size_t i = 0; i < ARRAY_LEN(common); i++) {
        const struct cert_cell *c = cert_person_cell(&copy->person[0], span_of(common[i]));
        if (c)
            cert_common_add(copy, c->item, c->label, c->text, c->omitted);
    }
}

/* 認証者: the last row of the table whose first day has come. Codes are days. */
static enum err add_certifier(const struct builder *b, struct cert_copy *copy, struct errinfo *reterr)
{
    const struct code_table *t = rulebook_table(b->book, "certifiers");
    const struct code *found = NULL;
    struct date best = { 0 }, from;
    for (size_t i = 0; t && i < t->n; i++)
        if (date_read(t->c[i].code, &from, NULL) == OK && date_cmp(from, b->ctx.today) <= 0 &&
            (!found || date_cmp(from, best) > 0)) {
            found = &t->c[i];
            best = from;
        }
    if (!found || !*found->label || !*found->note)
        return err_set(reterr, E_INVALID, "S315", "certifiers", "no title and name for today");
    cert_set(&copy->certifier_title, found->label);
    cert_set(&copy->certifier_name, found->note);
    return OK;
}

static void add_head(const struct builder *b, struct cert_copy *copy)
{
    const struct cert_ask *ask = b->ask;
    struct buf day = BUF_INIT;
    copy->whole = ask->kind->subject == SUBJECT_LIVING && b->who->n == b->who->household_n;
    date_show(b->ctx.today, &b->book->eras, &day);
    cert_set(&copy->kind, ask->kind->code);
    cert_set(&copy->layout, ask->kind->layout);
    cert_set(&copy->issued_on, day.p);
    cert_set(&copy->sentence, rulebook_param(b->book, copy->whole ? ask->kind->whole : ask->kind->part));
    cert_set(&copy->omitted, rulebook_param(b->book, "CERT_OMITTED"));
    cert_set(&copy->seal, rulebook_param(b->book, "CERT_SEAL"));
    cert_set(&copy->seal_note, rulebook_param(b->book, "CERT_SEAL_NOTE"));
    cert_set(&copy->official, ask->requester->mark);
    buf_done(&day);
}

/* Index of a person among the subjects. */
static size_t index_of(const struct cert_subjects *who, const struct resident *r)
{
    size_t i = 0;
    while (who->newest[i] != r)
        i++;
    return i;
}

enum err cert_build(const struct cert_rules *rules, const struct rulebook *book, const struct cert_ask *ask,
                    const struct cert_subjects *who, struct date today, struct cert_copy **ret, struct errinfo *reterr)
{
    struct builder b = { rules, book, ask, who, { book, today } };
    const struct cert_item *history = cert_item_find(ask->kind, span_of("history"));
    struct cert_copy *copy = cert_copy_new();
    const struct resident **order = xcalloc(who->n ? who->n : 1, sizeof *order);
    for (size_t i = 0; i < who->n; i++)
        order[i] = who->newest[i];
    members_order(order, who->n, &book->eras);
    for (size_t i = 0; i < who->n; i++) {
        add_cells(&b, copy, order[i]);
        if (history && shown(rules, ask, history) && who->history)
            add_history(&b, &copy->person[i], &who->history[index_of(who, order[i])]);
    }
    free(order);
    if (copy->n_person)
        add_common(copy);
    add_head(&b, copy);
    enum err err = add_certifier(&b, copy, reterr);
    if (err == OK)
        *ret = copy;
    else
        cert_copy_free(copy);
    return err;
}
