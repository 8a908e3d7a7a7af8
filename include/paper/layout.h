/*
 * Printed layouts as data (帳票レイアウト). forms/layout/NAME.layout declares where boxes, labels and values of a
 * certificate stand on an A4 page, how many members a page takes, and where history, 別紙 and the certification go. The
 * words are a closed set; an unknown word, a value outside the page or a missing part is an error that names file and
 * line. Nothing in C knows the name of a layout: a further certificate is one more file and a row in
 * data/tables/cert_kinds.tsv.
 */
#ifndef PAPER_LAYOUT_H
#define PAPER_LAYOUT_H

#include "domain/certificate.h"

/* clang-format off */
/*
 *   layout NAME | title "…" | font FAMILY | page portrait|landscape | see-annex "…" | end-mark "…" | history "…"
 *   part every|member-page|member|unused|items|lines|annex-page|annex|continued|last
 *        [at=Y pitch=P rows=N] [who=japanese|foreign]
 *     frame X Y W H [stroke=…]              rule X1 Y1 X2 Y2 [stroke=…]
 *     label X Y W H "text" [text options]   value X Y W H of=SOURCE [text options]
 *     cell  X Y W H "label" lw=W of=SOURCE [text options]          (frame, label, divider and value)
 *     seal  X Y SIZE                        qr X Y SIZE
 * Lengths are millimetres with at most two decimals; inside member, unused, items, lines and annex they count from the
 * row. A '|' in a label starts a new line. Text options: size=PT min=PT lines=N align=left|center|right|spread
 * valign=middle|top|bottom. `items` lists what is shown of a member and has no place of its own; `lines` his history.
 */
enum lay_part_kind { LP_EVERY, LP_MEMBER_PAGE, LP_MEMBER, LP_UNUSED, LP_ITEMS, LP_LINES, LP_ANNEX_PAGE, LP_ANNEX,
                     LP_CONTINUED, LP_LAST, LP_COUNT };
enum lay_who { LW_ALL, LW_JAPANESE, LW_FOREIGN, LW_COUNT };
enum lay_verb { LV_FRAME, LV_RULE, LV_LABEL, LV_VALUE, LV_CELL, LV_SEAL, LV_QR, LV_COUNT };
enum stroke { ST_THIN, ST_THICK, ST_DOTTED, ST_DOUBLE, ST_COUNT };
enum halign { HA_LEFT, HA_CENTER, HA_RIGHT, HA_SPREAD, HA_COUNT };
enum valign { VA_MIDDLE, VA_TOP, VA_BOTTOM, VA_COUNT };
/* Where a value comes from: the copy as a whole, the household, the member, his place in the row of members, an item
 * row, a history row, a 別紙 row. */
enum lay_scope { LS_DOC, LS_COMMON, LS_MEMBER, LS_ROW, LS_ITEM, LS_LINE, LS_ANNEX, LS_COUNT };
/* clang-format on */

struct text_style {
    int size, min; /* tenths of a point; shrinks from size to min */
    int lines;     /* at most so many lines */
    enum halign halign;
    enum valign valign;
};

struct lay_el {
    enum lay_verb verb;
    int x, y, w, h; /* hundredths of a millimetre; LV_RULE: x, y, x2, y2 */
    int label_w;    /* LV_CELL */
    char *label;    /* LV_LABEL, LV_CELL */
    enum lay_scope scope;
    char *key; /* LV_VALUE, LV_CELL: what of the scope */
    struct text_style style;
    enum stroke stroke;
};

struct lay_part {
    enum lay_part_kind kind;
    enum lay_who who;
    int at, pitch, rows; /* hundredths of a millimetre; rows per page */
    struct lay_el *el;
    size_t n;
    int line_no; /* for messages */
};

struct layout {
    char *name, *title, *font;
    char *see_annex; /* 別紙のとおり: stands where a text is too long for its place */
    char *end_mark;  /* 以下余白: after the last row of a list */
    char *history;   /* 履歴: what history rows on the 別紙 are called */
    bool landscape;
    struct lay_part *part;
    size_t n;
};

#define A4_SHORT 21000 /* hundredths of a millimetre */
#define A4_LONG  29700
#define SEAL_MAX 2500 /* 公印 at most 25 mm square */

enum err layout_read(const char *path, struct layout **ret, struct errinfo *) NODISCARD;
/* From memory (tests, fuzzer). */
enum err layout_parse(const char *name, struct span text, struct layout **ret, struct errinfo *) NODISCARD;
void layout_free(struct layout *); /* NULL allowed */

int layout_width(const struct layout *);
int layout_height(const struct layout *);
/* The part of a kind for a person (LW_ALL for what concerns nobody), or NULL. */
const struct lay_part *layout_part(const struct layout *, enum lay_part_kind, enum lay_who);
/* Calls back for each place of an item of a member or household; for the comparison with the item table. */
void layout_items(const struct layout *, void (*cb)(void *arg, const char *item), void *arg);
/* Whether the layout is that of the kind: its name, and only items that the kind has. */
enum err layout_check(const struct layout *, const struct cert_kind *, struct errinfo *) NODISCARD;
/* Reads and checks DIR/KIND.layout of every kind; the first problem is the answer. */
enum err layouts_check(const struct cert_rules *, const char *dir, struct errinfo *) NODISCARD;

#endif
