/*
 * One line of comma-separated values (RFC 4180 without line breaks inside a value). Strict: a quote in an unquoted
 * value, text behind a closing quote or a missing closing quote is an error with the column.
 */
#ifndef CODEC_CSV_H
#define CODEC_CSV_H

#include "base/buf.h"

/* Splits `line` (without its end) into exactly n values; `ret` are borrowed from `scratch`, which is cleared first. */
enum err csv_split(struct span line, struct buf *scratch, struct span *ret, size_t n, struct errinfo *) NODISCARD;

/* Appends one value, quoted when needed; a value that a spreadsheet would take for a formula gets a leading
 * apostrophe. */
void csv_put(struct buf *, struct span value);

#endif
