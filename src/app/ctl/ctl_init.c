/* `init`: makes a branch — directories, instance.conf, an empty store and its first operators. */
#include "base/mem.h"
#include "ctl_people.h"
#include "store/meta.h"
#include "store/txn.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Options that become members of instance.conf. */
static const struct {
    const char *option;
    size_t at;
    bool required;
} members[] = {
    { "city-code", offsetof(struct instance, city_code), true },
    { "city-name", offsetof(struct instance, city_name), false },
    { "office", offsetof(struct instance, office), true },
    { "office-name", offsetof(struct instance, office_name), true },
    { "terminal", offsetof(struct instance, terminal), true },
    { "host-url", offsetof(struct instance, host_url), false },
    { "host-name", offsetof(struct instance, host_name), false },
};

/* A host may have been set up here before: what it wrote stays, and a contradiction is refused. */
static enum err merge(struct ctl *c, struct instance *i, bool fresh, struct errinfo *reterr)
{
    bool trial = ctl_opt(c, "trial") != NULL;
    for (size_t k = 0; k < ARRAY_LEN(members); k++) {
        const char *given = ctl_opt(c, members[k].option);
        char **at = (char **)((char *)i + members[k].at);
        bool have = *at && **at;
        if (given && have && strcmp(*at, given) != 0)
            return ctl_refuse(c, reterr, E_CONFLICT, "instance.conf を確かめてください。",
                              "--%s が設置の内容(%s)と違います。", members[k].option, *at);
        if (!given && !have && members[k].required)
            return ctl_usage(c, reterr, "--%s がありません。", members[k].option);
        if (given && !have) {
            free(*at);
            *at = xstrdup(given);
        }
    }
    if (!fresh && trial && !i->trial)
        return ctl_refuse(c, reterr, E_CONFLICT, NULL, "本番の設置に試行の支所は作れません。");
    i->trial = i->trial || trial;
    return OK;
}

static enum err read_people(struct ctl *c, bool trial, struct people *ret, struct errinfo *reterr)
{
    const char *file = ctl_opt(c, "operators");
    TRY(file ? people_from_file(c, file, trial, ret, reterr) : people_from_options(c, trial, ret, reterr));
    for (size_t i = 0; i < ret->n; i++)
        if (ret->o[i].roles & ROLE_BIT(ROLE_SYS))
            return OK;
    return ctl_refuse(c, reterr, E_INVALID, "役割に SYS のある操作者を一人は登録してください。",
                      "システム管理者がいません。");
}

static enum err make_places(const char *dir, struct errinfo *reterr)
{
    static const enum place places[] = { PLACE_BRANCH, PLACE_BRANCH_RUN, PLACE_BRANCH_KEYS, PLACE_SPOOL, PLACE_OUT };
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        TRY(place_make(dir, places[i], reterr));
    return OK;
}

static enum err write_first_rows(struct ctl_store *s, const struct instance *i, const struct people *p,
                                 struct errinfo *reterr)
{
    TRY(meta_set(s->db, "branch.city_code", i->city_code, reterr));
    TRY(meta_set(s->db, "branch.trial", i->trial ? "yes" : "no", reterr));
    TRY(meta_set(s->db, "branch.office", i->office, reterr));
    TRY(meta_set(s->db, "branch.terminal", i->terminal, reterr));
    TRY(meta_set(s->db, "counter.state", "normal", reterr));
    for (size_t k = 0; k < p->n; k++)
        TRY(operator_add(s->db, &p->o[k], "init", reterr));
    return ctl_store_log(s, i, "init", i->trial ? "trial" : "", reterr);
}

static enum err fill_store(struct ctl_store *s, const struct instance *i, const struct people *p,
                           struct errinfo *reterr)
{
    TRY(txn_begin(s->db, reterr));
    return txn_end(s->db, write_first_rows(s, i, p, reterr), reterr);
}

/* The store first: without instance.conf there is no instance, so a broken attempt leaves none. */
static enum err make_new(struct ctl *c, struct ctl_store *s, struct instance *i, const struct people *p,
                         struct errinfo *reterr)
{
    enum err e = fill_store(s, i, p, reterr);
    if (e == OK)
        e = instance_save(ctl_dir(c), i, reterr);
    if (e != OK) {
        char *path = place_path(ctl_dir(c), PLACE_STORE);
        unlink(path);
        free(path);
    }
    return e;
}

static enum err make(struct ctl *c, struct instance *i, const struct people *p, struct errinfo *reterr)
{
    struct ctl_store s = { 0 };
    TRY(make_places(ctl_dir(c), reterr));
    enum err e = ctl_store_open(c, i, true, &s, reterr);
    if (e == OK)
        e = make_new(c, &s, i, p, reterr);
    else if (e == E_EXISTS)
        e = ctl_refuse(c, reterr, e, NULL, "ここには、すでに支所があります: %s", ctl_dir(c));
    ctl_store_close(&s);
    return e;
}

static enum err run(struct ctl *c, struct errinfo *reterr)
{
    struct instance i = { .trial = false };
    struct people p = { 0 };
    enum err e = instance_load(ctl_dir(c), &i, reterr);
    bool fresh = e == E_NOTFOUND;
    if (e == OK || fresh)
        e = merge(c, &i, fresh, reterr);
    if (e == OK)
        e = read_people(c, i.trial, &p, reterr);
    if (e == OK)
        e = make(c, &i, &p, reterr);
    if (e == OK) {
        ctl_say(c, "支所を作りました: %s%s", ctl_dir(c), i.trial ? " 【試行】" : "");
        ctl_result(c, json_pack("{s:s, s:s, s:b, s:I}", "dir", ctl_dir(c), "office", i.office, "trial", i.trial,
                                "operators", (json_int_t)p.n));
    }
    people_done(&p);
    instance_done(&i);
    return e;
}

static const struct ctl_option options[] = {
    { "trial", NULL, "試行環境にする(時計を動かせる。本番にはできない)" },
    { "city-code", "CODE", "市区町村コード(5桁)" },
    { "city-name", "NAME", "市区町村名" },
    { "office", "CODE", "支所コード" },
    { "office-name", "NAME", "支所名" },
    { "terminal", "NO", "端末番号" },
    { "host-url", "URL", "ホストのアドレス(https://…)" },
    { "host-name", "NAME", "ホストの証明書の名前" },
    { "operators", "FILE", "最初の操作者のファイル(本人だけが読めるもの)" },
    { "admin", "ID", "最初のシステム管理者の操作者ID" },
    { "admin-name", "NAME", "最初のシステム管理者の氏名" },
    CTL_SECRET_FD("admin-password", "最初のシステム管理者のパスワード"),
    CTL_SECRET_FILE("admin-password", "最初のシステム管理者のパスワード"),
    { NULL, NULL, NULL },
};

static const struct ctl_command commands[] = {
    { .name = "init",
      .help = "支所を作る(設置のディレクトリ、保存庫、最初の操作者)",
      .more = "  操作者のファイルは1行に1人、タブ区切りで、操作者ID、氏名、役割、表示できる項目、パスワードです。\n"
              "  役割は CLK SUP BM RSP SYS AUD、項目は domicile my_number resident_code residence welfare を\n"
              "  コンマでつなぎます。なければ - です。",
      .option = options,
      .run = run },
};
const struct ctl_table ctl_init_commands = { commands, ARRAY_LEN(commands) };
