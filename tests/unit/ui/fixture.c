#include "check.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "fixture.h"
#include "ui/screens.h"

#define METHODS_MAX 64
#define ANSWERS_MAX 16

struct answer {
    json_t *result;
    enum err refused;
    char *text, *remedy;
};

struct method_record {
    char *name;
    struct answer answer[ANSWERS_MAX];
    int n, at, calls;
    char *params;
};

struct fixture {
    struct method_record method[METHODS_MAX];
    int n;
    int64_t now;
    bool down;
    char item[32];
    struct ui *ui;
    struct canvas *cv;
    struct buf row;
};

/* The one that answers now; tests run one after the other. */
static struct fixture *serving;
static const char *last_text = "", *last_remedy = "";

static struct method_record *record_of(struct fixture *f, const char *name)
{
    for (int i = 0; i < f->n; i++)
        if (strcmp(f->method[i].name, name) == 0)
            return &f->method[i];
    MUST(f->n < METHODS_MAX);
    f->method[f->n].name = xstrdup(name);
    return &f->method[f->n++];
}

/* The client library's interface. */

enum err client_connect(const char *socket_path, struct client **ret, struct errinfo *reterr)
{
    (void)socket_path;
    if (serving->down)
        return err_set(reterr, E_OFFLINE, NULL, NULL, "down");
    *ret = (struct client *)serving;
    return OK;
}

void client_close(struct client *c)
{
    (void)c;
}

int client_fd(const struct client *c)
{
    (void)c;
    return -1;
}

const char *client_text(const struct client *c)
{
    (void)c;
    return last_text;
}

const char *client_remedy(const struct client *c)
{
    (void)c;
    return last_remedy;
}

enum err client_call(struct client *c, const char *method, json_t *params, int timeout_ms, json_t **ret_result,
                     struct errinfo *reterr)
{
    struct fixture *f = (struct fixture *)c;
    struct method_record *m = record_of(f, method);
    (void)timeout_ms;
    m->calls++;
    free(m->params);
    m->params = params ? json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS) : xstrdup("");
    json_decref(params);
    last_text = last_remedy = "";
    if (m->n == 0) {
        last_text = "recorded answer missing";
        last_remedy = m->name;
        return err_set(reterr, E_NOTFOUND, NULL, method, "no recorded answer");
    }
    struct answer *a = &m->answer[m->at < m->n - 1 ? m->at++ : m->at];
    if (a->refused != OK) {
        last_text = a->text;
        last_remedy = a->remedy;
        return err_set(reterr, a->refused, NULL, f->item, "refused");
    }
    *ret_result = json_deep_copy(a->result);
    return OK;
}

/* Set-up. */

static int64_t fixed_mono(void *self)
{
    return ((struct fixture *)self)->now;
}

const struct eras *fixture_eras(void)
{
    static const struct eras eras = {
        .n = 5,
        .e = { { 'M', "明治", "明", { 1868, 1, 25 }, { 1912, 7, 30 } },
               { 'T', "大正", "大", { 1912, 7, 30 }, { 1926, 12, 25 } },
               { 'S', "昭和", "昭", { 1926, 12, 25 }, { 1989, 1, 7 } },
               { 'H', "平成", "平", { 1989, 1, 8 }, { 2019, 4, 30 } },
               { 'R', "令和", "令", { 2019, 5, 1 }, { 0, 0, 0 } } },
    };
    return &eras;
}

struct fixture *fixture_new(int rows, int cols)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    serving = f;
    f->now = 1000;
    struct ui_opt opt = { .eras = fixture_eras(),
                          .ambiguous = 1,
                          .lock_min = 5,
                          .status_s = 15,
                          .clock = { .wall_ms = fixed_mono, .mono_ms = fixed_mono, .self = f },
                          .socket = "unused" };
    f->ui = ui_new(&opt);
    f->cv = canvas_new(rows, cols, &WIDTH_NARROW, GLYPHS_UNICODE);
    ui_resize(f->ui, rows, cols);
    fixture_answer(f, "status.get",
                   "{'state':'normal','state_label':'通常','host':'ok','copy_as_of':'2026-07-01T10:40:00+09:00',"
                   "'copy_age_s':120,'restrict_as_of':'2026-07-01T10:41:00+09:00','unposted':0,'conflicts':0,"
                   "'unknown_prints':0,'now':'2026-07-01T10:42:00+09:00','trial':true,'office':'E',"
                   "'office_name':'東支所','terminal':'1','load':{'active':false}}");
    return f;
}

void fixture_free(struct fixture *f)
{
    ui_free(f->ui);
    canvas_free(f->cv);
    for (int i = 0; i < f->n; i++) {
        struct method_record *m = &f->method[i];
        for (int k = 0; k < m->n; k++) {
            json_decref(m->answer[k].result);
            free(m->answer[k].text);
            free(m->answer[k].remedy);
        }
        free(m->params);
        free(m->name);
    }
    buf_done(&f->row);
    free(f);
}

struct ui *fixture_ui(struct fixture *f)
{
    return f->ui;
}

static struct answer *next_answer(struct fixture *f, const char *method)
{
    struct method_record *m = record_of(f, method);
    MUST(m->n < ANSWERS_MAX);
    return &m->answer[m->n++];
}

void fixture_answer(struct fixture *f, const char *method, const char *json)
{
    char *text = xstrdup(json);
    json_error_t e;
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    json_t *result = json_loads(text, 0, &e);
    if (!result)
        fail_msg("%s: %s at %d: %s", method, e.text, e.position, text);
    next_answer(f, method)->result = result;
    free(text);
}

void fixture_refuse(struct fixture *f, const char *method, enum err code, const char *text, const char *remedy)
{
    struct answer *a = next_answer(f, method);
    a->refused = code;
    a->text = xstrdup(text);
    a->remedy = xstrdup(remedy);
}

