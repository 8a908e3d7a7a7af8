#include "app/trialclock.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX  32
#define FILE_MODE 0644 /* the ui of other accounts need not read it, but nothing in it is secret */

struct trialclock {
    char *path;
    bool trial;
    struct clock under;
    struct stat seen; /* of the file the offset was read from; zero: there was none */
    struct trialtime time;
};

static enum err parse(const char *path, const struct buf *text, struct trialtime *ret, struct errinfo *reterr)
{
    const char *p = buf_str(text);
    char *end;
    bool held = *p == '=';
    p += held;
    errno = 0;
    long long v = strtoll(p, &end, 10);
    bool start_ok = *p == '-' || (*p >= '0' && *p <= '9');
    if (!start_ok || errno != 0 || end == p || strcmp(end, "\n") != 0 || v > TRIALCLOCK_MAX_MS ||
        v < -TRIALCLOCK_MAX_MS)
        return err_set(reterr, E_INVALID, NULL, path, "expected a number of milliseconds");
    *ret = (struct trialtime){ held, v };
    return OK;
}

int64_t trialtime_now(struct trialtime t, struct clock under)
{
    return t.held ? t.ms : under.wall_ms(under.self) + t.ms;
}

enum err trialclock_read(const char *path, struct trialtime *ret, struct errinfo *reterr)
{
    struct buf text = BUF_INIT;
    enum err e = fs_read(path, FILE_MAX, &text, reterr);
    if (e == E_NOTFOUND) {
        *ret = (struct trialtime){ .ms = 0 };
        return OK;
    }
    if (e == OK)
        e = parse(path, &text, ret, reterr);
    buf_done(&text);
    return e;
}

enum err trialclock_write(const char *path, struct trialtime time, struct errinfo *reterr)
{
    if (time.ms > TRIALCLOCK_MAX_MS || time.ms < -TRIALCLOCK_MAX_MS)
        return err_set(reterr, E_INVALID, NULL, path, "further away than a century");
    char *text = xprintf("%s%" PRId64 "\n", time.held ? "=" : "", time.ms);
    enum err e = fs_write_atomic(path, FILE_MODE, span_of(text), reterr);
    free(text);
    return e;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* A write replaces the file, so a new offset has a new inode or time. */
static void refresh(struct trialclock *t)
{
    struct stat now;
    struct errinfo e;
    if (stat(t->path, &now) != 0)
        memset(&now, 0, sizeof now);
    if (same_file(&now, &t->seen))
        return;
    t->seen = now;
    if (trialclock_read(t->path, &t->time, &e) != OK)
        log_errinfo(LOG_ERR, "reading the time of the trial clock", &e);
}

static int64_t wall_ms(void *self)
{
    struct trialclock *t = self;
    refresh(t);
    return trialtime_now(t->time, t->under);
}

static int64_t mono_ms(void *self)
{
    const struct trialclock *t = self;
    return t->under.mono_ms(t->under.self);
}

struct trialclock *trialclock_new(const char *path, bool trial, struct clock under)
{
    struct trialclock *t = xcalloc(1, sizeof *t);
    t->path = xstrdup(path);
    t->trial = trial;
    t->under = under;
    return t;
}

void trialclock_free(struct trialclock *t)
{
    if (!t)
        return;
    free(t->path);
    free(t);
}

struct clock trialclock_clock(struct trialclock *t)
{
    return t->trial ? (struct clock){ wall_ms, mono_ms, t } : t->under;
}
