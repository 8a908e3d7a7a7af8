/* madoguchi-ctl itself is started, with its own directory, descriptors and terminal. */
#include "../program.h"

#include "app/instance.h"
#include "app/trialclock.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "client/client.h"
#include <pty.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static const char *PROGRAM; /* set once by main */

#define RUN(input, ...) run_with(PROGRAM, (input), (const char *const[]){ __VA_ARGS__, NULL })

static void make_instance(const char *dir, bool trial)
{
    struct instance i = { .city_code = xstrdup("99201"), .trial = trial };
    assert_int_equal(chmod(dir, 0700), 0);
    assert_int_equal(instance_save(dir, &i, NULL), OK);
    instance_done(&i);
    assert_int_equal(place_make(dir, PLACE_BRANCH, NULL), OK);
    assert_int_equal(place_make(dir, PLACE_BRANCH_RUN, NULL), OK);
    assert_int_equal(place_make(dir, PLACE_HOST, NULL), OK);
}

static void test_help(void **state)
{
    (void)state;
    struct run r = RUN("", "help");
    assert_int_equal(r.status, 0);
    assert_int_equal(r.err.len, 0);
    static const char *const said[] = { "call METHOD",    "clock set DATETIME", "forms check [DIR]",
                                        "help [COMMAND]", "verify instance",    "--password-file FILE",
                                        "終了状態" };
    for (size_t i = 0; i < ARRAY_LEN(said); i++)
        has(&r.out, said[i]);
    struct run again = RUN("", "--help");
    assert_string_equal(buf_str(&again.out), buf_str(&r.out));
    run_done(&again);
    run_done(&r);

    r = RUN("", "help", "clock", "set");
    assert_int_equal(r.status, 0);
    has(&r.out, "試行環境の時計を動かす");
    assert_null(strstr(buf_str(&r.out), "clock show"));
    again = RUN("", "clock", "set", "--help"); /* although its argument is missing */
    assert_int_equal(again.status, 0);
    assert_string_equal(buf_str(&again.out), buf_str(&r.out));
    run_done(&again);
    run_done(&r);

    r = RUN("", "help", "frob");
    assert_int_equal(r.status, 2);
    run_done(&r);
}

/* Every row of the tables can be asked for and explains itself. */
static void test_help_as_json(void **state)
{
    (void)state;
    struct run r = RUN("", "--json", "help");
    assert_int_equal(r.status, 0);
    json_t *all = document(&r), *cmd;
    size_t i;
    assert_true(json_array_size(json_object_get(all, "commands")) >= 7);
    json_array_foreach (json_object_get(all, "commands"), i, cmd) {
        char *words = xstrdup(json_string_value(json_object_get(cmd, "command"))), *rest = words;
        const char *noun = strsep(&rest, " ");
        struct run one = rest ? RUN("", "help", noun, rest) : RUN("", "help", noun);
        assert_int_equal(one.status, 0);
        has(&one.out, json_string_value(json_object_get(cmd, "help")));
        run_done(&one);
        free(words);
    }
    json_decref(all);
    run_done(&r);
}

static void test_wrong_usage(void **state)
{
    const char *dir = *state;
    make_instance(dir, true);
    static const char *const bad[][6] = {
        { NULL },
        { "frob" },
        { "clock" },
        { "clock", "frob" },
        { "clock", "set" },
        { "clock", "show", "extra" },
        { "clock", "show", "--frob" },
        { "clock", "show", "--json=yes" },
        { "clock", "show", "--as" },
        { "clock", "show", "--as", "a", "--as=b" },
        { "clock", "set", "yesterday" },
        { "call", "status" },
        { "call", "status.get;" },
        { "call", "status.get", "--timeout", "0" },
        { "call", "status.get", "--password", "secret" },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char *dir_option = xprintf("--dir=%s", dir);
        const char *args[8] = { dir_option };
        memcpy(args + 1, bad[i], sizeof bad[i]);
        struct run r = run_with(PROGRAM, "", args);
        if (r.status != 2)
            fail_msg("row %zu ends with %d: %s", i, r.status, buf_str(&r.err));
        assert_int_equal(r.out.len, 0);
        has(&r.err, "madoguchi-ctl: ");
        run_done(&r);
        free(dir_option);
    }
    struct run r = RUN("", "clock", "frob", "--json");
    assert_int_equal(r.status, 2);
    json_t *j = document(&r);
    assert_string_equal(text_in(j, "error", "code"), "usage");
    assert_string_not_equal(text_in(j, "error", "text"), "");
    json_decref(j);
    run_done(&r);
}

