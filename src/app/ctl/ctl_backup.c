/* `backup`: a checked copy of the store, made by the daemon while it serves; with --to also on another medium. */
#include "app/backup.h"
#include "app/ctl.h"
#include "base/fsx.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Next to each other, under the same names; the manifest last. */
static enum err carry(struct ctl *c, const char *path, const char *to, json_t *result, struct errinfo *reterr)
{
    struct backup_manifest m = { .program = NULL };
    struct buf bytes = BUF_INIT;
    char *from_manifest = backup_manifest_path(path);
    char *copy = fs_join(to, strrchr(path, '/') + 1), *manifest = backup_manifest_path(copy);
    enum err e = backup_manifest_read(from_manifest, &m, reterr);
    if (e == OK)
        e = backup_copy_file(path, copy, m.sha256, reterr);
    if (e == OK)
        e = fs_read(from_manifest, BACKUP_MANIFEST_MAX, &bytes, reterr);
    if (e == OK)
        e = fs_write_atomic(manifest, 0600, buf_span(&bytes), reterr);
    if (e == OK) {
        json_object_set_new(result, "copied_to", json_string(copy));
        ctl_say(c, "写し: %s", copy);
    }
    buf_done(&bytes);
    free(manifest);
    free(copy);
    free(from_manifest);
    backup_manifest_done(&m);
    return e;
}

static enum err run(struct ctl *c, struct errinfo *reterr)
{
    json_t *result = NULL;
    const char *to = ctl_opt(c, "to");
    TRY(ctl_ask(c, "backup.make", json_object(), &result, reterr));
    const char *state = json_string_value(json_object_get(result, "state"));
    const char *path = json_string_value(json_object_get(result, "path"));
    const char *why = json_string_value(json_object_get(result, "why"));
    enum err e = OK;
    if (state && strcmp(state, "verified") == 0) {
        ctl_say(c, "控えを作り、確かめました: %s", path);
        ctl_say(c, "SHA-256: %s", json_string_value(json_object_get(result, "sha256")));
        if (json_is_true(json_object_get(result, "signed")))
            ctl_say(c, "署名あり");
        else
            ctl_say(c, "署名なし(本庁に登録されていないか、署名する処理が動いていません。復元では理由が要ります)");
        if (to)
            e = carry(c, path, to, result, reterr);
    } else if (state && strcmp(state, "running") == 0) {
        e = ctl_refuse(c, reterr, E_BUSY, "しばらくして、控えのディレクトリを確かめてください。",
                       "控えを作っています。");
    } else {
        e = ctl_refuse(c, reterr, E_IO, "空きと装置を確かめて、もう一度実行してください。",
                       "控えは作られていません(%s)。", why ? why : "");
    }
    ctl_result(c, result);
    return e;
}

static const struct ctl_option options[] = {
    { "to", "DIR", "確かめた控えと目録を、別の媒体のディレクトリにも写す" },
    { NULL, NULL, NULL },
};

static const struct ctl_command commands[] = {
    { .name = "backup",
      .help = "保存庫の控えを作り、確かめる(業務は止まらない)",
      .more = "  控えは branch/backup に、目録(.manifest)とともに残ります。古い世代は決められた数を超えると消えます。\n"
              "  目録にはこの支所の鍵で署名します。本庁に登録されていない支所の控えには署名がありません。\n",
      .need = CTL_LOGIN,
      .option = options,
      .run = run },
};
const struct ctl_table ctl_backup_commands = { commands, ARRAY_LEN(commands) };
