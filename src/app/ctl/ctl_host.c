/*
 * `host …`: the central host from the shell. What concerns branches is asked of the running madoguchi-hostd through its
 * socket, which only the host's account may open; when none runs, the same function is called on the register itself.
 */
#include "app/ctl.h"
#include "app/daemon.h"
#include "app/hosting.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "host/serve.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ANSWER_MAX (4u << 20)

/* ---- asking the host ---- */

static size_t take_answer(char *p, size_t size, size_t n, void *arg)
{
    struct buf *b = arg;
    if (size * n > ANSWER_MAX - b->len)
        return 0;
    buf_add(b, p, size * n);
    return size * n;
}

/* E_OFFLINE: nobody listens. */
static enum err ask_daemon(const char *socket, const char *path, const char *body, struct host_reply *ret,
                           struct errinfo *reterr)
{
    unsetenv("SSLKEYLOGFILE"); /* libcurl would write the session's keys there */
    CURL *c = curl_easy_init();
    MUST(c);
    char *url = xprintf("http://host%s", path);
    long status = 0;
    curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, socket);
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &ret->body);
    if (body)
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
    CURLcode code = curl_easy_perform(c);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(c);
    free(url);
    ret->status = (int)status;
    if (code == CURLE_COULDNT_CONNECT)
        return err_set(reterr, E_OFFLINE, NULL, socket, "nobody listens");
    return code == CURLE_OK ? OK : err_set(reterr, E_IO, NULL, socket, "%s", curl_easy_strerror(code));
}

static enum err ask_register(struct ctl *c, const char *path, const char *body, struct host_reply *ret,
                             struct errinfo *reterr)
{
    struct host_opening o;
    TRY(host_opening(ctl_dir(c), ctl_share(c), ctl_instance(c), false, &o, reterr));
    host_admin(o.host, o.ca, path, span_of(body ? body : ""), ret);
    host_opening_done(&o);
    return OK;
}

/* The host's refusal in the reader's language. */
static enum err refused(struct ctl *c, json_t *answer, int status, struct errinfo *reterr)
{
    const char *text = json_string_value(json_object_get(json_object_get(answer, "error"), "text"));
    enum err code = status == 404 ? E_NOTFOUND : status == 403 ? E_DENIED : status < 500 ? E_INVALID : E_IO;
    return ctl_refuse(c, reterr, code, NULL, "%s", text && *text ? text : "ホストが受け付けませんでした。");
}

/* Steals `in` (NULL: GET). */
static enum err ask(struct ctl *c, const char *path, json_t *take_in, json_t **ret, struct errinfo *reterr)
{
    struct host_reply r = { .status = 0 };
    char *body = take_in ? json_dumps(take_in, JSON_COMPACT) : NULL,
         *socket = place_path(ctl_dir(c), PLACE_HOST_SOCKET);
    json_decref(take_in);
    enum err e = ask_daemon(socket, path, body, &r, reterr);
    if (e == E_OFFLINE)
        e = ask_register(c, path, body, &r, reterr);
    if (e == OK) {
        json_t *answer = json_loadb(r.body.p, r.body.len, 0, NULL);
        if (r.status == 200 && answer)
            *ret = json_incref(answer);
        else
            e = refused(c, answer, r.status, reterr);
        json_decref(answer);
    }
    free(body);
    free(socket);
    buf_done(&r.body);
    return e;
}

static json_t *by_me(json_t *take)
{
    json_object_set_new(take, "who", json_sprintf("uid:%" PRIuMAX, (uintmax_t)getuid()));
    return take;
}

/* ---- init ---- */

