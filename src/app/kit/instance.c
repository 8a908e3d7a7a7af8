#include "app/instance.h"
#include "base/fsx.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_DIR  ".local/share/madoguchi"
#define CONF_MODE    0644
#define VALUE_MAX    300 /* bytes */
#define NAME_MAX_LEN 32  /* as in a certificate (crypto/ca.h) */

/* DIR/branch may be entered by the clerks' group, so that they reach the socket and nothing else. */
static const struct place_facts places[] = {
    [PLACE_CONF] = { "instance.conf", S_IFREG, CONF_MODE, 0644 },
    [PLACE_BRANCH] = { "branch", S_IFDIR, 0700, 0710 },
    [PLACE_STORE] = { "branch/store.db", S_IFREG, 0600, 0600 },
    [PLACE_INCARNATION] = { "branch/incarnation", S_IFREG, 0600, 0600 },
    [PLACE_BRANCH_KEYS] = { "branch/keys", S_IFDIR, 0700, 0700 },
    [PLACE_BRANCH_RUN] = { "branch/run", S_IFDIR, 0700, 02710 },
    [PLACE_SOCKET] = { "branch/run/branchd.sock", S_IFSOCK, 0660, 0660 },
    [PLACE_BRANCH_PID] = { "branch/run/branchd.pid", S_IFREG, 0600, 0644 },
    [PLACE_CHECK_KEY] = { "branch/keys/check.key", S_IFREG, 0600, 0600 },
    [PLACE_SEAL] = { "branch/seal", S_IFDIR, 0700, 0700 },
    [PLACE_SPOOL] = { "branch/spool", S_IFDIR, 0700, 0700 },
    [PLACE_OUT] = { "branch/out", S_IFDIR, 0700, 0700 },
    [PLACE_BACKUP] = { "branch/backup", S_IFDIR, 0700, 0700 },
    [PLACE_BRANCH_CLOCK] = { "branch/clock", S_IFREG, 0600, 0644 },
    [PLACE_BRANCH_LOG] = { "branch/branchd.log", S_IFREG, 0600, 0640 },
    [PLACE_HOST] = { "host", S_IFDIR, 0700, 0700 },
    [PLACE_HOST_STORE] = { "host/host.db", S_IFREG, 0600, 0600 },
    [PLACE_HOST_KEYS] = { "host/keys", S_IFDIR, 0700, 0700 },
    [PLACE_HOST_CA] = { "host/ca", S_IFDIR, 0700, 0700 },
    [PLACE_HOST_RUN] = { "host/run", S_IFDIR, 0700, 0700 },
    [PLACE_HOST_SOCKET] = { "host/run/admin.sock", S_IFSOCK, 0600, 0600 },
    [PLACE_HOST_PID] = { "host/run/hostd.pid", S_IFREG, 0600, 0644 },
    [PLACE_HOST_CLOCK] = { "host/clock", S_IFREG, 0600, 0644 },
    [PLACE_HOST_LOG] = { "host/hostd.log", S_IFREG, 0600, 0640 },
};
_Static_assert(ARRAY_LEN(places) == PLACES, "a place has no row");

const struct place_facts *place_facts(enum place p)
{
    MUST((unsigned)p < PLACES);
    return &places[p];
}

char *place_path(const char *dir, enum place p)
{
    return fs_join(dir, place_facts(p)->path);
}

enum err place_make(const char *dir, enum place p, struct errinfo *reterr)
{
    MUST(place_facts(p)->type == S_IFDIR);
    char *path = place_path(dir, p);
    enum err e = fs_mkdir_p(path, places[p].mode, reterr);
    free(path);
    return e;
}

enum err place_safe(const char *dir, enum place p, struct errinfo *reterr)
{
    struct stat st;
    char *path = place_path(dir, p);
    enum err e = OK;
    if (lstat(path, &st) != 0)
        e = err_sys(reterr, errno, path, "lstat");
    else if (!S_ISDIR(st.st_mode))
        e = err_set(reterr, E_DENIED, "S021", path, "not a directory");
    else if (st.st_uid != geteuid())
        e = err_set(reterr, E_DENIED, "S021", path, "belongs to another account");
    else if (st.st_mode & (S_IWGRP | S_IWOTH))
        e = err_set(reterr, E_DENIED, "S021", path, "mode %04o: others may write here", (unsigned)st.st_mode & 07777);
    free(path);
    return e;
}

char *instance_default_dir(void)
{
    const char *home = getenv("HOME");
    if (home && *home == '/')
        return fs_join(home, DEFAULT_DIR);
    const struct passwd *me = getpwuid(getuid());
    return fs_join(me && me->pw_dir ? me->pw_dir : "/", DEFAULT_DIR);
}

/* The first n characters, at least one. */
static bool all_of(const char *s, size_t n, const char *allowed)
{
    return n > 0 && strspn(s, allowed) >= n;
}

#define DIGITS  "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static bool is_city_code(const char *v)
{
    return strlen(v) == 5 && all_of(v, 5, DIGITS);
}

static bool is_name(const char *v)
{
    return strlen(v) <= NAME_MAX_LEN && all_of(v, strlen(v), DIGITS LETTERS "-");
}

static bool is_text(const char *v)
{
    return utf8_forbidden(span_of(v)) == 0;
}

static bool is_yes_no(const char *v)
{
    return strcmp(v, "yes") == 0 || strcmp(v, "no") == 0;
}

static bool is_port(const char *v)
{
    size_t n = strlen(v);
    return n <= 5 && *v != '0' && all_of(v, n, DIGITS) && strtol(v, NULL, 10) <= 65535;
}

