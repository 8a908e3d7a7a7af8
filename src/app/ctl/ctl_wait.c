/* `wait`: until this branch has its host and its local copy, with a bar while the copy is being loaded. */
#include "app/ctl.h"
#include "base/clock.h"
#include "base/mem.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_S 600
#define LOOK_MS 200

struct look {
    bool host, copy;
    int64_t done, total;
};

static int64_t now_ms(void)
{
    struct clock clock = clock_system();
    return clock.mono_ms(clock.self);
}

static enum err look(struct ctl *c, struct look *ret, struct errinfo *reterr)
{
    json_t *r;
    TRY(ctl_ask(c, "status.get", NULL, &r, reterr));
    const json_t *load = json_object_get(r, "load");
    const char *host = json_string_value(json_object_get(r, "host"));
    const char *as_of = json_string_value(json_object_get(r, "copy_as_of"));
    *ret = (struct look){ .host = host && strcmp(host, "ok") == 0,
                          .copy = as_of && *as_of && !json_is_true(json_object_get(load, "active")),
                          .done = json_integer_value(json_object_get(load, "done")),
                          .total = json_integer_value(json_object_get(load, "total")) };
    json_decref(r);
    return OK;
}

static enum err limit_of(struct ctl *c, int64_t *ret_ms, struct errinfo *reterr)
{
    const char *given = ctl_opt(c, "limit");
    char *end = NULL;
    long s = given ? strtol(given, &end, 10) : LIMIT_S;
    if (s <= 0 || s > 86400 || (end && *end))
        return ctl_usage(c, reterr, "--limit は1から86400までの秒数です。");
    *ret_ms = s * 1000;
    return OK;
}

static enum err too_long(struct ctl *c, const struct look *l, struct errinfo *reterr)
{
    if (!l->host)
        return ctl_refuse(c, reterr, E_OFFLINE, "ホストが動いているか、この支所が登録されているか確かめてください。",
                          "時間内に本庁とつながりませんでした。");
    return ctl_refuse(c, reterr, E_BUSY, "もう一度実行すると、続きを待ちます。",
                      "時間内に副本がそろいませんでした。受け取りは続いています。");
}

/* With the time when a copy was waited for: that of a city is worth a figure. */
static void report(struct ctl *c, bool loaded, int64_t ms)
{
    if (loaded)
        ctl_say(c, "本庁とつながり、副本がそろいました (%.1f 秒)。", (double)ms / 1000);
    else
        ctl_say(c, "本庁とつながり、副本がそろいました。");
    ctl_result(c, json_pack("{s:b, s:b, s:I}", "ready", 1, "loaded", loaded, "waited_ms", (json_int_t)ms));
}

static enum err run(struct ctl *c, struct errinfo *reterr)
{
    int64_t limit = 0, from = now_ms();
    bool loaded = false;
    struct look l = { 0 };
    TRY(limit_of(c, &limit, reterr));
    TRY(look(c, &l, reterr));
    while (!(l.host && l.copy)) {
        if (now_ms() - from > limit)
            return too_long(c, &l, reterr);
        ctl_progress(c, "副本", l.done, l.total);
        loaded = loaded || l.total > 0;
        poll(NULL, 0, LOOK_MS);
        TRY(look(c, &l, reterr));
    }
    report(c, loaded, now_ms() - from);
    return OK;
}

static const struct ctl_option options[] = {
    { "limit", "SECONDS", "待つ秒数 (既定 600)" },
    { 0 },
};

static const struct ctl_command rows[] = {
    { .name = "wait",
      .help = "支所が本庁とつながり、副本がそろうまで待つ",
      .more = "  受け取りの進みぐあいは端末に出ます。",
      .need = CTL_INSTANCE,
      .option = options,
      .run = run },
};
const struct ctl_table ctl_wait_commands = { rows, ARRAY_LEN(rows) };
