/* Reading and verifying the operation log (S-63). Nothing here changes a row. Source: 標準仕様書 10.2. */
#include "gate/internal.h"
#include "methods.h"
#include "store/oplog_report.h"
#include <string.h>

#define LIST_MAX        200
#define VERIFY_ROWS     20000 /* in one call: other clients are served between */
#define HEADS_MAX       64
#define REPORT_DAYS_MAX 93
#define JST_MS          INT64_C(32400000)

static void set_hex(json_t *object, const char *key, const uint8_t *p, size_t n)
{
    struct buf b = BUF_INIT;
    hex_add(&b, p, n);
    set_text(object, key, buf_str(&b));
    buf_done(&b);
}

static void tell_row(void *arg, const struct oplog *r)
{
    json_t *row = add_object(arg);
    set_int(row, "seq", r->seq);
    set_time(row, "at", r->at_ms);
    set_text(row, "operator", r->operator_id);
    set_text(row, "approver", r->approver);
    set_text(row, "terminal", r->terminal);
    set_text(row, "function", r->function);
    set_text(row, "action", r->action);
    set_text(row, "subjects", r->subjects);
    set_text(row, "reason", r->reason);
    set_text(row, "ticket", r->ticket);
    set_text(row, "issue_no", r->issue_no);
    set_int(row, "pages", r->pages);
    set_bool(row, "my_number", r->my_number);
    set_bool(row, "seal", r->seal);
    set_text(row, "result", r->result);
    set_text(row, "detail", r->detail);
}

static const char *filter_text(const struct call *c, const char *name)
{
    const char *v = call_text(c, name);
    return v[0] ? v : NULL;
}

/* A day as its first moment in Japan, moved by days. */
static enum err filter_day(const struct call *c, const char *name, int days, int64_t *ret, struct errinfo *reterr)
{
    const char *day = call_text(c, name);
    if (!day[0])
        return OK;
    struct date d;
    TRY(date_read(day, &d, reterr));
    char text[DATE_TEXT], iso[CLOCK_TEXT];
    date_text(date_add(d, days), text);
    snprintf(iso, sizeof iso, "%sT00:00:00+09:00", text);
    return clock_parse(iso, ret, reterr);
}

static enum err log_list(struct call *c, struct errinfo *reterr)
{
    struct oplog_filter f = { .operator_id = filter_text(c, "operator"),
                              .subject = filter_text(c, "subject"),
                              .function = filter_text(c, "function"),
                              .action = filter_text(c, "action"),
                              .result = filter_text(c, "result"),
                              .before = call_int(c, "before", 0),
                              .limit = (int)call_int(c, "limit", 50) };
    TRY(filter_day(c, "from", 0, &f.from_ms, reterr));
    TRY(filter_day(c, "to", 1, &f.to_ms, reterr));
    if (f.to_ms)
        f.to_ms--;
    return oplog_list(c->svc->db, &f, tell_row, set_list(c->result, "rows"), reterr);
}

static enum err read_heads(const struct call *c, struct oplog_head *ret, size_t *ret_n, struct errinfo *reterr)
{
    const json_t *list = call_json(c, "heads");
    size_t n = json_array_size(list);
    for (size_t i = 0; i < n; i++) {
        const json_t *h = json_array_get(list, i);
        const char *hash = json_string_value(json_object_get(h, "hash"));
        ret[i].seq = json_integer_value(json_object_get(h, "seq"));
        if (!hash || unhex(span_of(hash), ret[i].hash, OPLOG_HASH, NULL) != OK)
            return call_refuse(reterr, E_INVALID, "S044", "heads");
    }
    *ret_n = n;
    return OK;
}

/* Goes on from call to call of the same session until the end of the log or the first bad row. */
static enum err log_verify(struct call *c, struct errinfo *reterr)
{
    struct oplog_check *k = &c->session->log_check;
    struct oplog_head heads[HEADS_MAX];
    size_t n = 0;
    TRY(read_heads(c, heads, &n, reterr));
    if (k->done || call_bool(c, "restart"))
        memset(k, 0, sizeof *k);
    TRY(oplog_verify(c->svc->db, k, heads, n, VERIFY_ROWS, reterr));
    set_bool(c->result, "done", k->done);
    set_bool(c->result, "sound", k->done && k->fault == LOG_SOUND);
    set_int(c->result, "rows", k->at.seq);
    set_hex(c->result, "hash", k->at.hash, OPLOG_HASH);
    set_text(c->result, "fault", oplog_fault_label(k->fault));
    set_int(c->result, "bad", k->bad);
    return OK;
}

static enum err log_head(struct call *c, struct errinfo *reterr)
{
    struct oplog_head head;
    TRY(oplog_head(c->svc->db, &head, reterr));
    set_int(c->result, "seq", head.seq);
    set_hex(c->result, "hash", head.hash, OPLOG_HASH);
    return OK;
}

static void tell_attempt(void *arg, const struct login_attempt *a)
{
    json_t *row = add_object(arg);
    set_int(row, "seq", a->seq);
    set_time(row, "at", a->at_ms);
    set_text(row, "operator", a->operator_id);
    set_text(row, "purpose", a->purpose);
    set_text(row, "result", a->result);
    set_text(row, "terminal", a->terminal);
    set_int(row, "peer_uid", a->peer_uid);
}

static enum err log_logins(struct call *c, struct errinfo *reterr)
{
    return login_attempt_each(c->svc->db, call_int(c, "before", 0), (int)call_int(c, "limit", 50), tell_attempt,
                              set_list(c->result, "rows"), reterr);
}

