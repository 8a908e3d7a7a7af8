/*
 * What the files of the certificate use cases share. The desk (cert_desk.c) owns what outlives a call: the rules, the
 * previews being drawn and the print jobs on their way. A case (cert_case.c) is a request with everything that decides
 * about it; a copy is made from a case (cert_make.c).
 */
#ifndef SERVICE_CERT_H
#define SERVICE_CERT_H

#include "domain/certificate.h"
#include "domain/finding.h"
#include "domain/outage_gate.h"
#include "domain/restrict.h"
#include "service/method.h"
#include "store/certs.h"
#include "store/outage.h"
#include "store/printjobs.h"
#include "store/replica.h"
#include "store/restriction.h"

/* ---- desk ---- */

enum err cert_desk_open(struct service *, struct cert_desk **ret, struct errinfo *) NODISCARD;
void cert_desk_close(struct cert_desk *); /* NULL allowed */

struct cert_run { /* a print job on its way */
    struct cert_run *next;
    struct cert_desk *desk;
    int64_t job;
    char *issue, *operator_id, *session, *subjects;
    bool my_number, seal;
    bool active; /* being drawn or sent */
};

struct cert_view { /* a preview being drawn */
    struct cert_desk *desk;
    struct cert_view *next;
    char *request;
    uint8_t hash[CERT_HASH];
    bool done, orphan; /* orphan: nobody waits for it any more */
    enum err err;
    struct errinfo why;
    struct buf lines;
    json_t *over;
};

struct cert_desk {
    struct service *svc;
    struct cert_rules *rules;
    struct cert_run *runs;
    struct cert_view *views;
};

/* Print jobs of the calls of an issue: reserved in its transaction, started after its commit. Takes what run names. */
void desk_print(struct cert_desk *, const struct cert_run *);
/* Jobs of this printer go on after somebody answered what became of an unknown one. */
void desk_go_on(struct cert_desk *);
/* True while the job waits for or is with a process. */
bool desk_working(const struct cert_desk *, int64_t job);
/* Starts to draw; the view is in the desk's list until desk_view_end. */
struct cert_view *desk_view(struct cert_desk *, const char *request, const uint8_t hash[CERT_HASH],
                            const struct cert_copy *, int ambiguous);
void desk_view_end(struct cert_view *);
/* S325 when nothing draws here. */
enum err desk_port(const struct service *, const struct paper_port **ret, struct errinfo *) NODISCARD;

/* ---- case ---- */

struct cert_verdict {
    const char *msg;    /* refusal, or NULL */
    const char *code;   /* what the clerk may see of its reason: "X05", or "" */
    const char *text;   /* instead of the message's text, or NULL */
    const char *reason; /* for the log only: "support" … */
    bool hold;          /* 預かり: not now, but the request stays open until the stop is over */
    bool approval;      /* by a second person */
    bool by_rsp;        /* who is 支援措置責任者: somebody in the household is protected */
    bool concealed;     /* its text is not shown before it is printed */
    unsigned approvals; /* enum outage_approval */
    struct findings findings;
};

struct cert_case {
    struct cert_request row; /* texts from the arena of the call */
    struct cert_ask ask;
    struct resident_list people, members; /* newest rows of the persons; living members of their household */
    struct resident_list *history;        /* parallel to people */
    struct cert_subjects who;
    struct restriction_list restrictions; /* of the persons and their households */
    struct restriction_list others;       /* of the other members */
    struct replica copy;
    struct outage stop;
    bool in_stop;
};

/* From the parameters of cert.request; nothing is written. */
enum err case_of_call(struct call *, struct cert_case *ret, struct errinfo *) NODISCARD;
/* From the store; S317 when there is no such request, S318 when it has ended. */
enum err case_of_request(struct call *, const char *no, struct cert_case *ret, struct errinfo *) NODISCARD;
void cert_case_done(struct cert_case *);
/* Everything that speaks for or against it, at this moment. `approved`: a second person stands beside. */
enum err case_judge(struct call *, const struct cert_case *, bool approved, struct cert_verdict *ret,
                    struct errinfo *) NODISCARD;
void verdict_done(struct cert_verdict *);
/* gate{ok,msg,code,text,remedy}, needs_approval, findings[] of a result. */
void verdict_tell(struct call *, const struct cert_verdict *, json_t *result);
/* Does it show 個人番号 or 住民票コード? */
bool case_shows_number(const struct cert_rules *, const struct cert_case *);

/* ---- copy ---- */

/* The copy without number and job, and its hash: what a preview shows and an issue must still show. */
enum err copy_of_case(struct call *, const struct cert_case *, struct cert_copy **ret, uint8_t ret_hash[CERT_HASH],
                      struct errinfo *) NODISCARD;
/* Takes a number, writes issue, print job and operation. Appends to result issues[]; *ret_run says what is to print. */
enum err copy_issue(struct call *, const struct cert_case *, const struct cert_copy *template_copy, int64_t copy,
                    const char *contact_no, struct cert_run *ret_run, json_t *issues, struct errinfo *) NODISCARD;

/* Short check code and QR text of a number and its content. */
void copy_marks(const struct service *, const struct paper_port *, const char *number,
                const uint8_t content_hash[CERT_HASH], struct buf *ret_check, struct buf *ret_qr);
void copy_mac(const struct paper_port *, const char *number, const uint8_t content_hash[CERT_HASH],
              uint8_t ret[PAPER_HASH]);

#endif
