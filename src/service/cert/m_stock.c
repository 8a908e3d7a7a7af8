/* 用紙受払 (S-22): blank sheets of the certificate printer; every entry is signed by two. */
#include "methods.h"
#include "service/auth.h"
#include "store/stock.h"

#define ROWS_MAX 100

static void tell_row(void *arg, const struct stock_row *r)
{
    json_t *row = add_object(arg);
    char at[CLOCK_TEXT];
    clock_iso_jst(r->at_ms, at);
    set_text(row, "at", at);
    set_text(row, "what", stock_name(r->what));
    set_text(row, "label", stock_label(r->what));
    set_int(row, "sheets", r->sheets);
    set_int(row, "expected", r->expected);
    set_text(row, "first_no", r->first_no);
    set_text(row, "last_no", r->last_no);
    set_text(row, "reason", r->reason);
    set_text(row, "operator", r->operator_id);
    set_text(row, "witness", r->witness);
}

static enum err tell_sums(struct call *c, const char *printer, struct errinfo *reterr)
{
    struct stock_sums s;
    TRY(stock_sums(c->svc->db, printer, &s, reterr));
    set_text(c->result, "printer", printer);
    set_int(c->result, "loaded", s.loaded);
    set_int(c->result, "used", s.used);
    set_int(c->result, "spoiled", s.spoiled);
    set_int(c->result, "adjusted", s.adjusted);
    set_int(c->result, "remaining", s.remaining);
    return OK;
}

static enum err stock_get(struct call *c, struct errinfo *reterr)
{
    const char *printer = rulebook_param(c->svc->book, "CERT_PRINTER");
    TRY(tell_sums(c, printer, reterr));
    return stock_rows(c->svc->db, printer, ROWS_MAX, tell_row, set_list(c->result, "rows"), reterr);
}

static enum err stock_enter(struct call *c, struct errinfo *reterr)
{
    struct stock_row r = { .what = stock_by_name(call_text(c, "what")),
                           .sheets = call_int(c, "sheets", 0),
                           .printer = rulebook_param(c->svc->book, "CERT_PRINTER"),
                           .first_no = call_text(c, "first_no"),
                           .last_no = call_text(c, "last_no"),
                           .reason = call_text(c, "reason"),
                           .operator_id = call_operator(c),
                           .witness = call_text(c, "witness") };
    if (r.what == STOCK_WHATS || (r.what != STOCK_COUNT && r.sheets < 1))
        return call_refuse(reterr, E_INVALID, "S036", r.what == STOCK_WHATS ? "what" : "sheets");
    TRY(auth_second(c, r.witness, call_text(c, "password"), "stock.add", reterr));
    TRY(stock_add(c->svc->db, &r, reterr));
    c->log.device = r.printer;
    c->log.reason = r.reason;
    c->log.detail = stock_name(r.what);
    c->log.pages = r.sheets;
    return tell_sums(c, r.printer, reterr);
}

static const struct param_spec add_params[] = {
    { "what", P_ID, true, 8, NULL },
    { "sheets", P_INT, true, 100000, NULL },
    { "first_no", P_ID, false, 20, NULL },
    { "last_no", P_ID, false, 20, NULL },
    { "reason", P_TEXT, false, 200, NULL },
    { "witness", P_ID, true, 32, NULL },
    { "password", P_SECRET, true, PASSWORD_CHARS, NULL },
    { .name = NULL },
};

static const struct method m_stock_rows[] = {
    { .name = "stock.get",
      .summary = "証明書用紙の受払と、印刷装置に残っているはずの枚数を返します。",
      .result = "printer, loaded, used, spoiled, adjusted, remaining, "
                "rows[{at,what,label,sheets,expected,first_no,last_no,reason,operator,witness}]",
      .action = "view",
      .states = IN_ANY,
      .flags = M_QUIET,
      .run = stock_get },
    { .name = "stock.add",
      .summary = "用紙の補充(load)、印刷によらない書損(spoil)、棚卸(count)を、二人の署名で記録します。",
      .result = "printer, loaded, used, spoiled, adjusted, remaining",
      .action = "add",
      .states = IN_ANY,
      .params = add_params,
      .run = stock_enter },
};
METHOD_TABLE(m_stock);
