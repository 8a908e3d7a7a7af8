/* Asking, with a program that may be killed at one chosen call. */
#include "story_in.h"

#include <poll.h>
#include <time.h>

#define CALL_MS 20000
#define LOOK_MS 20

static const char *const operators[TELLERS] = {
    [CLERK] = "mado1", [FIRST] = "shinsa1", [SECOND] = "shinsa2", [RESPONSIBLE] = "sekinin"
};

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

/* Counts the call; true when it is the one at which the victim is hit. */
static bool is_moment(struct story *s)
{
    bool hit = s->victim != NOBODY && s->calls[s->victim] >= s->moment && !s->hits;
    for (int v = 0; v < VICTIMS; v++)
        s->calls[v] += v != HOSTD || s->town.host != 0;
    return hit;
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

/* After a crash the counter may be in another state than a moment ago, or the host not yet there again: then the step
 * is taken once more, from what there is. */
static bool is_of_the_crash(const struct story *s, const char *msg)
{
    static const char *const msgs[] = { "S009", "S213", "S504", "S506", "S508", "S512" };
    size_t i = 0;
    while (i < ARRAY_LEN(msgs) && strcmp(msgs[i], msg) != 0)
        i++;
    return s->hits && i < ARRAY_LEN(msgs);
}

json_t *story_ask(struct story *s, enum teller who, const char *method, json_t *params)
{
    json_t *r = NULL;
    struct errinfo why = { 0 };
    struct client *c = story_session(s, who);
    pid_t killer = is_moment(s) ? aim(s) : 0;
    enum err e = client_call(c, method, params, CALL_MS, &r, &why);
    bool lost = killer && s->victim == BRANCHD && (e == E_OFFLINE || e == E_CORRUPT || e == E_IO);
    if (e != OK && !lost && !is_of_the_crash(s, why.msg))
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

static long now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* Asking again is no further moment: the story has as many as it has things that are done. */
bool story_until(struct story *s, enum teller who, const char *method, const json_t *params,
                 bool (*holds)(const json_t *), const char *what)
{
    long from = now_s(), calls[VICTIMS];
    for (int i = 0;; i++) {
        json_t *r = story_ask(s, who, method, params ? json_deep_copy(params) : NULL);
        if (!r)
            return false;
        if (i == 0)
            memcpy(calls, s->calls, sizeof calls);
        memcpy(s->calls, calls, sizeof calls);
        bool done = holds(r);
        if (!done && now_s() - from > TOWN_DEADLINE_MS / 1000) {
            json_dumpf(r, stderr, JSON_COMPACT); /* longer than a message may be */
            fail_msg("%s did not come", what);
        }
        json_decref(r);
        if (done)
            return true;
        struct pollfd gone = { .fd = client_fd(story_session(s, who)), .events = POLLIN };
        poll(&gone, 1, LOOK_MS);
    }
}

static bool may_cancel(const json_t *outage)
{
    size_t i;
    json_t *step;
    bool can = strcmp(js_text(outage, "state"), "suspect") != 0;
    json_array_foreach (json_object_get(outage, "can"), i, step)
        can = can || strcmp(json_string_value(step), "outage.cancel") == 0;
    return can;
}

/* A crash may be taken for a stop: somebody says that it was none. */
static void calm(struct story *s)
{
    json_t *r = s->hits && !s->silent ? story_ask(s, SECOND, "status.get", NULL) : NULL;
    bool suspect = r && strcmp(js_text(r, "state"), "suspect") == 0;
    json_decref(r);
    if (suspect && story_until(s, SECOND, "outage.status", NULL, may_cancel, "the host's answer"))
        story_done(story_ask(s, SECOND, "outage.cancel",
                             json_pack("{s:s, s:s}", "reason", "停止ではありませんでした。", "password",
                                       town_password(&s->town, story_operator(SECOND)))));
}

void story_take(struct story *s, const struct step *step, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        long from = now_s();
        while (!step[i].take(s)) {
            print_message("# %s: once more\n", step[i].what);
            if (now_s() - from > TOWN_DEADLINE_MS / 1000)
                fail_msg("%s: it does not come to an end", step[i].what);
            calm(s);
        }
    }
}
