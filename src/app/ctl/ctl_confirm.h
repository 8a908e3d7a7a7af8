/* The confirmation of a step of a stop (二者による確認): who else, and the password. */
#ifndef APP_CTL_CONFIRM_H
#define APP_CTL_CONFIRM_H

#include "app/ctl.h"

/* Adds `approver` (from --approver, when given) and `password`: the approver's, or the operator's own once more. */
enum err ctl_confirm(struct ctl *, json_t *params, struct errinfo *) NODISCARD;
#define CTL_CONFIRM_OPTIONS                                                                                           \
    { "approver", "ID", "もう一人の承認者の操作者ID" }, CTL_SECRET_FD("confirm", "承認者(なければ本人)のパスワード"), \
        CTL_SECRET_FILE("confirm", "承認者(なければ本人)のパスワード")

#endif
