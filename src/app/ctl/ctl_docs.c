/* `docs service-api`: the reference of the service, printed from the tables the gate works by. */
#include "ctl_docs.h"
#include "base/fsx.h"
#include "base/lines.h"
#include "base/mem.h"
#include "service/method.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char intro[] =
    "# Service methods\n"
    "\n"
    "Printed by `madoguchi-ctl docs service-api` from the tables in src/service; do not edit.\n"
    "\n"
    "Requests and answers are JSON objects in frames of a u32 length (big-endian) on the service socket\n"
    "(include/client/client.h). Every request passes one gate: session, permission (data/permissions.tsv), state of "
    "the\n"
    "counter, parameter types; then the use case runs in one transaction with its row of the operation log. Unknown\n"
    "parameters are refused. A refusal carries code, message id, item, text and remedy (data/messages.tsv).\n"
    "\n"
    "Types: text (at most so many characters), secret (text that is never logged), id (letters, digits, `-_.`), int\n"
    "(0 to the limit), bool, day (`2026-07-01`), list, object, map (names to texts). `*` marks what is required.\n"
    "\n"
    "Flags: *before login* – anybody who may connect; *look-up* – logged durably before the answer leaves; *quiet* – "
    "shows\n"
    "no personal data, logged only when refused; *background* – no activity of the operator; *while locked*; "
    "*password\n"
    "due* – allowed before an expired password is changed; *search* – counted against the limits of searches.\n";

static const struct {
    unsigned flag;
    const char *name;
} flags[] = {
    { M_BEFORE_LOGIN, "before login" },
    { M_LOOKUP, "look-up" },
    { M_QUIET, "quiet" },
    { M_BACKGROUND, "background" },
    { M_LOCKED, "while locked" },
    { M_EXPIRED, "password due" },
    { M_SEARCH, "search" },
};

static void add_params(struct buf *b, const struct param_spec *p, int depth)
{
    for (; p && p->name; p++) {
        buf_printf(b, "%*s- ", 2 * depth, "");
        if (p->name[0])
            buf_printf(b, "`%s`%s ", p->name, p->required ? "\\*" : "");
        else
            buf_adds(b, "each: ");
        buf_adds(b, param_type_name(p->type));
        if (p->max > 0 && p->max < INT32_MAX)
            buf_printf(b, ", at most %" PRId64, p->max);
        buf_addc(b, '\n');
        add_params(b, p->of, depth + 1);
    }
}

static void add_states(struct buf *b, unsigned states)
{
    if (states == IN_ANY) {
        buf_adds(b, "any");
        return;
    }
    for (unsigned s = 0, n = 0; s < COUNTER_STATES; s++)
        if (states & 1u << s)
            buf_printf(b, "%s%s", n++ ? ", " : "", counter_state_name((enum counter_state)s));
}

struct reference {
    struct buf *b;
    const char *permissions; /* the file, for the roles of a method */
};

/* Roles as the table says them, in its order. */
static void add_roles(struct buf *b, const char *file, const char *method)
{
    struct lines l;
    struct span head[1 + ROLE_COUNT], cell[1 + ROLE_COUNT];
    if (lines_open(&l, file, NULL) != OK)
        return;
    bool ok = lines_next(&l) && lines_cells(&l, head, 1 + ROLE_COUNT, NULL) == OK;
    while (ok && lines_next(&l))
        if (lines_cells(&l, cell, 1 + ROLE_COUNT, NULL) == OK && span_is(cell[0], method))
            for (size_t i = 1; i <= ROLE_COUNT; i++)
                if (span_is(cell[i], "x"))
                    buf_printf(b, " %.*s", (int)head[i].n, head[i].p);
    lines_close(&l);
}

static void add_method(void *arg, const struct method *m)
{
    struct reference *r = arg;
    struct buf *b = r->b;
    buf_printf(b, "\n## %s\n\n%s\n\n- states: ", m->name, m->summary);
    add_states(b, m->states);
    buf_adds(b, "\n- roles:");
    if (m->flags & M_BEFORE_LOGIN)
        buf_adds(b, " everybody");
    else
        add_roles(b, r->permissions, m->name);
    buf_adds(b, "\n- flags:");
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if (m->flags & flags[i].flag) {
            buf_printf(b, "%s %s", any ? "," : "", flags[i].name);
            any = true;
        }
    buf_printf(b, "%s\n- logged as: %s\n", any ? "" : " –", m->action);
    if (m->params) {
        buf_adds(b, "- parameters:\n");
        add_params(b, m->params, 1);
    }
    if (m->result[0])
        buf_printf(b, "- result: `%s`\n", m->result);
}

static enum err service_api(struct ctl *c, struct errinfo *reterr)
{
    struct buf b = BUF_INIT;
    char *permissions = fs_join(ctl_share(c), "data/permissions.tsv");
    struct reference r = { &b, permissions };
    buf_adds(&b, intro);
    method_each(add_method, &r);
    enum err e = fs_write_all(STDOUT_FILENO, buf_span(&b), reterr);
    free(permissions);
    buf_done(&b);
    return e;
}

static const struct ctl_command commands[] = {
    { .name = "docs", .sub = "service-api", .help = "業務サービスの機能の説明書を出力する", .run = service_api },
    { .name = "docs", .sub = "forms", .help = "届出の定義(forms/)の書き方の説明書を出力する", .run = docs_forms },
    { .name = "docs",
      .sub = "man",
      .usage = "PAGE",
      .help = "表から作る説明書のページを出力する(madoguchi-ctl.1、madoguchi-forms.5)",
      .min_args = 1,
      .max_args = 1,
      .run = docs_man },
};
const struct ctl_table ctl_docs_commands = { commands, ARRAY_LEN(commands) };
