/* Copies of the store with the real programs: made while the daemon serves, refused when touched, restored. */
#include "app/backup.h"
#include "check.h"

#include "../../harness/branch.h"
#include "../../harness/pki.h"
#include "app/instance.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "client/client.h"
#include "service/linkmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sqlite3.h>

#define WAIT_MS 60000

struct bench {
    struct branch b;
    char *backups, *store;
    struct ca *ca; /* NULL: the branch is not registered */
};

static void issue(struct ca *ca, const char *dir, const char *name)
{
    struct clock clock = clock_system();
    int64_t now = clock.wall_ms(clock.self);
    pki_issue(ca, dir, "branch", &(struct pki_order){ ROLE_BRANCH, true, NULL, name, now - 60000, now + 3600000 });
}

/* Of a host that nobody reaches: the keys are there. */
static void enrol(struct bench *t)
{
    struct instance i;
    struct clock clock = clock_system();
    char *ca = fs_join(t->b.top, "ca"), *keys = fs_join(t->b.dir, "branch/keys");
    t->ca = pki_ca(ca, true, clock.wall_ms(clock.self) - 120000);
    issue(t->ca, keys, "E");
    assert_int_equal(instance_load(t->b.dir, &i, NULL), OK);
    free(i.host_url);
    i.host_url = xstrdup("https://127.0.0.1:1");
    assert_int_equal(instance_save(t->b.dir, &i, NULL), OK);
    instance_done(&i);
    free(keys);
    free(ca);
}

static int begin_with(void **state, bool enrolled)
{
    struct bench *t = xcalloc(1, sizeof *t);
    branch_make(&t->b);
    if (enrolled)
        enrol(t);
    branch_start(&t->b);
    t->backups = fs_join(t->b.dir, "branch/backup");
    t->store = fs_join(t->b.dir, "branch/store.db");
    *state = t;
    return 0;
}

static int begin(void **state)
{
    return begin_with(state, true);
}

static int begin_alone(void **state)
{
    return begin_with(state, false);
}

static int end(void **state)
{
    struct bench *t = *state;
    ca_free(t->ca);
    branch_gone(&t->b);
    free(t->backups);
    free(t->store);
    free(t);
    return 0;
}

static int ctl_backup(struct bench *t, const char *to, char **ret)
{
    const char *const words[] = {
        "backup", "--json", "--as", "sys1", "--password-fd", "0", to ? "--to" : NULL, to, NULL
    };
    return branch_ctl(&t->b, BRANCH_PASSWORD "\n", ret, words);
}

/* Path of the copy that was made. Caller frees. */
static char *make(struct bench *t)
{
    char *out = NULL;
    int status = ctl_backup(t, NULL, &out);
    json_t *r = json_loads(out, 0, NULL);
    if (status != 0)
        fail_msg("%s", out);
    assert_string_equal(json_string_value(json_object_get(r, "state")), "verified");
    assert_int_equal(json_is_true(json_object_get(r, "signed")), t->ca != NULL);
    char *path = xstrdup(json_string_value(json_object_get(r, "path")));
    json_decref(r);
    free(out);
    return path;
}

static int restore(struct bench *t, const char *file, const char *option)
{
    return branch_ctl(&t->b, NULL, NULL, (const char *const[]){ "restore", file, option, NULL });
}

/* Refused with this message, and neither the store nor what lies beside it was touched. */
static void refused(struct bench *t, const char *file, const char *msg)
{
    uint8_t before[DIGEST_SIZE], after[DIGEST_SIZE];
    int64_t size;
    char *out = NULL, **names = NULL, *branch = fs_join(t->b.dir, "branch");
    size_t n = 0, n_after = 0;
    assert_int_equal(backup_hash_file(t->store, before, &size, NULL), OK);
    assert_int_equal(fs_list(branch, "", &names, &n, NULL), OK);
    fs_list_free(names, n);
    assert_int_equal(branch_ctl(&t->b, NULL, &out, (const char *const[]){ "restore", file, "--aside", "--json", NULL }),
                     1);
    json_t *r = json_loads(out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(json_object_get(r, "error"), "msg")), msg);
    json_decref(r);
    free(out);
    assert_int_equal(backup_hash_file(t->store, after, &size, NULL), OK);
    assert_memory_equal(before, after, sizeof before);
    assert_int_equal(fs_list(branch, "", &names, &n_after, NULL), OK);
    fs_list_free(names, n_after);
    assert_int_equal(n, n_after);
    free(branch);
}

