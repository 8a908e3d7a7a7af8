/* `import addresses`: the postal code file becomes the dictionary of towns. The file is read here, as a stream; the
 * service gets checked rows in batches and switches municipality by municipality at the end. */
#include "app/ctl.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "codec/postal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define BATCH 1000 /* rows in one request */

struct import {
    struct ctl *c;
    int64_t number; /* of the import, at the service */
    json_t *rows;   /* of the batch that is being filled */
    struct postal_report report;
    int64_t lines_all; /* of the file, for the progress */
    int64_t cities;
};

/* Line ends, so that the progress knows what a hundred per cent is. */
static enum err count_lines(struct ctl *c, const char *path, int64_t *ret, struct errinfo *reterr)
{
    char chunk[65536];
    int64_t lines = 0;
    ssize_t n;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ctl_refuse(c, reterr, E_NOTFOUND, NULL, "ファイルを開けません: %s (%s)", path, strerror(errno));
    while ((n = read(fd, chunk, sizeof chunk)) > 0)
        for (const char *p = chunk; (p = memchr(p, '\n', (size_t)(chunk + n - p))); p++)
            lines++;
    int saved = errno;
    close(fd);
    if (n < 0)
        return err_sys(reterr, saved, path, "read");
    *ret = lines;
    return OK;
}

static enum err ask(struct ctl *c, const char *method, json_t *params, const char *key, json_t **ret,
                    struct errinfo *reterr)
{
    json_t *result = NULL;
    TRY(ctl_ask(c, method, params, &result, reterr));
    json_t *value = json_incref(json_object_get(result, key));
    json_decref(result);
    if (!value)
        return err_set(reterr, E_CORRUPT, NULL, method, "no \"%s\" in the answer", key);
    *ret = value;
    return OK;
}

static enum err ask_number(struct ctl *c, const char *method, json_t *params, const char *key, int64_t *ret,
                           struct errinfo *reterr)
{
    json_t *value = NULL;
    TRY(ask(c, method, params, key, &value, reterr));
    *ret = json_integer_value(value);
    json_decref(value);
    return OK;
}

static enum err send_batch(struct import *i, struct errinfo *reterr)
{
    int64_t taken;
    if (json_array_size(i->rows) == 0)
        return OK;
    json_t *params = json_pack("{s:I, s:o}", "import", (json_int_t)i->number, "rows", i->rows);
    i->rows = json_array();
    TRY(ask_number(i->c, "address.import_rows", params, "taken", &taken, reterr));
    ctl_progress(i->c, "住所辞書", i->report.lines, i->lines_all);
    return OK;
}

static enum err take(void *arg, const struct postal_town *t, struct errinfo *reterr)
{
    struct import *i = arg;
    json_array_append_new(i->rows,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "code", t->city_code, "zip",
                                    t->zip, "pref", t->pref, "city", t->city, "town", t->town, "note", t->note,
                                    "pref_kana", t->pref_kana, "city_kana", t->city_kana, "town_kana", t->town_kana));
    return json_array_size(i->rows) >= BATCH ? send_batch(i, reterr) : OK;
}

static enum err sweep(struct import *i, struct errinfo *reterr)
{
    bool left = true;
    while (left) {
        json_t *value = NULL;
        TRY(ask(i->c, "address.import_sweep", NULL, "left", &value, reterr));
        left = json_is_true(value);
        json_decref(value);
    }
    return OK;
}

static enum err read_file(struct import *i, const char *path, struct errinfo *reterr)
{
    enum err e = postal_read(path, take, i, &i->report, reterr);
    if (e == E_INVALID && i->report.lines > 0 && i->report.records == 0)
        return ctl_refuse(i->c, reterr, e, "日本郵便の郵便番号データ(KEN_ALL)を展開したファイルを指定してください。",
                          "郵便番号データとして読める行が1つもありません: %s", path);
    TRY(e);
    return send_batch(i, reterr);
}

static enum err run_import(struct import *i, const char *path, struct errinfo *reterr)
{
    TRY(count_lines(i->c, path, &i->lines_all, reterr));
    TRY(ask_number(i->c, "address.import_begin", NULL, "import", &i->number, reterr));
    TRY(read_file(i, path, reterr));
    json_t *params = json_pack("{s:I}", "import", (json_int_t)i->number);
    TRY(ask_number(i->c, "address.import_commit", params, "cities", &i->cities, reterr));
    return sweep(i, reterr);
}

static json_t *rejects_json(const struct postal_report *r)
{
    json_t *list = json_array();
    for (size_t k = 0; k < r->n_reject; k++)
        json_array_append_new(
            list, json_pack("{s:I, s:s}", "line", (json_int_t)r->reject[k].line, "reason", r->reject[k].reason));
    return list;
}

static void tell(const struct import *i, double seconds)
{
    const struct postal_report *r = &i->report;
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    ctl_result(i->c, json_pack("{s:I, s:I, s:I, s:I, s:o, s:f, s:I}", "lines", (json_int_t)r->lines, "records",
                               (json_int_t)r->records, "merged", (json_int_t)r->merged, "cities", (json_int_t)i->cities,
                               "rejected", rejects_json(r), "seconds", seconds, "peak_kib", (json_int_t)use.ru_maxrss));
    ctl_say(i->c, "%ld行を読み、%ld件の町字を%" PRId64 "市区町村に取り込みました(%.1f秒)。", r->lines, r->records,
            i->cities, seconds);
    if (r->merged)
        ctl_say(i->c, "続きの行をまとめたもの: %ld行", r->merged);
    if (r->n_reject)
        ctl_say(i->c, "読めずに除いた行: %zu行", r->n_reject);
    for (size_t k = 0; k < r->n_reject; k++)
        ctl_say(i->c, "  %ld行目: %s", r->reject[k].line, r->reject[k].reason);
}

static enum err run_addresses(struct ctl *c, struct errinfo *reterr)
{
    struct import i = { .c = c, .rows = json_array() };
    struct clock clock = clock_system();
    int64_t start_ms = clock.mono_ms(clock.self);
    enum err e = run_import(&i, ctl_arg(c, 0), reterr);
    if (e == OK)
        tell(&i, (double)(clock.mono_ms(clock.self) - start_ms) / 1000.0);
    postal_report_done(&i.report);
    json_decref(i.rows);
    return e;
}

static const struct ctl_command commands[] = {
    { .name = "import",
      .sub = "addresses",
      .usage = "FILE",
      .help = "郵便番号データ(KEN_ALL)を住所辞書に取り込む",
      .more = "  日本郵便の郵便番号データを展開したファイルです。文字コード(CP932かUTF-8)は自動で見分けます。\n"
              "  全国でも1つの都道府県でもよく、ファイルにある市区町村だけが一度に置きかわります。\n"
              "  途中で止めても、それまでの辞書がそのまま使えます。",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_LOGIN,
      .run = run_addresses },
};
const struct ctl_table ctl_import_commands = { commands, ARRAY_LEN(commands) };
