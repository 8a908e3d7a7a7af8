/* What madoguchi-ctl says, to people and to programs. */
#include "base/clock.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "ctl_run.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM   "madoguchi-ctl"
#define BAR_COLS  30
#define REDRAW_MS 100

enum status { DONE = 0, REFUSED = 1, WRONG_USAGE = 2, FAILED = 3 };

/* The text when neither the service nor the command has one for the case. */
static const struct {
    enum status status;
    const char *text, *remedy;
} codes[] = {
    [OK] = { DONE, "", "" },
    [E_NOMEM] = { FAILED, "メモリが足りません。", "" },
    [E_IO] = { FAILED, "入出力に失敗しました。", "記憶装置と権限を確かめてください。" },
    [E_FULL] = { FAILED, "空き容量がありません。", "空きを作ってから、もう一度実行してください。" },
    [E_BUSY] = { FAILED, "ほかで使用中か、時間内に応答がありません。", "少し待って、もう一度実行してください。" },
    [E_NOTFOUND] = { REFUSED, "見つかりません。", "" },
    [E_EXISTS] = { REFUSED, "既にあります。", "" },
    [E_CONFLICT] = { REFUSED, "ほかで変更されています。", "いまの内容を確かめて、もう一度実行してください。" },
    [E_DENIED] = { REFUSED, "許可されていません。", "" },
    [E_INVALID] = { REFUSED, "入力が正しくありません。", "" },
    [E_CORRUPT] = { FAILED, "内容が壊れています。", "システム管理者に連絡してください。" },
    [E_TOONEW] = { FAILED, "新しい版のプログラムで作られています。", "プログラムを更新してください。" },
    [E_OFFLINE] = { FAILED, "接続できません。", "相手が動いているか確かめてください。" },
};
_Static_assert(ARRAY_LEN(codes) == E_ERRS, "an error has no text");

static enum err flush(struct ctl *c)
{
    enum err e = fs_write_all(STDOUT_FILENO, buf_span(&c->out), NULL);
    buf_clear(&c->out);
    return e;
}

void ctl_say(struct ctl *c, const char *fmt, ...)
{
    va_list ap;
    if (c->json)
        return;
    va_start(ap, fmt);
    buf_vprintf(&c->out, fmt, ap);
    va_end(ap);
    buf_addc(&c->out, '\n');
}

static int collect(const char *p, size_t n, void *into)
{
    buf_add(into, p, n);
    return 0;
}

void ctl_say_json(struct ctl *c, const json_t *j)
{
    if (c->json)
        return;
    MUST(json_dump_callback(j, collect, &c->out, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(12)) == 0);
    buf_addc(&c->out, '\n');
}

void ctl_result(struct ctl *c, json_t *take)
{
    json_decref(c->result);
    c->result = take;
}

enum err ctl_refuse(struct ctl *c, struct errinfo *reterr, enum err code, const char *remedy, const char *fmt, ...)
{
    va_list ap;
    buf_clear(&c->text);
    buf_clear(&c->remedy);
    va_start(ap, fmt);
    buf_vprintf(&c->text, fmt, ap);
    va_end(ap);
    buf_adds(&c->remedy, remedy ? remedy : "");
    return err_set(reterr, code, NULL, NULL, "%s", "");
}

enum err ctl_usage(struct ctl *c, struct errinfo *reterr, const char *fmt, ...)
{
    va_list ap;
    buf_clear(&c->text);
    buf_clear(&c->remedy);
    va_start(ap, fmt);
    buf_vprintf(&c->text, fmt, ap);
    va_end(ap);
    buf_printf(&c->remedy, PROGRAM " help%s%s で使い方を表示します。", c->noun ? " " : "", c->noun ? c->noun : "");
    c->wrong_usage = true;
    return err_set(reterr, E_INVALID, NULL, NULL, "%s", "");
}

/* "1,234,567": large counts are read in groups. */
static void add_count(struct buf *b, int64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, n);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buf_addc(b, ',');
        buf_addc(b, digits[i]);
    }
}

