/* Who is at the counter: login, the locked screen, and the change of one's own password. */
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/dialog.h"
#include "ui/lineedit.h"
#include "ui/screens.h"

#include <string.h>

#define LINES_MAX 3

/* Lines to type, in a box in the middle. Shared by the three screens. */
struct entry {
    struct lineedit line[LINES_MAX];
    const char *label[LINES_MAX];
    int n, focus;
};

static void entry_add(struct entry *e, const char *label, enum edit_mode mode)
{
    lineedit_init(&e->line[e->n], mode, 256);
    e->label[e->n++] = label;
}

static void entry_done(struct screen *s)
{
    struct entry *e = s->priv;
    for (int i = 0; i < e->n; i++)
        lineedit_done(&e->line[i]);
}

static void entry_wipe(struct entry *e, int from)
{
    for (int i = from; i < e->n; i++)
        lineedit_set(&e->line[i], "");
    e->focus = from;
}

static const char *entry_text(const struct entry *e, int i)
{
    return lineedit_text(&e->line[i]);
}

/* True: Enter on the last line. */
static bool entry_key(struct screen *s, const struct key *k)
{
    struct entry *e = s->priv;
    struct lineedit *line = &e->line[e->focus];
    bool next = k->code == K_ENTER || k->code == K_TAB || k->code == K_DOWN;
    if (k->code == K_ENTER && e->focus == e->n - 1)
        return true;
    if (next)
        e->focus = (e->focus + 1) % e->n;
    else if (k->code == K_BACKTAB || k->code == K_UP)
        e->focus = (e->focus + e->n - 1) % e->n;
    else if (lineedit_key(line, k) == EDIT_REFUSED)
        ui_say(s->ui, SAY_ERROR, "%s", lineedit_trouble(line));
    return false;
}

#define BOX_COLS   52
#define LABEL_COLS 20

static void entry_draw(const struct screen *s, struct canvas *cv, struct rect body, const char *title,
                       const char *const *text)
{
    const struct entry *e = s->priv;
    int n_text = 0;
    while (text[n_text])
        n_text++;
    int h = n_text + e->n * 2 + 4;
    struct rect box = { body.y + (body.h - h) / 2, body.x + (body.w - BOX_COLS) / 2, h, BOX_COLS };
    struct rect in = canvas_box(cv, box, STYLE_FRAME, title);
    int y = in.y + 1;
    for (int i = 0; i < n_text; i++)
        canvas_center(cv, y++, in.x, in.w, i ? STYLE_NORMAL : STYLE_STRONG, text[i]);
    for (int i = 0; i < e->n; i++) {
        y++;
        canvas_text(cv, y, in.x + 3, LABEL_COLS, STYLE_LABEL, e->label[i]);
        lineedit_draw(&e->line[i], cv, y++, in.x + 3 + LABEL_COLS, in.w - LABEL_COLS - 6, i == e->focus);
    }
}

/* Login. */

static bool login_open(struct screen *s, const void *arg)
{
    (void)arg;
    entry_add(s->priv, "操作者番号", EDIT_ALPHA);
    ((struct entry *)s->priv)->line[0].mode = EDIT_TEXT;
    entry_add(s->priv, "パスワード", EDIT_SECRET);
    ui_refresh_status(s->ui);
    return true;
}

#define PASSWORD_WARN_DAYS 7

/* Said in time, so that nobody is kept from work in the morning. */
static void say_expiry(struct ui *ui)
{
    struct date until, today;
    struct errinfo e;
    ui_today(ui, &today);
    if (date_read(js(ui->session, "password_expires_on"), &until, &e) != OK)
        return;
    int days = date_days(today, until);
    if (days >= 0 && days <= PASSWORD_WARN_DAYS)
        ui_say(ui, SAY_WARN, "パスワードの期限まであと%d日です。0番で変更してください。", days);
}

/* After a login: first a new password where one is due, else the menu. */
static void go_on(struct ui *ui)
{
    ui_refresh_status(ui);
    ui_push(ui, &scr_menu, NULL);
    if (jb(ui->session, "must_change"))
        ui_push(ui, &scr_password, NULL);
    else
        say_expiry(ui);
}

static unsigned login_key(struct screen *s, const struct key *k)
{
    struct entry *e = s->priv;
    if (!entry_key(s, k))
        return R_HANDLED;
    json_t *params = json_pack("{s:s, s:s}", "operator", entry_text(e, 0), "password", entry_text(e, 1));
    json_t *session = ui_call_slow(s->ui, "確かめています", "session.login", params);
    entry_wipe(e, 1);
    if (!session)
        return R_HANDLED;
    entry_wipe(e, 0);
    json_decref(s->ui->session);
    s->ui->session = session;
    go_on(s->ui);
    return R_HANDLED;
}

/* The menu has been left: the session ends. Without one it was the help, and what was typed stays. */
static unsigned login_resume(struct screen *s)
{
    if (!s->ui->session)
        return R_HANDLED;
    json_decref(ui_ask(s->ui, "session.logout", NULL));
    json_decref(s->ui->session);
    s->ui->session = NULL;
    entry_wipe(s->priv, 0);
    ui_refresh_status(s->ui);
    return R_HANDLED;
}

static void login_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const json_t *st = s->ui->status;
    struct buf place = BUF_INIT;
    buf_printf(&place, "%s  端末 %s%s", js(st, "office_name"), js(st, "office"), js(st, "terminal"));
    const char *const lines[] = { "住民記録 窓口", buf_str(&place),
                                  jb(st, "trial") ? "【試験】練習用です。本番の記録ではありません。" : "", NULL };
    entry_draw(s, cv, body, "操作者認証", lines);
    buf_done(&place);
}

static unsigned ask_quit(struct screen *s)
{
    (void)s;
    return R_QUIT;
}

