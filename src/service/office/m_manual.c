/* 端末機操作手引書: the page of a screen from data/manual, the page of a kind of notice from its form. */
#include "base/mem.h"
#include "domain/rule.h"
#include "methods.h"
#include "office/manual.h"

#include <stdlib.h>
#include <string.h>

#define KIND_PAGE "notice:"

static void add_linef(json_t *lines, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void add_linef(json_t *lines, const char *fmt, ...)
{
    struct buf b = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    add_text(lines, buf_str(&b));
    buf_done(&b);
}

static void tell_page(const struct manual_page *p, json_t *result)
{
    json_t *lines = set_list(result, "lines");
    set_text(result, "title", p->title);
    for (size_t i = 0; i < p->n; i++)
        add_text(lines, p->line[i]);
}

/* ---- the page of a kind ---- */

static const char *need(const struct field *f)
{
    return f->required ? "必須" : f->required_if ? "条件により必須" : "任意";
}

/* What the checks of a field ask for, in the words of the table of checks. */
static void tell_checks(const struct kind *k, const struct section *s, const struct field *f, json_t *lines)
{
    struct site at = { .kind = k, .section = s, .field = f };
    size_t n = f ? f->n_checks : k->n_checks;
    char *const *text = f ? f->checks : k->checks;
    for (size_t i = 0; i < n; i++) {
        struct rule_call call;
        struct span word;
        if (rule_parse(&at, span_of(text[i]), &call, &word) == NULL)
            add_linef(lines, "%s検査: %s(%.*s)", f ? "    " : "・", call.rule->help, (int)call.msg.n, call.msg.p);
    }
}

static void tell_field(const struct rulebook *book, const struct kind *k, const struct section *s,
                       const struct field *f, json_t *lines)
{
    const struct code_table *t = f->table ? rulebook_table(book, f->table) : NULL;
    add_linef(lines, "・%s(%s、%s)", f->label, field_type_info(f->type)->label, need(f));
    if (f->help)
        add_linef(lines, "    %s", f->help);
    for (size_t i = 0; t && i < t->n; i++)
        add_linef(lines, "    %s %s%s%s", t->c[i].code, t->c[i].label, *t->c[i].note ? " — " : "", t->c[i].note);
    tell_checks(k, s, f, lines);
}

static void tell_kind(const struct rulebook *book, const struct kind *k, json_t *result)
{
    static const char *const in_stop[] = { [OUTAGE_ACCEPT] = "受け付けて仮登録する",
                                           [OUTAGE_HOLD] = "届書を預かり、復旧してから入力する",
                                           [OUTAGE_CLOSED] = "受け付けない" };
    json_t *lines = set_list(result, "lines");
    set_text(result, "title", k->title);
    add_linef(lines, "根拠 %s  異動事由 %s %s", k->law, k->journal, rulebook_label(book, "reason", k->journal));
    if (k->deadline_days)
        add_linef(lines, "届出期間 異動した日の翌日から%d日以内", k->deadline_days);
    add_linef(lines, "作動停止のとき %s", in_stop[k->outage]);
    for (size_t i = 0; i < k->n; i++) {
        const struct section *s = &k->s[i];
        add_text(lines, "");
        add_linef(lines, s->max > 1 ? "【%s】 %d〜%d行" : "【%s】", s->title, s->min, s->max);
        for (size_t f = 0; f < s->n; f++)
            tell_field(book, k, s, &s->f[f], lines);
    }
    add_text(lines, "");
    add_text(lines, "【全体の検査】");
    tell_checks(k, NULL, NULL, lines);
    add_text(lines, "");
    add_text(lines, "【本登録で行うこと】");
    for (size_t i = 0; i < k->n_effect; i++)
        add_linef(lines, "・%s", effect_verb(k->effect[i].verb)->help);
    add_text(lines, "");
    add_text(lines, "【審査の項目】");
    for (size_t i = 0; i < k->n_checklist; i++)
        add_linef(lines, "・%s", k->checklist[i]);
    add_text(lines, "");
    add_text(lines, "【続く書類】");
    for (size_t i = 0; i < k->n_papers; i++)
        add_linef(lines, "・%s", rulebook_label(book, "paper", k->papers[i]));
}

static enum err page(struct call *c, struct errinfo *reterr)
{
    const char *screen = call_text(c, "screen");
    size_t prefix = strlen(KIND_PAGE);
    if (strncmp(screen, KIND_PAGE, prefix) == 0) {
        const struct kind *k = kind_find(&c->svc->book->kinds, screen + prefix);
        if (!k)
            return call_refuse(reterr, E_NOTFOUND, "S229", screen);
        tell_kind(c->svc->book, k, c->result);
        return OK;
    }
    const struct manual_page *p = manual_find(c->svc->manual, screen);
    if (!p)
        return call_refuse(reterr, E_NOTFOUND, "S229", screen);
    tell_page(p, c->result);
    return OK;
}

/* All pages, for the printed manual. */
static enum err contents(struct call *c, struct errinfo *reterr)
{
    size_t n;
    const struct manual_page *p = manual_pages(c->svc->manual, &n);
    const struct kinds *kinds = &c->svc->book->kinds;
    json_t *list = set_list(c->result, "pages");
    (void)reterr;
    for (size_t i = 0; i < n; i++) {
        json_t *row = add_object(list);
        set_text(row, "screen", p[i].screen);
        set_text(row, "title", p[i].title);
    }
    for (size_t i = 0; i < kinds->n; i++) {
        json_t *row = add_object(list);
        char *screen = xprintf("%s%s", KIND_PAGE, kinds->k[i]->id);
        set_text(row, "screen", screen);
        set_text(row, "title", kinds->k[i]->title);
        free(screen);
    }
    return OK;
}

static const struct param_spec page_params[] = { { "screen", P_TEXT, true, 60, NULL }, { 0 } };

static const struct method m_manual_rows[] = {
    { .name = "manual.page",
      .summary = "手引書の一頁を返します。screen は画面の番号、または notice:種類 です。",
      .result = "title, lines[]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_BEFORE_LOGIN | M_QUIET | M_LOCKED | M_EXPIRED,
      .params = page_params,
      .run = page },
    { .name = "manual.index",
      .summary = "手引書のすべての頁の題を返します。",
      .result = "pages[{screen,title}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_QUIET,
      .run = contents },
};
METHOD_TABLE(m_manual);
