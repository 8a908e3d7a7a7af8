#include "app/confine.h"
#include "base/log.h"
#include "base/mem.h"
#include "ctl_run.h"
#include "form/catalog.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_FILES    256
#define TIMEOUT_S     60
#define TIMEOUT_MAX_S 86400

const char *ctl_dir(const struct ctl *c)
{
    return c->dir;
}

const char *ctl_share(const struct ctl *c)
{
    return c->share;
}

const struct instance *ctl_instance(const struct ctl *c)
{
    MUST(c->has_instance);
    return &c->instance;
}

static enum err read_timeout(struct ctl *c, struct errinfo *reterr)
{
    const char *given = ctl_opt(c, "timeout");
    char *end = NULL;
    long s = given ? strtol(given, &end, 10) : TIMEOUT_S;
    if (given && (*given < '1' || *given > '9' || *end != '\0' || s > TIMEOUT_MAX_S))
        return ctl_usage(c, reterr, "--timeout は1から%dまでの秒数です。", TIMEOUT_MAX_S);
    c->timeout_ms = (int)s * 1000;
    return OK;
}

static enum err prepare(struct ctl *c, struct errinfo *reterr)
{
    const char *dir = ctl_opt(c, "dir");
    TRY(read_timeout(c, reterr));
    c->dir = dir ? xstrdup(dir) : instance_default_dir();
    if (c->help || c->cmd->need == CTL_FREE)
        return OK;
    enum err e = instance_load(c->dir, &c->instance, reterr);
    if (e == E_NOTFOUND)
        return ctl_refuse(c, reterr, e, "--dir で設置のディレクトリを指定してください。", "設置がありません: %s",
                          c->dir);
    TRY(e);
    c->has_instance = true;
    return c->cmd->need == CTL_LOGIN ? ctl_connect(c, reterr) : OK;
}

static enum err run(struct ctl *c, struct errinfo *reterr)
{
    TRY(prepare(c, reterr));
    if (c->help)
        return ctl_help(c, c->n_words > 0 ? c->word[0] : NULL, c->n_words > 1 ? c->word[1] : NULL, reterr);
    return c->cmd->run(c, reterr);
}

static void done(struct ctl *c)
{
    client_close(c->client);
    if (c->has_instance)
        instance_done(&c->instance);
    json_decref(c->result);
    buf_done(&c->out);
    buf_done(&c->text);
    buf_done(&c->remedy);
    free(c->share);
    free(c->dir);
    free(c->opt);
    free(c->word);
}

/* What passed through JSON may be a password or a resident. */
static void wiping_free(void *p)
{
    wipe(p, malloc_usable_size(p));
    free(p);
}

int main(int argc, char **argv)
{
    struct ctl c = { .cmd = NULL };
    struct errinfo e = { .code = OK };
    log_init("madoguchi-ctl", STDERR_FILENO, LOG_WARN);
    signal(SIGPIPE, SIG_IGN);
    json_set_alloc_funcs(malloc, wiping_free);
    enum err code = confine_basics(OPEN_FILES, &e);
    if (code == OK)
        code = ctl_parse(&c, argc, argv, &e);
    c.share = catalog_share_dir(argv[0]);
    if (code == OK)
        code = run(&c, &e);
    int status = ctl_finish(&c, code, &e);
    done(&c);
    return status;
}
