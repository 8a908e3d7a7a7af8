/*
 * Roles of operators (役割). What a role may do is data (data/permissions.tsv, method × role); here stand only the
 * names. Nobody has a right by job title. Source: spec E.4; 標準仕様書 10.3.
 */
#ifndef DOMAIN_ROLE_H
#define DOMAIN_ROLE_H

#include "base/buf.h"

/*    id   label                                    */
#define ROLE_LIST(X)         \
    X(CLK, "操作者")         \
    X(SUP, "審査者・承認者") \
    X(BM, "支所長")          \
    X(RSP, "住民記録責任者") \
    X(SYS, "システム管理者") \
    X(AUD, "監査担当")

/* clang-format off */
enum role {
#define ROLE_ENUM(id, label) ROLE_##id,
    ROLE_LIST(ROLE_ENUM)
#undef ROLE_ENUM
    ROLE_COUNT
};
/* clang-format on */

#define ROLE_BIT(role) (1u << (role)) /* sets of roles */

const char *role_code(enum role);         /* "CLK" */
const char *role_label(enum role);        /* 操作者 */
enum role role_by_code(struct span code); /* ROLE_COUNT when unknown */

#endif
