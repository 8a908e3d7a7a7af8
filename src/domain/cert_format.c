#include "base/mem.h"
#include "cert_format_in.h"
#include "domain/address.h"
#include <string.h>

/* ATTR_KANA_STATE (data/tables/kana_state.tsv). */
#define KANA_SURNAME "1"
#define KANA_GIVEN   "2"
#define KANA_BOTH    "3"

struct format {
    const char *word;
    void (*add)(const struct format_ctx *, const struct cert_item *, const struct resident *, struct buf *ret);
    bool table;
};

static void as_text(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                    struct buf *ret)
{
    (void)ctx;
    for (const char *s = resident_get(r, item->attr); *s;) {
        size_t n = strcspn(s, "\n");
        buf_add(ret, s, n);
        s += n;
        if (*s++ != '\n')
            break;
        buf_adds(ret, "　");
    }
}

/* 氏名: of a foreigner the Latin name with the kanji, if any, behind it in brackets. */
static void as_name(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                    struct buf *ret)
{
    (void)ctx;
    const char *latin = resident_get(r, ATTR_NAME_ALPHA), *name = resident_get(r, item->attr);
    if (!*latin)
        buf_adds(ret, name);
    else
        buf_printf(ret, *name ? "%s（%s）" : "%s%s", latin, name);
}

/* フリガナ. Of a Japanese only what was confirmed with the person is printed; parameters say what stands for the rest.
 */
static void as_kana(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                    struct buf *ret)
{
    const char *kana = resident_get(r, item->attr), *state = resident_get(r, ATTR_KANA_STATE);
    bool surname = !strcmp(state, KANA_BOTH) || !strcmp(state, KANA_SURNAME);
    bool given = !strcmp(state, KANA_BOTH) || !strcmp(state, KANA_GIVEN);
    const char *gap = strstr(kana, "　");
    if (!*kana)
        return;
    if ((surname && given) || !resident_is(r, ATTR_CLASS, CLASS_JAPANESE))
        buf_adds(ret, kana);
    else if (surname && gap)
        buf_printf(ret, "%.*s　%s", (int)(gap - kana), kana, rulebook_param(ctx->book, "KANA_NO_GIVEN"));
    else if (given && gap)
        buf_printf(ret, "%s%s", rulebook_param(ctx->book, "KANA_NO_SURNAME"), gap);
    else
        buf_adds(ret, rulebook_param(ctx->book, "KANA_UNVERIFIED"));
}

/* A day, a day that does not exist, or words; in the calendar in which it was entered. */
static void as_datex(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                     struct buf *ret)
{
    struct datex d;
    if (datex_read(resident_get(r, item->attr), &ctx->book->eras, &d, NULL) == OK)
        datex_show(&d, &ctx->book->eras, ret);
    else
        as_text(ctx, item, r, ret);
}

static void as_date(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                    struct buf *ret)
{
    struct date d;
    if (date_read(resident_get(r, item->attr), &d, NULL) == OK)
        date_show(d, &ctx->book->eras, ret);
    else
        as_text(ctx, item, r, ret);
}

/* 西暦: 在留期間の満了の日. */
static void as_western(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                       struct buf *ret)
{
    struct date d;
    if (date_read(resident_get(r, item->attr), &d, NULL) == OK)
        date_show_western(d, ret);
    else
        as_text(ctx, item, r, ret);
}

static void as_code(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                    struct buf *ret)
{
    const char *code = resident_get(r, item->attr);
    if (*code)
        buf_adds(ret, rulebook_label(ctx->book, item->table, code));
}

static void as_address(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                       struct buf *ret)
{
    (void)ctx, (void)item;
    address_show(r, true, ret);
}

/* 住所 without its building: only where the requester asked for it so (記載事項証明書). */
static void as_lot(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                   struct buf *ret)
{
    (void)ctx, (void)item;
    address_show(r, false, ret);
}

/* 転出先(予定) and its day: nothing before the day has come. */
static void as_planned(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                       struct buf *ret)
{
    struct date d;
    bool come = date_read(resident_get(r, ATTR_PLANNED_ON), &d, NULL) == OK && date_cmp(d, ctx->today) <= 0;
    if (come && item->attr == ATTR_PLANNED_ON)
        date_show(d, &ctx->book->eras, ret);
    else if (come)
        as_text(ctx, item, r, ret);
}

/* The block of changes is built from all rows, not from one. */
static void as_history(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r,
                       struct buf *ret)
{
    (void)ctx, (void)item, (void)r, (void)ret;
}

static const struct format formats[] = {
    { "address", as_address, false }, { "code", as_code, true },        { "date", as_date, false },
    { "datex", as_datex, false },     { "history", as_history, false }, { "kana", as_kana, false },
    { "lot", as_lot, false },         { "name", as_name, false },       { "planned", as_planned, false },
    { "text", as_text, false },       { "western", as_western, false },
};

size_t cert_formats(void)
{
    return ARRAY_LEN(formats);
}

size_t cert_format_find(struct span word)
{
    size_t i = 0;
    while (i < ARRAY_LEN(formats) && !span_is(word, formats[i].word))
        i++;
    return i;
}

bool cert_format_has_table(size_t format)
{
    return formats[format].table;
}

void cert_format(const struct format_ctx *ctx, const struct cert_item *item, const struct resident *r, struct buf *ret)
{
    formats[item->format].add(ctx, item, r, ret);
}
