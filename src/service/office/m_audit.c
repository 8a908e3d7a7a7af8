/* For the examiner: what serves each section of the standard, and whether what must hold does. Source: spec/standard.md
 * §0.5; spec/reliability.md §5. */
#include "methods.h"
#include "office/due.h"
#include "office/sections.h"
#include "store/audit.h"
#include "store/outbox_send.h"
#include <stdlib.h>
#include <string.h>

#define EVENTS      3
#define REFS_MAX    20
#define OUTBOX_STEP 1000
#define PARTS       3 /* of the note of a section: functions, ledgers, kinds of due dates */

struct event {
    int64_t seq, at_ms;
    const char *operator_id, *function, *action, *result;
};

struct audit {
    struct call *call;
    struct audit_ledger ledger[AUDIT_LEDGERS];
    const struct code_table *kinds; /* of due dates */
    int64_t *late;                  /* by kind */
    struct event last[EVENTS];      /* of the section, newest first */
    size_t n_last;
};

/* ---- one section ---- */

static void keep_event(void *arg, const struct audit_event *ev)
{
    struct audit *a = arg;
    struct arena *m = a->call->arena;
    size_t at = 0;
    while (at < a->n_last && a->last[at].seq > ev->seq)
        at++;
    if (at == EVENTS || (at < a->n_last && a->last[at].seq == ev->seq))
        return;
    size_t n = a->n_last < EVENTS ? a->n_last : EVENTS - 1;
    memmove(&a->last[at + 1], &a->last[at], (n - at) * sizeof *a->last);
    a->last[at] = (struct event){ ev->seq,
                                  ev->at_ms,
                                  arena_strdup(m, ev->operator_id),
                                  arena_strdup(m, ev->function),
                                  arena_strdup(m, ev->action),
                                  arena_strdup(m, ev->result) };
    a->n_last = n + 1;
}

static enum err tell_functions(struct audit *a, json_t *row, char *list, struct errinfo *reterr)
{
    json_t *functions = set_list(row, "functions");
    int64_t total = 0;
    a->n_last = 0;
    for (char *name; (name = strsep(&list, ",")) != NULL;) {
        int64_t n = 0;
        if (strcmp(name, "-") == 0)
            continue;
        add_text(functions, name);
        TRY(audit_log_of(a->call->svc->db, name, &n, EVENTS, keep_event, a, reterr));
        total += n;
    }
    set_int(row, "log_rows", total);
    return OK;
}

static void tell_ledgers(const struct audit *a, json_t *row, char *list)
{
    json_t *ledgers = set_list(row, "ledgers");
    for (char *name; (name = strsep(&list, ",")) != NULL;)
        for (size_t i = 0; i < AUDIT_LEDGERS; i++)
            if (strcmp(a->ledger[i].name, name) == 0) {
                json_t *l = add_object(ledgers);
                set_text(l, "name", name);
                set_int(l, "rows", a->ledger[i].rows);
            }
}

static int64_t late(const struct audit *a, char *list)
{
    int64_t n = 0;
    for (char *name; (name = strsep(&list, ",")) != NULL;)
        for (size_t i = 0; i < a->kinds->n; i++)
            n += strcmp(a->kinds->c[i].code, name) == 0 ? a->late[i] : 0;
    return n;
}

static void tell_events(const struct audit *a, json_t *row)
{
    json_t *events = set_list(row, "events");
    for (size_t i = 0; i < a->n_last; i++) {
        const struct event *ev = &a->last[i];
        json_t *e = add_object(events);
        char at[CLOCK_TEXT];
        clock_iso_jst(ev->at_ms, at);
        set_int(e, "seq", ev->seq);
        set_text(e, "at", at);
        set_text(e, "operator", ev->operator_id);
        set_text(e, "function", ev->function);
        set_text(e, "action", ev->action);
        set_text(e, "result", ev->result);
    }
}

enum err sections_check(const struct rulebook *book, struct errinfo *reterr)
{
    const struct code_table *t = rulebook_table(book, "sections");
    for (size_t i = 0; t && i < t->n; i++) {
        size_t blanks = 0;
        for (const char *p = t->c[i].note; *p; p++)
            blanks += *p == ' ';
        if (blanks != PARTS - 1)
            return err_set(reterr, E_INVALID, NULL, "data/tables/sections.tsv",
                           "%s: expected functions, ledgers and due dates", t->c[i].code);
    }
    return OK;
}

