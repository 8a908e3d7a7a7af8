#include "domain/state.h"
#include "base/mem.h"
#include "domain/reason.h"

#define CLERKS    (ROLE_BIT(ROLE_CLK) | ROLE_BIT(ROLE_SUP) | ROLE_BIT(ROLE_BM))
#define TYPISTS   (CLERKS | ROLE_BIT(ROLE_RSP)) /* of protected persons nobody else sees enough */
#define EXAMINERS (DECIDERS | ROLE_BIT(ROLE_RSP))
#define DECIDERS  (ROLE_BIT(ROLE_SUP) | ROLE_BIT(ROLE_BM))
#define PROGRAM   0u

/* The counter is of use: everything but a suspected stop, in which only the copy may be looked at. */
#define WORKING                                                                                    \
    (COUNTER_BIT(COUNTER_NORMAL) | COUNTER_BIT(COUNTER_OUTAGE) | COUNTER_BIT(COUNTER_RECOVERING) | \
     COUNTER_BIT(COUNTER_RECONCILED))
/* A decision needs the register as it is now: not in a stop (spec B.5-9, §2.7 step 9). */
#define CONNECTED (WORKING & ~COUNTER_BIT(COUNTER_OUTAGE))
#define ANY       ((1u << COUNTER_STATES) - 1)

#define S(id) CASE_BIT(CASE_##id)

#define TYPED        (S(RECEIVED) | S(ENTERED) | S(EXAMINED) | S(RETURNED)) /* nobody has decided */
#define CONFLICTABLE (S(ENTERED) | S(EXAMINED) | S(DECIDED))
/* A store that was restored may have gone back behind the examination and the decision; the host has seen both. */
#define POSTABLE (S(ENTERED) | S(EXAMINED) | S(DECIDED) | S(CONFLICT) | S(DELEGATED))

/* clang-format off */
static const struct case_rule table[] = {
    /*                from                                    to              who       other  reason counter */
    [STEP_RECEIVE]  = { S(DRAFT),                             CASE_RECEIVED,  TYPISTS, false, false, WORKING },
    [STEP_ENTER]    = { S(DRAFT) | TYPED,                     CASE_ENTERED,   TYPISTS, false, false, WORKING },
    [STEP_EXAMINE]  = { S(ENTERED),                           CASE_EXAMINED,  EXAMINERS,true,  false, WORKING },
    [STEP_RETURN]   = { S(ENTERED) | S(EXAMINED),             CASE_RETURNED,  EXAMINERS,true,  true,  WORKING },
    [STEP_DECIDE]   = { S(EXAMINED),                          CASE_DECIDED,   DECIDERS, true,  false, CONNECTED },
    [STEP_POST]     = { POSTABLE,                             CASE_POSTED,    PROGRAM,  false, false, ANY },
    [STEP_CLASH]    = { CONFLICTABLE,                         CASE_CONFLICT,  PROGRAM,  false, false, ANY },
    [STEP_REOPEN]   = { S(CONFLICT),                          CASE_RETURNED,  DECIDERS, true,  true,  WORKING },
    [STEP_DELEGATE] = { TYPED,                                CASE_DELEGATED, DECIDERS, false, true,  WORKING },
    [STEP_WITHDRAW] = { TYPED | S(CONFLICT),                  CASE_WITHDRAWN, CLERKS,   false, true,  WORKING },
};
/* clang-format on */
_Static_assert(ARRAY_LEN(table) == CASE_STEPS, "a step has no row");

static const struct {
    const char *key, *label, *in_stop;
} states[] = {
#define CASE_ROW(id, key, label, in_stop) [CASE_##id] = { key, label, in_stop },
    CASE_STATE_LIST(CASE_ROW)
#undef CASE_ROW
};
_Static_assert(ARRAY_LEN(states) == CASE_STATES, "a state has no row");

static const struct {
    const char *key, *label;
} steps[] = {
#define CASE_ROW(id, key, label) [STEP_##id] = { key, label },
    CASE_STEP_LIST(CASE_ROW)
#undef CASE_ROW
};
_Static_assert(ARRAY_LEN(steps) == CASE_STEPS, "a step has no name");

const struct case_rule *case_rule(enum case_step s)
{
    MUST(s < CASE_STEPS);
    return &table[s];
}

const char *case_state_key(enum case_state s)
{
    MUST(s < CASE_STATES);
    return states[s].key;
}

const char *case_state_label(enum case_state s, bool in_stop)
{
    MUST(s < CASE_STATES);
    return in_stop ? states[s].in_stop : states[s].label;
}

enum case_state case_state_by_key(struct span key)
{
    size_t s = 0;
    while (s < CASE_STATES && !span_is(key, states[s].key))
        s++;
    return (enum case_state)s;
}

const char *case_step_key(enum case_step s)
{
    MUST(s < CASE_STEPS);
    return steps[s].key;
}

const char *case_step_label(enum case_step s)
{
    MUST(s < CASE_STEPS);
    return steps[s].label;
}

enum err case_step(enum case_state from, enum case_step step, const struct case_actor *who, enum case_state *ret,
                   struct errinfo *reterr)
{
    const struct case_rule *r = case_rule(step);
    if (!(r->from & CASE_BIT(from)))
        return err_set(reterr, E_INVALID, "S213", states[from].label, "%s from %s", steps[step].key, states[from].key);
    if (!(r->counter & COUNTER_BIT(who->counter)))
        return err_set(reterr, E_INVALID, "S009", counter_state_label(who->counter), "%s while the counter is %s",
                       steps[step].key, counter_state_name(who->counter));
    if (r->roles && !(r->roles & who->roles))
        return err_set(reterr, E_DENIED, "E15", NULL, "%s needs another role", steps[step].key);
    if (r->other && who->entered)
        return err_set(reterr, E_DENIED, "S214", NULL, "%s by the one who entered", steps[step].key);
    if (r->reason && !reason_holds(span_of(who->reason), who->reason_min, who->reason_letters))
        return err_set(reterr, E_INVALID, "S215", NULL, "%s without a reason", steps[step].key);
    *ret = r->to;
    return OK;
}

bool case_open(enum case_state s)
{
    return s != CASE_DRAFT && s != CASE_POSTED && s != CASE_WITHDRAWN;
}

bool case_editable(enum case_state s)
{
    return table[STEP_ENTER].from & CASE_BIT(s);
}
