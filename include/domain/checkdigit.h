/*
 * Check digits of the numbers of the register (検査数字). They judge what was typed and make new numbers; a number
 * that came from the host is never refused for its digit. A body is the number without its check digit.
 * Source: spec A.2; 番号法総務省令 第5条; 平成14年総務省告示第436号; 標準仕様書 1.1.13 (M11W2~7).
 */
#ifndef DOMAIN_CHECKDIGIT_H
#define DOMAIN_CHECKDIGIT_H

#include "base/buf.h"

#define CHECKDIGIT_FORM  (-1) /* not digits, or not as many as there must be */
#define CHECKDIGIT_UNDEF (-2) /* the standard names no digit: such a serial is skipped */

int checkdigit_my_number(struct span body11);     /* 個人番号 */
int checkdigit_resident_code(struct span body10); /* 住民票コード */
int checkdigit_serial(struct span body);          /* 宛名番号, 世帯番号: 1–14 digits */
int checkdigit_city(struct span body5);           /* 市区町村コード */

/* The whole number with its digit. A serial whose remainder is 1 may end in 0 (spec A.2). */
bool my_number_ok(struct span);
bool resident_code_ok(struct span);
bool serial_ok(struct span);
bool city_code_ok(struct span);
/* Passes the arithmetic, but its body is one digit eleven times: worth a question. */
bool my_number_odd(struct span);

#endif
