/* List of due dates (S-01, `due`). Source: spec/standard.md M4. */
#include "methods.h"
#include "office/due.h"
#include "service/status.h"
#include <stdlib.h>
#include <string.h>

#define DAYS_MAX 3660

#define DUE(name) due_provider name;
#include "office/due.def"
#undef DUE

static due_provider *const providers[] = {
#define DUE(name) name,
#include "office/due.def"
#undef DUE
    NULL,
};

struct item {
    struct item *next;
    const struct code *kind;
    struct date on;
    enum role role;
    enum due_level level;
    const char *ref;
    bool person; /* ref is a person */
};

struct due {
    struct call *call;
    const struct code_table *kinds;
    struct date today;
    int escalate_days, days; /* days < 0: what is near, due or late */
    enum role only;          /* ROLE_COUNT: any */
    struct item **item;      /* arena */
    size_t n, cap;
};

struct call *due_call(const struct due *d)
{
    return d->call;
}

static const struct code *find_kind(const struct due *d, const char *kind)
{
    for (size_t i = 0; d->kinds && i < d->kinds->n; i++)
        if (strcmp(d->kinds->c[i].code, kind) == 0)
            return &d->kinds->c[i];
    return NULL;
}

/* "SUP 3"; ROLE_COUNT when it is nothing of the kind. */
static enum role read_note(const char *note, int *ret_lead)
{
    const char *blank = strchr(note, ' ');
    char *end = NULL;
    long lead = blank ? strtol(blank + 1, &end, 10) : -1;
    if (lead < 0 || lead > DAYS_MAX || end == blank + 1 || *end)
        return ROLE_COUNT;
    *ret_lead = (int)lead;
    return role_by_code((struct span){ note, (size_t)(blank - note) });
}

enum err due_check(const struct rulebook *book, struct errinfo *reterr)
{
    const struct code_table *kinds = rulebook_table(book, "due");
    int lead;
    for (size_t i = 0; kinds && i < kinds->n; i++)
        if (read_note(kinds->c[i].note, &lead) == ROLE_COUNT)
            return err_set(reterr, E_INVALID, NULL, "data/tables/due.tsv", "%s: expected a role and days, as \"SUP 3\"",
                           kinds->c[i].code);
    return OK;
}

static bool belongs_to(const struct item *i, enum role r)
{
    return i->role == r || (i->level == DUE_ESCALATED && role_above(i->role) == r);
}

/* Whose it is, to whom it was raised, whose own it is, and the auditor. */
static bool may_see(const struct due *d, const struct item *i, const char *owner)
{
    if (owner && strcmp(owner, call_operator(d->call)) == 0)
        return true;
    for (unsigned r = 0; r < ROLE_COUNT; r++)
        if (call_has_role(d->call, (enum role)r) && (r == ROLE_AUD || belongs_to(i, (enum role)r)))
            return true;
    return false;
}

static bool in_range(const struct due *d, const struct item *i)
{
    return d->days < 0 ? i->level != DUE_PLANNED : date_days(d->today, i->on) <= d->days;
}

static void keep(struct due *d, const struct item *i)
{
    if (d->n == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 64;
        struct item **more = arena_array(d->call->arena, cap, sizeof(struct item *));
        if (d->n)
            memcpy(more, d->item, d->n * sizeof *more);
        d->item = more;
        d->cap = cap;
    }
    d->item[d->n] = arena_alloc(d->call->arena, sizeof *i);
    *d->item[d->n++] = *i;
}

static struct item item_of(const struct due *d, const char *kind, struct date on, const char *ref)
{
    int lead = 0;
    struct item i = { .kind = find_kind(d, kind), .on = on };
    i.role = i.kind ? read_note(i.kind->note, &lead) : ROLE_COUNT;
    i.level = due_level(on, d->today, lead, d->escalate_days);
    i.ref = arena_strdup(d->call->arena, ref);
    return i;
}

static void keep_if(struct due *d, const struct item *i, const char *owner)
{
    if (i->kind && may_see(d, i, owner) && in_range(d, i) && (d->only == ROLE_COUNT || belongs_to(i, d->only)))
        keep(d, i);
}

void due_on(struct due *d, const char *kind, struct date on, const char *ref, const char *owner)
{
    struct item i = item_of(d, kind, on, ref);
    keep_if(d, &i, owner);
}

void due_person(struct due *d, const char *kind, struct date on, const char *person)
{
    struct item i = item_of(d, kind, on, person);
    i.person = true;
    keep_if(d, &i, NULL);
}