const char *fixture_params(struct fixture *f, const char *method)
{
    const struct method_record *m = record_of(f, method);
    return m->params ? m->params : "";
}

int fixture_calls(struct fixture *f, const char *method)
{
    return record_of(f, method)->calls;
}

static const char *const functions[] = {
    "resident.search",    "resident.get",      "resident.history", "household.get",   "notice.kinds",
    "notice.form",        "notice.candidates", "notice.check",     "notice.enter",    "notice.list",
    "notice.get",         "notice.examine",    "notice.return",    "notice.withdraw", "notice.decide",
    "notice.decide_many", "draft.save",        "draft.list",       "draft.get",       "draft.discard",
    "cert.kinds",         "cert.request",      "cert.preview",     "cert.issue",      "cert.jobs",
    "cert.resolve",       "cert.void",         "outage.status",    "outage.declare",  "outage.change",
    "outage.reconcile",   "outage.close",      "outage.cancel",    "outage.ratify",   "outage.end",
    "outage.book",        "outage.note",       "outage.hand_over", "outage.host_no",  "outage.give_back",
    "outage.settle",      "outage.explain",    "replay.plan",      "replay.commit",   "replay.resume",
    "conflict.list",      "conflict.get",      "conflict.resolve", "sync.status",     "sync.now",
    "snapshot.pull",      "log.list",          "log.verify",       "address.lookup",  "dashboard.get",
    "manual.page",        "session.password",  "restrict.list",    "restrict.set",    "due.list",
    "notice.statistics",  "cert.held",         "stock.get",        "stock.add",       "audit.report",
    "audit.check",        "restrict.release",  "restrict.temp",
};

void fixture_login(struct fixture *f)
{
    json_t *names = json_array();
    for (size_t i = 0; i < ARRAY_LEN(functions); i++)
        json_array_append_new(names, json_string(functions[i]));
    json_decref(f->ui->session);
    f->ui->session = json_pack("{s:{s:s, s:s, s:[s]}, s:o}", "operator", "id", "kawaguchi", "name", "川口", "roles",
                               "CLK", "functions", names);
    ui_refresh_status(f->ui);
}

void fixture_item(struct fixture *f, const char *item)
{
    snprintf(f->item, sizeof f->item, "%s", item);
}

void fixture_down(struct fixture *f, bool down)
{
    f->down = down;
    if (down)
        f->ui->client = NULL;
}

struct fixture *fixture_menu(const char *board)
{
    struct fixture *f = fixture_new(24, 80);
    fixture_login(f);
    fixture_answer(f, "dashboard.get", board);
    assert_non_null(ui_push(f->ui, &scr_menu, NULL));
    return f;
}

/* Keys. */

static void press(struct fixture *f, struct key k)
{
    ui_key(f->ui, &k);
}

void fixture_keys(struct fixture *f, const char *script)
{
    const char *end = script + strlen(script);
    while (script < end) {
        const char *close = *script == '<' ? strchr(script, '>') : NULL;
        ui_draw(f->ui, f->cv); /* as the program does: the layout is that of the last frame */
        if (!close) {
            press(f, (struct key){ .code = K_CHAR, .cp = utf8_next(&script, end) });
            continue;
        }
        struct span name = { script + 1, (size_t)(close - script - 1) };
        enum key_code code = keycode_by_name(name);
        if (name.n == 6 && memcmp(name.p, "Ctrl-", 5) == 0)
            press(f, (struct key){ .code = K_CTRL, .cp = (uint32_t)name.p[5] });
        else if (code == K_NONE)
            fail_msg("no key named %.*s", (int)name.n, name.p);
        else
            press(f, (struct key){ .code = code });
        script = close + 1;
    }
}

void fixture_resize(struct fixture *f, int rows, int cols)
{
    canvas_resize(f->cv, rows, cols);
    ui_resize(f->ui, rows, cols);
}

void fixture_advance(struct fixture *f, int64_t ms)
{
    f->now += ms;
    ui_tick(f->ui);
}

/* The screen. */

struct canvas *fixture_canvas(struct fixture *f)
{
    ui_draw(f->ui, f->cv);
    return f->cv;
}

const char *fixture_row(struct fixture *f, int y)
{
    buf_clear(&f->row);
    ui_draw(f->ui, f->cv);
    canvas_row_text(f->cv, y, &f->row);
    return buf_str(&f->row);
}

int fixture_find(struct fixture *f, const char *text)
{
    for (int y = 0; y < canvas_rows(f->cv); y++)
        if (strstr(fixture_row(f, y), text))
            return y;
    return -1;
}

bool fixture_sees(struct fixture *f, const char *text)
{
    return fixture_find(f, text) >= 0;
}

const char *fixture_mark(struct fixture *f)
{
    return ui_mark(f->ui);
}

void fixture_print(struct fixture *f)
{
    for (int y = 0; y < canvas_rows(f->cv); y++)
        fprintf(stderr, "%3d|%s\n", y, fixture_row(f, y));
}

void fixture_expect(struct fixture *f, const char *text)
{
    if (fixture_sees(f, text))
        return;
    fixture_print(f);
    fail_msg("expected to see: %s", text);
}

void fixture_expect_not(struct fixture *f, const char *text)
{
    if (!fixture_sees(f, text))
        return;
    fixture_print(f);
    fail_msg("expected not to see: %s", text);
}

void fixture_expect_mark(struct fixture *f, const char *mark)
{
    if (strcmp(fixture_mark(f), mark) == 0)
        return;
    fixture_print(f);
    fail_msg("expected the screen %s, not %s", mark, fixture_mark(f));
}