/* Whoever can write files makes the manifest fit: size, hash, digest. */
static void rewrite_manifest(const char *path, const char *certificate, const char *key_path)
{
    const struct alg_policy policy = alg_policy_p256();
    struct backup_manifest m;
    struct key *k = NULL;
    struct buf text = BUF_INIT;
    char *manifest = backup_manifest_path(path);
    assert_int_equal(backup_manifest_read(manifest, &m, NULL), OK);
    assert_int_equal(backup_hash_file(path, m.sha256, &m.size, NULL), OK);
    assert_int_equal(backup_check(path, digest_sha256, &m.facts, NULL), OK);
    if (certificate) {
        buf_clear(&m.cert);
        buf_clear(&m.sig);
    }
    if (key_path) {
        assert_int_equal(fs_read(certificate, CERT_PEM_MAX, &m.cert, NULL), OK);
        assert_int_equal(key_load(key_path, &k, NULL), OK);
        backup_manifest_statement(&m, &text);
        assert_int_equal(key_sign(k, &policy, BACKUP_LABEL, buf_span(&text), &m.sig, NULL), OK);
    }
    assert_int_equal(backup_manifest_write(manifest, &m, NULL), OK);
    backup_manifest_done(&m);
    buf_done(&text);
    key_free(k);
    free(manifest);
}

/* Runs one statement; the first number of its first row, 0 without one. */
static int sql(const char *path, const char *text)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &q, NULL), SQLITE_OK);
    int n = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int(q, 0) : 0;
    assert_int_equal(sqlite3_finalize(q), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return n;
}

static void change_byte(const char *path, off_t at)
{
    int fd = open(path, O_RDWR);
    unsigned char byte;
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static size_t count(const char *dir, const char *suffix)
{
    char **names = NULL;
    size_t n = 0;
    assert_int_equal(fs_list(dir, suffix, &names, &n, NULL), OK);
    fs_list_free(names, n);
    return n;
}

static void test_made_and_checked(void **state)
{
    struct bench *t = *state;
    char *path = make(t), *manifest = backup_manifest_path(path);
    struct backup_manifest m;
    struct backup_facts f;
    uint8_t hash[DIGEST_SIZE];
    int64_t size;
    struct stat st;
    assert_int_equal(backup_manifest_read(manifest, &m, NULL), OK);
    assert_int_equal(backup_hash_file(path, hash, &size, NULL), OK);
    assert_memory_equal(hash, m.sha256, sizeof hash);
    assert_int_equal(size, m.size);
    assert_string_equal(m.office, "E");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(m.facts.count[BACKUP_OPERATORS], 6);
    assert_int_equal(backup_check(path, digest_sha256, &f, NULL), OK);
    assert_true(backup_facts_equal(&f, &m.facts));
    assert_true(m.trial);
    const struct alg_policy policy = alg_policy_p256();
    assert_int_equal(backup_seal_check(&m, ca_pem(t->ca), &policy, NULL), OK);
    m.facts.count[BACKUP_OPERATORS]++;
    assert_int_equal(backup_seal_check(&m, ca_pem(t->ca), &policy, NULL), E_CORRUPT);
    assert_int_equal(count(t->backups, ".part"), 0);
    backup_manifest_done(&m);
    free(manifest);
    free(path);
}

/* To the person who asked, and to the auditor in the log. */
static void test_says_whether_it_is_signed(void **state)
{
    struct bench *t = *state;
    const char *const words[] = { "backup", "--as", "sys1", "--password-fd", "0", NULL };
    char *out = NULL;
    assert_int_equal(branch_ctl(&t->b, BRANCH_PASSWORD "\n", &out, words), 0);
    assert_non_null(strstr(out, t->ca ? "署名あり" : "署名なし"));
    assert_true(branch_stop(&t->b, SIGTERM));
    assert_int_equal(sql(t->store, t->ca ? "SELECT count(*) FROM oplog WHERE detail LIKE '% sha256 % 署名あり'"
                                         : "SELECT count(*) FROM oplog WHERE detail LIKE '% sha256 % 署名なし'"),
                     1);
    free(out);
}

static void test_carried_elsewhere(void **state)
{
    struct bench *t = *state;
    char *to = fs_join(t->b.top, "usb"), *out = NULL;
    assert_int_equal(mkdir(to, 0700), 0);
    assert_int_equal(ctl_backup(t, to, &out), 0);
    assert_int_equal(count(to, BACKUP_SUFFIX), 1);
    assert_int_equal(count(to, BACKUP_MANIFEST), 1);
    free(out);
    char *nowhere = fs_join(t->b.top, "missing");
    assert_int_not_equal(ctl_backup(t, nowhere, &out), 0);
    free(out);
    free(nowhere);
    free(to);
}

/* What an examiner and an office ask of the whole. */
static void test_examined(void **state)
{
    struct bench *t = *state;
    static const char *const asks[][2] = { { "audit", "check" }, { "audit", "report" }, { "due", NULL } };
    free(make(t));
    for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
        char *out = NULL;
        const char *words[] = { "--json", "--as", "aud1", "--password-fd", "0", asks[i][0], asks[i][1], NULL };
        assert_int_equal(branch_ctl(&t->b, BRANCH_PASSWORD "\n", &out, words), 0);
        json_t *r = json_loads(out, 0, NULL);
        assert_true(json_is_array(json_object_get(r, "rows")));
        assert_true(i > 0 || json_is_true(json_object_get(r, "sound")));
        json_decref(r);
        free(out);
    }
}

