/*
 * Code pages of files from outside (文字コード変換), through iconv. Strict in both directions: nothing is
 * transliterated, ignored or silently replaced. The return value of iconv() hides substitutions in several
 * Japanese code pages, so every conversion is done back and compared. Never takes the name of a code page from a file.
 * A converter must be opened before the process gives up access to the file system.
 */
#ifndef CODEC_CHARSET_H
#define CODEC_CHARSET_H

#include "base/buf.h"

struct charset;

/* `name` as iconv knows it ("CP932", "UTF-8", "IBM1399"). E_INVALID when the system has no such converter. */
enum err charset_open(const char *name, struct charset **ret, struct errinfo *) NODISCARD;
void charset_close(struct charset *); /* NULL allowed */

/* Appends `in` as UTF-8. E_INVALID, with the offset of the first bad byte in detail, when a byte sequence is not of
 * this code page or would not come back as the same bytes. `ret` is untouched on failure. */
enum err charset_decode(struct charset *, struct span in, struct buf *ret, struct errinfo *) NODISCARD;

/* Appends `utf8` in the code page. E_INVALID, naming the code point, when a character has no place in it. */
enum err charset_encode(struct charset *, struct span utf8, struct buf *ret, struct errinfo *) NODISCARD;

#endif
