#include "base/mem.h"
#include "domain/fieldtype.h"
#include "notice/notice_work.h"
#include "store/drafts.h"
#include "store/outage_book.h"
#include "store/series.h"

#include <stdlib.h>
#include <string.h>

/* 仮登録: the notice becomes a case with a number, and the host learns that its people are bound. */

struct entry {
    struct call *call;
    struct notice_work w;
    struct case_row row; /* the case, new or entered again */
    int64_t draft;       /* 0: none */
    const char **acks;
    size_t n_acks;
    const char *book; /* number in the book of a stop, "" = none */
};

int64_t draft_id(const char *text)
{
    char *end;
    long long id = strncmp(text, "D", 1) == 0 ? strtoll(text + 1, &end, 10) : 0;
    return id > 0 && !*end ? id : 0;
}

static void read_acks(struct entry *e)
{
    const json_t *given = call_json(e->call, "acks");
    e->n_acks = json_array_size(given);
    e->acks = arena_array(e->call->arena, e->n_acks + 1, sizeof *e->acks);
    for (size_t i = 0; i < e->n_acks; i++)
        e->acks[i] = arena_strdup(e->call->arena, json_string_value(json_array_get(given, i)));
}

/* ---- when it was received ---- */

static void draft_started(void *arg, const struct draft *d)
{
    struct entry *e = arg;
    if (strcmp(d->operator_id, call_operator(e->call)) == 0) {
        e->w.received_ms = d->created_ms;
        e->book = arena_strdup(e->call->arena, d->book);
    } else {
        e->draft = -1;
    }
}

static void book_received(void *arg, const struct book_entry *b)
{
    struct entry *e = arg;
    int64_t ms;
    if (clock_parse(b->received_at, &ms, NULL) == OK)
        e->w.received_ms = ms;
}

/* The day of receipt decides about periods: when the paper came to the book of the stop, when the clerk began to type
 * it in, or now. */
static enum err find_receipt(struct entry *e, struct errinfo *reterr)
{
    struct db *db = e->call->svc->db;
    const char *draft = call_text(e->call, "draft");
    if (*draft) {
        struct notice *values = NULL;
        e->draft = draft_id(draft);
        TRY(draft_get(db, e->draft, &values, draft_started, e, reterr));
        notice_free(values);
        if (e->draft < 0)
            return call_refuse(reterr, E_DENIED, "S225", draft);
    }
    if (call_has(e->call, "book"))
        e->book = call_text(e->call, "book");
    return *e->book ? book_get(db, e->book, book_received, e, reterr) : OK;
}

/* What came out of the book was filed on the day it was received there: nobody makes another day of it. */
static enum err filed_as_received(const struct entry *e, struct errinfo *reterr)
{
    char day[DATE_TEXT];
    struct date filed;
    struct datex typed;
    const struct section *s = kind_section(e->w.kind, "filer");
    const char *value = s && section_field(s, "filed_on") ? notice_get(e->w.notice, s->id, 0, "filed_on") : "";
    if (!*e->book || !*value)
        return OK;
    if (date_read(value, &filed, NULL) != OK) {
        if (datex_read(value, &e->call->svc->book->eras, &typed, NULL) != OK || typed.kind == DX_NONE)
            return OK; /* what is no day is a finding of its own */
        filed = typed.sort;
    }
    if (date_cmp(filed, date_of_ms(e->w.received_ms)) == 0)
        return OK;
    return call_refuse(reterr, E_INVALID, "S552", received_day(e->w.received_ms, day));
}

/* ---- a number ---- */

static enum err take_number(struct call *c, struct buf *ret, struct errinfo *reterr)
{
    struct series s = { c->svc->id.office, c->svc->id.terminal, SERIES_NOTICE, series_year(call_now(c)) };
    int64_t no;
    TRY(series_take(c->svc->db, &s, &no, reterr));
    series_text(&s, no, ret);
    return OK;
}

static enum err open_new(struct entry *e, struct errinfo *reterr)
{
    struct db *db = e->call->svc->db;
    struct buf no = BUF_INIT, stop = BUF_INIT;
    char at[CLOCK_TEXT];
    clock_iso_jst(e->w.received_ms, at);
    enum err err = case_open_stop(db, &stop, reterr);
    if (err == OK)
        err = take_number(e->call, &no, reterr);
    if (err == OK)
        err = case_new(db, buf_str(&no), e->w.kind->id, at, e->w.received_ms, buf_str(&stop), reterr);
    if (err == OK)
        err = case_get(db, buf_str(&no), &e->row, reterr);
    buf_done(&no);
    buf_done(&stop);
    return err;
}

/* ---- the book of the stop ---- */

static const char *filer_value(const struct entry *e, const char *key, bool show, struct buf *ret)
{
    const struct section *s = kind_section(e->w.kind, "filer");
    const struct field *f = s ? section_field(s, key) : NULL;
    const char *value = f ? notice_get(e->w.notice, s->id, 0, key) : "";
    if (f && show)
        value_show(f, e->call->svc->book, value, ret);
    else
        buf_adds(ret, value);
    return buf_str(ret);
}

