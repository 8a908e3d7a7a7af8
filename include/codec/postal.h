/*
 * Postal code file of Japan Post (郵便番号データ, KEN_ALL layout): 15 columns a line, either CP932 with half-width kana
 * and long town names split over several lines, or UTF-8 with full-width kana and one line a record. Reads as a
 * stream; every line is accounted for: it becomes a record, is merged into one, or is rejected with a reason.
 */
#ifndef CODEC_POSTAL_H
#define CODEC_POSTAL_H

#include "base/buf.h"

/* One record, all text UTF-8 and borrowed for the call. */
struct postal_town {
    const char *city_code; /* 全国地方公共団体コード, 5 digits */
    const char *zip;       /* 7 digits */
    const char *pref, *city;
    const char *town; /* without the parenthesis; "" where the file says that there is no entry */
    const char *note; /* text of the parenthesis: lots, chome, floors */
    const char *pref_kana, *city_kana, *town_kana, *note_kana; /* full-width katakana */
};

struct postal_reject {
    long line;
    char reason[120]; /* Japanese */
};

struct postal_report {
    bool utf8; /* layout found */
    long lines, records, merged;
    struct postal_reject *reject;
    size_t n_reject, cap_reject;
};

/* Calls back for each record; a failing callback ends the reading with its error. A line that is not of the layout is
 * rejected and reading goes on. E_IO, E_NOTFOUND, or E_INVALID when not one line was a record. */
enum err postal_read(const char *path, enum err (*cb)(void *arg, const struct postal_town *, struct errinfo *),
                     void *arg, struct postal_report *ret, struct errinfo *) NODISCARD;
void postal_report_done(struct postal_report *);

#endif