void due_at(struct due *d, const char *kind, int64_t due_ms, const char *ref, const char *owner)
{
    struct date on = date_of_ms(due_ms);
    struct item i = item_of(d, kind, on, ref);
    if (i.level == DUE_TODAY && call_now(d->call) > due_ms) /* the hour has passed */
        i.level = DUE_OVERDUE;
    keep_if(d, &i, owner);
}

static int by_day(const void *a, const void *b)
{
    const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
    int c = date_cmp(x->on, y->on);
    if (c == 0)
        c = strcmp(x->kind->code, y->kind->code);
    return c ? c : strcmp(x->ref, y->ref);
}

static enum err collect(struct due *d, struct errinfo *reterr)
{
    const struct rulebook *book = d->call->svc->book;
    d->kinds = rulebook_table(book, "due");
    d->today = call_today(d->call);
    d->escalate_days = (int)rulebook_param_int(book, "ESC_D");
    for (due_provider *const *p = providers; *p; p++)
        TRY((*p)(d, reterr));
    if (d->n)
        qsort(d->item, d->n, sizeof(struct item *), by_day);
    return OK;
}

enum err due_each(struct call *c, void (*cb)(void *arg, const char *kind, enum due_level), void *arg,
                  struct errinfo *reterr)
{
    struct due d = { .call = c, .days = -1, .only = ROLE_COUNT };
    TRY(collect(&d, reterr));
    for (size_t i = 0; i < d.n; i++)
        cb(arg, d.item[i]->kind->code, d.item[i]->level);
    return OK;
}

static void tell(const struct due *d, json_t *list, const struct item *i)
{
    char day[DATE_TEXT];
    struct buf show = BUF_INIT;
    json_t *row = add_object(list);
    if (i->person)
        call_subject(d->call, i->ref);
    date_text(i->on, day);
    date_show(i->on, &d->call->svc->book->eras, &show);
    set_text(row, "kind", i->kind->code);
    set_text(row, "what", i->kind->label);
    set_text(row, "ref", i->ref);
    set_text(row, "role", role_code(i->role));
    set_text(row, "role_label", role_label(i->role));
    set_text(row, "due_on", day);
    set_text(row, "due_show", buf_str(&show));
    set_int(row, "late_days", date_days(i->on, d->today));
    set_text(row, "level", due_level_name(i->level));
    set_text(row, "level_label", due_level_label(i->level));
    buf_done(&show);
}

static enum err due_list(struct call *c, struct errinfo *reterr)
{
    struct due d = { .call = c, .days = (int)call_int(c, "days", -1), .only = ROLE_COUNT };
    if (call_has(c, "role")) {
        d.only = role_by_code(span_of(call_text(c, "role")));
        if (d.only == ROLE_COUNT)
            return call_refuse(reterr, E_INVALID, "S044", "role");
    }
    TRY(collect(&d, reterr));
    json_t *rows = set_list(c->result, "rows");
    for (size_t i = 0; i < d.n; i++)
        tell(&d, rows, d.item[i]);
    return OK;
}

/* ---- dashboard ---- */

/* What the screen makes of a level. */
static const char *const colours[] = {
    [DUE_PLANNED] = "ok", [DUE_NEAR] = "soon", [DUE_TODAY] = "soon", [DUE_OVERDUE] = "late", [DUE_ESCALATED] = "late"
};
_Static_assert(ARRAY_LEN(colours) == DUE_LEVELS, "a level has no colour");

status_part dashboard_due;
enum err dashboard_due(struct call *c, json_t *result, struct errinfo *reterr)
{
    struct due d = { .call = c, .days = -1, .only = ROLE_COUNT };
    TRY(collect(&d, reterr));
    json_t *rows = set_list(result, "due");
    for (size_t k = 0; d.kinds && k < d.kinds->n; k++) {
        const struct code *kind = &d.kinds->c[k];
        enum due_level worst = DUE_PLANNED;
        int64_t n = 0;
        for (size_t i = 0; i < d.n; i++)
            if (d.item[i]->kind == kind) {
                worst = d.item[i]->level > worst ? d.item[i]->level : worst;
                n++;
            }
        if (!n)
            continue;
        json_t *row = add_object(rows);
        set_text(row, "what", kind->label);
        set_text(row, "level", colours[worst]);
        set_int(row, "count", n);
    }
    return OK;
}

static const struct param_spec list_params[] = {
    { "role", P_ID, false, 8, NULL },
    { "days", P_INT, false, DAYS_MAX, NULL },
    { 0 },
};

static const struct method m_due_rows[] = {
    { .name = "due.list",
      .summary = "期限の一覧です。自分の役割のものと、上申されたものを返します。",
      .result = "rows[{kind,what,ref,role,role_label,due_on,due_show,late_days,level(planned|near|today|overdue|"
                "escalated),level_label}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = list_params,
      .run = due_list },
};
METHOD_TABLE(m_due);
