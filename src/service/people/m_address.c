/* Dictionary of postal numbers and towns: look-up for everyone, reading in by the system administrator. The reader of
 * the file sits in madoguchi-ctl: a file from outside is not parsed by the process that owns the store. */
#include "domain/address.h"
#include "methods.h"
#include "store/address.h"
#include <inttypes.h>
#include <string.h>

#define ROWS_DEFAULT 50   /* of an answer */
#define BATCH_MAX    2000 /* rows in one request: some 100 ms of the store */
#define SWEEP_ROWS   2000

/* 〒 and dashes left out, wide digits made narrow. */
static const char *plain_zip(struct call *c, const char *typed)
{
    struct buf folded = BUF_INIT, digits = BUF_INIT;
    const char *mark = strncmp(typed, "〒", strlen("〒")) == 0 ? typed + strlen("〒") : typed;
    address_fold_numbers(span_of(mark), &folded);
    for (const char *p = buf_str(&folded); *p; p++)
        if (*p != '-')
            buf_addc(&digits, *p);
    const char *ret = arena_strdup(c->arena, buf_str(&digits));
    buf_done(&digits);
    buf_done(&folded);
    return ret;
}

/* Readings of the levels that are there, with blanks between. */
static void set_kana(json_t *row, const struct address_town *t)
{
    const char *const part[] = { t->pref_kana, t->city_kana, t->town_kana };
    struct buf kana = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(part); i++)
        if (*part[i])
            buf_printf(&kana, "%s%s", kana.len ? "　" : "", part[i]);
    set_text(row, "kana", buf_str(&kana));
    buf_done(&kana);
}

static void tell(void *arg, const struct address_town *t)
{
    json_t *row = add_object(arg);
    set_text(row, "zip", t->zip);
    set_text(row, "code", t->city_code);
    set_text(row, "pref", t->pref);
    set_text(row, "city", t->city);
    set_text(row, "town", t->town);
    set_text(row, "note", t->note);
    set_kana(row, t);
}

static enum err lookup(struct call *c, struct errinfo *reterr)
{
    bool more = false;
    struct address_query q = { .zip = plain_zip(c, call_text(c, "zip")),
                               .initials = call_text(c, "initials"),
                               .text = call_text(c, "text"),
                               .own_city = c->svc->book->own_city_code,
                               .limit = (size_t)call_int(c, "limit", ROWS_DEFAULT) };
    int given = !!*call_text(c, "zip") + !!*q.initials + !!*q.text;
    if (given != 1 || q.limit == 0)
        return call_refuse(reterr, E_INVALID, "S041", given == 1 ? "limit" : "zip / initials / text");
    if (*call_text(c, "zip") && !*q.zip)
        return call_refuse(reterr, E_INVALID, "S042", "zip");
    enum err e = address_find(c->svc->db, &q, tell, set_list(c->result, "rows"), &more, reterr);
    if (e == E_INVALID)
        return call_refuse(reterr, e, "S042", *q.zip ? "zip" : "initials");
    set_bool(c->result, "more", more);
    return e;
}

static enum err import_begin(struct call *c, struct errinfo *reterr)
{
    int64_t import = 0;
    TRY(address_import_begin(c->svc->db, &import, reterr));
    c->log.detail = arena_printf(c->arena, "import %" PRId64, import);
    set_int(c->result, "import", import);
    return OK;
}

static const char *cell(const json_t *row, const char *key)
{
    const char *s = json_string_value(json_object_get(row, key));
    return s ? s : "";
}

/* A number that another import has taken the place of is told as such. */
static enum err import_error(enum err e, struct errinfo *reterr)
{
    return e == E_CONFLICT ? call_refuse(reterr, e, "S720", "import") : e;
}

