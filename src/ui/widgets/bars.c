#include "ui/bars.h"
#include "base/mem.h"
#include "ui/dialog.h"
#include "ui/screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Common actions. */

unsigned bars_help(struct screen *s)
{
    ui_push(s->ui, &scr_help, s->ops->id);
    return R_HANDLED;
}

static unsigned leave(struct screen *owner, const struct dialog_answer *a)
{
    (void)owner;
    return a->ok ? R_CLOSE : R_NONE;
}

static unsigned leave_to_menu(struct screen *owner, const struct dialog_answer *a)
{
    (void)owner;
    return a->ok ? R_MENU : R_NONE;
}

static unsigned ask_to_leave(struct screen *s, dialog_done *done, unsigned result)
{
    if (!s->ops->dirty || !s->ops->dirty(s))
        return result;
    dialog_confirm(s->ui, "入力した内容はまだ登録されていません。この画面を離れますか。", "離れる", true, done);
    return R_HANDLED;
}

static unsigned go_back(struct screen *s)
{
    return ask_to_leave(s, leave, R_CLOSE);
}

static unsigned go_menu(struct screen *s)
{
    return ask_to_leave(s, leave_to_menu, R_MENU);
}

static const struct action common[] = {
    { .key = K_F1, .label = "説明", .help = "この画面の説明を読む", .run = bars_help },
    { .key = K_F3, .label = "戻る", .help = "前の画面に戻る", .run = go_back },
    { .key = K_F12, .label = "メニュー", .help = "メニューに戻る", .run = go_menu },
};

const struct action *bars_common(unsigned *ret_n)
{
    *ret_n = ARRAY_LEN(common);
    return common;
}

/* Words for ages and times. */

void bars_age(int64_t seconds, struct buf *ret)
{
    static const struct {
        int64_t below, unit;
        const char *name;
    } rows[] = { { 60, 1, "秒" }, { 3600, 60, "分" }, { 2 * 86400, 3600, "時間" }, { INT64_MAX, 86400, "日" } };
    size_t i = 0;
    while (seconds >= rows[i].below)
        i++;
    buf_printf(ret, "%lld%s", (long long)((seconds < 0 ? 0 : seconds) / rows[i].unit), rows[i].name);
}

void bars_clock(const struct ui *ui, const char *iso, struct buf *ret)
{
    int64_t at;
    struct errinfo e;
    struct date d, today;
    int sec;
    if (clock_parse(iso, &at, &e) != OK) {
        buf_adds(ret, "--:--");
        return;
    }
    clock_jst(at, &d.y, &d.m, &d.d, &sec);
    ui_today(ui, &today);
    if (date_cmp(d, today) == 0)
        buf_printf(ret, "%02d:%02d", sec / 3600, sec / 60 % 60);
    else
        buf_printf(ret, "%d月%d日", d.m, d.d);
}

/* "令8.7.1": the short date of lists without the blanks that align it. */
static void short_date(struct date d, const struct eras *eras, struct buf *ret)
{
    struct buf padded = BUF_INIT;
    date_show_short(d, eras, &padded);
    for (size_t i = 0; i < padded.len; i++)
        if (padded.p[i] != ' ')
            buf_addc(ret, padded.p[i]);
    buf_done(&padded);
}

void bars_when(const struct ui *ui, const char *iso, struct buf *ret)
{
    int64_t at;
    struct errinfo e;
    struct date d;
    int sec;
    if (clock_parse(iso, &at, &e) != OK)
        return;
    clock_jst(at, &d.y, &d.m, &d.d, &sec);
    short_date(d, ui->opt.eras, ret);
    buf_printf(ret, " %02d:%02d", sec / 3600, sec / 60 % 60);
}

void bars_times(const struct ui *ui, json_t *rows, const char *key)
{
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row) {
        struct buf at = BUF_INIT;
        bars_when(ui, js(row, key), &at);
        json_object_set_new(row, "at_show", json_string(buf_str(&at)));
        buf_done(&at);
    }
}

void bars_persons(const json_t *row, struct buf *ret)
{
    const json_t *persons = json_object_get(row, "persons");
    size_t i;
    json_t *p;
    if (json_is_string(persons))
        buf_adds(ret, json_string_value(persons));
    json_array_foreach (persons, i, p)
        buf_printf(ret, "%s%s", i ? "、" : "", json_is_string(p) ? json_string_value(p) : js(p, "name"));
}

/* Pieces. */

void bars_section(struct canvas *cv, int y, int x, int cols, const char *title)
{
    canvas_hline(cv, y, x, cols, STYLE_FRAME);
    canvas_printf(cv, y, x + 1, cols - 2, STYLE_HEAD, " %s ", title);
}

