/* What the files of the gate share, and the few methods about sessions and passwords themselves. Handlers use
 * service/method.h and service/auth.h. */
#ifndef SERVICE_INTERNAL_H
#define SERVICE_INTERNAL_H

#include "service/method.h"
#include "service/password.h"

#define SESSION_ID 16 /* hexadecimal digits, in the log only */

struct session {
    struct session *next;
    struct service *svc;
    struct service_peer peer;
    char id[SESSION_ID + 1];
    struct operator_row *op; /* NULL: nobody has logged in */
    bool locked;
    bool must_change;
    int64_t login_ms, used_ms;    /* monotonic */
    struct oplog_check log_check; /* of log.verify, from call to call */
};

struct attempt {       /* to prove who somebody is; counted whatever becomes of the call */
    char *operator_id; /* NULL: unknown */
    const char *purpose, *result;
};

struct call_internal {
    json_t *id;
    void (*reply)(void *arg, json_t *answer);
    void *arg;
    json_t *answer;    /* an answer that is held back only for a time */
    int64_t due_ms;    /* monotonic: latest moment of a waiting answer */
    struct call *next; /* waiting */
    bool one_attempt;
    struct attempt attempt;
    struct proof *proofs, *wanted;   /* password work that was needed so far, and what the call waits for; arena */
    struct proof_ticket *ticket;     /* while it waits */
    bool again;                      /* runs again from the start */
    char *subjects;                  /* being collected; arena */
    size_t n_subjects, cap_subjects; /* bytes of it: in use, without the closing one, and there */
};

struct commit_hook {
    struct commit_hook *next;
    void (*cb)(void *arg);
    void *arg;
};

struct waiting {
    struct call *first;
};

int64_t mono_ms(const struct service *);

/* session.c */
enum err session_check(struct call *, struct errinfo *) NODISCARD; /* login, lock, password to be changed, end */
void session_login(struct session *, struct operator_row *take, bool must_change);
void session_logout(struct session *);
void sessions_tick(struct service *);

/* usage.c: what each operator has asked for, over all connections */
enum use {
    USE_VIEW,  /* opened a person or a household */
    USE_CHECK, /* named in a notice that was checked */
    USE_COUNT
};
/* Counts a search for a person who has not been asked about in this hour. E_BUSY S012. */
enum err usage_check(struct call *, const char *id, struct errinfo *) NODISCARD;
/* The how manieth of the hour this person (or household) is for the operator, from 1; the same for the same person. */
size_t usage_nth(struct call *, const char *id);
void usage_free(struct service *);

/* permission.c */
enum err permissions_load(const char *path, struct permissions **ret, struct errinfo *) NODISCARD;
void permissions_free(struct permissions *);
unsigned permission_roles(const struct permissions *, const char *method); /* bits; 0 when not listed */

/* params.c */
enum err params_check(const struct param_spec *, const json_t *params, struct errinfo *) NODISCARD;
json_t *params_without_secrets(const struct param_spec *, const json_t *params); /* new reference */

/* answer.c */
json_t *answer_ok(const json_t *id, json_t *take_result);
json_t *answer_error(const struct service *, const json_t *id, const struct errinfo *);

/* auth.c */
/* Works out whether the password is the operator's; *ret is the row when it is. Notes the attempt in the call. */
enum err auth_check(struct call *, const char *operator_id, const char *password, const char *purpose,
                    struct operator_row **ret, struct errinfo *) NODISCARD;
/* Writes the attempt that was noted. Inside a transaction. */
enum err auth_record(struct call *, struct errinfo *) NODISCARD;
/* In force today: active and within its dates. */
bool auth_is_valid(const struct service *, const struct operator_row *);
/* Locked by failed attempts of this peer (OPERATOR_ANY_PEER: of somebody)? */
enum err auth_locked(const struct service *, const char *operator_id, int64_t peer_uid, bool *ret,
                     struct errinfo *) NODISCARD;
/* The password must be changed before anything else: first one, reset, or too old. */
bool auth_must_change(const struct service *, const struct operator_row *);

/* proof.c: for every password of a call. Fails with E_BUSY while the answer is worked out elsewhere; the gate runs the
 * call again when it is there. */
enum err proof_check(struct call *, const char *password, const char *verifier, int iterations, bool *ret_fits,
                     struct errinfo *) NODISCARD;
enum err proof_make(struct call *, const char *password, int iterations, char **ret_verifier,
                    struct errinfo *) NODISCARD;
bool proof_wanted(const struct call *); /* the call cannot go on without an answer */
void proof_start(struct call *);        /* asks; gate_resume follows */
void proof_forget(struct call *);       /* the call ends; an answer that still comes is dropped */

/* gate.c */
/* service_call behind the envelope: tests bring methods of their own. */
void gate_call(struct session *, const struct method *, const json_t *request, void (*reply)(void *arg, json_t *answer),
               void *arg);
void gate_drop(struct session *); /* forgets the waiting answers of a session */
void gate_tick(struct service *);
void gate_resume(struct call *); /* takes a waiting call from the list and runs it again */

#endif
