/* The menu with the day at a glance: what waits and how long, what was done today, what falls due, how the line was. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/chart.h"
#include "ui/dialog.h"
#include "ui/screens.h"

#include <string.h>

struct menu {
    json_t *board; /* answer of dashboard.get */
    int sel;
    int64_t at; /* when it was asked */
};

struct entry {
    char digit;
    const char *label;
    const char *method; /* the right to it */
    const struct screen_ops *screen;
};

static const struct entry entries[] = {
    { '1', "検索・照会", "resident.search", &scr_search },
    { '2', "届出の入力", "notice.enter", &scr_kinds },
    { '3', "審査・決裁(仮登録の一覧)", "notice.list", &scr_cases },
    { '4', "証明書の交付", "cert.request", &scr_cert },
    { '5', "印刷の記録と確認", "cert.jobs", &scr_jobs },
    { '6', "下書きの続き", "draft.list", &scr_drafts },
    { '7', "作動停止と復旧", "outage.status", &scr_outage },
    { '8', "本庁との同期と競合", "sync.status", &scr_sync },
    { '9', "一覧・記録", NULL, &scr_reports },
    { '0', "パスワードの変更", "session.password", &scr_password },
};

static void refresh(struct screen *s)
{
    struct menu *m = s->priv;
    if (!ui_may(s->ui, "dashboard.get"))
        return;
    json_t *board = ui_ask(s->ui, "dashboard.get", NULL);
    m->at = s->ui->status_at;
    if (!board)
        return;
    json_decref(m->board);
    m->board = board;
}

static bool menu_open(struct screen *s, const void *arg)
{
    (void)arg;
    refresh(s);
    return true;
}

static void menu_free(struct screen *s)
{
    struct menu *m = s->priv;
    json_decref(m->board);
}

/* Together with the state of the counter, which the stack asks for. */
static void menu_tick(struct screen *s)
{
    struct menu *m = s->priv;
    if (m->at != s->ui->status_at)
        refresh(s);
}

/* Back from some work: what was done is to be seen here. */
static unsigned menu_resume(struct screen *s)
{
    ui_refresh_status(s->ui);
    refresh(s);
    return R_HANDLED;
}

static unsigned run_entry(struct screen *s, const struct entry *e)
{
    if (!ui_may(s->ui, e->method)) {
        ui_say(s->ui, SAY_ERROR, "この業務を使う権限がありません。");
        return R_HANDLED;
    }
    ui_push(s->ui, e->screen, NULL);
    return R_HANDLED;
}

static unsigned menu_key(struct screen *s, const struct key *k)
{
    struct menu *m = s->priv;
    int n = (int)ARRAY_LEN(entries);
    if (k->code == K_UP || k->code == K_DOWN) {
        m->sel = (m->sel + (k->code == K_UP ? n - 1 : 1)) % n;
        return R_HANDLED;
    }
    if (k->code == K_ENTER)
        return run_entry(s, &entries[m->sel]);
    for (int i = 0; k->code == K_CHAR && i < n; i++)
        if ((uint32_t)entries[i].digit == k->cp) {
            m->sel = i;
            return run_entry(s, &entries[i]);
        }
    return R_NONE;
}

/* The board. */

static int64_t largest(const json_t *rows, const char *key)
{
    int64_t most = 1;
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        most = ji(row, key) > most ? ji(row, key) : most;
    return most;
}

#define ROOMY      24 /* rows from which on there are blank ones between the parts */
#define NAME_COLS  14
#define COUNT_COLS 5
#define AGE_COLS   12

/* One line per state: name, bar, number, age of the oldest. */
static int draw_waiting(const struct menu *m, struct canvas *cv, struct rect r)
{
    const json_t *rows = ja(m->board, "waiting");
    int64_t most = largest(rows, "count");
    int bar = r.w - NAME_COLS - COUNT_COLS - AGE_COLS - 3, y = r.y;
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row) {
        struct buf age = BUF_INIT;
        if (y >= r.y + r.h)
            break;
        canvas_text(cv, y, r.x, NAME_COLS, STYLE_LABEL, js(row, "label"));
        chart_bar(cv, y, r.x + NAME_COLS + 1, bar, bars_level(js(row, "level")), ji(row, "count"), most);
        canvas_printf(cv, y, r.x + NAME_COLS + bar + 2, COUNT_COLS, STYLE_STRONG, "%4lld", (long long)ji(row, "count"));
        if (ji(row, "count") > 0) {
            buf_adds(&age, "最古 ");
            bars_age(ji(row, "oldest_s"), &age);
            canvas_text(cv, y, r.x + r.w - AGE_COLS, AGE_COLS, STYLE_HINT, buf_str(&age));
        }
        buf_done(&age);
        y++;
    }
    if (y == r.y)
        canvas_text(cv, y++, r.x, r.w, STYLE_HINT, "待っている届出はありません。");
    return y - r.y;
}

