/* The check of a notice before it is entered (事前確認): errors and warnings above, before and after below. */
#include "base/mem.h"
#include "notice_entry.h"
#include "ui/changeview.h"
#include "ui/listview.h"

#include <string.h>

struct check {
    struct entry *entry;
    struct listview findings;
    struct changeview change;
    bool in_change;
};

static bool acked(const json_t *acks, const json_t *finding)
{
    size_t i;
    json_t *a;
    json_array_foreach (acks, i, a)
        if (strcmp(json_string_value(a), js(finding, "msg")) == 0)
            return true;
    return false;
}

static void level_text(const json_t *row, struct buf *ret)
{
    buf_adds(ret, finding_is_error(row) ? "誤り" : jb(row, "acked") ? "確認済" : "警告");
}

static void whole_text(const json_t *row, struct buf *ret)
{
    buf_printf(ret, "%s %s", js(row, "text"), js(row, "remedy"));
}

static const struct list_col columns[] = {
    { .key = "level", .title = "段階", .width = 6, .text = level_text },
    { .key = "msg", .title = "番号", .width = 4 },
    { .key = "text", .title = "内容と、どうすればよいか(Enterでその欄へ)", .width = 40, .grow = 1, .text = whole_text },
};

static enum style row_style(const json_t *row)
{
    return finding_is_error(row) ? STYLE_ERROR : jb(row, "acked") ? STYLE_NORMAL : STYLE_WARN;
}

/* Rows show which warnings are acknowledged. */
static void show_acks(struct check *c)
{
    size_t i;
    json_t *row;
    json_array_foreach (c->findings.rows, i, row)
        json_object_set_new(row, "acked", json_boolean(acked(c->entry->acks, row)));
}

static bool check_open(struct screen *s, const void *arg)
{
    struct check *c = s->priv;
    c->entry = (struct entry *)arg; /* the entry screen lies below and outlives this one */
    listview_init(&c->findings, columns, ARRAY_LEN(columns), "誤りも警告もありません。F10で仮登録できます。");
    c->findings.style = row_style;
    listview_set(&c->findings, json_deep_copy(ja(c->entry->checked, "findings")));
    changeview_set(&c->change, c->entry->checked);
    show_acks(c);
    c->in_change = listview_count(&c->findings) == 0;
    return true;
}

static void check_free(struct screen *s)
{
    struct check *c = s->priv;
    listview_done(&c->findings);
    changeview_done(&c->change);
}

/* Rows for the findings: as many as there are, at most a third of the screen. */
static int upper_rows(const struct check *c, struct rect body)
{
    int n = (int)listview_count(&c->findings) + 2, most = body.h / 3 + 2;
    return n < 3 ? 3 : n < most ? n : most;
}

static void check_layout(struct screen *s, struct rect body)
{
    struct check *c = s->priv;
    int upper = upper_rows(c, body);
    listview_layout(&c->findings, (struct rect){ .h = upper - 1 });
    changeview_layout(&c->change, (struct rect){ .h = body.h - upper - 3, .w = body.w });
}

/* The chosen finding in full: it may be longer than its row. */
static void draw_chosen(const struct check *c, struct canvas *cv, struct rect r)
{
    const json_t *row = c->in_change ? NULL : listview_row(&c->findings);
    struct buf b = BUF_INIT;
    if (row)
        whole_text(row, &b);
    canvas_wrap(cv, canvas_profile(cv), r, STYLE_NORMAL, buf_str(&b));
    buf_done(&b);
}

static void check_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct check *c = s->priv;
    int upper = upper_rows(c, body);
    listview_draw(&c->findings, cv, (struct rect){ body.y, body.x, upper - 1, body.w }, !c->in_change);
    struct rect below = { body.y + upper, body.x, body.h - upper - 3, body.w };
    changeview_draw(&c->change, cv, below, c->in_change);
    canvas_hline(cv, body.y + body.h - 3, body.x, body.w, STYLE_FRAME);
    draw_chosen(c, cv, (struct rect){ body.y + body.h - 2, body.x + 1, 2, body.w - 2 });
}

static unsigned go_to_field(struct check *c)
{
    const json_t *row = listview_row(&c->findings);
    struct entry *n = c->entry;
    n->go = row && form_place_of(n->form, js(row, "section"), (int)ji(row, "row"), js(row, "field"), &n->to);
    return R_CLOSE;
}

static unsigned check_key(struct screen *s, const struct key *k)
{
    struct check *c = s->priv;
    if (k->code == K_TAB || k->code == K_BACKTAB) {
        c->in_change = !c->in_change && c->change.n > 0;
        return R_HANDLED;
    }
    if (c->in_change)
        return changeview_key(&c->change, k) ? R_HANDLED : R_NONE;
    if (k->code == K_ENTER && listview_row(&c->findings))
        return go_to_field(c);
    return listview_key(&c->findings, k) ? R_HANDLED : R_NONE;
}

static size_t count(const struct check *c, bool errors)
{
    size_t i, n = 0;
    json_t *row;
    json_array_foreach (c->findings.rows, i, row)
        n += errors ? finding_is_error(row) : !finding_is_error(row) && !jb(row, "acked");
    return n;
}

static unsigned check_facts(const struct screen *s)
{
    const struct check *c = s->priv;
    size_t warnings = count(c, false);
    return NEED_CHECKED | (count(c, true) ? 0u : NEED_CLEAN) | (warnings ? NEED_WARNINGS : NEED_ACKED);
}

/* The chosen warning, or the first that is open. */
static unsigned acknowledge(struct screen *s)
{
    struct check *c = s->priv;
    size_t n = listview_count(&c->findings), at = c->findings.sel;
    for (size_t i = 0; i < n; i++, at = (at + 1) % n) {
        const json_t *row = json_array_get(c->findings.rows, at);
        if (finding_is_error(row) || jb(row, "acked"))
            continue;
        json_array_append_new(c->entry->acks, json_string(js(row, "msg")));
        c->findings.sel = at;
        break;
    }
    show_acks(c);
    if (count(c, false) == 0)
        ui_say(s->ui, SAY_DONE, "警告はすべて確認済みです。");
    return R_HANDLED;
}

static unsigned enter(struct screen *s)
{
    const struct check *c = s->priv;
    return entry_register(s, c->entry) ? R_CLOSE : R_HANDLED;
}

static unsigned back(struct screen *s)
{
    (void)s;
    return R_CLOSE;
}

static const struct action actions[] = {
    { .key = K_F3, .label = "訂正", .help = "入力に戻って直す", .run = back },
    { .key = K_F7,
      .label = "警告確認",
      .help = "選んだ警告を読んで確認済みにする",
      .need = NEED_WARNINGS,
      .run = acknowledge },
    { .key = K_F10,
      .label = "仮登録",
      .help = "この内容で仮登録する。審査と決裁は別の人が行う",
      .need = NEED_CHECKED | NEED_CLEAN | NEED_ACKED,
      .method = "notice.enter",
      .run = enter },
};

const struct screen_ops scr_check = {
    .id = "check",
    .title = "事前確認",
    .priv_size = sizeof(struct check),
    .open = check_open,
    .layout = check_layout,
    .draw = check_draw,
    .key = check_key,
    .facts = check_facts,
    .free = check_free,
    SCREEN_ACTIONS(actions),
};
