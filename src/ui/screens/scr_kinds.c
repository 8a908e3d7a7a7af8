/* Which notice (届出の種類): groups from the forms themselves, numbers as in the office's own list. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/listview.h"
#include "ui/screens.h"

#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX 12

struct kinds {
    json_t *all;
    const char *group[GROUPS_MAX]; /* borrowed from `all` */
    int n, at;
    struct listview list;
    struct buf typed; /* digits of a number of more than one digit */
    char *person, *name;
    bool whole; /* the whole household of the person */
};

static void deadline_text(const json_t *row, struct buf *ret)
{
    if (ji(row, "deadline_days"))
        buf_printf(ret, "%lld日", (long long)ji(row, "deadline_days"));
}

static void outage_text(const json_t *row, struct buf *ret)
{
    static const struct {
        const char *code, *text;
    } words[] = { { "accept", "受付" }, { "hold", "預かり" }, { "closed", "不可" } };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i].code, js(row, "outage")) == 0)
            buf_adds(ret, words[i].text);
}

static const struct list_col columns[] = {
    { .key = "menu_key", .title = "番号", .width = 4, .right = true },
    { .key = "title", .title = "届出", .width = 28, .grow = 2 },
    { .key = "law", .title = "根拠", .width = 18, .grow = 1 },
    { .key = "deadline", .title = "期間", .width = 5, .right = true, .text = deadline_text },
    { .key = "outage_label", .title = "停止中", .width = 8, .text = outage_text },
};

static void show_group(struct kinds *m)
{
    json_t *rows = json_array(), *k;
    size_t i;
    json_array_foreach (m->all, i, k)
        if (m->n && strcmp(js(k, "group"), m->group[m->at]) == 0)
            json_array_append(rows, k);
    listview_set(&m->list, rows);
    m->list.sel = 0;
    buf_clear(&m->typed);
}

static bool kinds_open(struct screen *s, const void *arg)
{
    struct kinds *m = s->priv;
    const struct person_arg *who = arg;
    size_t i;
    json_t *k;
    json_t *answer = ui_call(s->ui, "notice.kinds", NULL);
    if (!answer)
        return false;
    m->all = json_incref(ja(answer, "kinds"));
    json_decref(answer);
    if (who) {
        m->person = xstrdup(who->id);
        m->name = xstrdup(who->name);
        m->whole = who->whole;
    }
    json_array_foreach (m->all, i, k) {
        int g = 0;
        while (g < m->n && strcmp(m->group[g], js(k, "group")) != 0)
            g++;
        if (g == m->n && g < GROUPS_MAX)
            m->group[m->n++] = js(k, "group");
    }
    listview_init(&m->list, columns, ARRAY_LEN(columns), "入力できる届出がありません。");
    show_group(m);
    return true;
}

static void kinds_free(struct screen *s)
{
    struct kinds *m = s->priv;
    listview_done(&m->list);
    json_decref(m->all);
    buf_done(&m->typed);
    free(m->person);
    wipe_str(m->name);
}

static unsigned begin(struct screen *s)
{
    struct kinds *m = s->priv;
    const json_t *row = listview_row(&m->list);
    struct person_arg who = { .id = m->person, .name = m->name, .whole = m->whole };
    struct notice_arg arg = { .kind = js(row, "id"), .person = m->person ? &who : NULL };
    buf_clear(&m->typed);
    if (row)
        ui_push(s->ui, &scr_notice, &arg);
    return R_HANDLED;
}

/* The number of a kind, typed; it opens as soon as no longer number begins with it. */
static unsigned number_key(struct screen *s, uint32_t digit)
{
    struct kinds *m = s->priv;
    size_t i, hits = 0;
    json_t *row;
    buf_addc(&m->typed, (char)digit);
    json_array_foreach (m->list.rows, i, row) {
        bool begins = strncmp(js(row, "menu_key"), buf_str(&m->typed), m->typed.len) == 0;
        if (begins && strcmp(js(row, "menu_key"), buf_str(&m->typed)) == 0)
            m->list.sel = i;
        hits += begins;
    }
    if (hits == 1 && strcmp(js(listview_row(&m->list), "menu_key"), buf_str(&m->typed)) == 0)
        return begin(s);
    if (hits == 0) {
        ui_say(s->ui, SAY_ERROR, "%s番の届出はありません。", buf_str(&m->typed));
        buf_clear(&m->typed);
    }
    return R_HANDLED;
}

static unsigned kinds_key(struct screen *s, const struct key *k)
{
    struct kinds *m = s->priv;
    bool left = k->code == K_LEFT || k->code == K_BACKTAB, right = k->code == K_RIGHT || k->code == K_TAB;
    if ((left || right) && m->n) {
        m->at = (m->at + (right ? 1 : m->n - 1)) % m->n;
        show_group(m);
        return R_HANDLED;
    }
    if (k->code == K_ENTER)
        return begin(s);
    if (k->code == K_CHAR && k->cp >= '0' && k->cp <= '9')
        return number_key(s, k->cp);
    buf_clear(&m->typed);
    return listview_key(&m->list, k) ? R_HANDLED : R_NONE;
}

static void kinds_layout(struct screen *s, struct rect body)
{
    listview_layout(&((struct kinds *)s->priv)->list, (struct rect){ .h = body.h - 3 });
}

static void kinds_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct kinds *m = s->priv;
    bars_tabs(cv, (struct rect){ body.y, body.x, 2, body.w }, m->group, m->n, m->at);
    if (m->n > 1)
        canvas_right(cv, body.y, body.x + body.w - 24, 23, STYLE_HINT, "Tab 次の分類");
    listview_draw(&m->list, cv, (struct rect){ body.y + 2, body.x, body.h - 3, body.w }, true);
    if (m->typed.len)
        canvas_printf(cv, body.y + body.h - 1, body.x + 1, 20, STYLE_STRONG, "番号 %s", buf_str(&m->typed));
}

static const char *kinds_subject(const struct screen *s)
{
    const struct kinds *m = s->priv;
    return m->name ? m->name : "";
}

static unsigned kinds_facts(const struct screen *s)
{
    return listview_row(&((const struct kinds *)s->priv)->list) ? NEED_ROW : 0;
}

static const struct action actions[] = {
    { .key = K_F10,
      .label = "入力",
      .help = "選んだ届出の入力を始める。番号を打つかEnterでも同じ",
      .need = NEED_ROW,
      .method = "notice.enter",
      .run = begin },
};

const struct screen_ops scr_kinds = {
    .id = "kinds",
    .title = "届出の種類",
    .priv_size = sizeof(struct kinds),
    .open = kinds_open,
    .layout = kinds_layout,
    .draw = kinds_draw,
    .key = kinds_key,
    .facts = kinds_facts,
    .subject = kinds_subject,
    .free = kinds_free,
    SCREEN_ACTIONS(actions),
};