static void test_only_the_administrator(void **state)
{
    struct bench *t = *state;
    assert_int_equal(branch_ctl(&t->b, BRANCH_PASSWORD "\n", NULL,
                                (const char *const[]){ "backup", "--as", "clk1", "--password-fd", "0", NULL }),
                     1);
    assert_int_equal(count(t->backups, BACKUP_SUFFIX), 0);
}

static void test_restored(void **state)
{
    struct bench *t = *state;
    char *path = make(t);
    struct buf before = BUF_INIT, after = BUF_INIT;
    char *side = fs_join(t->b.dir, "branch/incarnation");
    assert_int_not_equal(restore(t, path, "--aside"), 0); /* the daemon runs */
    assert_true(branch_stop(&t->b, SIGTERM));
    assert_int_not_equal(restore(t, path, NULL), 0); /* there is a store */
    (void)!fs_read(side, 100, &before, NULL);
    assert_int_equal(restore(t, path, "--aside"), 0);
    assert_int_equal(fs_read(side, 100, &after, NULL), OK);
    assert_string_not_equal(buf_str(&before), buf_str(&after));
    struct backup_facts f;
    assert_int_equal(backup_check(t->store, digest_sha256, &f, NULL), OK);
    branch_start(&t->b);
    free(make(t)); /* it serves, and can be copied */
    assert_true(branch_stop(&t->b, SIGTERM));
    assert_int_equal(unlink(t->store), 0); /* into an empty place, without asking */
    assert_int_equal(restore(t, path, NULL), 0);
    buf_done(&before);
    buf_done(&after);
    free(side);
    free(path);
}

static void test_touched_is_refused(void **state)
{
    struct bench *t = *state;
    char *path = make(t), *manifest = backup_manifest_path(path);
    struct stat st;
    assert_true(branch_stop(&t->b, SIGTERM));
    assert_int_equal(stat(path, &st), 0);
    const off_t places[] = { 0, 100, st.st_size / 2, st.st_size - 1 };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        change_byte(path, places[i]);
        assert_int_not_equal(restore(t, path, "--aside"), 0);
        assert_int_equal(access(t->store, F_OK), 0); /* nothing was moved */
        change_byte(path, places[i]);
    }
    assert_int_equal(stat(manifest, &st), 0);
    for (off_t at = 0; at < st.st_size; at += 97) {
        change_byte(manifest, at);
        assert_int_not_equal(restore(t, path, "--aside"), 0);
        change_byte(manifest, at);
    }
    char *hidden = fs_join(t->b.top, "hidden");
    assert_int_equal(rename(manifest, hidden), 0);
    assert_int_not_equal(restore(t, path, "--aside"), 0); /* without its manifest it is no copy */
    assert_int_equal(rename(hidden, manifest), 0);
    free(hidden);
    assert_int_equal(restore(t, path, "--aside"), 0);
    free(manifest);
    free(path);
}

/* A copy changed inside, with a manifest made to fit, is not what this branch signed. */
static void test_rewritten_is_refused(void **state)
{
    struct bench *t = *state;
    char *path = make(t), *out = NULL;
    const char *const unsaid[] = { "restore", path, "--aside", "--unsigned", NULL };
    const char *const said[] = { "restore", path, "--aside", "--unsigned", "--reason", "控えがほかに残っていない",
                                 "--json",  NULL };
    assert_true(branch_stop(&t->b, SIGTERM));
    sql(path, "UPDATE operator SET verifier = (SELECT verifier FROM operator WHERE id = 'clk1') WHERE id = 'sys1'");
    rewrite_manifest(path, NULL, NULL);
    refused(t, path, "S723");
    rewrite_manifest(path, "", NULL);
    refused(t, path, "S722");
    assert_int_equal(branch_ctl(&t->b, NULL, NULL, unsaid), 2);
    refused(t, path, "S722");
    assert_int_equal(branch_ctl(&t->b, NULL, &out, said), 0); /* on the word of a person, in the log */
    assert_non_null(strstr(out, "\"signed\":false"));
    free(out);
    assert_int_equal(sql(t->store, "SELECT count(*) FROM oplog WHERE function = 'restore' AND "
                                   "detail LIKE '%(S722) 理由: 控えがほかに残っていない'"),
                     1);
    free(path);
}

