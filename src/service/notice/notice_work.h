/* What the methods about notices share: one notice on the desk, the part of the register it touches, what the checks
 * say, and what would come of it. */
#ifndef SERVICE_NOTICE_WORK_H
#define SERVICE_NOTICE_WORK_H

#include "domain/effect.h"
#include "domain/finding.h"
#include "domain/notice_points.h"
#include "domain/rule.h"
#include "service/shield.h"
#include "store/notices.h"

#define NOTICE_VALUES_MAX 4000
extern const struct param_spec notice_value_param[]; /* element of `values`: {"s","r","f","v"} */

/* Number of "D12"; 0 for anything else. */
int64_t draft_id(const char *text);

struct notice_work {
    struct call *call;
    const struct kind *kind;
    struct notice *notice;            /* canonical values; owned */
    const char *own_no;               /* 受付番号 of the case itself, "" while there is none; borrowed */
    int64_t received_ms;              /* when the counter took it */
    struct idlist people, households; /* as the values name them */
    struct world world;
    struct trial_numbers numbers;
    struct effect_ctx ctx;
    struct findings findings;
    bool tried;          /* the effect could be applied: */
    struct changes made; /* what would come out, all days at once */
    struct idlist bound; /* persons the case is about: named or changed, without new ones */
    bool past;           /* ended: people and made are rows of the history, nothing is judged */
    struct idlist also;  /* further persons whose hiding counts: those it made or was about (decided long ago) */
    bool hidden;         /* somebody may not be shown: no preview leaves */
    bool own;            /* the operator has typed it in */
};
void notice_work_done(struct notice_work *);

/* Kind and values of the request. E_NOTFOUND S221 for an unknown kind. */
enum err notice_work_read(struct call *, const char *kind, const json_t *values, struct notice_work *ret,
                          struct errinfo *) NODISCARD;
/* The values of a case as they were entered last. */
enum err notice_work_case(struct call *, const struct case_row *, struct notice_work *ret, struct errinfo *) NODISCARD;
/* Loads the world, runs all checks and tries the effect. The log row learns who was looked at. */
enum err notice_work_look(struct notice_work *, struct errinfo *) NODISCARD;
/* Before findings are told, or decide about an entry: with somebody hidden, nothing that names anybody of the register
 * or tells what is stored there. */
void notice_work_veil(struct notice_work *);
/* The persons a case was about when it was entered and those it made when it was posted. */
enum err notice_work_persons(struct call *, const struct case_row *, struct idlist *ret, struct errinfo *) NODISCARD;
/* After notice_work_look, for a case that has ended: in place of today's rows and findings the rows before its posting
 * and those it wrote; of one that was not posted, those of its last day. */
enum err notice_work_past(struct notice_work *, const struct case_row *, struct errinfo *) NODISCARD;
/* E_INVALID S222 with an error among the findings, S217 with an alert that `acks` (ids) does not name. */
enum err notice_work_passes(const struct notice_work *, const char *const *acks, size_t n, struct errinfo *) NODISCARD;
/* {"s","r","f","v"} of each value into the list. */
void notice_values_json(const struct notice *, json_t *list);

/* ---- telling (notice_show.c) ---- */

void show_findings(const struct notice_work *, json_t *result);
/* values[], and of each what is shown for it. */
void show_values(const struct notice_work *, json_t *result);
/* before[], after[], changes[], relations[] … */
enum err show_preview(const struct notice_work *, json_t *result, struct errinfo *) NODISCARD;

/* ---- steps (notice_step.c) ---- */

struct step_request {
    const char *no;
    enum case_step step;
    const char *reason, *detail; /* may be NULL */
};
/* The rules of state.h with who asks and the state of the counter; then the event and the book of a stop. *ret_after is
 * the state that came of it. */
enum err take_step(struct call *, const struct case_row *, const struct step_request *, enum case_state *ret_after,
                   struct errinfo *) NODISCARD;
/* The same rules, nothing written. */
enum err may_step(struct call *, const struct case_row *, enum case_step, struct errinfo *) NODISCARD;
struct case_ack_list { /* ids of the alerts the entry has acknowledged; texts in the arena, the array owned */
    const char **id;
    size_t n;
    struct arena *arena;
};
/* The case as it stands against the register as it is now: E_INVALID S222, S217. */
enum err look_again(struct notice_work *, const struct case_row *, struct case_ack_list *ret,
                    struct errinfo *) NODISCARD;
/* no, state, state_label; the state is the one that counts, which a step may just have changed. */
void tell_state(const struct call *, const struct case_row *, enum case_state, json_t *ret);
/* Adds notice.enter or notice.decide to the outbox. */
enum err send_notice(struct notice_work *, const struct case_row *, const char *op_kind, const char *const *acks,
                     size_t n_acks, struct errinfo *) NODISCARD;
const char *received_day(int64_t ms, char ret[DATE_TEXT]);

/* Handlers that stand in files of their own; the table is m_notice.c's. */
enum err notice_candidates(struct call *, struct errinfo *) NODISCARD;
enum err notice_enter(struct call *, struct errinfo *) NODISCARD;
enum err notice_examine(struct call *, struct errinfo *) NODISCARD;
enum err notice_return(struct call *, struct errinfo *) NODISCARD;
enum err notice_withdraw(struct call *, struct errinfo *) NODISCARD;
enum err notice_decide(struct call *, struct errinfo *) NODISCARD;
enum err notice_decide_many(struct call *, struct errinfo *) NODISCARD;
bool notice_decided(struct call *, bool late);

#endif
