#include "client/client.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/frame.h"
#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
    int fd;
    bool ended;
    struct clock clock;
    json_int_t last_id;
    struct buf in; /* what has come of the next frame; survives a call that ran out of time */
    struct buf text, remedy;
};

static enum err connect_to(int fd, const char *path, struct errinfo *reterr)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    size_t n = strlen(path);
    if (n >= sizeof a.sun_path)
        return err_set(reterr, E_INVALID, NULL, path, "longer than a socket's name may be");
    memcpy(a.sun_path, path, n);
    if (connect(fd, (const struct sockaddr *)&a, sizeof a) == 0)
        return OK;
    int saved = errno;
    enum err code = saved == EAGAIN ? E_BUSY : saved == EACCES || saved == EPERM ? E_DENIED : E_OFFLINE;
    err_sys(reterr, saved, path, "connect");
    if (reterr)
        reterr->code = code;
    return code;
}

/* Who answers must be whose directory the socket lies in: another account could have put its own socket there. */
static enum err check_server(int fd, const char *path, struct errinfo *reterr)
{
    struct ucred who;
    struct stat st;
    socklen_t size = sizeof who;
    const char *slash = strrchr(path, '/');
    char *dir = !slash ? xstrdup(".") : slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
    enum err e = OK;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || stat(dir, &st) != 0)
        e = err_sys(reterr, errno, path, "look at the server");
    else if (who.uid != st.st_uid)
        e = err_set(reterr, E_DENIED, "S021", path,
                    "served by another account (%u) than the owner of its directory (%u)", (unsigned)who.uid,
                    (unsigned)st.st_uid);
    free(dir);
    return e;
}

enum err client_connect(const char *socket_path, struct client **ret, struct errinfo *reterr)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_sys(reterr, errno, socket_path, "socket");
    enum err e = connect_to(fd, socket_path, reterr);
    if (e == OK)
        e = check_server(fd, socket_path, reterr);
    if (e != OK) {
        close(fd);
        return e;
    }
    struct client *c = xcalloc(1, sizeof *c);
    c->fd = fd;
    c->clock = clock_system();
    *ret = c;
    return OK;
}

void client_close(struct client *c)
{
    if (!c)
        return;
    close(c->fd);
    buf_done(&c->in);
    buf_done(&c->text);
    buf_done(&c->remedy);
    free(c);
}

int client_fd(const struct client *c)
{
    return c->fd;
}

const char *client_text(const struct client *c)
{
    return buf_str(&c->text);
}

const char *client_remedy(const struct client *c)
{
    return buf_str(&c->remedy);
}

/* The stream cannot be followed any further. */
static enum err end_by(struct client *c, enum err code, struct errinfo *reterr, const char *why)
{
    c->ended = true;
    buf_clear(&c->in);
    return err_set(reterr, code, NULL, "service", "%s", why);
}

static enum err wait_for(struct client *c, short events, int64_t until_ms, struct errinfo *reterr)
{
    for (;;) {
        int64_t left = until_ms - c->clock.mono_ms(c->clock.self);
        struct pollfd p = { .fd = c->fd, .events = events };
        int n = poll(&p, 1, left > 0 ? (int)left : 0);
        if (n > 0)
            return OK;
        if (n == 0 && left <= 0)
            return err_set(reterr, E_BUSY, NULL, "service", "no answer in time");
        if (n < 0 && errno != EINTR)
            return err_sys(reterr, errno, "service", "poll");
    }
}

/* A request of which only a part went out leaves the peer in the middle of a frame. */
static enum err send_all(struct client *c, struct span s, int64_t until_ms, struct errinfo *reterr)
{
    size_t whole = s.n;
    while (s.n > 0) {
        ssize_t n = send(c->fd, s.p, s.n, MSG_NOSIGNAL);
        if (n >= 0) {
            s = (struct span){ s.p + n, s.n - (size_t)n };
        } else if (errno == EAGAIN) {
            enum err e = wait_for(c, POLLOUT, until_ms, reterr);
            if (e != OK && s.n < whole)
                return end_by(c, E_OFFLINE, reterr, "stopped reading in the middle of a request");
            TRY(e);
        } else if (errno != EINTR) {
            return end_by(c, E_OFFLINE, reterr, "connection lost");
        }
    }
    return OK;
}

static int collect(const char *p, size_t n, void *into)
{
    buf_add(into, p, n);
    return 0;
}