static void test_no_instance(void **state)
{
    struct run r = RUN("", "--dir", *state, "clock", "show");
    assert_int_equal(r.status, 1);
    has(&r.err, "設置がありません");
    has(&r.err, "対処: ");
    run_done(&r);
    r = RUN("", "--dir", *state, "clock", "show", "--json");
    assert_int_equal(r.status, 1);
    json_t *j = document(&r);
    assert_string_equal(text_in(j, "error", "code"), "notfound");
    json_decref(j);
    run_done(&r);
}

static int64_t system_now(void)
{
    struct clock c = clock_system();
    return c.wall_ms(c.self);
}

static void test_clock(void **state)
{
    const char *dir = *state;
    struct trialtime branch = { .ms = 0 }, host = { .ms = 0 };
    int64_t want;
    char *branch_file = place_path(dir, PLACE_BRANCH_CLOCK), *host_file = place_path(dir, PLACE_HOST_CLOCK);
    make_instance(dir, true);
    assert_int_equal(clock_parse("2026-07-01T09:00:00+09:00", &want, NULL), OK);
    int64_t before = system_now();
    struct run r = RUN("", "--dir", dir, "clock", "set", "2026-07-01T09:00:00+09:00");
    int64_t after = system_now();
    assert_int_equal(r.status, 0);
    has(&r.out, "支所: 2026-07-01T09:00:0");
    has(&r.out, "ホスト: 2026-07-01T09:00:0");
    assert_int_equal(trialclock_read(branch_file, &branch, NULL), OK);
    assert_int_equal(trialclock_read(host_file, &host, NULL), OK);
    assert_true(branch.ms == host.ms && !branch.held);
    assert_in_range(want - branch.ms, before, after);
    run_done(&r);

    r = RUN("", "--dir", dir, "clock", "show", "--json");
    json_t *j = document(&r);
    assert_true(json_is_true(json_object_get(j, "trial")));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(j, "host"), "offset_ms")), host.ms);
    assert_int_equal(strncmp(text_in(j, "branch", "now"), "2026-07-01T09:0", 15), 0);
    json_decref(j);
    run_done(&r);

    r = RUN("", "--dir", dir, "clock", "hold", "2026-07-01T10:42:00+09:00");
    assert_int_equal(r.status, 0);
    has(&r.out, "支所: 2026-07-01T10:42:00");
    has(&r.out, "止めてあります");
    assert_int_equal(trialclock_read(host_file, &host, NULL), OK);
    assert_true(host.held);
    run_done(&r);

    r = RUN("", "--dir", dir, "clock", "set", "9999-01-01T00:00:00Z");
    assert_int_equal(r.status, 1);
    run_done(&r);
    r = RUN("", "--dir", dir, "clock", "reset");
    assert_int_equal(r.status, 0);
    assert_int_equal(trialclock_read(branch_file, &branch, NULL), OK);
    assert_int_equal(branch.ms, 0);
    run_done(&r);
    free(branch_file);
    free(host_file);
}

static void test_clock_of_a_real_instance(void **state)
{
    const char *dir = *state;
    char *file = place_path(dir, PLACE_BRANCH_CLOCK);
    make_instance(dir, false);
    struct run r = RUN("", "--dir", dir, "clock", "set", "2026-07-01T09:00:00+09:00");
    assert_int_equal(r.status, 1);
    has(&r.err, "試行環境ではない");
    assert_int_not_equal(access(file, F_OK), 0);
    run_done(&r);
    assert_int_equal(trialclock_write(file, (struct trialtime){ .ms = 1000 }, NULL),
                     OK); /* put there by hand: not looked at */
    r = RUN("", "--dir", dir, "clock", "show");
    assert_int_equal(r.status, 0);
    assert_null(strstr(buf_str(&r.out), "+1 秒"));
    run_done(&r);
    free(file);
}

static void test_clock_without_branch_and_host(void **state)
{
    struct instance i = { .city_code = xstrdup("99201"), .trial = true };
    assert_int_equal(instance_save(*state, &i, NULL), OK);
    instance_done(&i);
    struct run r = RUN("", "--dir", *state, "clock", "reset");
    assert_int_equal(r.status, 1);
    run_done(&r);
}