static enum err tell_section(struct audit *a, json_t *rows, const struct code *section, struct errinfo *reterr)
{
    char *rest = arena_strdup(a->call->arena, section->note), *part[PARTS];
    json_t *row = add_object(rows);
    for (size_t i = 0; i < PARTS; i++)
        part[i] = strsep(&rest, " ");
    set_text(row, "section", section->code);
    set_text(row, "title", section->label);
    set_bool(row, "served", strcmp(section->note, "- - -") != 0);
    tell_ledgers(a, row, part[1]);
    set_int(row, "overdue", late(a, part[2]));
    TRY(tell_functions(a, row, part[0], reterr));
    tell_events(a, row);
    return OK;
}

/* ---- all of them ---- */

static void count_late(void *arg, const char *kind, enum due_level level)
{
    struct audit *a = arg;
    for (size_t i = 0; i < a->kinds->n; i++)
        if (strcmp(a->kinds->c[i].code, kind) == 0)
            a->late[i] += level >= DUE_OVERDUE;
}

static enum err audit_report(struct call *c, struct errinfo *reterr)
{
    const struct code_table *sections = rulebook_table(c->svc->book, "sections");
    const char *only = call_text(c, "section");
    struct audit a = { .call = c, .kinds = rulebook_table(c->svc->book, "due") };
    MUST(sections && a.kinds);
    a.late = arena_array(c->arena, a.kinds->n, sizeof *a.late);
    TRY(audit_ledgers(c->svc->db, a.ledger, reterr));
    TRY(due_each(c, count_late, &a, reterr));
    json_t *rows = set_list(c->result, "rows");
    for (size_t i = 0; i < sections->n; i++)
        if (!*only || strcmp(only, sections->c[i].code) == 0)
            TRY(tell_section(&a, rows, &sections->c[i], reterr));
    return json_array_size(rows) ? OK : call_refuse(reterr, E_NOTFOUND, "S061", only);
}

/* ---- what must hold ---- */

static void add_ref(void *arg, const char *ref)
{
    add_text(arg, ref);
}

/* The chain of operations is what the host has, too: each entry carries the hash of all before it. */
static enum err check_outbox(struct call *c, json_t *rows, bool *sound, struct errinfo *reterr)
{
    struct errinfo why = { 0 };
    int64_t last, before;
    enum err e = outbox_floor(c->svc->db, &last, &why);
    do {
        before = last;
        if (e == OK)
            e = outbox_verify(c->svc->db, before, OUTBOX_STEP, &last, &why);
    } while (e == OK && last > before);
    if (e != OK && e != E_CORRUPT) {
        *reterr = why;
        return e;
    }
    json_t *row = add_object(rows);
    set_text(row, "rule", "operations-chained");
    set_text(row, "about", "I8");
    set_text(row, "label", "操作電文は、前のものと切れ目なくつながっている");
    set_bool(row, "holds", e == OK);
    json_t *refs = set_list(row, "refs");
    if (e != OK)
        add_text(refs, why.detail);
    *sound = *sound && e == OK;
    return OK;
}

static enum err run_check(struct call *c, struct errinfo *reterr)
{
    json_t *rows = set_list(c->result, "rows");
    bool sound = true;
    TRY(check_outbox(c, rows, &sound, reterr));
    for (const struct audit_rule *r = audit_rules; r->id; r++) {
        json_t *row = add_object(rows), *refs = set_list(row, "refs");
        TRY(audit_check(c->svc->db, r, REFS_MAX, add_ref, refs, reterr));
        bool holds = json_array_size(refs) == 0;
        set_text(row, "rule", r->id);
        set_text(row, "about", r->about);
        set_text(row, "label", r->label);
        set_bool(row, "holds", holds);
        sound = sound && holds;
    }
    set_bool(c->result, "sound", sound);
    c->log.detail = sound ? "sound" : "faults found";
    return OK;
}

static const struct param_spec report_params[] = {
    { "section", P_ID, false, 16, NULL },
    { 0 },
};

static const struct method m_audit_rows[] = {
    { .name = "audit.report",
      .summary =
          "技術的基準の節ごとに、支える台帳の件数、操作記録の行数、期限を過ぎた件数、最後の3つの操作を返します。",
      .result = "rows[{section,title,served,ledgers[{name,rows}],overdue,functions[],log_rows,"
                "events[{seq,at,operator,function,action,result}]}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = report_params,
      .run = audit_report },
    { .name = "audit.check",
      .summary =
          "保存庫がいつも満たすべきことを確かめ、破れているものを名指しします。操作記録のつながりはlog.verifyです。",
      .result = "sound, rows[{rule,about,label,holds,refs[]}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .run = run_check },
};
METHOD_TABLE(m_audit);