static enum err import_rows(struct call *c, struct errinfo *reterr)
{
    const json_t *rows = call_json(c, "rows"), *r;
    int64_t import = call_int(c, "import", 0);
    size_t i;
    json_array_foreach (rows, i, r) {
        const struct address_town t = { .city_code = cell(r, "code"),
                                        .zip = cell(r, "zip"),
                                        .pref = cell(r, "pref"),
                                        .city = cell(r, "city"),
                                        .town = cell(r, "town"),
                                        .note = cell(r, "note"),
                                        .pref_kana = cell(r, "pref_kana"),
                                        .city_kana = cell(r, "city_kana"),
                                        .town_kana = cell(r, "town_kana") };
        enum err e = address_import_add(c->svc->db, import, &t, reterr);
        if (e == E_INVALID)
            return call_refuse(reterr, e, "S036", arena_printf(c->arena, "rows[%zu]", i));
        TRY(import_error(e, reterr));
    }
    c->log.detail = arena_printf(c->arena, "import %" PRId64 ": %zu rows", import, json_array_size(rows));
    set_int(c->result, "taken", (int64_t)json_array_size(rows));
    return OK;
}

static enum err import_commit(struct call *c, struct errinfo *reterr)
{
    int64_t import = call_int(c, "import", 0), cities = 0;
    enum err e = address_import_commit(c->svc->db, import, &cities, reterr);
    if (e == E_NOTFOUND)
        return call_refuse(reterr, e, "S721", "import");
    TRY(import_error(e, reterr));
    c->log.detail = arena_printf(c->arena, "import %" PRId64 ": %" PRId64 " cities", import, cities);
    set_int(c->result, "cities", cities);
    return OK;
}

static enum err import_sweep(struct call *c, struct errinfo *reterr)
{
    bool left = false;
    TRY(address_sweep(c->svc->db, SWEEP_ROWS, &left, reterr));
    set_bool(c->result, "left", left);
    return OK;
}

static const struct param_spec lookup_params[] = {
    { "zip", P_TEXT, false, 16, NULL },
    { "initials", P_TEXT, false, 100, NULL },
    { "text", P_TEXT, false, 200, NULL },
    { "limit", P_INT, false, 200, NULL },
    { 0 },
};
static const struct param_spec row_members[] = {
    { "code", P_ID, true, 5, NULL },           { "zip", P_ID, true, 7, NULL },
    { "pref", P_TEXT, true, 20, NULL },        { "city", P_TEXT, true, 100, NULL },
    { "town", P_TEXT, false, 200, NULL },      { "note", P_TEXT, false, 2000, NULL },
    { "pref_kana", P_TEXT, false, 50, NULL },  { "city_kana", P_TEXT, false, 200, NULL },
    { "town_kana", P_TEXT, false, 400, NULL }, { 0 },
};
static const struct param_spec row[] = { { "row", P_OBJECT, true, 0, row_members }, { 0 } };
static const struct param_spec rows_params[] = {
    { "import", P_INT, true, INT32_MAX, NULL },
    { "rows", P_LIST, true, BATCH_MAX, row },
    { 0 },
};
static const struct param_spec import_params[] = { { "import", P_INT, true, INT32_MAX, NULL }, { 0 } };

static const struct method m_address_rows[] = {
    { .name = "address.lookup",
      .summary = "郵便番号、読みの頭文字(都道府県・市区町村・町字)、文字のどれか1つで、町字の候補を返します。",
      .result = "rows[{zip,code,pref,city,town,note,kana}], more",
      .action = "list",
      .states = IN_ANY,
      .flags = M_QUIET,
      .params = lookup_params,
      .run = lookup },
    { .name = "address.import_begin",
      .summary = "住所辞書の取り込みを始めます。終わっていない取り込みは捨てられます。",
      .result = "import",
      .action = "config",
      .states = IN_ANY,
      .run = import_begin },
    { .name = "address.import_rows",
      .summary = "取り込む町字を渡します。確定するまで候補には出ません。",
      .result = "taken",
      .action = "config",
      .states = IN_ANY,
      .params = rows_params,
      .run = import_rows },
    { .name = "address.import_commit",
      .summary = "取り込みを確定し、渡した市区町村の町字を一度に置きかえます。",
      .result = "cities",
      .action = "config",
      .states = IN_ANY,
      .params = import_params,
      .run = import_commit },
    { .name = "address.import_sweep",
      .summary = "使われなくなった町字を少しずつ消します。left が偽になるまで繰り返します。",
      .result = "left",
      .action = "config",
      .states = IN_ANY,
      .run = import_sweep },
};
METHOD_TABLE(m_address);