static void test_forms(void **state)
{
    struct run r = RUN("", "forms", "check", "--json");
    assert_int_equal(r.status, 0);
    json_t *j = document(&r);
    assert_true(json_array_size(json_object_get(j, "kinds")) > 0);
    assert_int_equal(json_array_size(json_object_get(j, "problems")), 0);
    json_decref(j);
    run_done(&r);

    r = RUN("", "forms", "check", *state);
    assert_int_equal(r.status, 1);
    has(&r.err, "届出の定義(*.form)がありません");
    run_done(&r);

    char *bad = fs_join(*state, "bad.form");
    assert_int_equal(fs_write_atomic(bad, 0600, span_of("form 1\ncolour red\n"), NULL), OK);
    r = RUN("", "forms", "check", *state);
    assert_int_equal(r.status, 1);
    has(&r.out, "bad.form:2");
    run_done(&r);
    r = RUN("", "forms", "check", "--json", *state);
    assert_int_equal(r.status, 1);
    j = document(&r);
    assert_true(json_array_size(json_object_get(j, "problems")) > 0);
    assert_string_equal(text_in(j, "error", "code"), "invalid");
    json_decref(j);
    run_done(&r);
    free(bad);
}

static void test_verify_instance(void **state)
{
    const char *dir = *state;
    make_instance(dir, true);
    struct run r = RUN("", "--dir", dir, "verify", "instance");
    assert_int_equal(r.status, 0);
    has(&r.out, "指摘はありません");
    run_done(&r);

    char *keys = place_path(dir, PLACE_BRANCH_KEYS), *key = fs_join(keys, "branch.key");
    char *store = place_path(dir, PLACE_STORE), *log = place_path(dir, PLACE_BRANCH_LOG);
    assert_int_equal(place_make(dir, PLACE_BRANCH_KEYS, NULL), OK);
    assert_int_equal(fs_write_atomic(key, 0640, span_of("x"), NULL), OK);
    assert_int_equal(fs_write_atomic(store, 0644, span_of("x"), NULL), OK);
    assert_int_equal(symlink("/dev/null", log), 0);
    r = RUN("", "--dir", dir, "verify", "instance");
    assert_int_equal(r.status, 1);
    has(&r.out, "branch.key: 権限 0640 は 0600 より広すぎます。");
    has(&r.out, "store.db: 権限 0644 は 0600 より広すぎます。");
    has(&r.out, "branchd.log: 通常のファイルのはずが別の種類です。");
    has(&r.err, "3件の指摘");
    run_done(&r);
    r = RUN("", "--dir", dir, "verify", "instance", "--json");
    assert_int_equal(r.status, 1);
    json_t *j = document(&r);
    assert_int_equal(json_array_size(json_object_get(j, "findings")), 3);
    json_decref(j);
    run_done(&r);
    free(log);
    free(store);
    free(key);
    free(keys);
}

/* A service that keeps to the frames: answers each question by a fixed rule, in a child process. */
struct service {
    pid_t pid;
};

static bool read_whole(int fd, char *ret, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = read(fd, ret + at, n - at);
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

static json_t *next_question(int fd)
{
    uint8_t h[4];
    if (!read_whole(fd, (char *)h, 4))
        return NULL;
    size_t n = (size_t)h[0] << 24 | (size_t)h[1] << 16 | (size_t)h[2] << 8 | h[3];
    char *text = xmalloc(n + 1);
    json_t *q = read_whole(fd, text, n) ? json_loadb(text, n, 0, NULL) : NULL;
    free(text);
    return q;
}

static void send_answer(int fd, json_t *a)
{
    char *text = json_dumps(a, JSON_COMPACT);
    size_t n = strlen(text);
    uint8_t h[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
    (void)!write(fd, h, 4);
    (void)!write(fd, text, n);
    free(text);
    json_decref(a);
}

static const char *param(const json_t *q, const char *key)
{
    const char *s = json_string_value(json_object_get(json_object_get(q, "params"), key));
    return s ? s : "";
}

/* session.login takes 川口's password; everything else needs it first, but status.get, and is echoed. */
static void serve_one(int fd)
{
    bool in = false;
    json_t *q;
    while ((q = next_question(fd))) {
        const char *method = json_string_value(json_object_get(q, "method"));
        bool login = strcmp(method, "session.login") == 0;
        if (login)
            in = strcmp(param(q, "operator"), "kawaguchi") == 0 && strcmp(param(q, "password"), "合言葉 1") == 0;
        bool ok = in || strcmp(method, "status.get") == 0;
        json_t *id = json_object_get(q, "id"), *params = json_object_get(q, "params");
        send_answer(
            fd,
            ok ? json_pack("{s:O, s:b, s:{s:s, s:O}}", "id", id, "ok", 1, "result", "method", method, "params", params)
               : json_pack("{s:O, s:b, s:{s:s, s:s, s:s, s:s}}", "id", id, "ok", 0, "error", "code", "denied", "msg",
                           "S01", "text", "ログインできません。", "remedy", "パスワードを確かめてください。"));
        json_decref(q);
    }
    close(fd);
}

static struct service start_service(const char *dir)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    char *path = place_path(dir, PLACE_SOCKET);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(strlen(path) < sizeof a.sun_path);
    memcpy(a.sun_path, path, strlen(path));
    assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, 4), 0);
    free(path);
    struct service s = { fork() };
    assert_true(s.pid >= 0);
    if (s.pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int c; s.pid == 0 && (c = accept(fd, NULL, NULL)) >= 0;)
        serve_one(c);
    close(fd);
    return s;
}