/* Appends the frame; the JSON text exists nowhere else. */
static enum err make_frame(struct client *c, const char *method, json_t *params, struct buf *ret,
                           struct errinfo *reterr)
{
    json_t *request =
        json_pack("{s:I, s:s, s:o}", "id", ++c->last_id, "method", method, "params", params ? params : json_object());
    if (!request)
        return err_set(reterr, E_INVALID, NULL, "method", "not a name");
    frame_begin(ret);
    int bad = json_dump_callback(request, collect, ret, JSON_COMPACT);
    json_decref(request);
    size_t n = frame_end(ret);
    if (bad != 0 || n > CLIENT_FRAME_MAX)
        return err_set(reterr, E_INVALID, NULL, method, "request of %zu bytes does not fit in a frame", n);
    return OK;
}

/* Waits until a whole frame is in c->in. Never reads beyond it. */
static enum err receive(struct client *c, int64_t until_ms, struct errinfo *reterr)
{
    char chunk[16384];
    for (;;) {
        size_t size = frame_size(&c->in);
        if (size > FRAME_HEAD + CLIENT_FRAME_MAX)
            return end_by(c, E_CORRUPT, reterr, "answer longer than a frame may be");
        if (size > 0 && c->in.len == size)
            return OK;
        size_t want = (size ? size : FRAME_HEAD) - c->in.len;
        ssize_t n = recv(c->fd, chunk, want < sizeof chunk ? want : sizeof chunk, 0);
        if (n > 0) {
            buf_add(&c->in, chunk, (size_t)n);
            wipe(chunk, (size_t)n);
        } else if (n == 0) {
            return end_by(c, E_OFFLINE, reterr,
                          c->in.len ? "connection ended in the middle of an answer" : "connection ended");
        } else if (errno == EAGAIN) {
            TRY(wait_for(c, POLLIN, until_ms, reterr));
        } else if (errno != EINTR) {
            return end_by(c, E_OFFLINE, reterr, "connection lost");
        }
    }
}

/* Takes the frame out of c->in. *ret_answer is NULL for the late answer to an earlier question. */
static enum err read_answer(struct client *c, json_t **ret_answer, struct errinfo *reterr)
{
    struct span in = frame_content(&c->in);
    json_t *a = json_loadb(in.p, in.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *id = json_object_get(a, "id"), *ok = json_object_get(a, "ok");
    buf_clear(&c->in);
    if (!json_is_integer(id) || !json_is_boolean(ok) || json_integer_value(id) < 1 ||
        json_integer_value(id) > c->last_id) {
        json_decref(a);
        return end_by(c, E_CORRUPT, reterr, "not an answer to a question");
    }
    if (json_integer_value(id) < c->last_id) {
        json_decref(a);
        a = NULL;
    }
    *ret_answer = a;
    return OK;
}

static const char *member(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static enum err code_of(const char *name)
{
    for (int e = OK + 1; e < E_ERRS; e++)
        if (strcmp(err_name((enum err)e), name) == 0)
            return (enum err)e;
    return E_CORRUPT;
}

static enum err refusal(struct client *c, const json_t *answer, struct errinfo *reterr)
{
    const json_t *error = json_object_get(answer, "error");
    buf_adds(&c->text, member(error, "text"));
    buf_adds(&c->remedy, member(error, "remedy"));
    return err_set(reterr, code_of(member(error, "code")), member(error, "msg"), member(error, "item"),
                   "refused by the service");
}

static enum err ask(struct client *c, struct span frame, int timeout_ms, json_t **ret_answer, struct errinfo *reterr)
{
    int64_t until_ms = c->clock.mono_ms(c->clock.self) + timeout_ms;
    json_t *answer = NULL;
    TRY(send_all(c, frame, until_ms, reterr));
    while (!answer) {
        TRY(receive(c, until_ms, reterr));
        TRY(read_answer(c, &answer, reterr));
    }
    *ret_answer = answer;
    return OK;
}

enum err client_call(struct client *c, const char *method, json_t *params, int timeout_ms, json_t **ret_result,
                     struct errinfo *reterr)
{
    struct buf frame = BUF_INIT;
    json_t *answer = NULL;
    buf_clear(&c->text);
    buf_clear(&c->remedy);
    enum err e = make_frame(c, method, params, &frame, reterr);
    if (e == OK && c->ended)
        e = err_set(reterr, E_OFFLINE, NULL, "service", "connection has ended");
    if (e == OK)
        e = ask(c, buf_span(&frame), timeout_ms, &answer, reterr);
    buf_done(&frame);
    TRY(e);
    if (json_is_false(json_object_get(answer, "ok"))) {
        e = refusal(c, answer, reterr);
    } else {
        json_t *result = json_object_get(answer, "result");
        *ret_result = result ? json_incref(result) : json_object();
    }
    json_decref(answer);
    return e;
}
