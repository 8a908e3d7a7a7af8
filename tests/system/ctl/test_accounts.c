/*
 * A clerk's account beside the branch's: it reaches the socket and nothing else. As root the test becomes that account;
 * as anybody else it can only look at the modes.
 */
#include "check.h"

#include "app/instance.h"
#include "base/mem.h"
#include "town.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { CLERK = 65534, SHUT = 0, OPEN = 1 };

static struct town T;

static const enum place shut[] = { PLACE_STORE,     PLACE_INCARNATION, PLACE_BRANCH_KEYS, PLACE_SPOOL, PLACE_OUT,
                                   PLACE_BACKUP,    PLACE_BRANCH_LOG,  PLACE_BRANCH_PID,  PLACE_HOST,  PLACE_HOST_STORE,
                                   PLACE_HOST_KEYS, PLACE_HOST_CA,     PLACE_HOST_SOCKET };

/* What the administrator does once (madoguchi-branchd(8)): the group of the clerks may pass through to the socket,
 * which gets it from its directory. */
static void let_clerks_in(void)
{
    static const struct {
        enum place place;
        mode_t mode;
    } way[] = { { PLACE_BRANCH, 0710 }, { PLACE_BRANCH_RUN, 02710 } };
    for (size_t i = 0; i < ARRAY_LEN(way); i++) {
        char *path = place_path(T.dir, way[i].place);
        assert_int_equal(chown(path, (uid_t)-1, CLERK), 0);
        assert_int_equal(chmod(path, way[i].mode), 0);
        free(path);
    }
    assert_int_equal(chmod(T.top, 0711), 0);
    assert_int_equal(chmod(T.dir, 0711), 0);
    town_end(&T.branch, SIGTERM);
    town_start_branch(&T);
}

static int can_open(const char *path)
{
    return open(path, O_RDONLY) >= 0 || open(path, O_WRONLY) >= 0 ? OPEN : SHUT;
}

static int can_connect(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    assert_true(strlen(path) < sizeof a.sun_path);
    memcpy(a.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0 ? OPEN : SHUT;
}

static int as_clerk(int (*act)(const char *), const char *path)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        if (setgroups(0, NULL) != 0 || setgid(CLERK) != 0 || setuid(CLERK) != 0)
            _exit(2);
        _exit(act(path));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_a_clerk_has_the_socket_and_nothing_else(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("# not root: modes only\n");
        return;
    }
    let_clerks_in();
    assert_int_equal(as_clerk(can_connect, T.sock), OPEN);
    assert_int_equal(town_ctl(&T, NULL, NULL, (const char *const[]){ "verify", "instance", NULL }), 0);
    for (size_t i = 0; i < ARRAY_LEN(shut); i++) {
        char *path = place_path(T.dir, shut[i]);
        if (as_clerk(can_open, path) != SHUT)
            fail_msg("a clerk may open %s", path);
        free(path);
    }
}

/* Whoever runs the test: nobody but the owner is let in by the modes themselves. */
static void test_modes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shut); i++) {
        struct stat st;
        char *path = place_path(T.dir, shut[i]);
        if (stat(path, &st) == 0 && shut[i] != PLACE_HOST_SOCKET && (st.st_mode & 077) != 0)
            fail_msg("%s has mode %o", path, (unsigned)st.st_mode & 07777);
        free(path);
    }
}

static int begin(void **state)
{
    (void)state;
    town_make(&T, "", 50);
    return 0;
}

static int end(void **state)
{
    (void)state;
    town_gone(&T);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_a_clerk_has_the_socket_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