int bars_tabs(struct canvas *cv, struct rect r, const char *const *name, int n, int at)
{
    int x = r.x + 1, end = r.x + r.w, open = x;
    canvas_hline(cv, r.y + r.h - 1, r.x, r.w, STYLE_FRAME);
    for (int i = 0; i < n; i++) {
        open = i == at ? x : open;
        x += canvas_printf(cv, r.y, x, end - x, i == at ? STYLE_SELECT : STYLE_HEAD, " %s ", name[i]) + 1;
    }
    return open;
}

void bars_more(struct canvas *cv, struct rect r, bool above, bool below)
{
    if (above)
        canvas_glyph(cv, r.y, r.x + r.w - 1, STYLE_STRONG, GLYPH_UP);
    if (below)
        canvas_glyph(cv, r.y + r.h - 1, r.x + r.w - 1, STYLE_STRONG, GLYPH_DOWN);
}

bool bars_scroll(const struct key *k, int page, int *scroll)
{
    static const struct {
        enum key_code code;
        int pages, lines;
    } moves[] = { { K_UP, 0, -1 }, { K_DOWN, 0, 1 }, { K_PGUP, -1, 0 }, { K_PGDN, 1, 0 } };
    for (size_t i = 0; i < ARRAY_LEN(moves); i++)
        if (moves[i].code == k->code) {
            *scroll += moves[i].pages * page + moves[i].lines;
            return true;
        }
    return false;
}

enum style bars_level(const char *level)
{
    return strcmp(level, "late") == 0 ? STYLE_BAR_C : strcmp(level, "soon") == 0 ? STYLE_BAR_B : STYLE_BAR_A;
}

/* Top lines. */

/* One part of the first line. Where there is no room the date is written shorter, then parts go by rank. */
struct part {
    struct buf text;
    enum style style;
    int rank; /* 0: stays */
};
enum { PART_TRIAL, PART_PLACE, PART_PERSON, PART_DATE, PART_STATE, PARTS };
enum date_form { DATE_FULL, DATE_PLAIN, DATE_SHORT }; /* 令和8年7月1日(水) 10:42, 令和8年7月1日 10:42, 令8.7.1 10:42 */

static enum style state_style(const char *state)
{
    static const struct {
        const char *state;
        enum style style;
    } rows[] = { { "normal", STYLE_GOOD },
                 { "suspect", STYLE_CAREFUL },
                 { "outage", STYLE_BAD },
                 { "recovering", STYLE_CAREFUL },
                 { "reconciled", STYLE_CAREFUL } };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].state, state) == 0)
            return rows[i].style;
    return STYLE_TOP;
}

static void date_text_of(const struct ui *ui, enum date_form form, struct buf *ret)
{
    static const char *const names[] = { "日", "月", "火", "水", "木", "金", "土" };
    struct date today;
    int sec;
    int64_t now = ui_now_ms(ui);
    buf_clear(ret);
    if (now == 0)
        return;
    clock_jst(now, &today.y, &today.m, &today.d, &sec);
    if (form == DATE_SHORT)
        short_date(today, ui->opt.eras, ret);
    else
        date_show(today, ui->opt.eras, ret);
    if (form == DATE_FULL)
        buf_printf(ret, "(%s)", names[date_weekday(today)]);
    buf_printf(ret, " %02d:%02d", sec / 3600, sec / 60 % 60);
}

static void make_parts(const struct ui *ui, struct part part[PARTS])
{
    static const int ranks[PARTS] = { [PART_PLACE] = 1, [PART_PERSON] = 2 };
    const json_t *st = ui->status, *who = json_object_get(ui->session, "operator");
    for (int i = 0; i < PARTS; i++)
        part[i] = (struct part){ .text = BUF_INIT, .style = STYLE_TOP, .rank = ranks[i] };
    if (jb(st, "trial")) {
        buf_adds(&part[PART_TRIAL].text, "【試験】");
        part[PART_TRIAL].style = STYLE_CAREFUL;
    }
    buf_printf(&part[PART_PLACE].text, "%s %s%s", js(st, "office_name"), js(st, "office"), js(st, "terminal"));
    if (who)
        buf_adds(&part[PART_PERSON].text, js(who, "name"));
    date_text_of(ui, DATE_FULL, &part[PART_DATE].text);
    if (*js(st, "state_label"))
        buf_printf(&part[PART_STATE].text, " %s ", js(st, "state_label"));
    part[PART_STATE].style = state_style(js(st, "state"));
}

static int parts_width(const struct width_profile *wp, const struct part part[PARTS])
{
    int w = 0;
    for (int i = 0; i < PARTS; i++)
        if (part[i].text.len)
            w += width_str(wp, buf_span(&part[i].text)) + 3;
    return w;
}