static enum err new_line(struct entry *e, struct buf *ret_no, struct errinfo *reterr)
{
    struct buf name = BUF_INIT, relation = BUF_INIT, check = BUF_INIT, phone = BUF_INIT;
    struct book_entry b = { .received_at = e->row.received_at,
                            .entered_by = call_operator(e->call),
                            .kind = e->w.kind->id,
                            .notifier = filer_value(e, "name", false, &name),
                            .relation = filer_value(e, "relation", true, &relation),
                            .id_check = filer_value(e, "id_result", true, &check),
                            .phone = filer_value(e, "phone", false, &phone),
                            .persons = (int64_t)e->w.made.rows.n };
    enum err err = book_add(e->call->svc->db, e->row.outage_no, &b, ret_no, reterr);
    buf_done(&name);
    buf_done(&relation);
    buf_done(&check);
    buf_done(&phone);
    return err;
}

/* What is received in a stop stands in its book: as the line it came from, or as a new one. */
static enum err enter_book(struct entry *e, struct errinfo *reterr)
{
    struct buf no = BUF_INIT;
    enum err err = OK;
    if (!*e->row.outage_no && !*e->book)
        return OK;
    if (*e->book)
        buf_adds(&no, e->book);
    else
        err = new_line(e, &no, reterr);
    if (err == OK)
        err = book_link(e->call->svc->db, buf_str(&no), e->row.no, reterr);
    buf_done(&no);
    return err;
}

/* ---- entering ---- */

static enum err write_version(struct entry *e, struct errinfo *reterr)
{
    struct buf digest = BUF_INIT;
    struct case_base *base = xcalloc(e->w.bound.n + 1, sizeof *base);
    for (size_t i = 0; i < e->w.bound.n; i++) {
        memcpy(base[i].id, e->w.bound.id[i], sizeof base[i].id);
        base[i].rev = resident_list_find(&e->w.world.people, e->w.bound.id[i])->rev;
    }
    hex_add(&digest, e->call->svc->catalogue, sizeof e->call->svc->catalogue);
    struct case_entry entry = { .no = e->row.no,
                                .notice = e->w.notice,
                                .operator_id = call_operator(e->call),
                                .forms_digest = buf_str(&digest),
                                .base = base,
                                .n_base = e->w.bound.n,
                                .acks = e->acks,
                                .n_acks = e->n_acks,
                                .people = &e->w.bound,
                                .households = &e->w.households };
    enum err err = case_enter(e->call->svc->db, &entry, reterr);
    buf_done(&digest);
    free(base);
    return err;
}

static enum err write_step(struct entry *e, enum case_state *ret_after, struct errinfo *reterr)
{
    struct step_request r = { e->row.no, STEP_ENTER, NULL, NULL };
    TRY(take_step(e->call, &e->row, &r, ret_after, reterr));
    char *no = arena_strdup(e->call->arena, e->row.no);
    case_row_done(&e->row);
    return case_get(e->call->svc->db, no, &e->row, reterr);
}

static void log_acks(struct entry *e)
{
    struct buf b = BUF_INIT;
    buf_adds(&b, "acks");
    for (size_t i = 0; i < e->n_acks; i++)
        buf_printf(&b, " %s", e->acks[i]);
    e->call->log.detail = e->n_acks ? arena_strdup(e->call->arena, buf_str(&b)) : NULL;
    buf_done(&b);
}

static enum err enter(struct entry *e, struct errinfo *reterr)
{
    enum case_state after;
    bool again = *e->w.own_no;
    if (e->w.kind->outage != OUTAGE_ACCEPT && service_counter_state(e->call->svc) == COUNTER_OUTAGE)
        return call_refuse(reterr, E_DENIED, "S212", e->w.kind->title);
    TRY(notice_work_look(&e->w, reterr));
    TRY(shield_checking(e->call, &e->w.people, &e->w.households, reterr));
    notice_work_veil(&e->w);
    TRY(notice_work_passes(&e->w, e->acks, e->n_acks, reterr));
    if (!again)
        TRY(open_new(e, reterr));
    /* The version before the step: a person who mends a case has taken part in it. */
    TRY(write_version(e, reterr));
    TRY(write_step(e, &after, reterr));
    if (!again)
        TRY(enter_book(e, reterr));
    TRY(send_notice(&e->w, &e->row, "notice.enter", e->acks, e->n_acks, reterr));
    if (e->draft)
        TRY(draft_discard(e->call->svc->db, e->draft, reterr));
    log_acks(e);
    set_text(e->call->result, "no", e->row.no);
    set_text(e->call->result, "state", case_state_key(after));
    set_text(e->call->result, "state_label", case_state_label(after, *e->row.outage_no));
    return OK;
}

/* The case that is entered again keeps its kind, its number and its day of receipt. */
static enum err find_case(struct entry *e, struct errinfo *reterr)
{
    const char *no = call_text(e->call, "no");
    if (!*no)
        return find_receipt(e, reterr);
    TRY(case_get(e->call->svc->db, no, &e->row, reterr));
    if (strcmp(e->row.kind, e->w.kind->id) != 0 || !case_editable(e->row.state))
        return call_refuse(reterr, E_INVALID, "S213", case_state_label(e->row.state, *e->row.outage_no));
    TRY(find_receipt(e, reterr));
    e->w.own_no = arena_strdup(e->call->arena, no);
    e->w.received_ms = e->row.received_ms;
    return OK;
}

enum err notice_enter(struct call *c, struct errinfo *reterr)
{
    struct entry e = { .call = c, .book = "" };
    enum err err = notice_work_read(c, call_text(c, "kind"), call_json(c, "values"), &e.w, reterr);
    if (err == OK) {
        read_acks(&e);
        err = find_case(&e, reterr);
    }
    if (err == OK)
        err = filed_as_received(&e, reterr);
    if (err == OK)
        err = enter(&e, reterr);
    notice_work_done(&e.w);
    case_row_done(&e.row);
    return err;
}
