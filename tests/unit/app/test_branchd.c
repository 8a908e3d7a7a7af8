/* The real daemon over its real socket. */
#include "check.h"

#include "../../harness/branch.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "client/client.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#define WAIT_MS 20000
#define MANY    20000 /* requests of a client that does not read */

static int begin(void **state)
{
    struct branch *b = xcalloc(1, sizeof *b);
    branch_make(b);
    branch_start(b);
    *state = b;
    return 0;
}

static int end(void **state)
{
    branch_gone(*state);
    free(*state);
    return 0;
}

static struct client *connect_to(const struct branch *b)
{
    struct client *c = NULL;
    assert_int_equal(client_connect(b->sock, &c, NULL), OK);
    return c;
}

static json_t *ask(struct client *c, const char *method, json_t *params)
{
    struct errinfo e = { 0 };
    json_t *r = NULL;
    if (client_call(c, method, params, WAIT_MS, &r, &e) != OK)
        fail_msg("%s: %s %s %s", method, err_name(e.code), e.msg, e.detail);
    return r;
}

static void log_in(struct client *c, const char *id)
{
    json_decref(ask(c, "session.login", json_pack("{s:s, s:s}", "operator", id, "password", BRANCH_PASSWORD)));
}

static void test_serves(void **state)
{
    struct branch *b = *state;
    struct client *c = connect_to(b);
    json_t *r = ask(c, "status.get", NULL);
    assert_string_equal(json_string_value(json_object_get(r, "office_name")), "東支所");
    json_decref(r);
    log_in(c, "aud1");
    json_decref(ask(c, "log.list", NULL));
    struct errinfo e;
    assert_int_equal(client_call(c, "operator.list", NULL, WAIT_MS, &r, &e), E_DENIED);
    assert_string_equal(e.msg, "S003");
    assert_true(strlen(client_text(c)) > 0 && strlen(client_remedy(c)) > 0);
    json_decref(ask(c, "session.logout", NULL));
    client_close(c);
}

/* Text of a file of the process file system. */
static char *proc(const struct branch *b, const char *name)
{
    char *path = xprintf("/proc/%d/%s", (int)b->pid, name);
    FILE *f = fopen(path, "r");
    struct buf text = BUF_INIT;
    char line[512];
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        buf_adds(&text, line);
    fclose(f);
    free(path);
    return buf_steal(&text);
}

static void test_is_hardened(void **state)
{
    struct branch *b = *state;
    struct stat st;
    assert_int_equal(stat(b->sock, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0660);
    char *limits = proc(b, "limits"), *status = proc(b, "status");
    const char *core = strstr(limits, "Max core file size");
    long soft = -1, hard = -1;
    assert_non_null(core);
    assert_int_equal(sscanf(core, "Max core file size %ld %ld", &soft, &hard), 2);
    assert_int_equal(soft, 0);
    assert_int_equal(hard, 0);
    assert_non_null(strstr(status, "NoNewPrivs:\t1"));
    assert_non_null(strstr(status, "Seccomp:\t2"));
    free(limits);
    free(status);
}

static void test_one_daemon_in_an_instance(void **state)
{
    struct branch *b = *state;
    const char *branchd = getenv("BRANCHD");
    assert_int_equal(branch_run((const char *const[]){ branchd, "--dir", b->dir, "--daemon", NULL }, NULL, NULL), 0);
    assert_int_equal(branch_run((const char *const[]){ branchd, "--dir", b->dir, NULL }, NULL, NULL), 3);
    struct client *c = connect_to(b);
    json_decref(ask(c, "status.get", NULL)); /* the first still serves */
    client_close(c);
}

static void test_says_when_it_cannot_start(void **state)
{
    struct branch *b = *state;
    const char *branchd = getenv("BRANCHD");
    assert_int_equal(branch_run((const char *const[]){ branchd, "--dir", b->top, "--daemon", NULL }, NULL, NULL), 3);
    assert_int_equal(branch_run((const char *const[]){ branchd, "--dri", b->dir, NULL }, NULL, NULL), 2);
    assert_int_equal(branch_run((const char *const[]){ branchd, "-x", "nobody", NULL }, NULL, NULL), 2);
}

/* Raw frames ------------------------------------------------------------------------------------------------------- */

static int raw(const struct branch *b)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_true(strlen(b->sock) < sizeof a.sun_path);
    memcpy(a.sun_path, b->sock, strlen(b->sock));
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    struct timeval t = { .tv_sec = WAIT_MS / 1000 };
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t), 0);
    return fd;
}

