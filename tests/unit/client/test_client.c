#include "check.h"

#include "base/buf.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "client/client.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { PATIENCE_MS = 10000, SOON_MS = 20 };

/* Both ends of one connection in this process: answers are put into the socket before the question is asked. */
struct pair {
    char *dir, *path;
    int listening, peer;
    struct client *c;
};

static int listen_at(const char *path, int backlog)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(strlen(path) < sizeof a.sun_path);
    memcpy(a.sun_path, path, strlen(path));
    assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(fd, backlog), 0);
    return fd;
}

static int set_up(void **state)
{
    struct pair *p = xcalloc(1, sizeof *p);
    void *dir = NULL;
    if (check_tmpdir(&dir) != 0)
        return -1;
    p->dir = dir;
    p->path = fs_join(p->dir, "sock");
    p->listening = listen_at(p->path, 4);
    assert_int_equal(client_connect(p->path, &p->c, NULL), OK);
    p->peer = accept(p->listening, NULL, NULL);
    assert_true(p->peer >= 0);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *p = *state;
    void *dir = p->dir;
    client_close(p->c);
    close(p->listening);
    if (p->peer >= 0)
        close(p->peer);
    free(p->path);
    free(p);
    return check_tmpdir_gone(&dir);
}

static void put_frame(int fd, const char *json, size_t claim)
{
    uint8_t head[4] = { (uint8_t)(claim >> 24), (uint8_t)(claim >> 16), (uint8_t)(claim >> 8), (uint8_t)claim };
    assert_int_equal(fs_write_all(fd, (struct span){ (const char *)head, 4 }, NULL), OK);
    assert_int_equal(fs_write_all(fd, span_of(json), NULL), OK);
}

static void answer(struct pair *p, const char *json)
{
    put_frame(p->peer, json, strlen(json));
}

static void read_bytes(int fd, char *ret, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = read(fd, ret + at, n - at);
        assert_true(got > 0);
        at += (size_t)got;
    }
}

/* The next question as the service reads it. */
static json_t *question(int fd)
{
    uint8_t h[4];
    read_bytes(fd, (char *)h, 4);
    size_t n = (size_t)h[0] << 24 | (size_t)h[1] << 16 | (size_t)h[2] << 8 | h[3];
    assert_true(n <= CLIENT_FRAME_MAX);
    char *text = xmalloc(n);
    read_bytes(fd, text, n);
    json_t *q = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(q);
    free(text);
    return q;
}

static enum err call(struct pair *p, int ms, json_t **ret, struct errinfo *e)
{
    return client_call(p->c, "status.get", NULL, ms, ret, e);
}

static void expect_ended(struct pair *p)
{
    json_t *r = NULL;
    struct errinfo e;
    answer(p, "{\"id\":2,\"ok\":true,\"result\":{}}");
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), E_OFFLINE);
    assert_null(r);
}

static void test_question_and_answer(void **state)
{
    struct pair *p = *state;
    json_t *r = NULL;
    answer(p, "{\"id\":1,\"ok\":true,\"result\":{\"state\":\"normal\"}}");
    assert_int_equal(
        client_call(p->c, "resident.get", json_pack("{s:s}", "id", "000000000001234"), PATIENCE_MS, &r, NULL), OK);
    assert_string_equal(json_string_value(json_object_get(r, "state")), "normal");
    json_decref(r);
    json_t *q = question(p->peer);
    assert_int_equal(json_integer_value(json_object_get(q, "id")), 1);
    assert_string_equal(json_string_value(json_object_get(q, "method")), "resident.get");
    assert_string_equal(json_string_value(json_object_get(json_object_get(q, "params"), "id")), "000000000001234");
    assert_int_equal(json_object_size(q), 3);
    json_decref(q);

    answer(p, "{\"id\":2,\"ok\":true}");
    assert_int_equal(call(p, PATIENCE_MS, &r, NULL), OK);
    assert_int_equal(json_object_size(r), 0);
    json_decref(r);
    q = question(p->peer);
    assert_int_equal(json_object_size(json_object_get(q, "params")), 0);
    json_decref(q);
}