#define AGE_CELL 16 /* label, number and a bar side by side */

/* One age: label, number and bar, in one row or two. */
static void draw_age(struct canvas *cv, struct rect r, const json_t *row, int64_t most)
{
    int used = canvas_text(cv, r.y, r.x, r.w, STYLE_LABEL, js(row, "label")) + 1;
    if (r.h > 1)
        used = 0;
    int y = r.y + r.h - 1;
    used += canvas_printf(cv, y, r.x + used, r.w - used, STYLE_STRONG, "%lld ", (long long)ji(row, "count"));
    chart_bar(cv, y, r.x + used, r.w - used, bars_level(js(row, "level")), ji(row, "count"), most);
}

/* How old the waiting work is: one bar per age. Nothing waits: nothing is drawn. */
static int draw_ages(const struct menu *m, struct canvas *cv, struct rect r)
{
    const json_t *rows = ja(m->board, "age_bars");
    int64_t total = 0;
    int n = (int)json_array_size(rows), w = n ? r.w / n : 0, h = w < AGE_CELL ? 2 : 1, x = r.x;
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        total += ji(row, "count");
    if (total == 0)
        return 0;
    json_array_foreach (rows, i, row) {
        draw_age(cv, (struct rect){ r.y, x, h, w - 1 }, row, largest(rows, "count"));
        x += w;
    }
    return h;
}

static int draw_today(const struct menu *m, struct canvas *cv, struct rect r)
{
    const json_t *rows = ja(m->board, "today"), *certificates = json_object_get(m->board, "certificates");
    struct buf b = BUF_INIT;
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row)
        buf_printf(&b, "%s%s %lld", i ? "  " : "", js(row, "title"), (long long)ji(row, "count"));
    if (!b.len)
        buf_adds(&b, "届出はまだありません。");
    int used = canvas_wrap(cv, canvas_profile(cv), (struct rect){ r.y, r.x, r.h > 2 ? r.h - 2 : 1, r.w }, STYLE_NORMAL,
                           buf_str(&b));
    used = used < r.h - 2 ? used : r.h > 2 ? r.h - 2 : 1;
    buf_clear(&b);
    buf_printf(&b, "証明書 %lld件 %lld通  手数料 ", (long long)ji(certificates, "issued"),
               (long long)ji(certificates, "copies"));
    chart_number(ji(certificates, "fees"), &b);
    buf_adds(&b, "円");
    canvas_text(cv, r.y + used, r.x, r.w, STYLE_NORMAL, buf_str(&b));
    buf_done(&b);
    return used + 1;
}

#define HISTORY_MAX 240

static void draw_line(const struct menu *m, struct canvas *cv, int y, int x, int w)
{
    const json_t *rows = ja(m->board, "link_history");
    int64_t value[HISTORY_MAX];
    size_t n = json_array_size(rows);
    n = n < HISTORY_MAX ? n : HISTORY_MAX;
    int64_t most = 1;
    for (size_t i = 0; i < n; i++) {
        value[i] = json_integer_value(json_array_get(rows, i));
        most = value[i] > most ? value[i] : most;
    }
    int used = canvas_text(cv, y, x, w, STYLE_LABEL, "回線の応答 ");
    if (n == 0)
        canvas_text(cv, y, x + used, w - used, STYLE_HINT, "記録はまだありません。");
    chart_history(cv, y, x + used, w - used, STYLE_BAR_A, value, n, most);
}