static void stop_service(struct service s)
{
    int status;
    kill(s.pid, SIGKILL);
    assert_int_equal(waitpid(s.pid, &status, 0), s.pid);
}

static void test_call_without_service(void **state)
{
    make_instance(*state, true);
    struct run r = RUN("{}", "--dir", *state, "call", "status.get");
    assert_int_equal(r.status, 3);
    has(&r.err, "業務サービスに接続できません");
    assert_int_equal(r.out.len, 0);
    run_done(&r);
    r = RUN("{}", "--dir", *state, "call", "status.get", "--json");
    assert_int_equal(r.status, 3);
    json_t *j = document(&r);
    assert_string_equal(text_in(j, "error", "code"), "offline");
    json_decref(j);
    run_done(&r);
}

static void expect_echo(const struct run *r, const char *id)
{
    assert_int_equal(r->status, 0);
    json_t *j = document(r);
    assert_string_equal(text_in(j, "params", "id"), id);
    json_decref(j);
}

static void test_call(void **state)
{
    const char *dir = *state;
    make_instance(dir, true);
    struct service s = start_service(dir);
    struct run r = RUN("", "--dir", dir, "call", "status.get");
    assert_int_equal(r.status, 0);
    has(&r.out, "\"method\": \"status.get\"");
    run_done(&r);
    r = RUN("{\"id\":\"7\"}\n", "--dir", dir, "call", "status.get");
    expect_echo(&r, "7");
    run_done(&r);
    r = RUN("{\"id\":\"7\"}", "--dir", dir, "call", "status.get", "--json");
    expect_echo(&r, "7");
    run_done(&r);

    static const char *const bad[] = { "[]", "7", "{", "{}{}", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        r = RUN(bad[i], "--dir", dir, "call", "status.get");
        assert_int_equal(r.status, 2);
        run_done(&r);
    }

    r = RUN("", "--dir", dir, "call", "resident.get");
    assert_int_equal(r.status, 1);
    has(&r.err, "[S01] ログインできません。");
    has(&r.err, "対処: パスワードを確かめてください。");
    run_done(&r);
    r = RUN("", "--dir", dir, "call", "resident.get", "--json");
    assert_int_equal(r.status, 1);
    json_t *j = document(&r);
    assert_string_equal(text_in(j, "error", "code"), "denied");
    assert_string_equal(text_in(j, "error", "msg"), "S01");
    assert_string_equal(text_in(j, "error", "remedy"), "パスワードを確かめてください。");
    json_decref(j);
    run_done(&r);
    stop_service(s);
}

