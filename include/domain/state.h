/*
 * States of a case (受付から反映まで) and the steps between them: one table of state × step, with who may take the
 * step, whether it must be another person than the one who entered, whether a reason is asked for, and in which states
 * of the counter it is possible. Nothing goes from entry to posting past the examination; what is decided never becomes
 * undecided (異動の取消し is a case of its own). Pure: it tells what is allowed and what comes of it.
 * Source: spec E.1, E.2; 標準仕様書 4.0.8; standard.md 第三 一, §2.4, §2.7.
 */
#ifndef DOMAIN_STATE_H
#define DOMAIN_STATE_H

#include "domain/outage.h"
#include "domain/role.h"

/* clang-format off */
/*    id          key          label                  label of a case that was received in a stop */
#define CASE_STATE_LIST(X)                                    \
    X(DRAFT, "draft", "入力中", "入力中")                     \
    X(RECEIVED, "received", "受付", "停止時受付")             \
    X(ENTERED, "entered", "仮登録", "停止時仮登録")           \
    X(EXAMINED, "examined", "審査済", "停止時審査済")         \
    X(RETURNED, "returned", "差戻し", "差戻し")               \
    X(DECIDED, "decided", "本登録(送信待)", "本登録(送信待)") \
    X(POSTED, "posted", "反映済", "反映済")                   \
    X(CONFLICT, "conflict", "競合", "競合")                   \
    X(DELEGATED, "delegated", "本庁代行", "本庁代行")         \
    X(WITHDRAWN, "withdrawn", "取下げ", "取下げ")

/*    step        key          label */
#define CASE_STEP_LIST(X)                                                                          \
    X(RECEIVE, "receive", "受付") /* paper taken, to be typed later */                             \
    X(ENTER, "enter", "仮登録")                                                                    \
    X(EXAMINE, "examine", "審査")                                                                  \
    X(RETURN, "return", "差戻し")                                                                  \
    X(DECIDE, "decide", "決裁")                                                                    \
    X(POST, "post", "反映")             /* the host has applied it */                              \
    X(CLASH, "clash", "競合")           /* the host has found a conflict or refused */             \
    X(REOPEN, "reopen", "再処理")       /* a conflict is worked on again */                        \
    X(DELEGATE, "delegate", "本庁代行") /* the head office enters it; only its number is linked */ \
    X(WITHDRAW, "withdraw", "取下げ")

enum case_state {
#define CASE_ENUM(id, key, label, in_stop) CASE_##id,
    CASE_STATE_LIST(CASE_ENUM)
#undef CASE_ENUM
    CASE_STATES
};
enum case_step {
#define CASE_ENUM(id, key, label) STEP_##id,
    CASE_STEP_LIST(CASE_ENUM)
#undef CASE_ENUM
    CASE_STEPS
};
/* clang-format on */

struct case_rule {
    unsigned from; /* set of states: CASE_BIT */
    enum case_state to;
    unsigned roles;   /* set of ROLE_BIT; 0: the program itself, on the word of the host */
    bool other;       /* not by anybody who entered the case */
    bool reason;      /* must say why */
    unsigned counter; /* set of COUNTER_BIT in which it is possible */
};
#define CASE_BIT(s)    (1u << (s))
#define COUNTER_BIT(s) (1u << (s))

const struct case_rule *case_rule(enum case_step); /* never NULL */

/* Who takes the step, and where. */
struct case_actor {
    bool entered;   /* has taken part in the entry of this case, ever */
    unsigned roles; /* set of ROLE_BIT; ignored for steps of the program */
    enum counter_state counter;
    const char *reason; /* "" when none was given */
    int reason_min;     /* characters: parameter REASON_MIN_CHARS */
    int reason_letters; /* different ones: parameter REASON_MIN_LETTERS */
};
/* E_INVALID S213 (not from this state, or not while the counter is in this one), E_DENIED E15 (role) and S214 (second
 * person), E_INVALID S215 (reason). */
enum err case_step(enum case_state from, enum case_step, const struct case_actor *, enum case_state *ret,
                   struct errinfo *) NODISCARD;

const char *case_state_key(enum case_state);
const char *case_state_label(enum case_state, bool in_stop);
enum case_state case_state_by_key(struct span); /* CASE_STATES when unknown */
const char *case_step_key(enum case_step);
const char *case_step_label(enum case_step);

/* Still to be worked on: a person may have only one such case (E14). */
bool case_open(enum case_state);
/* May still be changed or withdrawn by the counter. */
bool case_editable(enum case_state);

#endif
