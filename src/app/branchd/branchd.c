/* madoguchi-branchd: command line and start, or one of its children. */
#include "app/branchd.h"
#include "app/confine.h"
#include "app/daemon.h"
#include "base/log.h"
#include "base/mem.h"

#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_FILES           256
#define ROLE(role, function) int function(int argc, char **argv);
#include "branchd_roles.def"
#undef ROLE

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
} roles[] = {
#define ROLE(role, function) { role, function },
#include "branchd_roles.def"
#undef ROLE
    { NULL, NULL },
};

static const char usage[] = "使い方: madoguchi-branchd [--dir DIR] [--daemon]\n"
                            "  --dir DIR   設置のディレクトリ(既定 ~/.local/share/madoguchi)\n"
                            "  --daemon    窓口につながる用意ができたら、背後で動き続ける\n"
                            "  --version   版を表示する\n";

/* JSON of the service holds personal data: nothing of it stays in freed memory. */
static void wipe_and_free(void *p)
{
    wipe(p, p ? malloc_usable_size(p) : 0);
    free(p);
}

static int run_role(const char *role, int argc, char **argv)
{
    for (size_t i = 0; roles[i].name; i++)
        if (strcmp(roles[i].name, role) == 0)
            return roles[i].main(argc, argv);
    fprintf(stderr, "madoguchi-branchd: -x %s: そのような役割はありません。\n", role);
    return EXIT_USAGE;
}

static int run(const struct daemon_call *c)
{
    return branchd_run(c->dir, c->program, c->ready, c->arg);
}

static const struct daemon_program program = {
    .name = "madoguchi-branchd", .log_name = "branchd", .usage = usage, .log = PLACE_BRANCH_LOG, .run = run
};

int main(int argc, char **argv)
{
    struct errinfo e;
    log_init("branchd", STDERR_FILENO, LOG_INFO);
    const char *role = privsep_role(argc, argv);
    if (role)
        return run_role(role, argc, argv);
    if (confine_daemon(&e) != OK || confine_basics(OPEN_FILES, &e) != OK) {
        fprintf(stderr, "madoguchi-branchd: 始められませんでした(%s)。%s %s\n", err_name(e.code), e.item, e.detail);
        return EXIT_SYSTEM;
    }
    json_set_alloc_funcs(malloc, wipe_and_free);
    return daemon_main(&program, argc, argv);
}
