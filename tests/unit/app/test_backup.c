/* Copies of the store with the real programs: made while the daemon serves, refused when touched, restored. */
#include "app/backup.h"
#include "check.h"

#include "../../harness/branch.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "client/client.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>

#define WAIT_MS 60000

struct bench {
    struct branch b;
    char *backups, *store;
};

static int begin(void **state)
{
    struct bench *t = xcalloc(1, sizeof *t);
    branch_make(&t->b);
    branch_start(&t->b);
    t->backups = fs_join(t->b.dir, "branch/backup");
    t->store = fs_join(t->b.dir, "branch/store.db");
    *state = t;
    return 0;
}

static int end(void **state)
{
    struct bench *t = *state;
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
    char *path = xstrdup(json_string_value(json_object_get(r, "path")));
    json_decref(r);
    free(out);
    return path;
}

static int restore(struct bench *t, const char *file, const char *option)
{
    return branch_ctl(&t->b, NULL, NULL, (const char *const[]){ "restore", file, option, NULL });
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
    assert_int_equal(count(t->backups, ".part"), 0);
    backup_manifest_done(&m);
    free(manifest);
    free(path);
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
        backup_test(test_carried_elsewhere),
        backup_test(test_only_the_administrator),
        backup_test(test_examined),
        backup_test(test_restored),
        backup_test(test_touched_is_refused),
        backup_test(test_killed_meanwhile),
    };
    return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