static void add_rest(struct buf *b, int64_t done, int64_t total, int64_t used_ms)
{
    int64_t rate = used_ms > 0 ? done * 1000 / used_ms : 0;
    if (rate <= 0)
        return;
    int64_t left = (total - done) / rate;
    buf_adds(b, "  ");
    add_count(b, rate);
    buf_printf(b, "/秒  残り %" PRId64 ":%02" PRId64, left / 60, left % 60);
}

void ctl_progress(struct ctl *c, const char *what, int64_t done, int64_t total)
{
    struct clock clock = clock_system();
    int64_t now = clock.mono_ms(clock.self);
    if (c->json || total <= 0 || !isatty(STDERR_FILENO))
        return;
    if (!c->progress.shown)
        c->progress.first_ms = now;
    else if (now - c->progress.last_ms < REDRAW_MS && done < total)
        return;
    c->progress.last_ms = now;
    c->progress.shown = true;
    int bar = (int)(BAR_COLS * done / total);
    struct buf b = BUF_INIT;
    buf_printf(&b, "\r%s [", what);
    for (int i = 0; i < BAR_COLS; i++)
        buf_addc(&b, i < bar ? '#' : '.');
    buf_printf(&b, "] %3d%% ", (int)(100 * done / total));
    add_count(&b, done);
    add_rest(&b, done, total, now - c->progress.first_ms);
    buf_adds(&b, "\033[K");
    (void)!fs_write_all(STDERR_FILENO, buf_span(&b), NULL);
    buf_done(&b);
}

static void clear_progress(struct ctl *c)
{
    if (c->progress.shown)
        (void)!fs_write_all(STDERR_FILENO, span_of("\r\033[K"), NULL);
}

static const char *text_of(const struct ctl *c, enum err code)
{
    return c->text.len ? buf_str(&c->text) : codes[code].text;
}

static const char *remedy_of(const struct ctl *c, enum err code)
{
    return c->text.len ? buf_str(&c->remedy) : codes[code].remedy;
}

static void complain(const struct ctl *c, enum err code, const struct errinfo *why)
{
    struct buf b = BUF_INIT;
    buf_adds(&b, PROGRAM ": ");
    if (*why->msg)
        buf_printf(&b, "[%s] ", why->msg);
    buf_adds(&b, text_of(c, code));
    if (*why->item && !c->text.len)
        buf_printf(&b, " (%s)", why->item);
    buf_addc(&b, '\n');
    if (*remedy_of(c, code))
        buf_printf(&b, "  対処: %s\n", remedy_of(c, code));
    if (*why->detail && !c->text.len)
        buf_printf(&b, "  詳細: %s\n", why->detail);
    (void)!fs_write_all(STDERR_FILENO, buf_span(&b), NULL);
    buf_done(&b);
}

/* Whatever cannot be a JSON string (a file name of other bytes) is left out. */
static void set_text(json_t *o, const char *key, const char *text)
{
    json_t *s = json_string(text);
    json_object_set_new(o, key, s ? s : json_string(""));
}

static void add_error(const struct ctl *c, json_t *document, enum err code, const struct errinfo *why)
{
    json_t *e = json_object();
    set_text(e, "code", c->wrong_usage ? "usage" : err_name(code));
    set_text(e, "msg", why->msg);
    set_text(e, "item", why->item);
    set_text(e, "text", text_of(c, code));
    set_text(e, "remedy", remedy_of(c, code));
    set_text(e, "detail", why->detail);
    json_object_set_new(document, "error", e);
}

int ctl_finish(struct ctl *c, enum err code, const struct errinfo *why)
{
    enum status status = c->wrong_usage ? WRONG_USAGE : codes[code].status;
    clear_progress(c);
    if (c->json) {
        json_t *document = c->result ? json_incref(c->result) : json_object();
        if (code != OK)
            add_error(c, document, code, why);
        MUST(json_dump_callback(document, collect, &c->out, JSON_COMPACT | JSON_REAL_PRECISION(12)) == 0);
        buf_addc(&c->out, '\n');
        json_decref(document);
    } else if (code != OK) {
        complain(c, code, why);
    }
    return flush(c) == OK ? (int)status : FAILED;
}
