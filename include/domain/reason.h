/*
 * Reasons that somebody types (理由): they must still tell something years later. Blanks do not count, nor does one
 * letter again and again. Source: spec/reliability.md §2.3 L8; parameters REASON_MIN_CHARS and REASON_MIN_LETTERS.
 */
#ifndef DOMAIN_REASON_H
#define DOMAIN_REASON_H

#include "base/buf.h"

/* At least so many characters besides blanks of any width, so many of them different, and nothing forbidden. */
bool reason_holds(struct span reason, int min_chars, int min_letters);

#endif