/* Signed, but not by this branch; a later certificate of this branch is as good as the present one. */
static void test_of_another_branch_is_refused(void **state)
{
    static const struct {
        bool own_ca;
        const char *name, *msg;
    } signers[] = { { true, "F", "S723" }, { false, "E", "S723" }, { true, "E", NULL } };
    struct bench *t = *state;
    struct clock clock = clock_system();
    char *path = make(t), *foreign_dir = fs_join(t->b.top, "foreign"),
         *ca_path = fs_join(t->b.dir, "branch/keys/ca.crt");
    struct ca *foreign = pki_ca(foreign_dir, true, clock.wall_ms(clock.self) - 120000);
    assert_true(branch_stop(&t->b, SIGTERM));
    for (size_t i = 0; i < ARRAY_LEN(signers); i++) {
        char *dir = xprintf("%s/signer%zu", t->b.top, i), *cert = fs_join(dir, "branch.crt"),
             *key = fs_join(dir, "branch.key");
        issue(signers[i].own_ca ? t->ca : foreign, dir, signers[i].name);
        rewrite_manifest(path, cert, key);
        if (signers[i].msg)
            refused(t, path, signers[i].msg);
        free(key);
        free(cert);
        free(dir);
    }
    char *hidden = fs_join(t->b.top, "hidden");
    assert_int_equal(rename(ca_path, hidden), 0);
    refused(t, path, "S724");
    assert_int_equal(rename(hidden, ca_path), 0);
    assert_int_equal(restore(t, path, "--aside"), 0);
    ca_free(foreign);
    free(hidden);
    free(ca_path);
    free(foreign_dir);
    free(path);
}

/* There is no key yet: the copy is made, says that nobody signed it, and comes back only on somebody's word. */
static void test_not_registered(void **state)
{
    struct bench *t = *state;
    char *path = make(t);
    assert_true(branch_stop(&t->b, SIGTERM));
    refused(t, path, "S722");
    assert_int_equal(branch_ctl(&t->b, NULL, NULL,
                                (const char *const[]){ "restore", path, "--aside", "--unsigned", "--reason",
                                                       "登録の前の控えを使う", NULL }),
                     0);
    free(path);
}

/* Killed while it is being made: the store has lost nothing, and what is left of the copy is never taken for one. */
static void test_killed_meanwhile(void **state)
{
    struct bench *t = *state;
    for (int i = 0; i < 4; i++) {
        struct client *c = NULL;
        json_t *r = NULL;
        assert_int_equal(client_connect(t->b.sock, &c, NULL), OK);
        assert_int_equal(client_call(c, "session.login",
                                     json_pack("{s:s, s:s}", "operator", "sys1", "password", BRANCH_PASSWORD), WAIT_MS,
                                     &r, NULL),
                         OK);
        json_decref(r);
        struct errinfo e;
        assert_int_not_equal(client_call(c, "backup.make", NULL, i, &r, &e), OK); /* does not wait for it */
        assert_true(branch_stop(&t->b, SIGKILL));
        client_close(c);
        branch_start(&t->b);
        assert_int_equal(count(t->backups, ".part"), 0);
        assert_int_equal(count(t->backups, BACKUP_SUFFIX), count(t->backups, BACKUP_MANIFEST));
    }
    free(make(t));
}

#define backup_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        backup_test(test_made_and_checked),
        backup_test(test_says_whether_it_is_signed),
        cmocka_unit_test_setup_teardown(test_says_whether_it_is_signed, begin_alone, end),
        backup_test(test_carried_elsewhere),
        backup_test(test_only_the_administrator),
        backup_test(test_examined),
        backup_test(test_restored),
        backup_test(test_touched_is_refused),
        backup_test(test_rewritten_is_refused),
        backup_test(test_of_another_branch_is_refused),
        cmocka_unit_test_setup_teardown(test_not_registered, begin_alone, end),
        backup_test(test_killed_meanwhile),
    };
    return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
