/* `restore`: puts a checked copy in the place of the store while the daemon is stopped. */
#include "app/backup.h"
#include "app/daemon.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "crypto/ca.h"
#include "crypto/keys.h"
#include "ctl_store.h"
#include "domain/reason.h"
#include "domain/rulebook.h"
#include "form/catalog.h"
#include "store/incarnation.h"
#include "store/series.h"
#include "store/txn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRESH_SUFFIX ".restore"

static enum err belongs_here(struct ctl *c, const struct backup_manifest *m, struct errinfo *reterr)
{
    const struct instance *i = ctl_instance(c);
    if (strcmp(m->city_code, i->city_code) == 0 && strcmp(m->office, i->office) == 0 &&
        strcmp(m->terminal, i->terminal) == 0 && m->trial == i->trial)
        return OK;
    return ctl_refuse(c, reterr, E_CONFLICT, "この支所の控えを選んでください。",
                      "控えは別の支所か端末(%s %s %s)のものです。", m->city_code, m->office, m->terminal);
}

/* ---- who made it ---- */

static enum err refuse_with(struct ctl *c, enum err code, const char *msg, struct errinfo *reterr)
{
    struct rulebook *book = NULL;
    struct buf text = BUF_INIT;
    TRY(ctl_rules(c, &book, reterr));
    const struct message *m = rulebook_message(book, msg);
    rulebook_text(book, msg, "", "", &text);
    ctl_refuse(c, reterr, code, m ? m->remedy : "", "%s", buf_str(&text));
    snprintf(reterr->msg, sizeof reterr->msg, "%s", msg);
    buf_done(&text);
    rulebook_free(book);
    return code;
}

/* Why the signature is not accepted as a message, or NULL: it is accepted. */
static enum err check_seal(struct ctl *c, const struct backup_manifest *m, const char **ret_msg, struct errinfo *reterr)
{
    struct alg_policy policy;
    struct errinfo why = { 0 };
    struct buf ca = BUF_INIT;
    TRY(ctl_policy(c, &policy, reterr));
    char *keys = place_path(ctl_dir(c), PLACE_BRANCH_KEYS), *path = fs_join(keys, "ca.crt");
    enum err e = fs_read(path, CERT_PEM_MAX, &ca, &why);
    *ret_msg = NULL;
    if (!m->sig.len)
        *ret_msg = "S722";
    else if (e != OK)
        *ret_msg = "S724";
    else if (backup_seal_check(m, buf_span(&ca), &policy, &why) != OK)
        *ret_msg = "S723";
    buf_done(&ca);
    free(path);
    free(keys);
    return OK;
}

/* One line of text: it goes to the log as it stands. */
static bool is_line(const char *text)
{
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            return false;
    return utf8_valid(span_of(text));
}

static enum err given_reason(struct ctl *c, struct errinfo *reterr)
{
    const char *reason = ctl_opt(c, "reason");
    struct rulebook *book = NULL;
    TRY(ctl_rules(c, &book, reterr));
    bool good = reason && is_line(reason) &&
                reason_holds(span_of(reason), (int)rulebook_param_int(book, "REASON_MIN_CHARS"),
                             (int)rulebook_param_int(book, "REASON_MIN_LETTERS"));
    rulebook_free(book);
    return good ? OK : ctl_usage(c, reterr, "--unsigned には --reason で理由を付けてください。");
}

/* Only the person at the machine may take the responsibility for a copy that nobody has signed, and in writing. */
static enum err accept_seal(struct ctl *c, const struct backup_manifest *m, const char **ret_msg,
                            struct errinfo *reterr)
{
    if (ctl_opt(c, "unsigned"))
        TRY(given_reason(c, reterr));
    TRY(check_seal(c, m, ret_msg, reterr));
    if (*ret_msg && !ctl_opt(c, "unsigned"))
        return refuse_with(c, E_DENIED, *ret_msg, reterr);
    return OK;
}

/* For the log: what came back, and on whose word. */
static char *account_of(struct ctl *c, const struct backup_manifest *m, const char *msg)
{
    char *what = xprintf("made_at %s log_seq %lld", m->made_at, (long long)m->facts.log.seq);
    char *all =
        msg ? xprintf("%s 署名の確認なし(%s) 理由: %s", what, msg, ctl_opt(c, "reason")) : xprintf("%s 署名あり", what);
    free(what);
    return all;
}

/* ---- bringing it in ---- */