/* A branch may have been set up here before: what it wrote stays, and a contradiction is refused. */
static enum err merge(struct ctl *c, struct instance *i, bool fresh, struct errinfo *reterr)
{
    const char *city = ctl_opt(c, "city-code"), *listen = ctl_opt(c, "listen"), *name = ctl_opt(c, "city-name");
    bool trial = ctl_opt(c, "trial") != NULL;
    if (fresh && !city)
        return ctl_usage(c, reterr, "--city-code がありません。");
    if (!fresh && ((city && strcmp(city, i->city_code) != 0) || (trial && !i->trial)))
        return ctl_refuse(c, reterr, E_CONFLICT, "instance.conf を確かめてください。",
                          "市区町村コードか試行の別が、設置の内容と違います。");
    if (fresh) {
        i->city_code = xstrdup(city);
        i->trial = trial;
    }
    if (name && !(i->city_name && *i->city_name)) {
        free(i->city_name);
        i->city_name = xstrdup(name);
    }
    if (listen || !(i->host_listen && *i->host_listen)) {
        free(i->host_listen);
        i->host_listen = xstrdup(listen ? listen : "127.0.0.1:8443");
    }
    return OK;
}

static const char *host_name(const struct ctl *c)
{
    return ctl_opt(c, "name") ? ctl_opt(c, "name") : "H1";
}

/* instance.conf first: it refuses what cannot be. A broken attempt leaves none behind. */
static enum err make(struct ctl *c, const struct instance *i, bool fresh, struct errinfo *reterr)
{
    TRY(fs_mkdir_p(ctl_dir(c), 0755, reterr));
    TRY(instance_save(ctl_dir(c), i, reterr));
    enum err e = host_making(ctl_dir(c), ctl_share(c), i, host_name(c), reterr);
    if (e == E_EXISTS)
        return ctl_refuse(c, reterr, e, NULL, "ここには、すでにホストがあります: %s", ctl_dir(c));
    if (e != OK && fresh) {
        char *conf = place_path(ctl_dir(c), PLACE_CONF);
        unlink(conf);
        free(conf);
    }
    return e;
}

static enum err init(struct ctl *c, struct errinfo *reterr)
{
    struct instance i = { .trial = false };
    enum err e = instance_load(ctl_dir(c), &i, reterr);
    bool fresh = e == E_NOTFOUND;
    if (e == OK || fresh)
        e = merge(c, &i, fresh, reterr);
    if (e == OK)
        e = make(c, &i, fresh, reterr);
    if (e == OK) {
        ctl_say(c, "ホストを作りました: %s%s", ctl_dir(c), i.trial ? " 【試行】" : "");
        ctl_result(c, json_pack("{s:s,s:s,s:b,s:s}", "dir", ctl_dir(c), "name", host_name(c), "trial", i.trial,
                                "listen", i.host_listen));
    }
    instance_done(&i);
    return e;
}

/* ---- branches ---- */

static void say_time(int64_t ms, char ret[CLOCK_TEXT])
{
    if (ms > 0)
        clock_iso_jst(ms, ret);
    else
        memcpy(ret, "-", 2);
}

static enum err enrol_code(struct ctl *c, struct errinfo *reterr)
{
    json_t *out = NULL;
    char until[CLOCK_TEXT];
    TRY(ask(c, "/admin/code", by_me(json_pack("{s:s}", "branch", ctl_arg(c, 0))), &out, reterr));
    say_time(json_integer_value(json_object_get(out, "until_ms")), until);
    ctl_say(c, "%s", json_string_value(json_object_get(out, "code")));
    ctl_say(c, "支所 %s の登録コードです。一度だけ、%s まで使えます。前に出したコードは使えなくなりました。",
            ctl_arg(c, 0), until);
    ctl_result(c, out);
    return OK;
}

static const struct {
    const char *state, *label;
} states[] = { { "active", "有効" }, { "quarantined", "隔離" }, { "closed", "廃止" } };

static const char *state_label(const char *state)
{
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        if (strcmp(states[i].state, state) == 0)
            return states[i].label;
    return state;
}