static void add_frame(struct buf *to, const char *text)
{
    size_t n = strlen(text);
    for (int i = 0; i < 4; i++)
        buf_addc(to, (char)(n >> (24 - 8 * i)));
    buf_adds(to, text);
}

static void send_frame(int fd, const char *text)
{
    struct buf f = BUF_INIT;
    add_frame(&f, text);
    assert_int_equal(fs_write_all(fd, buf_span(&f), NULL), OK);
    buf_done(&f);
}

static bool read_exactly(int fd, void *ret, size_t n)
{
    for (size_t have = 0; have < n;) {
        ssize_t got = recv(fd, (char *)ret + have, n - have, 0);
        if (got < 0 && errno == EAGAIN)
            fail_msg("neither an answer nor an end in %d s", WAIT_MS / 1000);
        if (got <= 0)
            return false;
        have += (size_t)got;
    }
    return true;
}

/* The next answer, or NULL when the connection ended. */
static json_t *read_frame(int fd)
{
    uint8_t head[4];
    if (!read_exactly(fd, head, 4))
        return NULL;
    size_t n = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    char *text = xmalloc(n);
    json_t *answer = read_exactly(fd, text, n) ? json_loadb(text, n, 0, NULL) : NULL;
    free(text);
    return answer;
}

static const char *msg_of(const json_t *answer)
{
    const char *m = json_string_value(json_object_get(json_object_get(answer, "error"), "msg"));
    return m ? m : "";
}

static void test_bad_json_is_answered(void **state)
{
    struct branch *b = *state;
    static const char *const bad[] = { "{", "", "[1,2", "{\"id\":1,\"id\":2,\"method\":\"status.get\"}", "\xff" };
    int fd = raw(b);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        send_frame(fd, bad[i]);
        json_t *a = read_frame(fd);
        assert_string_equal(msg_of(a), "S010");
        json_decref(a);
    }
    close(fd);
}

static void test_a_frame_that_is_too_long_ends_the_connection(void **state)
{
    struct branch *b = *state;
    int fd = raw(b);
    assert_int_equal(fs_write_all(fd, (struct span){ "\x7f\xff\xff\xff", 4 }, NULL), OK);
    assert_null(read_frame(fd));
    close(fd);
}

/* Every cut of a request: nothing is answered, nothing breaks. */
static void test_cut_requests(void **state)
{
    struct branch *b = *state;
    struct buf f = BUF_INIT;
    add_frame(&f, "{\"id\":1,\"method\":\"status.get\"}");
    for (size_t n = 0; n < f.len; n++) {
        int fd = raw(b);
        assert_int_equal(fs_write_all(fd, (struct span){ f.p, n }, NULL), OK);
        assert_int_equal(shutdown(fd, SHUT_WR), 0);
        assert_null(read_frame(fd));
        close(fd);
    }
    int fd = raw(b);
    for (size_t n = 0; n < f.len; n++) /* one byte at a time */
        assert_int_equal(fs_write_all(fd, (struct span){ f.p + n, 1 }, NULL), OK);
    json_t *a = read_frame(fd);
    assert_true(json_is_true(json_object_get(a, "ok")));
    json_decref(a);
    close(fd);
    buf_done(&f);
}

