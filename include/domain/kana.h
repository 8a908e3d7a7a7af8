/*
 * Kana (フリガナ): what may stand in a kana field, how typed text becomes katakana, and the two folded keys under which
 * readings are found (検索キー). Keys are for searching only; a stored reading is never folded.
 * Source: spec D.2; 標準仕様書 2.1.2.
 */
#ifndef DOMAIN_KANA_H
#define DOMAIN_KANA_H

#include "base/buf.h"

/* Half-width katakana with their voiced marks, and hiragana, become full-width katakana; loose marks are composed;
 * blanks become one ideographic space. Everything else is copied. */
void kana_wide(struct span in, struct buf *ret);
/* Full-width katakana, ー, ・ and single ideographic spaces between words: E19 otherwise. */
enum err kana_check(struct span, int max, struct errinfo *) NODISCARD;

/* Two keys, because ヂ must meet both ジ and チ while ジ and チ stay apart. */
enum kana_fold {
    KANA_KEY1 = 0,
    KANA_KEY2 = 1,
    KANA_PLAIN_U = 2, /* flag: ウ behind an オ-row kana stays; for a query typed without the space of the name */
};
#define KANA_FOLDS 4
void kana_key(struct span kana, unsigned fold, struct buf *ret);
/* The predicate that the keys stand for: does a name with this reading belong to the answer? */
bool kana_hit(struct span query, struct span name);

/* Romaji as an input method takes it (Hepburn and kunrei, "nn" and "n'" = ン, "-" = ー) into katakana. A syllable that
 * is not finished yet stays in Latin letters, unless `final`, where a last n becomes ン. */
void kana_from_romaji(struct span in, bool final, struct buf *ret);

#endif