static void test_refusal(void **state)
{
    struct pair *p = *state;
    json_t *r = NULL;
    struct errinfo e;
    answer(p, "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"denied\",\"msg\":\"S05\",\"item\":\"operator\","
              "\"text\":\"権限がありません。\",\"remedy\":\"責任者に依頼してください。\"}}");
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), E_DENIED);
    assert_null(r);
    assert_int_equal(e.code, E_DENIED);
    assert_string_equal(e.msg, "S05");
    assert_string_equal(e.item, "operator");
    assert_string_equal(client_text(p->c), "権限がありません。");
    assert_string_equal(client_remedy(p->c), "責任者に依頼してください。");

    answer(p, "{\"id\":2,\"ok\":true}");
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), OK);
    assert_string_equal(client_text(p->c), "");
    assert_string_equal(client_remedy(p->c), "");
    json_decref(r);
}

static void test_refusal_without_words(void **state)
{
    struct pair *p = *state;
    json_t *r = NULL;
    struct errinfo e;
    answer(p, "{\"id\":1,\"ok\":false}");
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), E_CORRUPT);
    answer(p, "{\"id\":2,\"ok\":false,\"error\":{\"code\":\"ok\"}}");
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), E_CORRUPT);
    answer(p, "{\"id\":3,\"ok\":false,\"error\":{\"code\":\"conflict\",\"text\":17}}");
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), E_CONFLICT);
    assert_string_equal(client_text(p->c), "");
    assert_null(r);
}

/* Every cut of a good answer, then the end of the connection. */
static void test_truncated_frames(void **state)
{
    struct pair *p = *state;
    const char *json = "{\"id\":1,\"ok\":true,\"result\":{}}";
    char frame[64] = { 0, 0, 0, (char)strlen(json) };
    memcpy(frame + 4, json, strlen(json));
    for (size_t cut = 0; cut < 4 + strlen(json); cut++) {
        struct client *c = NULL;
        json_t *r = NULL;
        struct errinfo e;
        assert_int_equal(client_connect(p->path, &c, NULL), OK);
        int peer = accept(p->listening, NULL, NULL);
        assert_int_equal(fs_write_all(peer, (struct span){ frame, cut }, NULL), OK);
        shutdown(peer, SHUT_WR);
        assert_int_equal(client_call(c, "status.get", NULL, PATIENCE_MS, &r, &e), E_OFFLINE);
        assert_null(r);
        close(peer);
        client_close(c);
    }
}

static void test_oversize_answer(void **state)
{
    struct pair *p = *state;
    json_t *r = NULL;
    struct errinfo e;
    put_frame(p->peer, "{", CLIENT_FRAME_MAX + 1);
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), E_CORRUPT);
    expect_ended(p);
}

static void test_oversize_request(void **state)
{
    struct pair *p = *state;
    json_t *r = NULL;
    struct errinfo e;
    char *big = xmalloc(CLIENT_FRAME_MAX + 1);
    memset(big, 'a', CLIENT_FRAME_MAX);
    big[CLIENT_FRAME_MAX] = '\0';
    assert_int_equal(client_call(p->c, "x", json_pack("{s:s}", "t", big), PATIENCE_MS, &r, &e), E_INVALID);
    free(big);
    answer(p, "{\"id\":2,\"ok\":true}"); /* nothing of it was sent: the connection goes on */
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), OK);
    json_decref(r);
}

static void test_malformed_answers(void **state)
{
    struct pair *p = *state;
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "{\"ok\":true}",
        "{\"id\":\"1\",\"ok\":true}",
        "{\"id\":1,\"ok\":\"yes\"}",
        "{\"id\":1}",
        "{\"id\":1,\"ok\":true,\"ok\":false}",
        "{\"id\":2,\"ok\":true}", /* nobody asked that yet */
        "{\"id\":0,\"ok\":true}",
        "{\"id\":1,\"ok\":true}x",
        "{\"id\":1,\"ok\":true,\"result\":\"\xff\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct client *c = NULL;
        json_t *r = NULL;
        assert_int_equal(client_connect(p->path, &c, NULL), OK);
        int peer = accept(p->listening, NULL, NULL);
        put_frame(peer, bad[i], strlen(bad[i]));
        assert_int_equal(client_call(c, "status.get", NULL, PATIENCE_MS, &r, NULL), E_CORRUPT);
        assert_int_equal(client_call(c, "status.get", NULL, PATIENCE_MS, &r, NULL), E_OFFLINE);
        assert_null(r);
        close(peer);
        client_close(c);
    }
}