static void say_branch(struct ctl *c, const json_t *b)
{
    char seen[CLOCK_TEXT], until[CLOCK_TEXT];
    const char *reason = json_string_value(json_object_get(b, "reason"));
    say_time(json_integer_value(json_object_get(b, "last_seen_ms")), seen);
    say_time(json_integer_value(json_object_get(b, "cert_until_ms")), until);
    ctl_say(c, "%s  %s  受信 %" JSON_INTEGER_FORMAT " 件(控え済 %" JSON_INTEGER_FORMAT ")  最終 %s  証明書 %s%s%s",
            json_string_value(json_object_get(b, "name")), state_label(json_string_value(json_object_get(b, "state"))),
            json_integer_value(json_object_get(b, "received")), json_integer_value(json_object_get(b, "durable")), seen,
            until, *reason ? "  " : "", reason);
}

static enum err branches(struct ctl *c, struct errinfo *reterr)
{
    json_t *out = NULL, *b;
    size_t i;
    TRY(ask(c, "/admin/branches", NULL, &out, reterr));
    json_array_foreach (json_object_get(out, "branches"), i, b)
        say_branch(c, b);
    ctl_result(c, out);
    return OK;
}

static enum err change(struct ctl *c, const char *action, struct errinfo *reterr)
{
    json_t *out = NULL;
    const char *reason = ctl_opt(c, "reason");
    if (!reason || !*reason)
        return ctl_usage(c, reterr, "--reason に理由を書いてください。");
    TRY(ask(c, "/admin/branch",
            by_me(json_pack("{s:s,s:s,s:s}", "branch", ctl_arg(c, 0), "action", action, "reason", reason)), &out,
            reterr));
    ctl_result(c, out);
    return OK;
}

static enum err close_branch(struct ctl *c, struct errinfo *reterr)
{
    return change(c, "close", reterr);
}

static enum err release_branch(struct ctl *c, struct errinfo *reterr)
{
    return change(c, "release", reterr);
}

static enum err status(struct ctl *c, struct errinfo *reterr)
{
    json_t *out = NULL;
    TRY(ask(c, "/admin/status", NULL, &out, reterr));
    ctl_say(c, "%s%s  住民 %" JSON_INTEGER_FORMAT " 人(除票を含む)  配信 %" JSON_INTEGER_FORMAT,
            json_string_value(json_object_get(out, "name")),
            json_is_true(json_object_get(out, "trial")) ? " 【試行】" : "",
            json_integer_value(json_object_get(out, "persons")), json_integer_value(json_object_get(out, "feed_head")));
    if (json_integer_value(json_object_get(out, "stuck")) > 0)
        ctl_say(c, "処理できなかった転出予定: %" JSON_INTEGER_FORMAT " 件",
                json_integer_value(json_object_get(out, "stuck")));
    ctl_result(c, out);
    return OK;
}

static void say_due(struct ctl *c, const json_t *out)
{
    size_t i;
    json_t *row;
    json_array_foreach (json_object_get(out, "rows"), i, row)
        ctl_say(c, "%s  %s  予定日 %s", json_string_value(json_object_get(row, "branch")),
                json_string_value(json_object_get(row, "op")), json_string_value(json_object_get(row, "on_day")));
}

static enum err due(struct ctl *c, struct errinfo *reterr)
{
    json_t *out = NULL;
    TRY(ask(c, "/admin/due", NULL, &out, reterr));
    say_due(c, out);
    if (json_array_size(json_object_get(out, "rows")) == 0)
        ctl_say(c, "処理できなかった転出予定はありません。");
    ctl_result(c, out);
    return OK;
}

static enum err due_retry(struct ctl *c, struct errinfo *reterr)
{
    json_t *out = NULL;
    const char *reason = ctl_opt(c, "reason");
    if (!reason || !*reason)
        return ctl_usage(c, reterr, "--reason に理由を書いてください。");
    TRY(ask(c, "/admin/due", by_me(json_pack("{s:s,s:s}", "action", "retry", "reason", reason)), &out, reterr));
    say_due(c, out);
    ctl_say(c, "%zu 件を、次の日次処理でもう一度行います。", json_array_size(json_object_get(out, "rows")));
    ctl_result(c, out);
    return OK;
}