/* Writes what the daemon takes; how many bytes, when it takes no more for a while. */
static size_t write_until_held_back(int fd, struct span s)
{
    size_t done = 0;
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    while (done < s.n && poll(&p, 1, 1500) == 1) {
        ssize_t n = send(fd, s.p + done, s.n - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            fail_msg("the connection was cut");
        done += n > 0 ? (size_t)n : 0;
    }
    return done;
}

/* A client that asks and does not read holds up nobody, and finds its answers in order when it reads again. */
static void test_a_slow_client_waits_alone(void **state)
{
    struct branch *b = *state;
    int slow = raw(b), size = 4096, answers = 0;
    struct buf all = BUF_INIT;
    setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(slow, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    for (int i = 0; i < MANY; i++) {
        char *text = xprintf("{\"id\":%d,\"method\":\"status.get\"}", i);
        add_frame(&all, text);
        free(text);
    }
    size_t done = write_until_held_back(slow, buf_span(&all));
    assert_true(done < all.len);
    for (int i = 0; i < 20; i++) {
        struct client *c = connect_to(b);
        json_decref(ask(c, "status.get", NULL));
        client_close(c);
    }
    while (answers < MANY) {
        struct span rest = { all.p + done, all.len - done };
        ssize_t n = rest.n ? send(slow, rest.p, rest.n, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
        done += n > 0 ? (size_t)n : 0;
        json_t *a = read_frame(slow);
        assert_non_null(a);
        assert_int_equal(json_integer_value(json_object_get(a, "id")), answers++);
        json_decref(a);
    }
    close(slow);
    buf_done(&all);
}

static void test_many_but_not_endless_connections(void **state)
{
    struct branch *b = *state;
    int fd[30], open = 0;
    for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
        fd[i] = raw(b);
        struct buf f = BUF_INIT;
        add_frame(&f, "{\"id\":1,\"method\":\"status.get\"}");
        ssize_t n = send(fd[i], f.p, f.len, MSG_NOSIGNAL);
        json_t *a = n > 0 ? read_frame(fd[i]) : NULL;
        open += a != NULL;
        json_decref(a);
        buf_done(&f);
    }
    assert_int_equal(open, 30); /* who has not logged in gives way to who comes */
    for (int i = 0; i < 30 - 24; i++)
        assert_null(read_frame(fd[i]));
    assert_int_equal(shutdown(fd[29], SHUT_WR), 0); /* asks nothing more: the daemon lets it go */
    assert_null(read_frame(fd[29]));
    struct client *c = connect_to(b);
    json_decref(ask(c, "status.get", NULL));
    client_close(c);
    for (size_t i = 0; i < ARRAY_LEN(fd); i++)
        close(fd[i]);
}

/* Ending ----------------------------------------------------------------------------------------------------------- */

static void test_ends_in_order(void **state)
{
    struct branch *b = *state;
    struct client *c = connect_to(b);
    log_in(c, "aud1");
    assert_true(branch_stop(b, SIGTERM));
    client_close(c);
    char *wal = fs_join(b->dir, "branch/store.db-wal");
    assert_int_not_equal(access(wal, F_OK), 0);
    assert_int_not_equal(access(b->sock, F_OK), 0);
    free(wal);
    char *out = NULL;
    assert_int_equal(branch_ctl(b, NULL, &out, (const char *const[]){ "verify-log", "--json", NULL }), 0);
    json_t *r = json_loads(out, 0, NULL);
    assert_true(json_is_true(json_object_get(r, "sound")));
    json_decref(r);
    free(out);
}

static void test_what_was_answered_survives_a_kill(void **state)
{
    struct branch *b = *state;
    for (int round = 0; round < 5; round++) {
        struct client *c = connect_to(b);
        char *id = xprintf("new%d", round);
        log_in(c, "sys1");
        json_decref(ask(c, "operator.create",
                        json_pack("{s:s, s:s, s:[s], s:s}", "id", id, "name", "新規", "roles", "CLK", "password",
                                  "kaki no tane 1357")));
        assert_true(branch_stop(b, SIGKILL));
        client_close(c);
        branch_start(b);
        c = connect_to(b);
        log_in(c, "sys1");
        json_t *r = ask(c, "operator.list", NULL);
        assert_int_equal(json_array_size(json_object_get(r, "rows")), 6 + round + 1);
        json_decref(r);
        client_close(c);
        free(id);
    }
    assert_true(branch_stop(b, SIGTERM));
    assert_int_equal(branch_ctl(b, NULL, NULL, (const char *const[]){ "verify-log", NULL }), 0);
}

static void test_nothing_personal_in_the_log_file(void **state)
{
    struct branch *b = *state;
    struct client *c = connect_to(b);
    struct errinfo e;
    json_t *r = NULL;
    assert_int_equal(client_call(c, "session.login",
                                 json_pack("{s:s, s:s}", "operator", "canary1", "password", "canary2"), WAIT_MS, &r,
                                 &e),
                     E_DENIED);
    assert_int_equal(client_call(c, "canary3", NULL, WAIT_MS, &r, &e), E_NOTFOUND);
    client_close(c);
    assert_true(branch_stop(b, SIGTERM));
    struct buf log = BUF_INIT;
    char *path = fs_join(b->dir, "branch/branchd.log");
    assert_int_equal(fs_read(path, 1u << 20, &log, NULL), OK);
    assert_true(log.len > 0);
    assert_null(strstr(buf_str(&log), "canary"));
    buf_done(&log);
    free(path);
    path = fs_join(b->dir, "branch/store.db");
    assert_int_equal(fs_read(path, 64u << 20, &log, NULL), OK);
    assert_null(memmem(log.p, log.len, "canary", 6)); /* an unknown name may be a password */
    buf_done(&log);
    free(path);
}

/* A way back in, without the daemon. */
static void test_recovery(void **state)
{
    struct branch *b = *state;
    const char *const words[] = { "operator", "recover", "sys1", "--new-password-fd", "0", NULL };
    assert_int_equal(branch_ctl(b, "tsuki to suppon 11\n", NULL, words), 3); /* the daemon holds the store */
    assert_true(branch_stop(b, SIGTERM));
    assert_int_equal(branch_ctl(b, "tsuki to suppon 11\n", NULL, words), 0);
    branch_start(b);
    struct client *c = connect_to(b);
    json_t *r = ask(c, "session.login", json_pack("{s:s, s:s}", "operator", "sys1", "password", "tsuki to suppon 11"));
    assert_true(json_is_true(json_object_get(r, "must_change")));
    json_decref(r);
    client_close(c);
}

static void test_init_refuses_a_second_branch(void **state)
{
    struct branch *b = *state;
    char *people = fs_join(b->top, "operators");
    const char *const words[] = { "init",        "--trial",       "--city-code", "99201",      "--office",
                                  "E",           "--office-name", "東支所",      "--terminal", "1",
                                  "--operators", people,          NULL };
    assert_int_equal(branch_ctl(b, NULL, NULL, words), 1);
    struct client *c = connect_to(b);
    json_decref(ask(c, "status.get", NULL));
    client_close(c);
    free(people);
}

/* A line of a text file makes no real office of a trial. */
static void test_a_trial_stays_one(void **state)
{
    struct branch *b = *state;
    char *path = fs_join(b->dir, "instance.conf");
    const char *const words[] = { getenv("BRANCHD"), "--dir", b->dir, "--daemon", NULL };
    struct buf conf = BUF_INIT;
    assert_true(branch_stop(b, SIGTERM));
    assert_int_equal(fs_read(path, 65536, &conf, NULL), OK);
    char *at = strstr(buf_str(&conf), "yes");
    assert_non_null(at);
    memcpy(at, "no ", 3);
    assert_int_equal(fs_write_atomic(path, 0600, buf_span(&conf), NULL), OK);
    assert_int_equal(branch_run(words, NULL, NULL), 3);
    memcpy(at, "yes", 3);
    assert_int_equal(fs_write_atomic(path, 0600, buf_span(&conf), NULL), OK);
    branch_start(b);
    buf_done(&conf);
    free(path);
}

#define branch_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        branch_test(test_serves),
        branch_test(test_is_hardened),
        branch_test(test_one_daemon_in_an_instance),
        branch_test(test_says_when_it_cannot_start),
        branch_test(test_bad_json_is_answered),
        branch_test(test_a_frame_that_is_too_long_ends_the_connection),
        branch_test(test_cut_requests),
        branch_test(test_a_slow_client_waits_alone),
        branch_test(test_many_but_not_endless_connections),
        branch_test(test_ends_in_order),
        branch_test(test_what_was_answered_survives_a_kill),
        branch_test(test_nothing_personal_in_the_log_file),
        branch_test(test_recovery),
        branch_test(test_init_refuses_a_second_branch),
        branch_test(test_a_trial_stays_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