/* Analysis: who did how much, when, and in what way. */
struct report {
    const struct call *call;
    json_t *rows;
    json_t *last; /* of the operator being summed up */
};

static void add_count(json_t *row, const char *key, int64_t n)
{
    set_int(row, key, json_integer_value(json_object_get(row, key)) + n);
}

static bool is_open_day(const struct report *r, int64_t day)
{
    struct date d = date_of_ms(day * DAY_MS - JST_MS);
    return date_open(d, &r->call->svc->book->holidays);
}

static void add_day(void *arg, const struct oplog_report_row *d)
{
    struct report *r = arg;
    const char *last = json_string_value(json_object_get(r->last, "operator"));
    if (!last || strcmp(last, d->operator_id) != 0) {
        r->last = add_object(r->rows);
        set_text(r->last, "operator", d->operator_id);
    }
    add_count(r->last, "days", 1);
    add_count(r->last, "rows", d->rows);
    add_count(r->last, "outside_hours", is_open_day(r, d->day) ? d->outside : d->rows);
    add_count(r->last, "refused", d->refused);
    add_count(r->last, "searches", d->searches);
    add_count(r->last, "mass", d->mass);
    add_count(r->last, "my_number", d->my_number);
    add_count(r->last, "prints", d->prints);
}

static void add_failures(void *arg, const char *operator_id, int64_t failed)
{
    json_t *row = add_object(arg);
    set_text(row, "operator", operator_id);
    set_int(row, "failed", failed);
}

static enum err log_report(struct call *c, struct errinfo *reterr)
{
    const struct rulebook *book = c->svc->book;
    struct oplog_report_ask ask = { .opens_s = rulebook_param_int(book, "OFFICE_OPENS") * 60,
                                    .closes_s = rulebook_param_int(book, "OFFICE_CLOSES") * 60,
                                    .mass = rulebook_param_int(book, "SEARCH_MASS") };
    TRY(filter_day(c, "from", 0, &ask.from_ms, reterr));
    TRY(filter_day(c, "to", 1, &ask.to_ms, reterr));
    ask.to_ms--;
    if (ask.to_ms < ask.from_ms || ask.to_ms - ask.from_ms >= REPORT_DAYS_MAX * DAY_MS)
        return call_refuse(reterr, E_INVALID, "S043", "to");
    struct report r = { c, set_list(c->result, "rows"), NULL };
    TRY(oplog_report(c->svc->db, &ask, add_day, &r, reterr));
    return login_report(c->svc->db, &ask, add_failures, set_list(c->result, "failed_logins"), reterr);
}

static const struct param_spec list_params[] = {
    { "operator", P_ID, false, OPERATOR_ID_MAX, NULL },
    { "subject", P_ID, false, 32, NULL },
    { "function", P_ID, false, 64, NULL },
    { "action", P_ID, false, 32, NULL },
    { "result", P_ID, false, 32, NULL },
    { "from", P_DAY, false, 0, NULL },
    { "to", P_DAY, false, 0, NULL },
    { "before", P_INT, false, INT64_MAX, NULL },
    { "limit", P_INT, false, LIST_MAX, NULL },
    { 0 },
};
static const struct param_spec head_members[] = {
    { "seq", P_INT, true, INT64_MAX, NULL },
    { "hash", P_ID, true, 2 * OPLOG_HASH, NULL },
    { 0 },
};
static const struct param_spec head_element[] = { { "", P_OBJECT, true, 0, head_members }, { 0 } };
static const struct param_spec verify_params[] = {
    { "restart", P_BOOL, false, 0, NULL },
    { "heads", P_LIST, false, HEADS_MAX, head_element },
    { 0 },
};
static const struct param_spec logins_params[] = {
    { "before", P_INT, false, INT64_MAX, NULL },
    { "limit", P_INT, false, LIST_MAX, NULL },
    { 0 },
};

static const struct param_spec report_params[] = {
    { "from", P_DAY, true, 0, NULL },
    { "to", P_DAY, true, 0, NULL },
    { 0 },
};

static const struct method m_log_rows[] = {
    { .name = "log.list",
      .summary = "操作記録を、新しいものから返します。",
      .result = "rows[{seq,at,operator,approver,terminal,function,action,subjects,reason,ticket,issue_no,pages,"
                "my_number,seal,result,detail}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = list_params,
      .run = log_list },
    { .name = "log.logins",
      .summary = "認証の記録を、新しいものから返します。",
      .result = "rows[{seq,at,operator,purpose,result,terminal,peer_uid}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = logins_params,
      .run = log_logins },
    { .name = "log.report",
      .summary = "期間(93日まで)"
                 "の操作を操作者ごとに集計します。時間外・閉庁日、拒否、検索、大量、個人番号、印刷、認証の失敗。",
      .result = "rows[{operator,days,rows,outside_hours,refused,searches,mass,my_number,prints}], "
                "failed_logins[{operator,failed}]",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = report_params,
      .run = log_report },
    { .name = "log.verify",
      .summary = "操作記録のつながりを確かめます。終わるまで続けて呼びます。",
      .result = "done, sound, rows, hash, fault, bad",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .params = verify_params,
      .run = log_verify },
    { .name = "log.head",
      .summary = "操作記録の末尾の番号と値を返します。控えておくと、末尾の切り取りがわかります。",
      .result = "seq, hash",
      .action = "list",
      .states = IN_ANY,
      .flags = M_LOOKUP,
      .run = log_head },
};
METHOD_TABLE(m_log);