/* A file in the place it will have, checked from the first byte to the last row. */
static enum err bring(struct ctl *c, const char *file, const struct backup_manifest *m, const char *fresh,
                      struct errinfo *reterr)
{
    struct backup_facts facts;
    struct errinfo why = { 0 };
    enum err e = backup_copy_file(file, fresh, m->sha256, &why);
    if (e == OK) {
        e = backup_check(fresh, digest_sha256, &facts, &why);
        if (e == OK && !backup_facts_equal(&facts, &m->facts))
            e = err_set(&why, E_CORRUPT, NULL, fresh, "rows differ from the manifest");
        if (e != OK)
            unlink(fresh);
    }
    if (e == E_CORRUPT)
        return ctl_refuse(c, reterr, e, "別の世代の控えを使ってください。", "控えが目録のとおりではありません(%s)。",
                          why.detail);
    if (e != OK)
        *reterr = why;
    return e;
}

/* With the log that belongs to it: a store without its log is an older state. */
static enum err set_aside(struct ctl *c, const char *store, struct errinfo *reterr)
{
    static const char *const beside[] = { "-wal", "" };
    char at[CLOCK_TEXT];
    clock_iso_jst(clock_system().wall_ms(NULL), at);
    for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
        char *from = xprintf("%s%s", store, beside[i]), *to = xprintf("%s.before-%.19s%s", store, at, beside[i]);
        int bad = rename(from, to);
        enum err e = bad != 0 && errno != ENOENT ? err_sys(reterr, errno, from, "rename") : OK;
        if (bad == 0)
            ctl_say(c, "元の保存庫: %s", to);
        free(from);
        free(to);
        TRY(e);
    }
    return OK;
}

static enum err make_room(struct ctl *c, const char *store, struct errinfo *reterr)
{
    if (access(store, F_OK) != 0)
        return OK;
    if (!ctl_opt(c, "aside"))
        return ctl_refuse(c, reterr, E_EXISTS, "元の保存庫を別の名前で残すには --aside を付けてください。",
                          "ここには保存庫があります: %s", store);
    return set_aside(c, store, reterr);
}

/* From here on this store is another one than before: what it sent into the unknown is for a person to look at, and
 * nothing new is entered until the host knows the new incarnation. */
static enum err begin_anew(struct ctl_store *s, const struct instance *i, const char *side, const char *serial,
                           const char *detail, int64_t skip, struct errinfo *reterr)
{
    uint8_t fresh[INCARNATION];
    struct incarnation inc;
    bool good;
    TRY(random_bytes(fresh, sizeof fresh, reterr));
    enum err e = incarnation_get(s->db, &inc, NULL);
    if (e == E_NOTFOUND) /* never spoke to a host */
        e = incarnation_open(s->db, side, fresh, &good, reterr);
    else
        e = incarnation_renew(s->db, side, fresh, "restore", reterr);
    TRY(e);
    TRY(txn_begin(s->db, reterr));
    e = store_block(s->db, "S431", reterr);
    if (e == OK)
        e = series_skip(s->db, i->office, i->terminal, skip, "保存庫を控えから復元したため", "restore", reterr);
    if (e == OK)
        e = reenrol_await(s->db, serial, reterr);
    if (e == OK)
        e = ctl_store_log(s, i, "restore", detail, reterr);
    return txn_end(s->db, e, reterr);
}

/* Number of the certificate this terminal has now; "" = none. Another one lifts the block. */
static char *serial_now(struct ctl *c)
{
    struct cert_facts f = { .serial = "" };
    struct buf pem = BUF_INIT;
    char *keys = place_path(ctl_dir(c), PLACE_BRANCH_KEYS), *path = fs_join(keys, "branch.crt");
    if (fs_read(path, KEY_PEM_MAX * 4, &pem, NULL) != OK || cert_read(buf_span(&pem), &f, NULL) != OK)
        f.serial[0] = '\0';
    buf_done(&pem);
    free(path);
    free(keys);
    return xstrdup(f.serial);
}

static enum err open_restored(struct ctl *c, const char *detail, struct errinfo *reterr)
{
    struct ctl_store s = { 0 };
    struct rulebook *book = NULL;
    char *side = place_path(ctl_dir(c), PLACE_INCARNATION), *serial = serial_now(c);
    enum err e = ctl_rules(c, &book, reterr);
    if (e == OK)
        e = ctl_store_open(c, ctl_instance(c), false, &s, reterr);
    if (e == OK)
        e = begin_anew(&s, ctl_instance(c), side, serial, detail, rulebook_param_int(book, "RESTORE_SKIP"), reterr);
    ctl_store_close(&s);
    rulebook_free(book);
    free(serial);
    free(side);
    return e;
}

static enum err put_in_place(struct ctl *c, const char *store, const char *fresh, struct errinfo *reterr)
{
    char *dir = place_path(ctl_dir(c), PLACE_BRANCH);
    enum err e = make_room(c, store, reterr);
    if (e == OK && rename(fresh, store) != 0)
        e = err_sys(reterr, errno, store, "rename");
    if (e == OK)
        e = fs_sync_dir(dir, reterr);
    free(dir);
    return e;
}