/* ---- restore ---- */

static enum err restore(struct ctl *c, struct errinfo *reterr)
{
    int lock = -1;
    char *who = xprintf("uid:%" PRIuMAX, (uintmax_t)getuid());
    enum err e = daemon_lock(ctl_dir(c), PLACE_HOST_PID, &lock, reterr);
    if (e == E_BUSY)
        e = ctl_refuse(c, reterr, e, "止めてから実行してください。", "madoguchi-hostd が動いています。");
    else if (e == OK)
        e = host_restoring(ctl_dir(c), ctl_instance(c), ctl_arg(c, 0), who, reterr);
    if (e == OK) {
        ctl_say(c, "控えから戻しました。支所は、控えになかった操作を送り直します。");
        ctl_result(c, json_object());
    }
    if (lock >= 0)
        close(lock);
    free(who);
    return e;
}

static const struct ctl_option init_options[] = {
    { "trial", NULL, "試行環境にする(時計を動かせる。本番にはできない)" },
    { "city-code", "CODE", "市区町村コード(5桁)" },
    { "city-name", "NAME", "市区町村名" },
    { "listen", "ADDRESS:PORT", "待ち受けるアドレスとポート(既定 127.0.0.1:8443)" },
    { "name", "NAME", "ホストの名前(英数字と -、既定 H1)" },
    { NULL, NULL, NULL },
};

static const struct ctl_option reason_options[] = {
    { "reason", "TEXT", "理由(ホストの記録に残る)" },
    { NULL, NULL, NULL },
};

static const struct ctl_command commands[] = {
    { .name = "host",
      .sub = "init",
      .help = "ホストを作る(認証局、鍵、空の台帳)",
      .more = "  認証局の鍵は host/ca にできます。写しを別の安全な場所に保管してください。",
      .option = init_options,
      .run = init },
    { .name = "host",
      .sub = "enrol-code",
      .usage = "OFFICE",
      .help = "支所を登録する一回限りのコードを出す",
      .more = "  コードは支所で madoguchi-ctl enrol に入力します。有効時間は HOST_CODE_MIN です。",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_INSTANCE,
      .run = enrol_code },
    { .name = "host", .sub = "branches", .help = "支所の一覧", .need = CTL_INSTANCE, .run = branches },
    { .name = "host",
      .sub = "close",
      .usage = "OFFICE",
      .help = "支所の証明書を無効にする(廃止、盗難)",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_INSTANCE,
      .option = reason_options,
      .run = close_branch },
    { .name = "host",
      .sub = "release",
      .usage = "OFFICE",
      .help = "支所の隔離を解く(原因を確かめてから)",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_INSTANCE,
      .option = reason_options,
      .run = release_branch },
    { .name = "host", .sub = "status", .help = "ホストの様子", .need = CTL_INSTANCE, .run = status },
    { .name = "host", .sub = "due", .help = "処理できなかった転出予定の一覧", .need = CTL_INSTANCE, .run = due },
    { .name = "host",
      .sub = "due-retry",
      .help = "処理できなかった転出予定を、もう一度行う(原因を直してから)",
      .need = CTL_INSTANCE,
      .option = reason_options,
      .run = due_retry },
    { .name = "host",
      .sub = "restore",
      .usage = "FILE",
      .help = "ホストの台帳を控えから戻す(ホストを止めて実行)",
      .more = "  いまの台帳は host.db.時刻 として残ります。支所は控えになかった操作を送り直します。",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_INSTANCE,
      .run = restore },
};
const struct ctl_table ctl_host_commands = { commands, ARRAY_LEN(commands) };
