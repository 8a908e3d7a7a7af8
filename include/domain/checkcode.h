/*
 * What makes a paper verifiable: the issue number (発行番号), the short check code beside it, and the text of the QR
 * symbol. The authentication code itself is computed by the caller (no key comes here): HMAC-SHA-256 over
 * check_input(). Source: spec C.4, reliability 2.5.
 */
#ifndef DOMAIN_CHECKCODE_H
#define DOMAIN_CHECKCODE_H

#include "base/buf.h"
#include <stdint.h>

#define CHECK_MAC  32 /* bytes of the authentication code */
#define CHECK_CODE 10 /* characters of the short code: 50 bits */
#define CHECK_LONG 26 /* characters in the QR text: 130 bits */

/* Bytes that are authenticated: number and content hash, each with its length. */
void check_input(struct span number, struct span content_hash, struct buf *ret);
/* RFC 4648 base32, upper case, the first `chars` (≤ 51) characters. */
void check_base32(const uint8_t mac[CHECK_MAC], size_t chars, struct buf *ret);
/* "ABCDE-FGHIJ" as it is printed. */
void check_code_show(const uint8_t mac[CHECK_MAC], struct buf *ret);

/* 「20260701 梅市 東支所1 プリンタ001 011」 from its parts; the page part is added on each page. `printer` may be "".
 */
void issue_number(const char *yyyymmdd, const char *city, const char *terminal, const char *printer, int64_t serial,
                  struct buf *ret);
/* A number as a person types or reads it: wide blanks and digits become narrow, blanks single, a page part "1/2" goes.
 */
void issue_number_fold(struct span typed, struct buf *ret);

/* QR text, and what a reader device gives back. E_INVALID S307 when it is not one of this municipality. */
void qr_text(const char *city_code, struct span number, const uint8_t mac[CHECK_MAC], struct buf *ret);
enum err qr_read(struct span text, const char *city_code, struct buf *ret_number, struct buf *ret_code,
                 struct errinfo *) NODISCARD;

/* Whether a typed code (short or long, with or without hyphen, any case) is that of the mac. Takes the same time for
 * every wrong code. A code of another length is wrong. */
bool check_matches(struct span typed, const uint8_t mac[CHECK_MAC]);

#endif