static bool drop_one(struct part part[PARTS])
{
    int worst = -1;
    for (int i = 0; i < PARTS; i++)
        if (part[i].text.len && part[i].rank > 0 && (worst < 0 || part[i].rank > part[worst].rank))
            worst = i;
    if (worst >= 0)
        buf_clear(&part[worst].text);
    return worst >= 0;
}

/* Makes the parts fit into `room` columns. */
static void shorten(const struct ui *ui, const struct width_profile *wp, struct part part[PARTS], int room)
{
    for (int form = DATE_PLAIN; form <= DATE_SHORT && parts_width(wp, part) > room; form++)
        date_text_of(ui, (enum date_form)form, &part[PART_DATE].text);
    while (parts_width(wp, part) > room && drop_one(part))
        ;
}

static const char *title_of(const struct ui *ui)
{
    const struct screen *s = ui->top;
    while (s && s->below && (s->ops->flags & SCREEN_MODAL))
        s = s->below;
    if (!s)
        return "";
    return s->ops->title ? s->ops->title : s->ops->title_of ? s->ops->title_of(s) : "";
}

static void draw_parts(const struct ui *ui, struct canvas *cv, const struct part part[PARTS], int x)
{
    bool first = true;
    for (int i = 0; i < PARTS; i++) {
        if (!part[i].text.len)
            continue;
        if (!first)
            canvas_glyph(cv, 0, x + 1, STYLE_TOP, GLYPH_V);
        x += first ? 0 : 3;
        x += canvas_span(cv, 0, x, ui->cols - x, part[i].style, buf_span(&part[i].text));
        first = false;
    }
}

static void draw_first(const struct ui *ui, struct canvas *cv)
{
    const struct width_profile *wp = canvas_profile(cv);
    struct part part[PARTS];
    const char *title = title_of(ui);
    int want = width_str(wp, span_of(title)) + 3;
    make_parts(ui, part);
    shorten(ui, wp, part, ui->cols - want);
    int right = ui->cols - parts_width(wp, part) + 2;
    canvas_fill(cv, (struct rect){ 0, 0, 1, ui->cols }, STYLE_TOP);
    canvas_text(cv, 0, 1, right - 2, STYLE_TITLE, title);
    draw_parts(ui, cv, part, right);
    for (int i = 0; i < PARTS; i++)
        buf_done(&part[i].text);
}

static int put(struct canvas *cv, int x, enum style style, const char *fmt, ...) PRINTF_LIKE(4, 5);
static int put(struct canvas *cv, int x, enum style style, const char *fmt, ...)
{
    struct buf b = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&b, fmt, ap);
    va_end(ap);
    x += canvas_span(cv, 1, x, canvas_cols(cv) - x, style, buf_span(&b));
    buf_done(&b);
    return x;
}

/* 全件取得 or replay on its way: how far, how fast, how long still. */
static void draw_load(const struct ui *ui, struct canvas *cv, const json_t *load)
{
    struct buf b = BUF_INIT;
    int64_t total = ji(load, "total"), done = ji(load, "done");
    buf_printf(&b, "取得中 %lld%% ", (long long)(total > 0 ? done * 100 / total : 0));
    buf_adds(&b, "残り");
    bars_age(ji(load, "remaining_s"), &b);
    canvas_right(cv, 1, ui->cols - 30, 29, STYLE_STATUS, buf_str(&b));
    buf_done(&b);
}

static void as_of(const struct ui *ui, const char *iso, struct buf *ret)
{
    if (*iso)
        bars_clock(ui, iso, ret);
    else
        buf_adds(ret, "なし");
}

