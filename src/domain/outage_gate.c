#include "domain/outage_gate.h"
#include "base/clock.h"
#include "base/mem.h"
#include "domain/outage.h"

#include <string.h>

static const struct {
    const char *code, *text;
    bool secret; /* tells of a restriction: read only by those who may see them */
} REFUSALS[] = {
    [X01_PROTECTED] = { "X01", "支援措置・発行抑止の対象者又は同一世帯員", true },
    [X02_UNPOSTED] = { "X02", "未反映異動あり(停止時受付・応答未確認・要本庁確認)", false },
    [X03_CAME_DUE] = { "X03", "副本以後に予定日が到来した異動あり", false },
    [X04_PROTECTION] = { "X04", "停止中に保護期間の開始又は満了あり(継続中とみなす)", true },
    [X05_NUMBERS] = { "X05", "個人番号・住民票コードの記載請求", false },
    [X06_ELSEWHERE] = { "X06", "広域交付・カード関係・特例", false },
    [X07_NOT_IN_COPY] = { "X07", "除票・改製前(副本の範囲外)", false },
    [X08_RECORD] = { "X08", "記録の照合値不一致・外字未解決・照合待ち", false },
    [X09_BULK] = { "X09", "閲覧・大量請求", false },
    [X10_NO_PHOTO_ID] = { "X10", "写真付き本人確認書類なし", false },
    [X11_SAFETY_STOP] = { "X11", "保全停止中", false },
    [X12_OFFICE_RULE] = { "X12", "この窓口では取扱いなし", false },
    [X13_BY_POST] = { "X13", "郵送請求", false },
    [X14_OWN_RECORD] = { "X14", "操作者本人・家族の記録(承認者なし)", false },
};
_Static_assert(ARRAY_LEN(REFUSALS) == OUTAGE_REFUSALS, "a refusal has no row");
static const char NEUTRAL[] = "要本庁確認";

/* How old the copy is. */
enum age { AGE_FREE, AGE_SUP, AGE_MAX, AGE_BEYOND, AGES };

struct cell {
    enum outage_verdict verdict;
    unsigned approvals;
};

/* Age gate of the copy: rows by age, columns by applicant. */
static const struct cell COPY_GATE[AGES][APPLICANTS] = {
    [AGE_FREE] = { [APPLICANT_SELF] = { GATE_ISSUE, 0 },
                   [APPLICANT_PROXY] = { GATE_ISSUE, APPROVE_SUP },
                   [APPLICANT_THIRD] = { GATE_HOLD, 0 },
                   [APPLICANT_OFFICE] = { GATE_HOLD, APPROVE_RSP_PHONE } },
    [AGE_SUP] = { [APPLICANT_SELF] = { GATE_ISSUE, APPROVE_SUP },
                  [APPLICANT_PROXY] = { GATE_HOLD, 0 },
                  [APPLICANT_THIRD] = { GATE_HOLD, 0 },
                  [APPLICANT_OFFICE] = { GATE_HOLD, 0 } },
    [AGE_MAX] = { [APPLICANT_SELF] = { GATE_ISSUE, APPROVE_RSP_PHONE },
                  [APPLICANT_PROXY] = { GATE_HOLD, 0 },
                  [APPLICANT_THIRD] = { GATE_HOLD, 0 },
                  [APPLICANT_OFFICE] = { GATE_HOLD, APPROVE_RSP_PHONE } },
    [AGE_BEYOND] = { [APPLICANT_SELF] = { GATE_REFUSE, 0 },
                     [APPLICANT_PROXY] = { GATE_REFUSE, 0 },
                     [APPLICANT_THIRD] = { GATE_REFUSE, 0 },
                     [APPLICANT_OFFICE] = { GATE_REFUSE, 0 } },
};

/* Gate of an old restriction list: columns by applicant, rows by whether the host office can be asked by phone. */
static const struct cell LIST_GATE[2][APPLICANTS] = {
    [true] = { [APPLICANT_SELF] = { GATE_ISSUE, CONFIRM_HOST_PHONE },
               [APPLICANT_PROXY] = { GATE_REFUSE, 0 },
               [APPLICANT_THIRD] = { GATE_REFUSE, 0 },
               [APPLICANT_OFFICE] = { GATE_HOLD, 0 } },
    [false] = { [APPLICANT_SELF] = { GATE_ISSUE, APPROVE_SUP | APPROVE_BM },
                [APPLICANT_PROXY] = { GATE_REFUSE, 0 },
                [APPLICANT_THIRD] = { GATE_REFUSE, 0 },
                [APPLICANT_OFFICE] = { GATE_HOLD, 0 } },
};

