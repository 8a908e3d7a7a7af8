/*
 * May a certificate be issued while the host cannot be asked (停止時発行の可否)? Two tables: what is always refused
 * (X01–X14), and how old the local copy and the restriction list may be for whom. The strictest wins. What the
 * visitor hears is the same neutral sentence for every refusal. Pure. Source: spec standard §2.5, domain B.5.
 */
#ifndef DOMAIN_OUTAGE_GATE_H
#define DOMAIN_OUTAGE_GATE_H

#include "domain/date.h"
#include "domain/rulebook.h"
#include <stdint.h>

enum outage_applicant {
    APPLICANT_SELF,   /* the person or one of the same household */
    APPLICANT_PROXY,  /* 代理人 with a letter of authority */
    APPLICANT_THIRD,  /* 第三者: 法人・士業・その他 */
    APPLICANT_OFFICE, /* 公用 */
    APPLICANTS
};

enum outage_refusal {
    X01_PROTECTED,   /* 支援措置・発行抑止 of the person or household */
    X02_UNPOSTED,    /* 未反映異動 */
    X03_CAME_DUE,    /* a planned change has come due since the copy */
    X04_PROTECTION,  /* a protection began or ended inside the stop: treated as running */
    X05_NUMBERS,     /* 個人番号・住民票コード asked for */
    X06_ELSEWHERE,   /* 広域交付, card functions, 特例 */
    X07_NOT_IN_COPY, /* 除票・改製前 */
    X08_RECORD,      /* digest wrong, 外字 unresolved, 照合待ち */
    X09_BULK,        /* 閲覧, or more sheets than OFFLINE_COPIES_MAX */
    X10_NO_PHOTO_ID, /* identity not proven by photo */
    X11_SAFETY_STOP, /* type S */
    X12_OFFICE_RULE, /* not done at this office */
    X13_BY_POST,     /* 郵送請求 */
    X14_OWN_RECORD,  /* the operator's own or family record, without a supervisor */
    OUTAGE_REFUSALS
};
const char *outage_refusal_code(enum outage_refusal); /* "X01" */
/* What the clerk reads; X01 and X04 read 要本庁確認 unless the operator may see restrictions. */
const char *outage_refusal_text(enum outage_refusal, bool may_see_restrictions);

struct outage_ask {
    unsigned types; /* of the stop */
    enum outage_applicant applicant;
    bool in_person, photo_id;
    int64_t copy_age_ms;        /* now − as_of of the local copy; negative: the clock is doubtful */
    int64_t restriction_age_ms; /* the same of the restriction list */
    bool copy_verified;         /* digest of the copy is right */
    int64_t sheets;
    unsigned refusals; /* 1u << X..: what the caller found in the records; X09–X11 and X14 are found here, too */
    bool own_record;
    bool supervisor; /* a supervisor approves this issue */
};

/* Approvals that are needed before the first sheet; bits. */
enum outage_approval {
    APPROVE_SUP = 1,
    APPROVE_BM = 2,
    APPROVE_RSP_PHONE = 4, /* 連絡記録番号 and spoken code */
    CONFIRM_HOST_PHONE = 8 /* 本庁 says by phone that the person is not protected */
};
enum outage_verdict { GATE_ISSUE, GATE_HOLD, GATE_REFUSE };
struct outage_decision {
    enum outage_verdict verdict;
    unsigned approvals; /* for GATE_ISSUE: needed; for GATE_HOLD: with these it may be issued after all, 0 = not */
    unsigned refusals;  /* all X codes that apply */
    char msg[8];        /* "X05" the first of them, "S520" too old, "S521" restriction list too old, "" */
};

/* Limits from the rulebook: SNAP_FREE_H, SNAP_SUP_H, SNAP_MAX_D, SUPP_MAX_H, OFFLINE_COPIES_MAX, OUTAGE_CERT_SUP. */
struct outage_limits {
    int64_t free_ms, sup_ms, max_ms, restriction_ms, sheets;
    bool always_sup; /* every issue in a stop needs a supervisor (B.5-5) */
};
struct outage_limits outage_limits_of(const struct rulebook *);

void outage_decide(const struct outage_limits *, const struct outage_ask *, struct outage_decision *ret);

/* X03: a day after the copy's day and not after today. */
bool outage_came_due(struct date planned, struct date copy_day, struct date today);
/* X04: does a protection (from … until, until.y = 0: open) touch the time since the copy? Its end never lifts it. */
bool outage_protection_runs(struct date from, struct date until, struct date copy_day, struct date today);

#endif