static void draw_second(const struct ui *ui, struct canvas *cv)
{
    static const struct {
        const char *host, *text;
        enum style style;
    } hosts[] = { { "ok", "本庁 正常", STYLE_STATUS }, { "down", " 本庁 不通 ", STYLE_BAD } };
    const json_t *st = ui->status;
    struct buf copy = BUF_INIT, list = BUF_INIT;
    canvas_fill(cv, (struct rect){ 1, 0, 1, ui->cols }, STYLE_STATUS);
    size_t h = 0;
    while (h < ARRAY_LEN(hosts) && strcmp(hosts[h].host, js(st, "host")) != 0)
        h++;
    int x = put(cv, 1, h < ARRAY_LEN(hosts) ? hosts[h].style : STYLE_STATUS, "%s",
                h < ARRAY_LEN(hosts) ? hosts[h].text : "本庁 確認中");
    as_of(ui, js(st, "copy_as_of"), &copy);
    as_of(ui, js(st, "restrict_as_of"), &list);
    if (*js(st, "copy_as_of")) {
        buf_adds(&copy, " (");
        bars_age(ji(st, "copy_age_s"), &copy);
        buf_adds(&copy, "前)");
    }
    x = put(cv, x, STYLE_STATUS, "  副本 %s  抑止表 %s  未反映 ", buf_str(&copy), buf_str(&list));
    x = put(cv, x, ji(st, "unposted") ? STYLE_CAREFUL : STYLE_STATUS, "%lld", (long long)ji(st, "unposted"));
    if (ji(st, "conflicts"))
        x = put(cv, x + 1, STYLE_BAD, " 競合 %lld ", (long long)ji(st, "conflicts"));
    if (ji(st, "unknown_prints"))
        x = put(cv, x + 1, STYLE_BAD, " 印刷未確認 %lld ", (long long)ji(st, "unknown_prints"));
    const json_t *load = json_object_get(st, "load");
    const struct screen *s = ui->top;
    if (jb(load, "active"))
        draw_load(ui, cv, load);
    else if (s && s->ops->subject && x + 2 < ui->cols)
        canvas_right(cv, 1, x + 2, ui->cols - x - 3, STYLE_STATUS, s->ops->subject(s));
    buf_done(&copy);
    buf_done(&list);
}

void bars_top(const struct ui *ui, struct canvas *cv)
{
    draw_first(ui, cv);
    draw_second(ui, cv);
}

/* Bottom lines. */

#define MESSAGE_ROWS 3

/* What is wrong and what to do about it is never cut: a long message lies over the end of the body until the next key.
 */
void bars_message(const struct ui *ui, struct canvas *cv)
{
    static const struct {
        enum style style;
        const char *lead;
    } looks[] = { [SAY_NOTHING] = { STYLE_NORMAL, "" },
                  [SAY_DONE] = { STYLE_STRONG, "" },
                  [SAY_WARN] = { STYLE_WARN, "注意 " },
                  [SAY_ERROR] = { STYLE_ERROR, "！ " } };
    struct buf text = BUF_INIT;
    enum style style = ui->waiting.len ? STYLE_STRONG : looks[ui->say].style;
    int w = ui->cols - 2;
    if (ui->waiting.len)
        buf_printf(&text, "%s…", buf_str(&ui->waiting));
    else if (ui->message.len)
        buf_printf(&text, "%s%s", looks[ui->say].lead, buf_str(&ui->message));
    int rows = canvas_wrap(NULL, canvas_profile(cv), (struct rect){ .w = w }, style, buf_str(&text));
    rows = rows < 1 ? 1 : rows < MESSAGE_ROWS ? rows : MESSAGE_ROWS;
    struct rect r = { ui->rows - 1 - rows, 1, rows, w };
    if (rows > 1)
        canvas_fill(cv, (struct rect){ r.y, 0, rows, ui->cols }, STYLE_NORMAL);
    canvas_wrap(cv, canvas_profile(cv), r, style, buf_str(&text));
    buf_done(&text);
}

static int bar_width(const struct width_profile *wp, const struct action *a)
{
    return width_str(wp, span_of(keycode_name(a->key))) + width_str(wp, span_of(a->label)) + 1;
}

void bars_bottom(const struct ui *ui, struct canvas *cv, const struct screen *s)
{
    int y = ui->rows - 1, x = 0;
    for (int key = K_F1; key <= K_F12; key++) {
        const struct action *a = ui_action(s, (enum key_code)key);
        if (!a || !a->label || ui_refusal(s, a))
            continue;
        x += canvas_text(cv, y, x, ui->cols - x, STYLE_KEY, keycode_name(a->key));
        x += canvas_text(cv, y, x, ui->cols - x, STYLE_ACTION, a->label);
        x += 1;
    }
}

/* The widest of the actions of a key. */
static int key_need(const struct width_profile *wp, const struct action *table, unsigned n, enum key_code key)
{
    int most = 0;
    for (unsigned i = 0; i < n; i++)
        if (table[i].key == key && table[i].label && bar_width(wp, &table[i]) > most)
            most = bar_width(wp, &table[i]);
    return most;
}

int bars_need(const struct width_profile *wp, const struct screen_ops *ops)
{
    bool alone = ops->flags & (SCREEN_MODAL | SCREEN_QUIET);
    int w = -1;
    for (int key = K_F1; key <= K_F12; key++) {
        int own = key_need(wp, ops->actions, ops->n_actions, (enum key_code)key);
        w += own || alone ? own : key_need(wp, common, ARRAY_LEN(common), (enum key_code)key);
    }
    return w;
}
