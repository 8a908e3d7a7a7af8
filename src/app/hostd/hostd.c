/* madoguchi-hostd: the central host as a daemon. */
#include "app/confine.h"
#include "app/daemon.h"
#include "app/hosting.h"
#include "base/log.h"
#include "base/mem.h"
#include "form/catalog.h"
#include "host/serve.h"

#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define OPEN_FILES     4096
#define DEFAULT_LISTEN "127.0.0.1:8443"

static const char usage[] = "使い方: madoguchi-hostd [--dir DIR] [--listen ADDRESS:PORT] [--daemon]\n"
                            "  --dir DIR       設置のディレクトリ(既定 ~/.local/share/madoguchi)\n"
                            "  --listen A:P    待ち受けるアドレスとポート(既定は instance.conf の host_listen)\n"
                            "  --daemon        支所につながる用意ができたら、背後で動き続ける\n"
                            "  --version       版を表示する\n";

/* Payloads hold personal data: nothing of them stays in freed memory. */
static void wipe_and_free(void *p)
{
    wipe(p, p ? malloc_usable_size(p) : 0);
    free(p);
}

struct hostd {
    struct instance instance;
    struct host_opening opening;
    struct host_server *server;
    int lock;
};

static enum err listen_on(struct hostd *d, const struct daemon_call *c, struct errinfo *reterr)
{
    char *admin = place_path(c->dir, PLACE_HOST_SOCKET);
    const char *own = *d->instance.host_listen ? d->instance.host_listen : DEFAULT_LISTEN;
    const struct host_serve_options o = {
        .host = d->opening.host,
        .ca = d->opening.ca,
        .files = { d->opening.key, d->opening.cert, d->opening.ca_path },
        .listen = c->extra ? c->extra : own,
        .admin = admin,
    };
    enum err e = host_serve_start(&o, &d->server, reterr);
    if (e == OK)
        log_msg(LOG_INFO, "%s host, listening on port %d", d->instance.trial ? "trial" : "real",
                host_serve_port(d->server));
    free(admin);
    return e;
}

static enum err start(struct hostd *d, const struct daemon_call *c, struct errinfo *reterr)
{
    char *share = catalog_share_dir(c->program);
    enum err e = instance_load(c->dir, &d->instance, reterr);
    if (e == OK)
        e = place_make(c->dir, PLACE_HOST_RUN, reterr);
    if (e == OK)
        e = place_safe(c->dir, PLACE_HOST, reterr);
    if (e == OK)
        e = place_safe(c->dir, PLACE_HOST_RUN, reterr);
    if (e == OK)
        e = daemon_lock(c->dir, PLACE_HOST_PID, &d->lock, reterr);
    if (e == OK)
        e = host_opening(c->dir, share, &d->instance, true, &d->opening, reterr);
    if (e == OK)
        e = listen_on(d, c, reterr);
    free(share);
    return e;
}

/* After this the host has its files and what comes in on its sockets; it opens no connection and starts nothing. */
static enum err confine(const struct daemon_call *c, struct errinfo *reterr)
{
    char *share = catalog_share_dir(c->program), *own = place_path(c->dir, PLACE_HOST);
    const struct confine_path paths[] = {
        { own, CONFINE_WRITE },           { c->dir, CONFINE_READ },     { share, CONFINE_READ },
        { "/usr", CONFINE_READ },         { "/etc/ssl", CONFINE_READ }, { "/etc/localtime", CONFINE_READ },
        { "/dev/urandom", CONFINE_READ },
    };
    const struct confine_plan plan = { .role = CONFINE_HOSTD, .path = paths, .n = ARRAY_LEN(paths) };
    struct confine_state state = { 0 };
    enum err e = confine_enter(&plan, &state, reterr);
    if (e == OK)
        log_msg(LOG_INFO, "confined: landlock %d, seccomp %s", state.landlock_abi, state.seccomp ? "yes" : "no");
    free(own);
    free(share);
    return e;
}

static int run(const struct daemon_call *c)
{
    struct hostd d = { .lock = -1 };
    struct errinfo why;
    int status = EXIT_SYSTEM;
    if (start(&d, c, &why) != OK || confine(c, &why) != OK) {
        log_errinfo(LOG_ERR, "starting", &why);
        c->ready(c->arg, &why);
    } else {
        c->ready(c->arg, NULL);
        status = host_serve_run(d.server, &why) == OK ? EXIT_DONE : EXIT_SYSTEM;
        log_msg(LOG_INFO, "ended");
    }
    host_serve_free(d.server);
    host_opening_done(&d.opening);
    instance_done(&d.instance);
    if (d.lock >= 0)
        close(d.lock);
    return status;
}

static const struct daemon_program program = {
    .name = "madoguchi-hostd", .log_name = "hostd", .usage = usage, .extra = "listen", .log = PLACE_HOST_LOG, .run = run
};

int main(int argc, char **argv)
{
    struct errinfo e;
    log_init("hostd", STDERR_FILENO, LOG_INFO);
    if (confine_daemon(&e) != OK || confine_basics(OPEN_FILES, &e) != OK) {
        fprintf(stderr, "madoguchi-hostd: 始められませんでした(%s)。%s %s\n", err_name(e.code), e.item, e.detail);
        return EXIT_SYSTEM;
    }
    json_set_alloc_funcs(malloc, wipe_and_free);
    return daemon_main(&program, argc, argv);
}
