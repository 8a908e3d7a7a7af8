/*
 * The second wall around a process that handles foreign bytes or keys (最小権限): what it does not need is taken
 * away by the kernel before the first foreign byte is read. The first wall is the separate process itself
 * (app/privsep.h). Everything a role needs – key files, iconv converters, fonts, certificates – is opened or named
 * before. Source: spec E.6; reliability.md §3.3; 技術的基準 第八.
 */
#ifndef APP_CONFINE_H
#define APP_CONFINE_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

/* What each role may do is one row of a table in confine.c. */
enum confine_role {
    CONFINE_LINK,    /* talks TCP to the host: starts no program, writes no file */
    CONFINE_PAPER,   /* draws pages: no network, starts no program, writes no file */
    CONFINE_PROOF,   /* computes: no file, no network, no program */
    CONFINE_CHECK,   /* opens one copy of the store: no network, no program */
    CONFINE_SPOOL,   /* hands a finished page to the printer: may start lp */
    CONFINE_UI,      /* a clerk's screen: the terminal and one unix socket; no program, no network */
    CONFINE_BRANCHD, /* owns the store and starts the others: their rights and its own, nothing of the machine */
    CONFINE_HOSTD,   /* owns the central register: its files and connections that come in; starts and calls nobody */
    CONFINE_ROLES
};
const char *confine_role_name(enum confine_role);

enum confine_access { CONFINE_READ, CONFINE_WRITE, CONFINE_EXEC }; /* WRITE and EXEC include READ, not each other */

/* A file or directory tree that stays reachable; one that does not exist is left out. */
struct confine_path {
    const char *path;
    enum confine_access access;
};

struct confine_plan {
    enum confine_role role;
    const struct confine_path *path;
    size_t n;
    uint16_t tcp_port; /* the one TCP port that may be connected to, 0: none (CONFINE_BRANCHD: any) */
};

/* What really holds, for the log and the self-test: an old kernel may have no Landlock or less of it. */
struct confine_state {
    int landlock_abi; /* 0: none */
    bool seccomp;
};

/* For every program, first thing in main: no core file, no tracing by others of the same user, no new privileges,
 * files private by default (umask 077), at most `files` open descriptors. */
/* For a daemon, before anything else: no descriptor beyond standard error, of the environment only what it reads, none
 * of root's capabilities (also not for its children). */
enum err confine_daemon(struct errinfo *) NODISCARD;
enum err confine_basics(unsigned files, struct errinfo *) NODISCARD;

/* Puts the wall around the calling process; it cannot be taken down again. On an error the process must end. */
enum err confine_enter(const struct confine_plan *, struct confine_state *ret, struct errinfo *) NODISCARD;

#endif