static void test_login(void **state)
{
    const char *dir = *state;
    make_instance(dir, true);
    struct service s = start_service(dir);
    char *file = fs_join(dir, "password"), *missing = fs_join(dir, "nothing");
    assert_int_equal(fs_write_atomic(file, 0600, span_of("合言葉 1\n"), NULL), OK);
    struct run r =
        RUN("{\"id\":\"7\"}", "--dir", dir, "--as", "kawaguchi", "--password-file", file, "call", "resident.get");
    expect_echo(&r, "7");
    run_done(&r);
    /* The first line of standard input is the password, the rest the parameters. */
    r = RUN("合言葉 1\n{\"id\":\"8\"}", "--dir", dir, "--as=kawaguchi", "--password-fd=0", "call", "resident.get");
    expect_echo(&r, "8");
    run_done(&r);
    r = RUN("合言葉 2\n", "--dir", dir, "--as=kawaguchi", "--password-fd=0", "call", "resident.get");
    assert_int_equal(r.status, 1);
    has(&r.err, "ログインできません。");
    assert_null(strstr(buf_str(&r.err), "合言葉"));
    run_done(&r);

    static const struct {
        const char *options[3];
        int status;
    } bad[] = {
        { { "--password-fd=x" }, 2 },  { { "--password-fd=" }, 2 },  { { "--password-fd=0", "--password-file=/x" }, 2 },
        { { "--password-fd=63" }, 3 }, { { "--password-fd=0" }, 1 }, /* nothing on it */
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const char *args[8] = { "--dir", dir, "--as=kawaguchi", "call", "resident.get" };
        args[5] = bad[i].options[0];
        args[6] = bad[i].options[1];
        r = run_with(PROGRAM, "", args);
        assert_int_equal(r.status, bad[i].status);
        run_done(&r);
    }
    r = RUN("", "--dir", dir, "--as=kawaguchi", "--password-file", missing, "call", "resident.get");
    assert_int_equal(r.status, 1);
    run_done(&r);
    assert_int_equal(chmod(file, 0640), 0);
    r = RUN("", "--dir", dir, "--as=kawaguchi", "--password-file", file, "call", "resident.get");
    assert_int_equal(r.status, 1);
    has(&r.err, "ほかの人が読める");
    run_done(&r);
    stop_service(s);
    free(missing);
    free(file);
}

/* Asked for on the terminal: the prompt is there, the answer is not shown, and the echo comes back. */
static void test_login_on_a_terminal(void **state)
{
    const char *dir = *state;
    make_instance(dir, true);
    struct service s = start_service(dir);
    struct buf seen = BUF_INIT;
    int tty, status, out[2];
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid_t pid = forkpty(&tty, NULL, NULL, NULL);
    assert_true(pid >= 0);
    if (pid == 0) {
        const char *const args[] = { "--dir", dir, "--as=kawaguchi", "--json", "call", "resident.get", NULL };
        child(PROGRAM, 0, out[1], 2, args);
    }
    close(out[1]);
    while (!strstr(buf_str(&seen), "パスワード: ")) {
        char byte;
        assert_int_equal(read(tty, &byte, 1), 1);
        buf_addc(&seen, byte);
    }
    struct termios mode;
    do /* the prompt may be seen before the echo is off */
        assert_int_equal(tcgetattr(tty, &mode), 0);
    while (mode.c_lflag & ECHO);
    assert_int_equal(fs_write_all(tty, span_of("合言葉 1\n"), NULL), OK);
    struct buf answer = BUF_INIT;
    drain(out[0], &answer);
    close(out[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    has(&answer, "\"method\":\"resident.get\"");
    assert_int_equal(tcgetattr(tty, &mode), 0);
    assert_true(mode.c_lflag & ECHO);
    drain(tty, &seen);
    assert_null(strstr(buf_str(&seen), "合言葉"));
    close(tty);
    buf_done(&answer);
    buf_done(&seen);
    stop_service(s);
}

static void test_no_terminal_no_password(void **state)
{
    const char *dir = *state;
    make_instance(dir, true);
    struct service s = start_service(dir);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) { /* without a controlling terminal */
        setsid();
        struct run r = RUN("", "--dir", dir, "--as=kawaguchi", "call", "resident.get");
        _exit(r.status);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 2);
    stop_service(s);
}

static void test_output_that_cannot_be_written(void **state)
{
    (void)state;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC), null = open("/dev/null", O_RDWR | O_CLOEXEC), status;
    assert_true(full >= 0 && null >= 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const char *const args[] = { "help", NULL };
        child(PROGRAM, null, full, null, args);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 3);
    close(full);
    close(null);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, check_tmpdir, check_tmpdir_gone)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(test_help),
        TEST(test_help_as_json),
        TEST(test_wrong_usage),
        TEST(test_no_instance),
        TEST(test_clock),
        TEST(test_clock_of_a_real_instance),
        TEST(test_clock_without_branch_and_host),
        TEST(test_forms),
        TEST(test_verify_instance),
        TEST(test_call_without_service),
        TEST(test_call),
        TEST(test_login),
        TEST(test_login_on_a_terminal),
        TEST(test_no_terminal_no_password),
        TEST(test_output_that_cannot_be_written),
    };
    if (argc < 3)
        return 1;
    PROGRAM = argv[1];
    setenv("MADOGUCHI_SHARE", argv[2], 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
