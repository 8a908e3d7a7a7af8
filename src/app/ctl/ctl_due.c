/* `due`: what falls due, for the roles of who asks. */
#include "app/ctl.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>

static enum err days(struct ctl *c, json_t *params, struct errinfo *reterr)
{
    const char *text = ctl_opt(c, "days");
    char *end;
    if (!text)
        return OK;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno || n < 0)
        return ctl_usage(c, reterr, "--days は日数です: %s", text);
    json_object_set_new(params, "days", json_integer(n));
    return OK;
}

static void say(struct ctl *c, const json_t *row)
{
    ctl_say(c, "%s  %s  %s  %s  %s", json_string_value(json_object_get(row, "level_label")),
            json_string_value(json_object_get(row, "due_on")), json_string_value(json_object_get(row, "role")),
            json_string_value(json_object_get(row, "what")), json_string_value(json_object_get(row, "ref")));
}

static enum err run(struct ctl *c, struct errinfo *reterr)
{
    json_t *params = json_object(), *result = NULL, *row;
    size_t i;
    enum err e = days(c, params, reterr);
    if (e != OK) {
        json_decref(params);
        return e;
    }
    if (ctl_opt(c, "role"))
        json_object_set_new(params, "role", json_string(ctl_opt(c, "role")));
    TRY(ctl_ask(c, "due.list", params, &result, reterr));
    json_array_foreach (json_object_get(result, "rows"), i, row)
        say(c, row);
    if (json_array_size(json_object_get(result, "rows")) == 0)
        ctl_say(c, "期限の近いものはありません。");
    ctl_result(c, result);
    return OK;
}

static const struct ctl_option options[] = {
    { "role", "R", "この役割のものだけ(CLK SUP BM RSP SYS AUD)" },
    { "days", "N", "N日後までに来るもの(なければ、知らせる時期に入ったもの)" },
    { NULL, NULL, NULL },
};

static const struct ctl_command commands[] = {
    { .name = "due",
      .help = "期限の一覧を見る(予定・接近・当日・超過・上申)",
      .need = CTL_LOGIN,
      .option = options,
      .run = run },
};
const struct ctl_table ctl_due_commands = { commands, ARRAY_LEN(commands) };
