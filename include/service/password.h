/*
 * Which passwords are taken (パスワードの条件): long enough, not the operator's own name, not a listed word or a run.
 * No rules of composition. Source: spec/standard.md PW_MIN; ASVS 6.2.
 */
#ifndef SERVICE_PASSWORD_H
#define SERVICE_PASSWORD_H

#include "domain/rulebook.h"

#define PASSWORD_CHARS 256 /* at most, wherever one is asked for */

struct common_passwords;
/* data/common-passwords.txt: a word a line. */
enum err common_passwords_load(const char *path, struct common_passwords **ret, struct errinfo *) NODISCARD;
void common_passwords_free(struct common_passwords *); /* NULL allowed */

/* E_INVALID with the message that says what is wrong: S050 short, S051 own name, S052 too common. */
enum err password_rule(const struct rulebook *, const struct common_passwords *, const char *password,
                       const char *operator_id, const char *name, struct errinfo *) NODISCARD;

#endif
