#include "check.h"

#include "base/buf.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "branch.h"
#include "town.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#define DAY     "2026-07-01T09:00:00+09:00"
#define CALL_MS 30000
#define LOOK_MS 20
#define END_MS  20000
#define WORDS   40

static const char *program(const char *variable)
{
    const char *path = getenv(variable);
    if (!path)
        fail_msg("%s is not set", variable);
    return path;
}

static int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

const char *js_text(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

int town_ctl(const struct town *t, const char *input, char **ret, const char *const *words)
{
    const char *argv[WORDS + 4] = { program("CTL"), "--dir", t->dir };
    size_t n = 3;
    for (; *words; words++) {
        assert_true(n < WORDS);
        argv[n++] = *words;
    }
    argv[n] = NULL;
    return branch_run(argv, input, ret);
}

#define DO(t, input, ret, ...) \
    assert_int_equal(town_ctl((t), (input), (ret), (const char *const[]){ __VA_ARGS__, NULL }), 0)

/* ---- making ---- */

/* A port that was free a moment ago. */
static int free_port(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    close(fd);
    return ntohs(a.sin_port);
}

/* The file of the demonstration, readable by nobody else; its passwords are remembered. */
static void copy_operators(struct town *t)
{
    struct buf text = BUF_INIT;
    char *from = fs_join(program("MADOGUCHI_SHARE"), "data/demo/operators.tsv");
    assert_int_equal(fs_read(from, 1 << 16, &text, NULL), OK);
    assert_int_equal(fs_write_atomic(t->people, 0600, buf_span(&text), NULL), OK);
    t->passwords = json_object();
    char *rest = text.p, *line;
    while ((line = strsep(&rest, "\n"))) {
        char *tab = strchr(line, '\t'), *last = strrchr(line, '\t');
        if (!tab || *line == '#')
            continue;
        *tab = '\0';
        json_object_set_new(t->passwords, line, json_string(last + 1));
    }
    buf_done(&text);
    free(from);
}

static void write_parameters(const struct town *t, const char *own)
{
    struct buf text = BUF_INIT;
    char *path = fs_join(t->dir, "parameters.conf");
    buf_printf(&text, "KDF_ITER = 1000\nLOGIN_DELAY_MS = 0\n%s", own);
    assert_int_equal(fs_write_atomic(path, 0600, buf_span(&text), NULL), OK);
    buf_done(&text);
    free(path);
}

static void set_up(struct town *t, int residents, const char *move, const char *when)
{
    int port = free_port();
    char *url = xprintf("https://127.0.0.1:%d", port), *listen = xprintf("127.0.0.1:%d", port);
    char *n = xprintf("%d", residents);
    DO(t, NULL, NULL, "init", "--trial", "--city-code", "99201", "--city-name", "梅里市", "--office", "E",
       "--office-name", "東支所", "--terminal", "1", "--host-url", url, "--operators", t->people);
    DO(t, NULL, NULL, "host", "init", "--listen", listen);
    DO(t, NULL, NULL, "clock", move, when);
    DO(t, NULL, NULL, "demo-data", "--residents", n, "--seed", "1");
    free(url);
    free(listen);
    free(n);
}

void town_enrol(struct town *t)
{
    char *said = NULL, *file = fs_join(t->top, "code");
    DO(t, NULL, &said, "--json", "host", "enrol-code", "E");
    json_t *j = json_loads(said, 0, NULL);
    char *line = xprintf("%s\n", js_text(j, "code"));
    assert_int_equal(fs_write_atomic(file, 0600, span_of(line), NULL), OK);
    DO(t, NULL, NULL, "enrol", "--code-file", file);
    unlink(file);
    json_decref(j);
    free(line);
    free(said);
    free(file);
}

static void import_towns(struct town *t)
{
    char *password = fs_join(t->top, "password"), *towns = fs_join(program("MADOGUCHI_SHARE"), "data/demo/towns.csv");
    assert_int_equal(fs_write_atomic(password, 0600, span_of(town_password(t, "system")), NULL), OK);
    DO(t, NULL, NULL, "--as", "system", "--password-file", password, "import", "addresses", towns);
    unlink(password);
    free(password);
    free(towns);
}

static void make(struct town *t, const char *own, int residents, const char *move, const char *when)
{
    void *top = NULL;
    assert_int_equal(check_tmpdir(&top), 0);
    *t = (struct town){ .top = top, .dir = fs_join(top, "i"), .people = fs_join(top, "operators") };
    t->sock = fs_join(t->dir, "branch/run/branchd.sock");
    assert_int_equal(mkdir(t->dir, 0700), 0);
    copy_operators(t);
    write_parameters(t, own);
    set_up(t, residents, move, when);
    town_start_host(t);
    town_enrol(t);
    town_start_branch(t);
    import_towns(t);
    struct client *c = town_client(t, NULL);
    town_until(c, town_ready, "the first load");
    client_close(c);
}

void town_make(struct town *t, const char *own, int residents)
{
    make(t, own, residents, "set", DAY);
}

void town_make_held(struct town *t, const char *own, int residents, const char *when)
{
    make(t, own, residents, "hold", when);
}

void town_gone(struct town *t)
{
    if (t->branch)
        town_end(&t->branch, SIGTERM);
    if (t->host)
        town_end(&t->host, SIGTERM);
    void *top = t->top;
    check_tmpdir_gone(&top);
    free(t->dir);
    free(t->sock);
    free(t->people);
    json_decref(t->passwords);
}

/* ---- programs ---- */

static pid_t start(const struct town *t, const char *variable, const char *pid_file)
{
    const char *const argv[] = { program(variable), "--dir", t->dir, "--daemon", NULL };
    struct buf pid = BUF_INIT;
    assert_int_equal(branch_run(argv, NULL, NULL), 0);
    char *path = fs_join(t->dir, pid_file);
    assert_int_equal(fs_read(path, 64, &pid, NULL), OK);
    pid_t p = (pid_t)strtol(buf_str(&pid), NULL, 10);
    assert_true(p > 1);
    buf_done(&pid);
    free(path);
    return p;
}

void town_start_host(struct town *t)
{
    t->host = start(t, "HOSTD", "host/run/hostd.pid");
}

void town_start_branch(struct town *t)
{
    t->branch = start(t, "BRANCHD", "branch/run/branchd.pid");
}

void town_end(pid_t *pid, int signo)
{
    int fd = (int)syscall(SYS_pidfd_open, *pid, 0);
    assert_true(fd >= 0 || errno == ESRCH); /* gone already */
    struct pollfd p = { .fd = fd, .events = POLLIN };
    if (fd >= 0) {
        kill(*pid, signo);
        assert_int_equal(poll(&p, 1, END_MS), 1);
        close(fd);
    }
    *pid = 0;
}

static bool is_link_of(pid_t pid, pid_t parent)
{
    char path[64];
    struct buf b = BUF_INIT;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    bool found = fs_read(path, 4096, &b, NULL) == OK && b.len;
    const char *end = found ? strrchr(buf_str(&b), ')') : NULL;
    int ppid = 0;
    found = end && sscanf(end + 1, " %*c %d", &ppid) == 1 && ppid == parent;
    buf_clear(&b);
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    if (found)
        found = fs_read(path, 4096, &b, NULL) == OK && memmem(b.p, b.len, "-x\0link", 7);
    buf_done(&b);
    return found;
}

pid_t town_link(const struct town *t)
{
    DIR *d = opendir("/proc");
    pid_t found = 0;
    struct dirent *e;
    assert_non_null(d);
    while (!found && (e = readdir(d))) {
        pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
        if (pid > 1 && is_link_of(pid, t->branch))
            found = pid;
    }
    closedir(d);
    return found;
}

void town_clock(struct town *t, const char *when)
{
    DO(t, NULL, NULL, "clock", "set", when);
}

/* ---- the service ---- */

const char *town_password(const struct town *t, const char *operator_id)
{
    return js_text(t->passwords, operator_id);
}

struct client *town_client(struct town *t, const char *operator_id)
{
    struct client *c = NULL;
    struct errinfo why = { 0 };
    if (client_connect(t->sock, &c, &why) != OK)
        fail_msg("connect: %s", why.detail);
    if (operator_id)
        json_decref(
            town_ask(c, "session.login",
                     json_pack("{s:s, s:s}", "operator", operator_id, "password", town_password(t, operator_id))));
    return c;
}

json_t *town_ask(struct client *c, const char *method, json_t *params)
{
    json_t *r = NULL;
    struct errinfo why = { 0 };
    if (client_call(c, method, params, CALL_MS, &r, &why) != OK)
        fail_msg("%s: %s %s %s (%s)", method, why.msg, why.item, client_text(c), why.detail);
    return r;
}

const char *town_refused(struct client *c, const char *method, json_t *params, const char *msg)
{
    json_t *r = NULL;
    struct errinfo why = { 0 };
    if (client_call(c, method, params, CALL_MS, &r, &why) == OK)
        fail_msg("%s was not refused", method);
    if (strcmp(why.msg, msg) != 0)
        fail_msg("%s: refused with %s %s, not %s", method, why.msg, client_text(c), msg);
    return client_text(c);
}

/* Between two questions only the end of the service is waited for, and not for long. */
void town_until(struct client *c, bool (*holds)(const json_t *), const char *what)
{
    int64_t from = mono_ms();
    for (;;) {
        json_t *status = town_ask(c, "status.get", NULL);
        bool done = holds(status);
        if (!done && mono_ms() - from > TOWN_DEADLINE_MS)
            fail_msg("%s did not come: %s", what, json_dumps(status, JSON_COMPACT));
        json_decref(status);
        if (done)
            return;
        struct pollfd gone = { .fd = client_fd(c), .events = POLLIN };
        assert_int_equal(poll(&gone, 1, LOOK_MS), 0);
    }
}

bool town_host_ok(const json_t *status)
{
    return strcmp(js_text(status, "host"), "ok") == 0;
}

bool town_ready(const json_t *status)
{
    return town_host_ok(status) && *js_text(status, "copy_as_of") &&
           !json_is_true(json_object_get(json_object_get(status, "load"), "active"));
}

bool town_is(const json_t *status, const char *state)
{
    return strcmp(js_text(status, "state"), state) == 0;
}

/* ---- paper ---- */

static char *newest(const char *dir)
{
    DIR *d = opendir(dir);
    struct timespec last = { 0 };
    char *found = NULL;
    struct dirent *e;
    assert_non_null(d);
    while ((e = readdir(d))) {
        struct stat st;
        char *path = fs_join(dir, e->d_name);
        bool pdf = strstr(e->d_name, ".pdf") && stat(path, &st) == 0;
        if (pdf && (!found || st.st_mtim.tv_sec > last.tv_sec ||
                    (st.st_mtim.tv_sec == last.tv_sec && st.st_mtim.tv_nsec > last.tv_nsec))) {
            last = st.st_mtim;
            free(found);
            found = path;
        } else {
            free(path);
        }
    }
    closedir(d);
    return found;
}

char *town_printed(const struct town *t)
{
    char *out = fs_join(t->dir, "branch/out"), *pdf = newest(out), *text = NULL;
    if (!pdf)
        fail_msg("nothing was printed");
    const char *const argv[] = { "/usr/bin/pdftotext", "-layout", pdf, "-", NULL };
    assert_int_equal(branch_run(argv, NULL, &text), 0);
    free(out);
    free(pdf);
    return text;
}
