/* `call`: any method of the service from the shell, through the same gate as the counter. */
#include "base/mem.h"
#include "ctl_run.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz_"

/* "noun.verb" */
static bool is_method(const char *s)
{
    size_t noun = strspn(s, NAME_LETTERS);
    size_t verb = s[noun] == '.' ? strspn(s + noun + 1, NAME_LETTERS) : 0;
    return noun > 0 && verb > 0 && s[noun + 1 + verb] == '\0';
}

static enum err read_input(struct buf *ret, struct errinfo *reterr)
{
    char chunk[16384];
    for (;;) {
        ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(reterr, errno, NULL, "read");
        if (n == 0)
            return OK;
        buf_add(ret, chunk, (size_t)n);
        wipe(chunk, (size_t)n);
        if (ret->len > CLIENT_FRAME_MAX)
            return err_set(reterr, E_INVALID, NULL, NULL, "standard input is longer than a request may be");
    }
}

static bool is_blank(const struct buf *b)
{
    return b->len == 0 || strspn(b->p, " \t\r\n") == b->len;
}

static enum err parse_params(struct ctl *c, const struct buf *text, json_t **ret, struct errinfo *reterr)
{
    json_error_t where;
    json_t *j = json_loadb(text->p, text->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
    if (!j)
        return ctl_usage(c, reterr, "標準入力をJSONとして読めません(%d行%d桁)。", where.line, where.column);
    if (!json_is_object(j)) {
        json_decref(j);
        return ctl_usage(c, reterr, "標準入力がJSONのオブジェクトではありません。");
    }
    *ret = j;
    return OK;
}

/* A terminal is not waited for: a method without parameters is asked by its name alone. */
static enum err read_params(struct ctl *c, json_t **ret, struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    enum err e = isatty(STDIN_FILENO) ? OK : read_input(&text, reterr);
    if (e == OK && is_blank(&text))
        *ret = json_object();
    else if (e == OK)
        e = parse_params(c, &text, ret, reterr);
    buf_done(&text);
    return e;
}

static enum err run(struct ctl *c, struct errinfo *reterr)
{
    const char *method = ctl_arg(c, 0);
    json_t *params = NULL, *result = NULL;
    if (!is_method(method))
        return ctl_usage(c, reterr, "METHOD は「名詞.動詞」の形です。");
    /* The password may come first on standard input. */
    TRY(ctl_connect(c, reterr));
    TRY(read_params(c, &params, reterr));
    TRY(ctl_ask(c, method, params, &result, reterr));
    ctl_say_json(c, result);
    ctl_result(c, result);
    return OK;
}

static const struct ctl_command commands[] = {
    { .name = "call",
      .usage = "METHOD",
      .help = "業務サービスのメソッドを呼ぶ",
      .more = "  引数はJSONのオブジェクトとして標準入力から読みます(空なら引数なし)。\n"
              "  結果はJSONで標準出力に書きます。メソッドの一覧は docs/service-api.md にあります。",
      .min_args = 1,
      .max_args = 1,
      .run = run },
};
const struct ctl_table ctl_call_commands = { commands, ARRAY_LEN(commands) };