static const struct action login_actions[] = {
    { .key = K_F1, .label = "説明", .help = "この画面の説明を読む", .run = bars_help },
    { .key = K_F3, .label = "終了", .help = "窓口の画面を終える", .run = ask_quit },
};

const struct screen_ops scr_login = {
    .id = "login",
    .title = "操作者認証",
    .flags = SCREEN_BLANK | SCREEN_QUIET,
    .priv_size = sizeof(struct entry),
    .open = login_open,
    .draw = login_draw,
    .key = login_key,
    .resume = login_resume,
    .free = entry_done,
    SCREEN_ACTIONS(login_actions),
};

/* Locked: whatever lies below stays as it is and cannot be seen. */

static bool lock_open(struct screen *s, const void *arg)
{
    (void)arg;
    entry_add(s->priv, "パスワード", EDIT_SECRET);
    return true;
}

/* The connection was lost meanwhile: only the same operator may go on. */
static bool login_again(struct ui *ui, const char *password)
{
    const char *who = js(json_object_get(ui->session, "operator"), "id");
    json_t *params = json_pack("{s:s, s:s}", "operator", who, "password", password);
    json_t *session = ui_call_slow(ui, "確かめています", "session.login", params);
    if (!session)
        return false;
    json_decref(ui->session);
    ui->session = session;
    return true;
}

static unsigned lock_key(struct screen *s, const struct key *k)
{
    struct entry *e = s->priv;
    struct ui *ui = s->ui;
    if (!entry_key(s, k))
        return R_HANDLED;
    bool open = false;
    if (!ui->client || !jb(ui->status, "logged_in")) {
        open = login_again(ui, entry_text(e, 0));
    } else {
        json_t *params = json_pack("{s:s}", "password", entry_text(e, 0));
        json_t *answer = ui_call_slow(ui, "確かめています", "session.unlock", params);
        open = answer != NULL;
        json_decref(answer);
    }
    entry_wipe(e, 0);
    ui_refresh_status(ui);
    return open ? R_CLOSE : R_HANDLED;
}

static void lock_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    const json_t *who = json_object_get(s->ui->session, "operator");
    const char *const lines[] = { js(who, "name"), "離席中です。入力した内容はそのまま残っています。", NULL };
    entry_draw(s, cv, body, "離席", lines);
}

static unsigned leave_unsaved(struct screen *owner, const struct dialog_answer *a)
{
    (void)owner;
    return a->ok ? R_QUIT : R_NONE;
}

static unsigned lock_quit(struct screen *s)
{
    dialog_confirm(s->ui, "別の操作者に代わるために終了します。保存していない入力は失われます。", "終了する", true,
                   leave_unsaved);
    return R_HANDLED;
}

static const struct action lock_actions[] = {
    { .key = K_F3, .label = "終了", .help = "離席した操作者に代わって画面を終える", .run = lock_quit },
};

const struct screen_ops scr_lock = {
    .id = "lock",
    .title = "離席",
    .flags = SCREEN_BLANK | SCREEN_QUIET,
    .priv_size = sizeof(struct entry),
    .open = lock_open,
    .draw = lock_draw,
    .key = lock_key,
    .free = entry_done,
    SCREEN_ACTIONS(lock_actions),
};

/* One's own password. */

static bool password_open(struct screen *s, const void *arg)
{
    (void)arg;
    entry_add(s->priv, "今のパスワード", EDIT_SECRET);
    entry_add(s->priv, "新しいパスワード", EDIT_SECRET);
    entry_add(s->priv, "新しいもの(もう一度)", EDIT_SECRET);
    return true;
}

static unsigned password_key(struct screen *s, const struct key *k)
{
    struct entry *e = s->priv;
    if (!entry_key(s, k))
        return R_HANDLED;
    if (strcmp(entry_text(e, 1), entry_text(e, 2)) != 0) {
        entry_wipe(e, 1);
        ui_say(s->ui, SAY_ERROR, "二度目に入力したパスワードが違います。新しいパスワードを入力し直してください。");
        return R_HANDLED;
    }
    json_t *params = json_pack("{s:s, s:s}", "old", entry_text(e, 0), "new", entry_text(e, 1));
    json_t *answer = ui_call_slow(s->ui, "変更しています", "session.password", params);
    entry_wipe(e, 0);
    if (!answer)
        return R_HANDLED;
    json_decref(answer);
    json_object_set_new(s->ui->session, "must_change", json_false());
    ui_say(s->ui, SAY_DONE, "パスワードを変更しました。");
    return R_CLOSE;
}

static void password_draw(const struct screen *s, struct canvas *cv, struct rect body)
{
    bool must = jb(s->ui->session, "must_change");
    const char *const lines[] = { must ? "パスワードを変えてから始めます" : "パスワードの変更",
                                  "12文字以上にしてください。名前や番号など、", "推しはかれるものは使えません。",
                                  NULL };
    entry_draw(s, cv, body, "パスワードの変更", lines);
}

static unsigned password_back(struct screen *s)
{
    /* Where the change is due there is nothing to go back to but the login. */
    return jb(s->ui->session, "must_change") ? R_MENU | R_CLOSE : R_CLOSE;
}

static const struct action password_actions[] = {
    { .key = K_F1, .label = "説明", .help = "この画面の説明を読む", .run = bars_help },
    { .key = K_F3, .label = "戻る", .help = "変更しないで前の画面に戻る", .run = password_back },
};

const struct screen_ops scr_password = {
    .id = "password",
    .title = "パスワードの変更",
    .flags = SCREEN_QUIET,
    .priv_size = sizeof(struct entry),
    .open = password_open,
    .draw = password_draw,
    .key = password_key,
    .free = entry_done,
    SCREEN_ACTIONS(password_actions),
};