/* host:port, [IPv6]:port */
static bool is_listen(const char *v)
{
    const char *colon = strrchr(v, ':');
    return colon && all_of(v, (size_t)(colon - v), DIGITS LETTERS ".:-[]") && is_port(colon + 1);
}

static bool is_url(const char *v)
{
    static const char start[] = "https://";
    size_t n = sizeof start - 1;
    return strncmp(v, start, n) == 0 && all_of(v + n, strlen(v + n), DIGITS LETTERS ".:-[]/_~%");
}

/* In the order in which they are written. `at` of the one switch is not used: it is no text. */
static const struct conf_key {
    const char *key;
    bool required;
    bool (*allowed)(const char *value);
    size_t at;
    const char *expected; /* in the message when it is not allowed */
} keys[] = {
    { "city_code", true, is_city_code, offsetof(struct instance, city_code), "5 digits" },
    { "city_name", false, is_text, offsetof(struct instance, city_name), "text" },
    { "office", false, is_name, offsetof(struct instance, office), "1 to 32 of A-Z a-z 0-9 -" },
    { "office_name", false, is_text, offsetof(struct instance, office_name), "text" },
    { "terminal", false, is_name, offsetof(struct instance, terminal), "1 to 32 of A-Z a-z 0-9 -" },
    { "trial", true, is_yes_no, 0, "yes or no" },
    { "host_url", false, is_url, offsetof(struct instance, host_url), "https://…" },
    { "host_name", false, is_name, offsetof(struct instance, host_name), "1 to 32 of A-Z a-z 0-9 -" },
    { "host_listen", false, is_listen, offsetof(struct instance, host_listen), "address:port" },
};
enum { KEYS = ARRAY_LEN(keys) };

/* Where a key's text lies in an instance. */
static char **member(struct instance *i, size_t key)
{
    return (char **)((char *)i + keys[key].at);
}

static const char *value_of(const struct instance *i, size_t key)
{
    if (keys[key].allowed == is_yes_no)
        return i->trial ? "yes" : "no";
    char *const *at = (char *const *)((const char *)i + keys[key].at);
    return *at ? *at : "";
}

static void store_value(struct instance *i, size_t key, const char *value)
{
    if (keys[key].allowed == is_yes_no)
        i->trial = strcmp(value, "yes") == 0;
    else
        *member(i, key) = xstrdup(value);
}

void instance_done(struct instance *i)
{
    for (size_t k = 0; k < KEYS; k++)
        if (keys[k].allowed != is_yes_no)
            free(*member(i, k));
    *i = (struct instance){ .trial = false };
}

static struct span trim(struct span s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = (struct span){ s.p + 1, s.n - 1 };
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

static enum err read_line(const struct lines *l, bool seen[KEYS], struct instance *i, struct errinfo *reterr)
{
    const char *equals = memchr(l->line.p, '=', l->line.n);
    if (!equals)
        return lines_fail(l, reterr, "expected key = value");
    struct span name = trim((struct span){ l->line.p, (size_t)(equals - l->line.p) });
    const char *after = equals + 1, *end = l->line.p + l->line.n;
    struct span text = trim((struct span){ after, (size_t)(end - after) });
    size_t k = 0;
    while (k < KEYS && !span_is(name, keys[k].key))
        k++;
    if (k == KEYS)
        return lines_fail(l, reterr, "unknown key");
    if (seen[k])
        return lines_fail(l, reterr, "%s stands here a second time", keys[k].key);
    char *value = xstrndup(text.p, text.n);
    bool ok = text.n <= VALUE_MAX && ((text.n == 0 && !keys[k].required) || keys[k].allowed(value));
    if (ok)
        store_value(i, k, value);
    free(value);
    seen[k] = ok;
    return ok ? OK : lines_fail(l, reterr, "%s: expected %s", keys[k].key, keys[k].expected);
}

static enum err read_all(struct lines *l, struct instance *i, struct errinfo *reterr)
{
    bool seen[KEYS] = { false };
    while (lines_next(l))
        TRY(read_line(l, seen, i, reterr));
    for (size_t k = 0; k < KEYS; k++) {
        if (!seen[k] && keys[k].required)
            return lines_fail(l, reterr, "%s is missing", keys[k].key);
        if (!seen[k])
            store_value(i, k, "");
    }
    return OK;
}

enum err instance_load(const char *dir, struct instance *ret, struct errinfo *reterr)
{
    struct lines l;
    struct instance i = { .trial = false };
    char *path = place_path(dir, PLACE_CONF);
    enum err e = lines_open(&l, path, reterr);
    free(path);
    TRY(e);
    e = read_all(&l, &i, reterr);
    lines_close(&l);
    if (e == OK)
        *ret = i;
    else
        instance_done(&i);
    return e;
}

enum err instance_save(const char *dir, const struct instance *i, struct errinfo *reterr)
{
    enum err e = OK;
    struct buf text = BUF_INIT;
    buf_adds(&text, "# この設置の構成。変えたら、プログラムを起動し直す。\n");
    for (size_t k = 0; e == OK && k < KEYS; k++) {
        const char *v = value_of(i, k);
        if (*v == '\0' && !keys[k].required)
            continue;
        if (strlen(v) > VALUE_MAX || !keys[k].allowed(v) || *v == ' ' || v[strlen(v) - 1] == ' ')
            e = err_set(reterr, E_INVALID, NULL, keys[k].key, "expected %s", keys[k].expected);
        else
            buf_printf(&text, "%s = %s\n", keys[k].key, v);
    }
    char *path = place_path(dir, PLACE_CONF);
    if (e == OK)
        e = fs_write_atomic(path, CONF_MODE, buf_span(&text), reterr);
    free(path);
    buf_done(&text);
    return e;
}
