/*
 * Second looks at who somebody is, for use by handlers: the same person again before a decision, another person beside
 * (二者). Attempts are counted and logged whatever becomes of the call, and lock like those at login. What is answered
 * does not tell an unknown operator from a wrong password, nor does the time.
 * Source: spec/standard.md M3; ASVS 2.3.5, 6.3, 7.5.3.
 */
#ifndef SERVICE_AUTH_H
#define SERVICE_AUTH_H

#include "service/method.h"
#include "service/password.h"

/* Parameters of a step that two persons answer for (二者): why, who else, and their password. Rows of a param_spec
 * list. */
#define PARAM_CONFIRM(reason_chars)                                                          \
    { "reason", P_TEXT, true, (reason_chars), NULL }, { "approver", P_ID, false, 32, NULL }, \
    {                                                                                        \
        "password", P_SECRET, true, PASSWORD_CHARS, NULL                                     \
    }

/* The operator of the session gives the password once more. E_DENIED S001. */
enum err auth_again(struct call *, const char *password, struct errinfo *) NODISCARD;

/* Somebody else, who must hold the permission for `method`, gives the password at the same terminal and becomes the
 * approver of the log row. E_DENIED: S001 wrong, S004 the same person, S003 no permission, S019 an account that an
 * administrator made or reset less than parameter SECOND_WAIT_H ago. */
enum err auth_second(struct call *, const char *operator_id, const char *password, const char *method,
                     struct errinfo *) NODISCARD;
/* As above; one of `roles` is needed and none of `never` may be held. */
enum err auth_second_of(struct call *, const char *operator_id, const char *password, unsigned roles, unsigned never,
                        struct errinfo *) NODISCARD;

#endif