static void say_what_follows(struct ctl *c, const struct backup_manifest *m, bool sealed)
{
    ctl_say(c, "復元しました。控えの時点: %s", m->made_at);
    ctl_say(c, "次に必要なこと:");
    ctl_say(c, "  1 本庁に連絡し、端末を登録し直す(madoguchi-ctl enrol)。それまで新しい受付はできません。");
    ctl_say(c, "  2 業務を始め、本庁から副本を取り直す。");
    ctl_say(c, "  3 控えの時点より後の届出と証明書を、紙の届出書・受付簿・用紙の受払と突き合わせる。");
    ctl_say(c, "  4 送信の結果がわからない操作は、競合の一覧で一件ずつ確かめる。");
    if (!sealed)
        ctl_say(c,
                "  5 署名を確かめていない控えなので、操作者とその権限、支援措置の登録を、本庁の記録と突き合わせる。");
    json_t *r =
        json_pack("{s:s, s:I, s:b, s:[s,s,s,s]}", "made_at", m->made_at, "log_seq", (json_int_t)m->facts.log.seq,
                  "signed", sealed, "next", "enrol", "snapshot", "compare_paper", "conflicts");
    ctl_result(c, r);
}

static enum err restore(struct ctl *c, const char *file, const struct backup_manifest *m, const char *msg,
                        struct errinfo *reterr)
{
    char *store = place_path(ctl_dir(c), PLACE_STORE), *fresh = xprintf("%s" FRESH_SUFFIX, store);
    char *detail = account_of(c, m, msg);
    enum err e = OK;
    if (access(store, F_OK) == 0 && !ctl_opt(c, "aside"))
        e = make_room(c, store, reterr); /* refused before anything is read */
    if (e == OK && unlink(fresh) != 0 && errno != ENOENT)
        e = err_sys(reterr, errno, fresh, "unlink");
    if (e == OK)
        e = bring(c, file, m, fresh, reterr);
    if (e == OK)
        e = put_in_place(c, store, fresh, reterr);
    if (e == OK)
        e = open_restored(c, detail, reterr);
    if (e == OK)
        say_what_follows(c, m, !msg);
    free(detail);
    free(fresh);
    free(store);
    return e;
}

static enum err run(struct ctl *c, struct errinfo *reterr)
{
    struct backup_manifest m = { .program = NULL };
    const char *file = ctl_arg(c, 0), *msg = NULL;
    char *manifest = backup_manifest_path(file);
    int lock = -1;
    if (!manifest)
        return ctl_usage(c, reterr, "控えの名前は .db で終わります。");
    enum err e = place_make(ctl_dir(c), PLACE_BRANCH, reterr);
    if (e == OK)
        e = place_make(ctl_dir(c), PLACE_BRANCH_RUN, reterr);
    if (e == OK)
        e = daemon_lock(ctl_dir(c), PLACE_BRANCH_PID, &lock, reterr);
    if (e == E_BUSY)
        e = ctl_refuse(c, reterr, e, "madoguchi-branchd を止めてから実行してください。",
                       "業務サービスが動いています。");
    if (e == OK)
        e = backup_manifest_read(manifest, &m, reterr);
    if (e == E_CORRUPT || e == E_NOTFOUND)
        e = ctl_refuse(c, reterr, e, "別の世代の控えを使ってください。",
                       "控えの目録がないか、書いたとおりではありません。");
    if (e == OK)
        e = belongs_here(c, &m, reterr);
    if (e == OK)
        e = accept_seal(c, &m, &msg, reterr);
    if (e == OK)
        e = restore(c, file, &m, msg, reterr);
    backup_manifest_done(&m);
    free(manifest);
    if (lock >= 0)
        close(lock);
    return e;
}

static const struct ctl_option options[] = {
    { "aside", NULL, "いまある保存庫を、別の名前で残してから復元する" },
    { "unsigned", NULL, "この支所の署名を確かめられない控えも使う(ほかに控えがないとき。--reason が要る)" },
    { "reason", "TEXT", "署名を確かめられない控えを使う理由(操作記録に残る。個人の情報は書かない)" },
    { NULL, NULL, NULL },
};

static const struct ctl_command commands[] = {
    { .name = "restore",
      .usage = "FILE",
      .help = "控えから保存庫を復元する(業務を止めてから)",
      .more = "  目録の署名と控えのすべてを確かめてから置きかえます。署名のない控え、別の支所の署名の控えは断ります。\n"
              "  新しい機械では、先に本庁に登録してください(認証局の証明書 branch/keys/ca.crt で署名を確かめます)。\n"
              "  復元した保存庫は新しい世代になり、本庁に登録し直すまで新しい受付はできません。\n",
      .min_args = 1,
      .max_args = 1,
      .need = CTL_INSTANCE,
      .option = options,
      .run = run },
};
const struct ctl_table ctl_restore_commands = { commands, ARRAY_LEN(commands) };
