/* `replay`: what was decided in a stop goes to the host in the order of reception (復旧の反映). */
#include "base/mem.h"
#include "ctl_confirm.h"

#include <string.h>

static void say_totals(struct ctl *c, const json_t *result)
{
    size_t i;
    json_t *row;
    json_array_foreach (json_object_get(result, "totals"), i, row)
        ctl_say(c, "%s: %lld", ctl_text(row, "label"), (long long)ctl_number(row, "value"));
}

static enum err dry_run(struct ctl *c, struct errinfo *reterr)
{
    json_t *r = NULL, *row;
    size_t i;
    TRY(ctl_ask(c, "replay.plan", NULL, &r, reterr));
    json_array_foreach (json_object_get(r, "rows"), i, row)
        ctl_say(c, "%3lld  %s  %s  %s  %s  %s", (long long)ctl_number(row, "n"), ctl_text(row, "received_at"),
                ctl_text(row, "no"), ctl_text(row, "title"), ctl_text(row, "verdict_label"), ctl_text(row, "text"));
    say_totals(c, r);
    ctl_result(c, r);
    return OK;
}

static enum err send(struct ctl *c, const char *method, struct errinfo *reterr)
{
    json_t *params = json_object(), *r = NULL;
    if (!ctl_opt(c, "approver")) {
        json_decref(params);
        return ctl_usage(c, reterr, "--approver で、もう一人の承認者を指定してください。");
    }
    enum err e = ctl_confirm(c, params, reterr);
    if (e != OK) {
        json_decref(params);
        return e;
    }
    TRY(ctl_ask(c, method, params, &r, reterr));
    say_totals(c, r);
    ctl_result(c, r);
    return OK;
}

static enum err commit(struct ctl *c, struct errinfo *reterr)
{
    return send(c, "replay.commit", reterr);
}

static enum err resume(struct ctl *c, struct errinfo *reterr)
{
    return send(c, "replay.resume", reterr);
}

static enum err run(struct ctl *c, struct errinfo *reterr)
{
    static const struct {
        const char *option;
        enum err (*run)(struct ctl *, struct errinfo *);
    } ways[] = { { "dry-run", dry_run }, { "commit", commit }, { "resume", resume } };
    size_t chosen = ARRAY_LEN(ways), n = 0;
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if (ctl_opt(c, ways[i].option)) {
            chosen = i;
            n++;
        }
    return n == 1 ? ways[chosen].run(c, reterr)
                  : ctl_usage(c, reterr, "--dry-run、--commit、--resume のどれか一つを指定してください。");
}

static const struct ctl_option options[] = {
    { "dry-run", NULL, "反映するものを受付の順に並べ、いまの副本で試す。何も変えない" },
    { "commit", NULL, "受付の順に番号を付け、本庁に送る(二人)" },
    { "resume", NULL, "止まったところから続ける(二人)" },
    CTL_CONFIRM_OPTIONS,
    { 0 },
};

static const struct ctl_command commands[] = {
    { .name = "replay",
      .help = "停止中に決めたものを、復旧のときに本庁に反映する",
      .need = CTL_LOGIN,
      .option = options,
      .run = run },
};
const struct ctl_table ctl_replay_commands = { commands, ARRAY_LEN(commands) };
