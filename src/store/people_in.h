/* What the files of the residents share: search terms of a row and the dictionary of words. */
#ifndef STORE_PEOPLE_IN_H
#define STORE_PEOPLE_IN_H

#include "store/people.h"
#include "store/stmt.h"

/* Kinds of words, as the table `word` has them. */
enum word_kind { WORD_NAME = 1, WORD_KANA, WORD_TOWN, WORD_BUILDING };
/* Which key of a reading a term is; the bits of person_name.form. Other kinds are FORM_FIRST. */
enum { FORM_FIRST = 1, FORM_SECOND = 2 };

/* What search keys are made with. */
struct people_rules {
    struct variants *variants;
    struct eras eras;
};
const struct people_rules *people_rules(const struct db *);

/* What a person is found by: 氏 and 名, or town and the rest. */
struct term {
    int kind, form;
    struct span a, b;
};
/* Walks the lines of a terms text; false at the end. */
bool term_next(struct span *text, struct term *ret);
/* Appends the terms of a row, one a line. */
void terms_of(const struct people_rules *, const struct resident *, struct buf *ret);
/* Town and rest, building and room: the part before the first digit, and from it on. */
void place_split(struct span key, struct span *ret_word, struct span *ret_rest);

/* Dictionary in memory, for many rows; NULL stands for "ask the store". */
struct word_cache;
/* Number of a word; makes it and its ends when it is new. */
enum err word_number(struct db *, struct word_cache *, int kind, struct span key, int64_t *ret,
                     struct errinfo *) NODISCARD;
enum err word_cache_new(struct db *, struct word_cache **ret, struct errinfo *) NODISCARD;
void word_cache_free(struct word_cache *);

/* What a list shows of a person (the column `card`): the attributes that people_search promises, without the number of
 * the household, which has a column. */
void card_of(const struct resident *, struct buf *ret);
/* Back into a record that has its number and row already. E_CORRUPT. */
enum err card_read(struct span card, struct resident *, struct errinfo *) NODISCARD;

/* The body of a row as a record. E_CORRUPT names the person's row, not the person. */
enum err people_decode(const struct stmt *, struct resident **ret, struct errinfo *) NODISCARD;

#endif
