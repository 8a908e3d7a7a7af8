/*
 * Names (氏名, 旧氏, 通称, ローマ字): which characters may stand in them, and the space between 氏 and 名. Names are
 * checked, never changed: nothing here normalises a kanji. Source: spec A.3, A.5; 標準仕様書 30.2.
 */
#ifndef DOMAIN_NAME_H
#define DOMAIN_NAME_H

#include "base/buf.h"

enum name_kind {
    NAME_PERSON, /* 氏名, 旧氏, 世帯主, 筆頭者: the register's repertoire */
    NAME_ALIAS,  /* 通称: hiragana, katakana, kanji; no Latin letters, hangul, signs */
    NAME_ALPHA,  /* 氏名(アルファベット): half-width capitals as on the card */
    NAME_KINDS
};

/* Typed text made ready for the check: blanks at the ends dropped, those between words made one ideographic space
 * (NAME_ALPHA: one ASCII space, small letters to capitals), kana + loose voiced mark composed. */
void name_typed(enum name_kind, struct span in, struct buf *ret);
/* E19 for a character outside the repertoire, a space at an end or twice, or more than max characters. */
enum err name_check(enum name_kind, struct span, int max, struct errinfo *) NODISCARD;
/* True when it holds a character of the private use area: a 外字 nobody has given a code yet (alert W09). */
bool name_has_unregistered(struct span);
/* 氏 and 名: before and behind the first ideographic space; without one all is 氏. */
void name_split(struct span full, struct span *ret_surname, struct span *ret_given);

#endif