static void draw_due(const struct menu *m, struct canvas *cv, struct rect r)
{
    const json_t *rows = ja(m->board, "due");
    int y = r.y;
    size_t i;
    json_t *row;
    json_array_foreach (rows, i, row) {
        const char *level = js(row, "level");
        enum style style = bars_level(level);
        if (y >= r.y + r.h)
            return;
        canvas_printf(cv, y++, r.x, r.w, style == STYLE_BAR_A ? STYLE_NORMAL : style, "%s %s %lld件",
                      style == STYLE_BAR_C   ? "超過"
                      : style == STYLE_BAR_B ? "間近"
                                             : "    ",
                      js(row, "what"), (long long)ji(row, "count"));
    }
    if (json_array_size(rows) == 0)
        canvas_text(cv, y, r.x, r.w, STYLE_HINT, "期限の近いものはありません。");
}

static void draw_board(const struct menu *m, struct canvas *cv, struct rect r)
{
    int y = r.y + 1, last = r.y + r.h, gap = r.h >= ROOMY;
    bars_section(cv, r.y, r.x, r.w, "処理を待っている届出");
    y += draw_waiting(m, cv, (struct rect){ y, r.x, 5, r.w });
    y += draw_ages(m, cv, (struct rect){ y, r.x, 2, r.w }) + gap;
    bars_section(cv, y++, r.x, r.w, "本日");
    y += draw_today(m, cv, (struct rect){ y, r.x, 4, r.w }) + gap;
    bars_section(cv, y++, r.x, r.w, "本庁との回線");
    draw_line(m, cv, y++, r.x, r.w);
    y += gap;
    bars_section(cv, y++, r.x, r.w, "期限");
    draw_due(m, cv, (struct rect){ y, r.x, last - y, r.w });
}

#define MENU_COLS 31

static void menu_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const struct menu *m = s->priv;
    struct rect left = { body.y, body.x, body.h, MENU_COLS };
    struct rect in = canvas_box(cv, left, STYLE_FRAME, "業務");
    bool roomy = body.h >= ROOMY;
    for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
        int y = in.y + (roomy ? 1 + (int)i * 2 : (int)i + 1 + (i >= 5) + (i >= 9));
        bool may = ui_may(s->ui, entries[i].method), chosen = (int)i == m->sel;
        enum style style = chosen ? STYLE_SELECT : may ? STYLE_NORMAL : STYLE_HINT;
        canvas_fill(cv, (struct rect){ y, in.x, 1, in.w }, style);
        canvas_printf(cv, y, in.x + 1, in.w - 1, style, "%c %s", entries[i].digit, entries[i].label);
        if (chosen)
            canvas_cursor(cv, y, in.x + 1);
    }
    draw_board(m, cv, (struct rect){ body.y, body.x + MENU_COLS + 1, body.h, body.w - MENU_COLS - 2 });
}

/* Actions. */

static unsigned end_session(struct screen *owner, const struct dialog_answer *a)
{
    (void)owner;
    return a->ok ? R_CLOSE : R_NONE;
}

static unsigned log_out(struct screen *s)
{
    dialog_confirm(s->ui, "業務を終えて、操作者認証の画面に戻ります。", "終える", false, end_session);
    return R_HANDLED;
}

static unsigned go_away(struct screen *s)
{
    json_decref(ui_ask(s->ui, "session.lock", NULL));
    ui_push(s->ui, &scr_lock, NULL);
    return R_HANDLED;
}

static unsigned look_again(struct screen *s)
{
    ui_refresh_status(s->ui);
    refresh(s);
    return R_HANDLED;
}

static unsigned stay(struct screen *s)
{
    (void)s;
    return R_HANDLED;
}

static const struct action menu_actions[] = {
    { .key = K_F3, .label = "終了", .help = "業務を終えて操作者認証に戻る", .run = log_out },
    { .key = K_F5, .label = "最新", .help = "件数と状態を読み直す", .run = look_again },
    { .key = K_F10, .label = "離席", .help = "席を離れるとき画面を閉じる。パスワードで元に戻る", .run = go_away },
    { .key = K_F12, .run = stay },
};

const struct screen_ops scr_menu = {
    .id = "menu",
    .title = "業務メニュー",
    .priv_size = sizeof(struct menu),
    .open = menu_open,
    .draw = menu_draw,
    .key = menu_key,
    .tick = menu_tick,
    .resume = menu_resume,
    .free = menu_free,
    SCREEN_ACTIONS(menu_actions),
};
