/*
 * Dates of the register (年月日): real calendar days, and the wider kind that the law allows for birth and a few
 * others — a day that does not exist, or words where the day is not known (不詳). The era that was typed is kept:
 * 明治45年7月30日 and 大正元年7月30日 are different entries of one day. Pure: "today" and the era table are
 * arguments. Source: spec A.4; 標準仕様書 1.1.8, 1.1.9, 1.3.6.
 */
#ifndef DOMAIN_DATE_H
#define DOMAIN_DATE_H

#include "base/buf.h"

struct date { /* proleptic Gregorian; y = 0 means none */
    int y, m, d;
};

#define ERAS_MAX 16
struct era {
    char key;             /* 'R' */
    char name[16];        /* 令和 */
    char abbrev[8];       /* 令 */
    struct date from, to; /* to.y = 0: still running. Both ends belong to the era. */
};
struct eras {
    struct era e[ERAS_MAX]; /* oldest first */
    size_t n;
};

bool date_valid(struct date);
struct date date_of_ms(int64_t wall_ms); /* day in Japan at that moment of the clock */
int date_cmp(struct date, struct date);  /* <0, 0, >0 */
struct date date_add(struct date, int days);
struct date date_add_months(struct date, int months); /* last day of the month when the day does not exist */
int date_days(struct date from, struct date to);
int date_weekday(struct date);                   /* 0 = Sunday */
int date_age(struct date birth, struct date on); /* shown age: changes on the birthday, 29 Feb → 1 Mar */
/* Day at whose end the age is attained in law: the day before the birthday (年齢計算ニ関スル法律), 28 Feb for 29 Feb.
 */
struct date date_attains(struct date birth, int age);

/* Canonical text of a plain date: "2026-07-01". date_read takes nothing else. */
#define DATE_TEXT 11
void date_text(struct date, char ret[DATE_TEXT]);
enum err date_read(const char *canonical, struct date *ret, struct errinfo *) NODISCARD;

/* What a clerk may type: R8.4.1 R080401 20260401 2026/4/1 2026-04-01 令和8年4月1日. Errors: E05 not a day, E06
 * malformed or outside its era. */
enum err date_typed(const char *typed, const struct eras *, struct date *ret, struct errinfo *) NODISCARD;

enum datex_kind { DX_NONE, DX_DAY, DX_NODAY, DX_UNKNOWN }; /* real day, non-existing day, 不詳 */
struct datex {
    enum datex_kind kind;
    char era;         /* era key as typed; 0 = 西暦 */
    int y, m, d;      /* in that calendar */
    struct date sort; /* internal order; always present except DX_NONE */
    char words[224];  /* DX_UNKNOWN only: the text as it is printed, ≤ 72 characters */
};

/* Canonical text: "S50.05.10" (era kept), "1975.05.10" (西暦), "?1950-01-01/昭和25年頃" (不詳). */
enum err datex_read(const char *canonical, const struct eras *, struct datex *ret, struct errinfo *) NODISCARD;
void datex_text(const struct datex *, struct buf *ret);
/* Typed: as date_typed, also non-existing days and the 14 patterns of 不詳 of spec A.4 in words. */
enum err datex_typed(const char *typed, const struct eras *, struct datex *ret, struct errinfo *) NODISCARD;

/* Typed to look somebody up: a whole day as above, or a month or a year of either calendar (S50.2, 昭和50年, 1977): the
 * first and the last sort day that it means. E06 for anything else. */
enum err datex_typed_range(const char *typed, const struct eras *, struct date *ret_from, struct date *ret_to,
                           struct errinfo *) NODISCARD;

/* 「令和8年7月1日」「昭和64年1月7日」「令和元年5月1日」; western: 「2026年7月1日」. */
void date_show(struct date, const struct eras *, struct buf *ret);
void date_show_western(struct date, struct buf *ret);
void datex_show(const struct datex *, const struct eras *, struct buf *ret);
/* Short, for lists: 「令 8. 7. 1」, padded to equal width. */
void date_show_short(struct date, const struct eras *, struct buf *ret);
void datex_show_short(const struct datex *, const struct eras *, struct buf *ret);

/* Closing days (閉庁日): Saturday, Sunday and the table of holidays incl. 12/29–1/3. */
struct holidays {
    struct date *d; /* sorted */
    size_t n;
};
bool date_open(struct date, const struct holidays *);
/* Last day of a period of `days` that starts the day after `event`, moved to the next open day (届出期間). */
struct date date_deadline(struct date event, int days, const struct holidays *);

/* The same day in the other calendar. False, and nothing set, for words, for a day that is in that calendar already,
 * for one of the lunar calendar, and where no era or two of them hold the day (明治45年7月30日, 大正元年7月30日). */
bool datex_to_era(const struct datex *, const struct eras *, struct datex *ret);
bool datex_to_western(const struct datex *, const struct eras *, struct datex *ret);

#endif
