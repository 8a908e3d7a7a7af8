#include "ui/ui.h"
#include "base/mem.h"
#include "ui/bars.h"
#include "ui/dialog.h"
#include "ui/screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL_MS      15000  /* a service that has not answered by then is busy with something else */
#define CALL_SLOW_MS 120000 /* waits for the host, for drawing, for the printer; the service ends them earlier */
#define STATUS_MS    1000

static int64_t mono(const struct ui *ui)
{
    return ui->opt.clock.mono_ms(ui->opt.clock.self);
}

/* Answers. */

const char *js(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

int64_t ji(const json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    return json_is_integer(v) ? json_integer_value(v) : 0;
}

bool jb(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

json_t *ja(const json_t *object, const char *key)
{
    json_t *v = json_object_get(object, key);
    return json_is_array(v) ? v : NULL;
}

/* Life. */

struct ui *ui_new(const struct ui_opt *opt)
{
    struct ui *ui = xcalloc(1, sizeof *ui);
    ui->opt = *opt;
    ui->status = json_object();
    ui->rows = UI_ROWS_MIN;
    ui->cols = UI_COLS_MIN;
    ui->touched = mono(ui);
    return ui;
}

void ui_free(struct ui *ui)
{
    if (!ui)
        return;
    ui_pop_to(ui, NULL);
    client_close(ui->client);
    json_decref(ui->status);
    json_decref(ui->session);
    buf_done(&ui->message);
    buf_done(&ui->why_not);
    buf_done(&ui->waiting);
    free(ui);
}

/* Messages. */

void ui_say(struct ui *ui, enum say say, const char *fmt, ...)
{
    va_list ap;
    buf_clear(&ui->message);
    va_start(ap, fmt);
    buf_vprintf(&ui->message, fmt, ap);
    va_end(ap);
    ui->say = say;
    if (say == SAY_ERROR && ui->opt.beep)
        ui->opt.beep(ui->opt.show_arg);
}

/* The service. */

static const char no_service[] =
    "窓口サービスにつながりません。しばらくして操作し直し、続くときは管理者に連絡してください。";

static bool connected(struct ui *ui)
{
    struct errinfo e;
    if (ui->client)
        return true;
    if (client_connect(ui->opt.socket, &ui->client, &e) == OK)
        return true;
    ui->client = NULL;
    buf_clear(&ui->why_not);
    if (!ui->opt.start_service || ui->opt.start_service(ui->opt.start_arg, &ui->why_not) != 0)
        return false;
    if (client_connect(ui->opt.socket, &ui->client, &e) == OK)
        return true;
    ui->client = NULL;
    return false;
}

/* The connection is the session: when it breaks, the operator has to log in again and finds everything as it was. */
static void lost(struct ui *ui)
{
    client_close(ui->client);
    ui->client = NULL;
}

static json_t *call(struct ui *ui, const char *method, json_t *params, int ms)
{
    json_t *result = NULL;
    ui->last = (struct errinfo){ .code = OK };
    if (!connected(ui)) {
        json_decref(params);
        err_set(&ui->last, E_OFFLINE, NULL, NULL, "no service");
        return NULL;
    }
    enum err rc = client_call(ui->client, method, params, ms, &result, &ui->last);
    if (rc == OK)
        return result ? result : json_object();
    if (client_text(ui->client)[0] == '\0' && (rc == E_OFFLINE || rc == E_IO || rc == E_CORRUPT))
        lost(ui);
    return NULL;
}

json_t *ui_ask(struct ui *ui, const char *method, json_t *params)
{
    return call(ui, method, params, STATUS_MS);
}

/* What the service said, or why it said nothing. */
static void say_refusal(struct ui *ui)
{
    if (!ui->client)
        ui_say(ui, SAY_ERROR, "%s", ui->why_not.len ? buf_str(&ui->why_not) : no_service);
    else if (client_text(ui->client)[0])
        ui_say(ui, SAY_ERROR, "%s%s%s", client_text(ui->client), *client_remedy(ui->client) ? " " : "",
               client_remedy(ui->client));
    else if (ui->last.code == E_BUSY)
        ui_say(ui, SAY_ERROR, "時間内に答えがありませんでした。一覧を開き直し、どうなったかを確かめてください。");
    else
        ui_say(ui, SAY_ERROR, "処理できませんでした(%s)。管理者に連絡してください。", err_name(ui->last.code));
}

static json_t *call_and_say(struct ui *ui, const char *method, json_t *params, int ms)
{
    json_t *result = call(ui, method, params, ms);
    if (!result)
        say_refusal(ui);
    return result;
}

json_t *ui_call(struct ui *ui, const char *method, json_t *params)
{
    return call_and_say(ui, method, params, CALL_MS);
}

json_t *ui_call_slow(struct ui *ui, const char *what, const char *method, json_t *params)
{
    buf_clear(&ui->waiting);
    buf_adds(&ui->waiting, what);
    if (ui->opt.flush)
        ui->opt.flush(ui->opt.show_arg);
    json_t *result = call_and_say(ui, method, params, CALL_SLOW_MS);
    buf_clear(&ui->waiting);
    return result;
}

bool ui_may(const struct ui *ui, const char *method)
{
    size_t i;
    json_t *name;
    if (!method)
        return true;
    json_array_foreach (ja(ui->session, "functions"), i, name)
        if (json_is_string(name) && strcmp(json_string_value(name), method) == 0)
            return true;
    return false;
}

void ui_refresh_status(struct ui *ui)
{
    json_t *status = ui_ask(ui, "status.get", NULL);
    ui->status_at = mono(ui);
    if (!status)
        return;
    json_decref(ui->status);
    ui->status = status;
}

int64_t ui_now_ms(const struct ui *ui)
{
    int64_t at;
    struct errinfo e;
    if (clock_parse(js(ui->status, "now"), &at, &e) != OK)
        return 0;
    return at + mono(ui) - ui->status_at;
}

void ui_today(const struct ui *ui, struct date *ret)
{
    *ret = date_of_ms(ui_now_ms(ui));
}

/* The stack. */

struct screen *ui_push(struct ui *ui, const struct screen_ops *ops, const void *arg)
{
    struct screen *s = xcalloc(1, sizeof *s);
    s->ops = ops;
    s->ui = ui;
    s->priv = ops->priv_size ? xcalloc(1, ops->priv_size) : NULL;
    s->below = ui->top;
    ui->top = s;
    if (!ops->open || ops->open(s, arg))
        return s;
    ui->top = s->below;
    if (ops->free)
        ops->free(s);
    free(s->priv);
    free(s);
    return NULL;
}

/* Takes the top screen off; the one below it goes on, unless it is to be closed as well. Returns what the answer of a
 * small window means for the screen that asked. */
static unsigned pop(struct ui *ui, bool resume)
{
    struct screen *s = ui->top;
    unsigned result = R_NONE;
    ui->top = s->below;
    if (resume && s->ops->closed)
        result = s->ops->closed(s);
    if (resume && ui->top == s->below && ui->top && ui->top->ops->resume)
        result |= ui->top->ops->resume(ui->top);
    if (s->ops->free)
        s->ops->free(s);
    if (s->priv)
        wipe(s->priv, s->ops->priv_size);
    free(s->priv);
    free(s);
    return result;
}

void ui_pop_to(struct ui *ui, struct screen *keep)
{
    while (ui->top && ui->top != keep)
        pop(ui, ui->top->below == keep && keep);
}

static struct screen *bottom(const struct ui *ui)
{
    struct screen *s = ui->top;
    while (s && s->below && !(s->below->ops->flags & SCREEN_BLANK))
        s = s->below;
    return s;
}

/* The menu is the lowest screen above login. */
static void to_menu(struct ui *ui)
{
    ui_pop_to(ui, bottom(ui));
}

static void apply(struct ui *ui, unsigned result)
{
    while (result & (R_QUIT | R_MENU | R_CLOSE)) {
        if (result & R_QUIT)
            ui->ended = true;
        else if (result & R_MENU)
            to_menu(ui);
        result = result & R_CLOSE && ui->top ? pop(ui, true) : R_NONE;
    }
}

/* Locking. */

static bool is_blank(const struct ui *ui)
{
    return ui->top && (ui->top->ops->flags & SCREEN_BLANK);
}

static void lock(struct ui *ui)
{
    if (!ui->session || is_blank(ui))
        return;
    json_decref(ui->client ? ui_ask(ui, "session.lock", NULL) : NULL);
    ui_push(ui, &scr_lock, NULL);
}

void ui_tick(struct ui *ui)
{
    int64_t now = mono(ui);
    int64_t every = jb(json_object_get(ui->status, "load"), "active") ? 1 : ui->opt.status_s;
    if (now - ui->status_at >= every * 1000)
        ui_refresh_status(ui);
    /* The connection is gone, the service has locked the session, or it no longer knows it. */
    if (!ui->client || jb(ui->status, "locked") || json_is_false(json_object_get(ui->status, "logged_in")))
        lock(ui);
    if (ui->opt.lock_min > 0 && now - ui->touched >= ui->opt.lock_min * MINUTE_MS)
        lock(ui);
    if (ui->top && ui->top->ops->tick)
        ui->top->ops->tick(ui->top);
}

/* Keys. */

static bool too_small(const struct ui *ui)
{
    return ui->rows < UI_ROWS_MIN || ui->cols < UI_COLS_MIN;
}

const char *ui_refusal(const struct screen *s, const struct action *a)
{
    if (!ui_may(s->ui, a->method))
        return "この操作をする権限がありません。権限のある職員に代わってください。";
    if (a->method && s->ops->allows && !s->ops->allows(s, a->method))
        return "今の状態ではこの操作はできません。";
    return action_refusal(a, s->ops->facts ? s->ops->facts(s) : 0);
}

static const struct action *pick(const struct screen *s, const struct action *table, unsigned n, enum key_code key)
{
    const struct action *first = NULL;
    for (unsigned i = 0; i < n; i++) {
        if (table[i].key != key)
            continue;
        if (!ui_refusal(s, &table[i]))
            return &table[i];
        first = first ? first : &table[i];
    }
    return first;
}

const struct action *ui_action(const struct screen *s, enum key_code key)
{
    const struct action *a = pick(s, s->ops->actions, s->ops->n_actions, key);
    if (a || s->ops->flags & (SCREEN_MODAL | SCREEN_QUIET))
        return a;
    unsigned n;
    const struct action *common = bars_common(&n);
    return pick(s, common, n, key);
}

static unsigned run(struct screen *s, const struct action *a)
{
    const char *why = ui_refusal(s, a);
    if (!why)
        return a->run(s);
    ui_say(s->ui, SAY_ERROR, "%s", why);
    return R_HANDLED;
}

void ui_key(struct ui *ui, const struct key *k)
{
    struct screen *s = ui->top;
    ui->touched = mono(ui);
    if (!s || too_small(ui))
        return;
    ui->say = SAY_NOTHING;
    buf_clear(&ui->message);
    const struct action *a = k->code >= K_F1 || k->code == K_ESC ? ui_action(s, k->code) : NULL;
    unsigned result = a ? run(s, a) : s->ops->key ? s->ops->key(s, k) : R_NONE;
    apply(ui, result);
}

void ui_resize(struct ui *ui, int rows, int cols)
{
    ui->rows = rows;
    ui->cols = cols;
}

const char *ui_mark(struct ui *ui)
{
    const struct screen *s = ui->top;
    if (too_small(ui))
        return "small";
    snprintf(ui->mark, sizeof ui->mark, "%s%s", s ? s->ops->id : "none", s ? s->tag : "");
    return ui->mark;
}

/* Drawing. */

static void draw_small(const struct ui *ui, struct canvas *cv)
{
    char size[80];
    struct rect all = canvas_all(cv);
    snprintf(size, sizeof size, "画面が小さすぎます(今 %d桁×%d行)。", ui->cols, ui->rows);
    int used = canvas_wrap(cv, canvas_profile(cv), all, STYLE_STRONG, size);
    struct rect rest = { used, 0, all.h - used, all.w };
    canvas_wrap(cv, canvas_profile(cv), rest, STYLE_NORMAL,
                "80桁×24行以上に広げてください。入力した内容は残っています。");
}

static struct screen *lowest_seen(const struct ui *ui)
{
    struct screen *s = ui->top;
    while (s && s->below && (s->ops->flags & SCREEN_MODAL))
        s = s->below;
    return s;
}

static void draw_from(struct screen *lowest, struct screen *s, struct canvas *cv, struct rect body)
{
    if (s != lowest)
        draw_from(lowest, s->below, cv, body);
    if (s->ops->layout)
        s->ops->layout(s, body);
    if (s->ops->draw)
        s->ops->draw(s, cv, body);
}

void ui_draw(struct ui *ui, struct canvas *cv)
{
    canvas_clear(cv);
    if (too_small(ui)) {
        draw_small(ui, cv);
        return;
    }
    struct rect body = { 2, 0, ui->rows - 4, ui->cols };
    bars_top(ui, cv);
    if (ui->top)
        draw_from(lowest_seen(ui), ui->top, cv, body);
    bars_message(ui, cv);
    if (ui->top)
        bars_bottom(ui, cv, ui->top);
}
