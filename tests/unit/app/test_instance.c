#include "check.h"

#include "app/instance.h"
#include "base/fsx.h"
#include "base/mem.h"

#define LEAST "city_code = 99201\ntrial = yes\n"

static void put_conf(const char *dir, const char *text)
{
    char *path = place_path(dir, PLACE_CONF);
    assert_int_equal(fs_write_atomic(path, 0644, span_of(text), NULL), OK);
    free(path);
}

static void test_all_keys(void **state)
{
    struct instance i;
    put_conf(*state, "# 説明\n"
                     "city_code=99201\n  city_name =  架空市 \noffice = E1\noffice_name = 東 支所\n"
                     "terminal = E1-01\n\ntrial = no\nhost_url = https://host.example:8443/\nhost_name = H1\n"
                     "host_listen = [::1]:8443\n");
    assert_int_equal(instance_load(*state, &i, NULL), OK);
    assert_string_equal(i.city_code, "99201");
    assert_string_equal(i.city_name, "架空市");
    assert_string_equal(i.office, "E1");
    assert_string_equal(i.office_name, "東 支所");
    assert_string_equal(i.terminal, "E1-01");
    assert_false(i.trial);
    assert_string_equal(i.host_url, "https://host.example:8443/");
    assert_string_equal(i.host_name, "H1");
    assert_string_equal(i.host_listen, "[::1]:8443");
    instance_done(&i);
    instance_done(&i);
}

static void test_least(void **state)
{
    struct instance i;
    put_conf(*state, LEAST "office =\n");
    assert_int_equal(instance_load(*state, &i, NULL), OK);
    assert_true(i.trial);
    assert_string_equal(i.office, "");
    assert_string_equal(i.host_url, "");
    instance_done(&i);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *at;
    } bad[] = {
        { "", "" },
        { "trial = yes\n", "" },
        { "city_code = 99201\n", "" },
        { LEAST "trial = yes\n", ":3" },
        { LEAST "colour = red\n", ":3" },
        { LEAST "office\n", ":3" },
        { LEAST "= x\n", ":3" },
        { LEAST "office = E 1\n", ":3" },
        { LEAST "office = 東\n", ":3" },
        { LEAST "office = 012345678901234567890123456789012\n", ":3" },
        { LEAST "host_url = http://host.example/\n", ":3" },
        { LEAST "host_url = https://\n", ":3" },
        { LEAST "host_url = https://a b\n", ":3" },
        { LEAST "host_listen = 127.0.0.1\n", ":3" },
        { LEAST "host_listen = :8443\n", ":3" },
        { LEAST "host_listen = 127.0.0.1:0\n", ":3" },
        { LEAST "host_listen = 127.0.0.1:65536\n", ":3" },
        { LEAST "city_name = a\u202Eb\n", ":3" },
        { "city_code = 9920\ntrial = yes\n", ":1" },
        { "city_code = 9920a\ntrial = yes\n", ":1" },
        { "city_code =\ntrial = yes\n", ":1" },
        { "city_code = 99201\ntrial = maybe\n", ":2" },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct instance got = { .trial = true, .office = NULL };
        struct errinfo e;
        put_conf(*state, bad[i].text);
        assert_int_equal(instance_load(*state, &got, &e), E_INVALID);
        assert_non_null(strstr(e.item, "instance.conf"));
        assert_non_null(strstr(e.item, bad[i].at));
        assert_null(got.office);
    }
}

static void test_no_instance(void **state)
{
    struct instance i;
    struct errinfo e;
    assert_int_equal(instance_load(*state, &i, &e), E_NOTFOUND);
}

static void test_save_and_load(void **state)
{
    struct instance i = { .city_code = xstrdup("99201"), .office = xstrdup("E1"), .city_name = xstrdup("架空市") };
    struct instance got;
    struct stat st;
    assert_int_equal(instance_save(*state, &i, NULL), OK);
    assert_int_equal(instance_load(*state, &got, NULL), OK);
    assert_string_equal(got.city_name, "架空市");
    assert_string_equal(got.office, "E1");
    assert_string_equal(got.terminal, "");
    assert_false(got.trial);
    char *path = place_path(*state, PLACE_CONF);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    free(path);
    instance_done(&got);

    static const char *const bad[] = { "架空\n市", " 架空市", "架空市 ", "\x7f" };
    for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
        free(i.city_name);
        i.city_name = xstrdup(bad[k]);
        assert_int_equal(instance_save(*state, &i, NULL), E_INVALID);
    }
    free(i.city_code);
    i.city_code = NULL;
    assert_int_equal(instance_save(*state, &i, NULL), E_INVALID);
    assert_int_equal(instance_load(*state, &got, NULL), OK); /* the old one is untouched */
    instance_done(&got);
    instance_done(&i);
}

static void test_places(void **state)
{
    struct stat st;
    char *sock = place_path("/d", PLACE_SOCKET);
    assert_string_equal(sock, "/d/branch/run/branchd.sock");
    free(sock);
    for (int p = 0; p < PLACES; p++) {
        const struct place_facts *f = place_facts((enum place)p);
        assert_int_equal(f->mode & ~f->widest, 0);
        assert_int_equal(f->widest & 02, 0); /* nobody but the owner's group ever writes */
        if (f->type != S_IFDIR)
            continue;
        char *path = place_path(*state, (enum place)p);
        assert_int_equal(place_make(*state, (enum place)p, NULL), OK);
        assert_int_equal(place_make(*state, (enum place)p, NULL), OK);
        assert_int_equal(stat(path, &st), 0);
        assert_true(S_ISDIR(st.st_mode));
        assert_int_equal(st.st_mode & 07777, f->mode);
        free(path);
    }
}

/* Where others may write, or what is no directory of ours, nothing is kept. */
static void test_open_places_are_refused(void **state)
{
    char *path = place_path(*state, PLACE_BRANCH_RUN);
    assert_int_equal(place_make(*state, PLACE_BRANCH_RUN, NULL), OK);
    assert_int_equal(place_safe(*state, PLACE_BRANCH_RUN, NULL), OK);
    assert_int_equal(chmod(path, 0777), 0);
    assert_int_equal(place_safe(*state, PLACE_BRANCH_RUN, NULL), E_DENIED);
    assert_int_equal(chmod(path, 0720), 0);
    assert_int_equal(place_safe(*state, PLACE_BRANCH_RUN, NULL), E_DENIED);
    assert_int_equal(chmod(path, 0700), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 1, 1), 0);
        assert_int_equal(place_safe(*state, PLACE_BRANCH_RUN, NULL), E_DENIED);
        assert_int_equal(chown(path, 0, 0), 0);
    }
    free(path);
}

static void test_default_dir(void **state)
{
    (void)state;
    char *home = xstrdup(getenv("HOME") ? getenv("HOME") : "");
    setenv("HOME", "/home/somebody", 1);
    char *dir = instance_default_dir();
    assert_string_equal(dir, "/home/somebody/.local/share/madoguchi");
    free(dir);
    unsetenv("HOME");
    dir = instance_default_dir();
    assert_int_equal(dir[0], '/');
    assert_non_null(strstr(dir, "/.local/share/madoguchi"));
    free(dir);
    setenv("HOME", home, 1);
    free(home);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, check_tmpdir, check_tmpdir_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_all_keys),      TEST(test_least),  TEST(test_refused),     TEST(test_no_instance),
        TEST(test_save_and_load), TEST(test_places), TEST(test_default_dir), TEST(test_open_places_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
