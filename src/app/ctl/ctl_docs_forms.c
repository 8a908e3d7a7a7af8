/* `docs forms`: how a kind of notice is written down, printed from the tables the reader of forms works by. */
#include "base/fsx.h"
#include "base/mem.h"
#include "ctl_docs.h"
#include "domain/rule.h"
#include "form/formread.h"

#include <unistd.h>

static const char intro[] =
    "# Forms\n"
    "\n"
    "Printed by `madoguchi-ctl docs forms` from the tables in src/domain; do not edit.\n"
    "\n"
    "A kind of notice (届出・職権の種類) exists because a file `forms/ID.form` says so. Menu entry, entry screen, "
    "checks,\n"
    "preview, examination, page of the manual, operation to the host, effect on the register and row of the "
    "statistics\n"
    "all come from that file; no build file and no schema is touched. Try it:\n"
    "\n"
    "    cp forms/setainushi.form forms/mine.form && $EDITOR forms/mine.form\n"
    "    madoguchi-ctl forms check\n"
    "\n"
    "The reader is strict: an unknown word, a table that is not there, a label that does not fit an 80×24 screen are\n"
    "errors with file, line and what was expected. All of them are told at once; the program does not start with any.\n"
    "\n"
    "## Grammar\n"
    "\n"
    "Two blanks of indentation per level, one thing per line, `#` at the beginning of a line is a comment, words with\n"
    "blanks stand in quotation marks.\n"
    "\n"
    "    form 1                      version, always first\n"
    "    title 転居届                group 異動, menu 2, law 法第23条: each on a line of its own\n"
    "    reason M01                  row of data/tables/reason.tsv\n"
    "    filing notice               or ex-officio, request, claim\n"
    "    event move.moved_on         the field with the day of the event (異動日)\n"
    "    deadline 14                 days to file, counted from the next day; left out: none\n"
    "    future yes                  the day of the event may lie ahead; left out: no\n"
    "    outage accept               in a stop: accept, hold (take the paper) or closed\n"
    "    include filer               the sections of forms/filer.part stand here\n"
    "    section ID TITLE [rows MIN..MAX [whole-household]]\n"
    "      KEY TYPE LABEL [required] [initial today|CODE] [max N] [table NAME] [to ATTRIBUTE]\n"
    "        required-if CONDITION\n"
    "        check CHECK\n"
    "        help \"…\"\n"
    "    check\n"
    "      CHECK                     of the whole notice\n"
    "    effect\n"
    "      VERB ARGUMENT…            in order\n"
    "    checklist\n"
    "      \"…\"                       points the examiner answers\n"
    "    papers\n"
    "      KEY                       rows of data/tables/paper.tsv\n"
    "\n"
    "`to ATTRIBUTE` says where a value goes in the record. A FIELD is `SECTION.FIELD`, or `FIELD` of the same row; a "
    "DAY "
    "is\n"
    "`today`, `received` (when the counter took the notice) or a field. A CONDITION is `FIELD = CODE|CODE`, `FIELD != "
    "CODE`,\n"
    "`FIELD filled` or `FIELD blank`, joined by `and`. A check may end in `as MESSAGE` (row of data/messages.tsv): ids "
    "with W\n"
    "are alerts to be acknowledged, all others must be mended. `新2` in a field of type person is the second new "
    "person.\n";

static void add_types(struct buf *b)
{
    buf_adds(b, "\n## Field types\n\n| type | | at most |\n|---|---|---|\n");
    for (int t = 0; t < FT_COUNT; t++) {
        const struct field_type_info *i = field_type_info((enum field_type)t);
        buf_printf(b, "| `%s` | %s | %d |\n", i->name, i->label, i->max);
    }
}

static void add_args(struct buf *b, const enum arg_type *arg)
{
    for (size_t i = 0; i < CALL_ARGS && arg[i] != ARG_NONE; i++)
        buf_printf(b, " %s", arg_type_name(arg[i]));
}

static void add_checks(struct buf *b, bool of_notice)
{
    size_t n;
    const struct rule_info *r = rules(&n);
    buf_printf(b, "\n## Checks %s\n\n| check | | message |\n|---|---|---|\n",
               of_notice ? "of the whole notice" : "of a field");
    for (size_t i = 0; i < n; i++) {
        if (r[i].of_notice != of_notice)
            continue;
        buf_printf(b, "| `%s", r[i].name);
        add_args(b, r[i].arg);
        buf_printf(b, "` | %s | %s |\n", r[i].help, r[i].msg ? r[i].msg : "as …");
    }
}

static void add_verbs(struct buf *b)
{
    size_t n;
    const struct effect_verb *v = effect_verbs(&n);
    buf_adds(b, "\n## Effect verbs\n\n| verb | |\n|---|---|\n");
    for (size_t i = 0; i < n; i++) {
        buf_printf(b, "| `%s", v[i].name);
        add_args(b, v[i].arg);
        buf_printf(b, "` | %s |\n", v[i].help);
    }
}

static void add_limits(struct buf *b)
{
    buf_printf(
        b,
        "\n## What must fit\n\nColumns: label %d, title %d, title of a section %d, point of the checklist %d, help "
        "%d.\nFields of a section %d, sections %d, rows %d, points of the checklist %d.\n",
        FORM_LABEL_COLS, FORM_TITLE_COLS, FORM_SECTION_COLS, FORM_POINT_COLS, FORM_HELP_COLS, FORM_FIELDS,
        FORM_SECTIONS, FORM_ROWS, FORM_POINTS);
}

static void add_attributes(struct buf *b)
{
    buf_adds(b, "\n## Attributes of the record\n\n| attribute | | at most |\n|---|---|---|\n");
    for (int a = 0; a < ATTR_COUNT; a++) {
        const struct attr_info *i = attr_info((enum attr)a);
        buf_printf(b, "| `%s` | %s | %d |\n", i->key, i->label, i->max);
    }
}

enum err docs_forms(struct ctl *c, struct errinfo *reterr)
{
    struct buf b = BUF_INIT;
    (void)c;
    buf_adds(&b, intro);
    add_types(&b);
    add_checks(&b, false);
    add_checks(&b, true);
    add_verbs(&b);
    add_attributes(&b);
    add_limits(&b);
    enum err e = fs_write_all(STDOUT_FILENO, buf_span(&b), reterr);
    buf_done(&b);
    return e;
}
