/* `snapshot`: the local copy of the register (副本). */
#include "app/ctl.h"
#include "base/mem.h"

#include <poll.h>

#define LOOK_MS 200

static void say_age(struct ctl *c, const char *what, const json_t *age)
{
    const char *at = ctl_text(age, "as_of");
    if (*at)
        ctl_say(c, "%s: %s 現在 (%lld分前)", what, at, (long long)(ctl_number(age, "age_s") / 60));
    else
        ctl_say(c, "%s: まだありません。", what);
}

static enum err show(struct ctl *c, struct errinfo *reterr)
{
    json_t *r = NULL;
    TRY(ctl_ask(c, "snapshot.status", NULL, &r, reterr));
    say_age(c, "副本", json_object_get(r, "copy"));
    say_age(c, "支援措置の一覧", json_object_get(r, "list"));
    if (ctl_number(r, "have") < ctl_number(r, "chunks"))
        ctl_say(c, "取り込み中: %lld / %lld 個 (%s から)", (long long)ctl_number(r, "have"),
                (long long)ctl_number(r, "chunks"), ctl_text(r, "started_at"));
    ctl_result(c, r);
    return OK;
}

/* The copy that is there stays in use until the new one is whole; a cut transfer goes on where it was. */
static enum err pull(struct ctl *c, struct errinfo *reterr)
{
    json_t *r = NULL;
    TRY(ctl_ask(c, "snapshot.pull", NULL, &r, reterr));
    json_decref(r);
    bool seen = false;
    for (bool active = true; active;) {
        TRY(ctl_ask(c, "snapshot.status", NULL, &r, reterr));
        const json_t *load = json_object_get(r, "load");
        active = json_is_true(json_object_get(load, "active"));
        ctl_progress(c, "副本", ctl_number(load, "done"), ctl_number(load, "total"));
        seen = seen || active;
        if (active || !seen) {
            json_decref(r);
            r = NULL;
            poll(NULL, 0, LOOK_MS);
        }
        active = active || !seen;
    }
    say_age(c, "取り込みました。副本", json_object_get(r, "copy"));
    ctl_result(c, r);
    return OK;
}

static enum err verify(struct ctl *c, struct errinfo *reterr)
{
    json_t *bad = json_array(), *r = NULL;
    json_int_t after = 0, rows = 0, n;
    enum err e;
    do {
        e = ctl_ask(c, "snapshot.verify", json_pack("{s:I}", "after", after), &r, reterr);
        n = e == OK ? ctl_number(r, "rows") : 0;
        after = e == OK ? ctl_number(r, "last") : after;
        if (e == OK)
            json_array_extend(bad, json_object_get(r, "bad"));
        json_decref(r);
        r = NULL;
        rows += n;
    } while (n > 0);
    size_t i;
    json_t *row;
    json_array_foreach (bad, i, row)
        ctl_say(c, "不適 宛名番号 %s 履歴 %lld", ctl_text(row, "id"), (long long)ctl_number(row, "rev"));
    bool sound = e == OK && json_array_size(bad) == 0;
    if (e == OK)
        ctl_say(c, "副本 %lld 行を確かめました。%s", (long long)rows, sound ? "異常はありません。" : "");
    ctl_result(c, json_pack("{s:I, s:b, s:o}", "rows", rows, "sound", sound, "bad", bad));
    if (e == OK && !sound)
        e = ctl_refuse(c, reterr, E_CORRUPT, "副本を取り込み直してください (snapshot pull)。",
                       "副本が受け取ったときと違います。");
    return e;
}

static const struct ctl_command commands[] = {
    { .name = "snapshot",
      .sub = "show",
      .help = "副本と支援措置の一覧がいつのものか、取り込みの進みを示す",
      .need = CTL_LOGIN,
      .run = show },
    { .name = "snapshot",
      .sub = "pull",
      .help = "全件の副本を取り込み直し、終わるまで待つ",
      .more = "  終わるまで今の副本を使います。途中で切れても、続きから取り込みます。",
      .need = CTL_LOGIN,
      .run = pull },
    { .name = "snapshot",
      .sub = "verify",
      .help = "副本の各行が、本庁から受け取ったままかを確かめる",
      .need = CTL_LOGIN,
      .run = verify },
};
const struct ctl_table ctl_snapshot_commands = { commands, ARRAY_LEN(commands) };