static void test_late_answer(void **state)
{
    struct pair *p = *state;
    json_t *r = NULL;
    struct errinfo e;
    assert_int_equal(call(p, SOON_MS, &r, &e), E_BUSY);
    assert_int_equal(fs_write_all(p->peer, (struct span){ "\0\0\0\x23{\"id\":1", 11 }, NULL), OK);
    assert_int_equal(call(p, SOON_MS, &r, &e), E_BUSY); /* half of the first answer */
    assert_null(r);
    assert_int_equal(fs_write_all(p->peer, span_of(",\"ok\":true,\"result\":{\"x\":1}}"), NULL), OK);
    answer(p, "{\"id\":2,\"ok\":false}");
    answer(p, "{\"id\":3,\"ok\":true,\"result\":{\"x\":3}}");
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), OK);
    assert_int_equal(json_integer_value(json_object_get(r, "x")), 3);
    json_decref(r);
}

static void test_peer_goes_away(void **state)
{
    struct pair *p = *state;
    json_t *r = NULL;
    struct errinfo e;
    close(p->peer);
    p->peer = -1;
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), E_OFFLINE);
    assert_int_equal(call(p, PATIENCE_MS, &r, &e), E_OFFLINE); /* and no SIGPIPE */
    assert_null(r);
}

/* A peer that never reads: the question fills the socket and stays a fragment. */
static void test_peer_does_not_read(void **state)
{
    struct pair *p = *state;
    json_t *r = NULL;
    struct errinfo e;
    char *big = xmalloc((4u << 20) + 1);
    memset(big, 'a', 4u << 20);
    big[4u << 20] = '\0';
    assert_int_equal(client_call(p->c, "x", json_pack("{s:s}", "t", big), SOON_MS, &r, &e), E_OFFLINE);
    free(big);
    expect_ended(p);
}

/* The other process answers with what it was asked, 4 MiB there and back. */
static void test_large_both_ways(void **state)
{
    struct pair *p = *state;
    const size_t n = 4u << 20;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        json_t *q = question(p->peer);
        json_t *a = json_pack("{s:O, s:b, s:O}", "id", json_object_get(q, "id"), "ok", 1, "result",
                              json_object_get(q, "params"));
        char *text = json_dumps(a, JSON_COMPACT);
        put_frame(p->peer, text, strlen(text));
        _exit(0);
    }
    char *big = xmalloc(n + 1);
    json_t *r = NULL;
    for (size_t i = 0; i < n; i++)
        big[i] = (char)('a' + i % 23);
    big[n] = '\0';
    assert_int_equal(client_call(p->c, "echo", json_pack("{s:s}", "t", big), PATIENCE_MS, &r, NULL), OK);
    assert_string_equal(json_string_value(json_object_get(r, "t")), big);
    json_decref(r);
    free(big);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_connect_fails(void **state)
{
    struct pair *p = *state;
    struct client *c = NULL;
    struct errinfo e;
    char *nobody = fs_join(p->dir, "nobody"), *stale = fs_join(p->dir, "stale"), *full = fs_join(p->dir, "full");
    assert_int_equal(client_connect(nobody, &c, &e), E_OFFLINE);
    close(listen_at(stale, 1)); /* the file stays, nobody listens */
    assert_int_equal(client_connect(stale, &c, &e), E_OFFLINE);
    char *longest = xprintf("%s/%0120d", p->dir, 7);
    assert_int_equal(client_connect(longest, &c, &e), E_INVALID);
    assert_null(c);

    int crowded = listen_at(full, 0);
    struct client *waiting[64] = { NULL };
    enum err got = OK;
    size_t n = 0;
    while (n < ARRAY_LEN(waiting) && (got = client_connect(full, &waiting[n], &e)) == OK)
        n++;
    assert_int_equal(got, E_BUSY);
    for (size_t i = 0; i < n; i++)
        client_close(waiting[i]);
    close(crowded);
    free(longest);
    free(full);
    free(stale);
    free(nobody);
}

static void test_small_things(void **state)
{
    struct pair *p = *state;
    assert_int_equal(fcntl(client_fd(p->c), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_string_equal(client_text(p->c), "");
    json_t *r = NULL;
    assert_int_equal(client_call(p->c, "\xff", NULL, PATIENCE_MS, &r, NULL), E_INVALID);
    client_close(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_question_and_answer), TEST(test_refusal),         TEST(test_refusal_without_words),
        TEST(test_truncated_frames),    TEST(test_oversize_answer), TEST(test_oversize_request),
        TEST(test_malformed_answers),   TEST(test_late_answer),     TEST(test_peer_goes_away),
        TEST(test_peer_does_not_read),  TEST(test_large_both_ways), TEST(test_connect_fails),
        TEST(test_small_things),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
