/*
 * May this come out? One function for every way out of the register (抑止・支援措置): screen, certificate, list,
 * export, telephone, and for the entry of a notice. The strictest row wins, the end of a period lifts nothing, a list
 * that is too old means no, and every refusal carries the same neutral message, so that the refusal itself says
 * nothing about anybody. Reasons are for the log and for those who may see them.
 * Source: spec A.10, C.7; 標準仕様書 1.1.16, 3.1, 3.4; 支援措置: 事務処理要領 第5-10.
 */
#ifndef DOMAIN_RESTRICT_H
#define DOMAIN_RESTRICT_H

#include "domain/date.h"

enum restrict_process {
    RP_ENTRY,       /* 異動入力 */
    RP_CERTIFICATE, /* 証明書発行 */
    RP_VIEW,        /* 照会: one record on the screen */
    RP_LIST,        /* 一覧・閲覧: rows of results, extracts */
    RP_EXPORT,      /* データ提供 */
    RP_PHONE,       /* 電話照会 */
    RP_COUNT
};
enum restrict_level { RL_NONE, RL_ALERT, RL_ERROR, RL_COUNT };
enum restrict_kind {
    RK_SUPPORT,     /* 支援措置 */
    RK_PROVISIONAL, /* 仮支援措置: binds exactly as the full measure */
    RK_LOCK,        /* 排他 */
    RK_OTHER,       /* その他 */
    RK_COUNT
};

#define RESTRICT_ID_MAX 40
struct restriction {
    char id[RESTRICT_ID_MAX + 1];
    char person[16];    /* 宛名番号, or "" */
    char household[16]; /* 世帯番号, or "" */
    enum restrict_kind kind;
    enum restrict_level level[RP_COUNT];
    struct date from;  /* y = 0: at once */
    struct date until; /* y = 0: no end; a passed end changes nothing */
    bool released;     /* 解除 */
    /* 一時解除: until then, for one certificate request, by whom; 0 and "": none */
    int64_t temp_until_ms;
    char temp_request[RESTRICT_ID_MAX + 1], temp_by[RESTRICT_ID_MAX + 1];
};

struct restrict_query {
    enum restrict_process process;
    const struct restriction *row; /* all rows of all persons and households that would come out */
    size_t n;
    struct date today;
    int64_t now_ms;
    int64_t list_age_s;     /* since the restriction list was true at the host; < 0: there is no list */
    int64_t list_max_age_s; /* parameter SUPP_MAX_H */
    int alert_months;       /* parameter SUPPORT_ALERT_MONTHS: `ending` from so long before the end */
    const char *request;    /* 請求番号 that the certificate is for; NULL or "": none */
    int64_t temp_max_ms;    /* parameter TEMP_RELEASE_MIN: what lasts longer has seen the clock set back */
    bool may_see_details;   /* 支援措置責任者 */
};

enum restrict_verdict { RV_ALLOW, RV_ALERT, RV_REFUSE };
enum restrict_reason { RR_NONE, RR_OTHER, RR_LOCK, RR_PROVISIONAL, RR_SUPPORT, RR_STALE, RR_COUNT };

struct restrict_decision {
    enum restrict_verdict verdict;
    enum restrict_reason reason; /* internal: of the strictest row */
    const char *msg;             /* RESTRICT_MSG when refused, else NULL */
    bool temporary;              /* a row is released for a time */
    bool ending;                 /* a row in force ends soon */
    bool ended;                  /* a row in force is past its end and still binds */
};

/* The one message of a refusal: neutral, for clerk and visitor alike. */
#define RESTRICT_MSG "E51"

struct restrict_decision restrict_decide(const struct restrict_query *);
/* In force: not released, and started by today; what hides where a person lives is in force as soon as it stands here.
 * A temporary release is not looked at. */
bool restrict_in_force(const struct restriction *, struct date today);
/* Released for a time for what is asked: one function (証明書発行), one request, now (spec A.10, reliability L5). */
bool restrict_opened(const struct restriction *, const struct restrict_query *);
/* True for the kinds that hide where a person lives (支援, 仮支援). */
bool restrict_protects(enum restrict_kind);

const char *restrict_reason_code(enum restrict_reason);  /* "support", for the log */
const char *restrict_kind_code(enum restrict_kind);      /* "support" "provisional" "lock" "other" */
enum restrict_kind restrict_kind_by_code(struct span);   /* RK_COUNT when unknown */
const char *restrict_kind_label(enum restrict_kind);     /* 支援措置 */
const char *restrict_level_code(enum restrict_level);    /* "none" "alert" "error" */
enum restrict_level restrict_level_by_code(struct span); /* RL_COUNT when unknown */
const char *restrict_process_code(enum restrict_process);
enum restrict_process restrict_process_by_code(struct span); /* RP_COUNT when unknown */

/* End of a measure that starts on `from`: the day before the anniversary (29 February: 28 February). */
struct date restrict_year_end(struct date from);

#endif
