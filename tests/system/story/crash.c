/* Asking, with a program that may be killed at one chosen call. */
#include "story_in.h"

#include <poll.h>
#include <time.h>

#define CALL_MS 20000
#define LOOK_MS 20

static const char *const operators[TELLERS] = { [CLERK] = "mado1", [FIRST] = "shinsa1", [SECOND] = "shinsa2" };

const char *story_operator(enum teller who)
{
    return operators[who];
}

struct client *story_session(struct story *s, enum teller who)
{
    if (!s->session[who])
        s->session[who] = town_client(&s->town, operators[who]);
    return s->session[who];
}

static pid_t victim_pid(const struct story *s)
{
    return s->victim == BRANCHD ? s->town.branch : s->victim == HOSTD ? s->town.host : town_link(&s->town);
}

/* A process of its own hits so many microseconds from now; the call goes on meanwhile. */
static pid_t aim(struct story *s)
{
    pid_t target = victim_pid(s);
    if (target <= 0)
        return 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct timespec t = { .tv_nsec = s->delay_us * 1000 };
        ppoll(NULL, 0, &t, NULL);
        kill(target, SIGKILL);
        _exit(0);
    }
    s->hits++;
    return pid;
}

/* What was hit is started again; the link child comes back by itself. */
static void mend(struct story *s, pid_t killer)
{
    assert_int_equal(waitpid(killer, NULL, 0), killer);
    if (s->victim == BRANCHD) {
        town_end(&s->town.branch, SIGKILL);
        for (int i = 0; i < TELLERS; i++) {
            client_close(s->session[i]);
            s->session[i] = NULL;
        }
        town_start_branch(&s->town);
    }
    if (s->victim == HOSTD) {
        town_end(&s->town.host, SIGKILL);
        town_start_host(&s->town);
    }
}

json_t *story_ask(struct story *s, enum teller who, const char *method, json_t *params)
{
    json_t *r = NULL;
    struct errinfo why = { 0 };
    struct client *c = story_session(s, who);
    pid_t killer = s->victim != NOBODY && s->calls >= s->moment && !s->hits ? aim(s) : 0;
    s->calls++;
    enum err e = client_call(c, method, params, CALL_MS, &r, &why);
    bool lost = killer && s->victim == BRANCHD && (e == E_OFFLINE || e == E_CORRUPT || e == E_IO);
    if (e != OK && !lost)
        fail_msg("%s: %s %s %s (%s)", method, why.msg, why.item, client_text(c), why.detail);
    if (killer)
        mend(s, killer);
    return r;
}

bool story_done(json_t *answer)
{
    bool done = answer != NULL;
    json_decref(answer);
    return done;
}

bool story_until(struct story *s, enum teller who, const char *method, const json_t *params,
                 bool (*holds)(const json_t *), const char *what)
{
    struct timespec from, now;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (;;) {
        json_t *r = story_ask(s, who, method, params ? json_deep_copy(params) : NULL);
        if (!r)
            return false;
        bool done = holds(r);
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (!done && now.tv_sec - from.tv_sec > TOWN_DEADLINE_MS / 1000)
            fail_msg("%s did not come: %s", what, json_dumps(r, JSON_COMPACT));
        json_decref(r);
        if (done)
            return true;
        struct pollfd gone = { .fd = client_fd(story_session(s, who)), .events = POLLIN };
        poll(&gone, 1, LOOK_MS);
    }
}

void story_take(struct story *s, const struct step *step, size_t n)
{
    for (size_t i = 0; i < n; i++)
        while (!step[i].take(s))
            print_message("# %s: once more\n", step[i].what);
}