const char *outage_refusal_code(enum outage_refusal x)
{
    return REFUSALS[x].code;
}

const char *outage_refusal_text(enum outage_refusal x, bool may_see_restrictions)
{
    return REFUSALS[x].secret && !may_see_restrictions ? NEUTRAL : REFUSALS[x].text;
}

static enum age age_of(const struct outage_limits *l, const struct outage_ask *a)
{
    if (a->copy_age_ms < 0 || !a->copy_verified || a->copy_age_ms > l->max_ms)
        return AGE_BEYOND;
    return a->copy_age_ms <= l->free_ms ? AGE_FREE : a->copy_age_ms <= l->sup_ms ? AGE_SUP : AGE_MAX;
}

static unsigned refusals_of(const struct outage_limits *l, const struct outage_ask *a)
{
    unsigned x = a->refusals;
    x |= a->sheets > l->sheets ? 1u << X09_BULK : 0;
    x |= !a->photo_id && a->applicant != APPLICANT_OFFICE ? 1u << X10_NO_PHOTO_ID : 0;
    x |= a->types & OUTAGE_BIT(OUTAGE_SAFETY) ? 1u << X11_SAFETY_STOP : 0;
    x |= a->own_record && !a->supervisor ? 1u << X14_OWN_RECORD : 0;
    return x;
}

/* The host office answers the phone when only the line is down. */
static bool host_by_phone(unsigned types)
{
    return !(types & (OUTAGE_BIT(OUTAGE_HOST) | OUTAGE_BIT(OUTAGE_PLANNED)));
}

/* The stricter verdict; approvals add up, but a hold that nothing lifts stays. */
static void tighten(struct outage_decision *d, struct cell c, const char *msg)
{
    bool stricter = c.verdict > d->verdict;
    bool never = (d->verdict == GATE_HOLD && !d->approvals) || (c.verdict == GATE_HOLD && !c.approvals);
    if (stricter)
        memcpy(d->msg, msg, strlen(msg) + 1);
    d->verdict = stricter ? c.verdict : d->verdict;
    d->approvals |= c.approvals;
    if (d->verdict == GATE_REFUSE || (d->verdict == GATE_HOLD && never))
        d->approvals = 0;
}

void outage_decide(const struct outage_limits *l, const struct outage_ask *a, struct outage_decision *ret)
{
    struct outage_decision d = { .verdict = GATE_ISSUE, .refusals = refusals_of(l, a) };
    if (l->always_sup)
        d.approvals |= APPROVE_SUP;
    tighten(&d, COPY_GATE[age_of(l, a)][a->applicant], "S520");
    if (a->restriction_age_ms < 0 || a->restriction_age_ms > l->restriction_ms) {
        struct cell c = LIST_GATE[host_by_phone(a->types)][a->applicant];
        if ((c.approvals & APPROVE_BM) && !a->in_person)
            c = (struct cell){ GATE_REFUSE, 0 };
        tighten(&d, c, "S521");
    }
    for (int x = OUTAGE_REFUSALS; x-- > 0;)
        if (d.refusals & (1u << x)) {
            d.verdict = GATE_REFUSE;
            d.approvals = 0;
            memcpy(d.msg, REFUSALS[x].code, strlen(REFUSALS[x].code) + 1);
        }
    *ret = d;
}

bool outage_came_due(struct date planned, struct date copy_day, struct date today)
{
    return planned.y && date_cmp(planned, copy_day) > 0 && date_cmp(planned, today) <= 0;
}

bool outage_protection_runs(struct date from, struct date until, struct date copy_day, struct date today)
{
    return from.y && date_cmp(from, today) <= 0 && (!until.y || date_cmp(until, copy_day) >= 0);
}

struct outage_limits outage_limits_of(const struct rulebook *book)
{
    return (struct outage_limits){
        .free_ms = rulebook_param_int(book, "SNAP_FREE_H") * HOUR_MS,
        .sup_ms = rulebook_param_int(book, "SNAP_SUP_H") * HOUR_MS,
        .max_ms = rulebook_param_int(book, "SNAP_MAX_D") * DAY_MS,
        .restriction_ms = rulebook_param_int(book, "SUPP_MAX_H") * HOUR_MS,
        .sheets = rulebook_param_int(book, "OFFLINE_COPIES_MAX"),
        .always_sup = strcmp(rulebook_param(book, "OUTAGE_CERT_SUP"), "yes") == 0,
    };
}
