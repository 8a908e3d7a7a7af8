/* `verify instance`: kind, owner and permissions of everything in the instance directory. */
#include "app/ctl.h"
#include "base/fsx.h"
#include "base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct inspection {
    struct ctl *c;
    json_t *findings;
    int64_t checked;
};

static const char *kind_label(mode_t type)
{
    static const struct {
        mode_t type;
        const char *label;
    } kinds[] = { { S_IFDIR, "ディレクトリ" }, { S_IFREG, "通常のファイル" }, { S_IFSOCK, "ソケット" } };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].type == type)
            return kinds[i].label;
    return "別の種類";
}

static void find(struct inspection *i, const char *path, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void find(struct inspection *i, const char *path, const char *fmt, ...)
{
    struct buf text = BUF_INIT;
    va_list ap;
    va_start(ap, fmt);
    buf_vprintf(&text, fmt, ap);
    va_end(ap);
    ctl_say(i->c, "%s: %s", path, buf_str(&text));
    json_array_append_new(i->findings, json_pack("{s:s*, s:s}", "path", path, "finding", buf_str(&text)));
    buf_done(&text);
}

/* Nothing there is no finding: a branch need not have a host. */
static enum err inspect(struct inspection *i, const char *path, const struct place_facts *want, uid_t owner,
                        struct errinfo *reterr)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR ? OK : err_sys(reterr, errno, path, "lstat");
    i->checked++;
    if ((st.st_mode & S_IFMT) != want->type)
        find(i, path, "%sのはずが%sです。", kind_label(want->type), kind_label(st.st_mode & S_IFMT));
    else if (st.st_mode & 07777 & ~want->widest)
        find(i, path, "権限 %04o は %04o より広すぎます。", (unsigned)st.st_mode & 07777, want->widest);
    if (st.st_uid != owner)
        find(i, path, "所有者が設置の所有者と違います。");
    return OK;
}

static enum err inspect_keys(struct inspection *i, const char *dir, uid_t owner, struct errinfo *reterr)
{
    static const struct place_facts key = { "", S_IFREG, 0600, 0600 };
    char **name = NULL;
    size_t n = 0;
    struct stat st;
    if (lstat(dir, &st) != 0 || !S_ISDIR(st.st_mode))
        return OK; /* found by inspect, or not there */
    TRY(fs_list(dir, ".key", &name, &n, reterr));
    enum err e = OK;
    for (size_t k = 0; e == OK && k < n; k++) {
        char *path = fs_join(dir, name[k]);
        e = inspect(i, path, &key, owner, reterr);
        free(path);
    }
    fs_list_free(name, n);
    return e;
}

/* The branch and the host may run as different accounts; within each of them there is one. */
static enum err owner_of(struct ctl *c, enum place home, uid_t *ret, struct errinfo *reterr)
{
    struct stat st;
    char *path = place_path(ctl_dir(c), home);
    enum err e = OK;
    if (lstat(path, &st) == 0)
        *ret = st.st_uid;
    else if (errno != ENOENT)
        e = err_sys(reterr, errno, path, "lstat");
    free(path);
    return e;
}

static enum err inspect_all(struct inspection *i, struct errinfo *reterr)
{
    static const struct {
        enum place first, last;
    } owned[] = { { PLACE_CONF, PLACE_CONF }, { PLACE_BRANCH, PLACE_BRANCH_LOG }, { PLACE_HOST, PLACE_HOST_LOG } };
    static const enum place keys[] = { PLACE_BRANCH_KEYS, PLACE_HOST_KEYS, PLACE_HOST_CA };
    for (size_t o = 0; o < ARRAY_LEN(owned); o++) {
        uid_t owner = 0;
        TRY(owner_of(i->c, owned[o].first, &owner, reterr));
        for (unsigned p = owned[o].first; p <= owned[o].last; p++) {
            char *path = place_path(ctl_dir(i->c), (enum place)p);
            enum err e = inspect(i, path, place_facts((enum place)p), owner, reterr);
            for (size_t k = 0; e == OK && k < ARRAY_LEN(keys); k++)
                if (keys[k] == p)
                    e = inspect_keys(i, path, owner, reterr);
            free(path);
            TRY(e);
        }
    }
    return OK;
}

static enum err run_instance(struct ctl *c, struct errinfo *reterr)
{
    struct inspection i = { .c = c, .findings = json_array() };
    enum err e = inspect_all(&i, reterr);
    size_t n = json_array_size(i.findings);
    ctl_result(c, json_pack("{s:I, s:o}", "checked", (json_int_t)i.checked, "findings", i.findings));
    TRY(e);
    if (n > 0)
        return ctl_refuse(c, reterr, E_INVALID, NULL, "%" PRId64 "個のうち%zu件の指摘があります。", i.checked, n);
    ctl_say(c, "%" PRId64 "個を調べました。指摘はありません。", i.checked);
    return OK;
}

static const struct ctl_command commands[] = {
    { .name = "verify",
      .sub = "instance",
      .help = "設置のファイルの種類、所有者、権限を調べる",
      .need = CTL_INSTANCE,
      .run = run_instance },
};
const struct ctl_table ctl_verify_commands = { commands, ARRAY_LEN(commands) };
