/* `clock`: the settable clock of a trial instance (app/trialclock.h). */
#include "app/ctl.h"
#include "app/trialclock.h"
#include "base/clock.h"
#include "base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* A machine may have a branch, a host or both. */
static const struct side {
    enum place home, file;
    const char *key, *label;
} sides[] = {
    { PLACE_BRANCH, PLACE_BRANCH_CLOCK, "branch", "支所" },
    { PLACE_HOST, PLACE_HOST_CLOCK, "host", "ホスト" },
};

static bool is_here(const struct ctl *c, const struct side *s)
{
    char *home = place_path(ctl_dir(c), s->home);
    bool here = access(home, F_OK) == 0;
    free(home);
    return here;
}

static int64_t system_ms(void)
{
    struct clock clock = clock_system();
    return clock.wall_ms(clock.self);
}

static enum err show_side(struct ctl *c, const struct side *s, json_t *result, struct errinfo *reterr)
{
    char text[CLOCK_TEXT];
    struct trialtime time = { .ms = 0 };
    if (!is_here(c, s))
        return OK;
    char *path = place_path(ctl_dir(c), s->file);
    enum err e = ctl_instance(c)->trial ? trialclock_read(path, &time, reterr) : OK;
    free(path);
    TRY(e);
    int64_t now = trialtime_now(time, clock_system()), offset_ms = time.held ? now - system_ms() : time.ms;
    clock_iso_jst(now, text);
    ctl_say(c, "%s: %s (ずれ %+" PRId64 " 秒%s)", s->label, text, offset_ms / 1000,
            time.held ? "、止めてあります" : "");
    json_object_set_new(
        result, s->key,
        json_pack("{s:s, s:I, s:b}", "now", text, "offset_ms", (json_int_t)offset_ms, "held", time.held));
    return OK;
}

static enum err show(struct ctl *c, struct errinfo *reterr)
{
    char text[CLOCK_TEXT];
    clock_iso_jst(system_ms(), text);
    json_t *result = json_pack("{s:b, s:s}", "trial", ctl_instance(c)->trial, "system", text);
    ctl_result(c, result);
    ctl_say(c, "機械: %s%s", text, ctl_instance(c)->trial ? "" : " (試行環境ではないので、これが業務の時刻です)");
    for (size_t i = 0; i < ARRAY_LEN(sides); i++)
        TRY(show_side(c, &sides[i], result, reterr));
    return OK;
}

static enum err move_to(struct ctl *c, struct trialtime time, struct errinfo *reterr)
{
    size_t n = 0;
    if (!ctl_instance(c)->trial)
        return ctl_refuse(c, reterr, E_DENIED, NULL, "試行環境ではないので、時計は動かせません。");
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        if (!is_here(c, &sides[i]))
            continue;
        char *path = place_path(ctl_dir(c), sides[i].file);
        enum err e = trialclock_write(path, time, reterr);
        free(path);
        TRY(e);
        n++;
    }
    if (n == 0)
        return ctl_refuse(c, reterr, E_NOTFOUND, NULL, "この設置には支所もホストもありません。");
    return show(c, reterr);
}

static enum err set_to(struct ctl *c, bool held, struct errinfo *reterr)
{
    int64_t want;
    if (clock_parse(ctl_arg(c, 0), &want, reterr) != OK)
        return ctl_usage(c, reterr, "日時は 2026-07-01T09:00:00+09:00 の形です。");
    int64_t offset_ms = want - system_ms();
    if (offset_ms > TRIALCLOCK_MAX_MS || offset_ms < -TRIALCLOCK_MAX_MS)
        return ctl_refuse(c, reterr, E_INVALID, NULL, "いまから100年より離れた日時にはできません。");
    return move_to(c, (struct trialtime){ held, held ? want : offset_ms }, reterr);
}

static enum err set(struct ctl *c, struct errinfo *reterr)
{
    return set_to(c, false, reterr);
}

static enum err hold(struct ctl *c, struct errinfo *reterr)
{
    return set_to(c, true, reterr);
}

static enum err reset(struct ctl *c, struct errinfo *reterr)
{
    return move_to(c, (struct trialtime){ .ms = 0 }, reterr);
}

static const struct ctl_command commands[] = {
    { .name = "clock",
      .sub = "set",
      .usage = "DATETIME",
      .help = "試行環境の時計を動かす (例 2026-07-01T09:00:00+09:00)",
      .more = "  支所とホストの時計を同時に動かします。動いているプログラムにもすぐに効きます。\n"
              "  試行環境(instance.conf の trial = yes)でだけ使えます。",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_INSTANCE,
      .run = set },
    { .name = "clock",
      .sub = "hold",
      .usage = "DATETIME",
      .help = "試行環境の時計を、その日時で止める",
      .more = "  画面を見比べるときなどに使います。clock set か clock reset でまた動きます。\n",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_INSTANCE,
      .run = hold },
    { .name = "clock", .sub = "reset", .help = "試行環境の時計を機械の時計に戻す", .need = CTL_INSTANCE, .run = reset },
    { .name = "clock", .sub = "show", .help = "機械の時計と業務の時計を表示する", .need = CTL_INSTANCE, .run = show },
};
const struct ctl_table ctl_clock_commands = { commands, ARRAY_LEN(commands) };
