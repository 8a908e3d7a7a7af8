/*
 * The closed table of checks (検査) that forms may name, and what is checked of every notice without being named.
 * A check only looks: it never changes the notice and never fails; what it finds are findings with ids of spec F.
 * Text of a check: NAME ARGUMENT… [as MESSAGE]; without "as" the check's own message is used.
 */
#ifndef DOMAIN_RULE_H
#define DOMAIN_RULE_H

#include "domain/effect.h"
#include "domain/ref.h"

struct check;
struct rule_call;
struct rule_info {
    const char *name;
    bool of_notice; /* stands under `check` of the form; else below a field */
    enum arg_type arg[CALL_ARGS];
    const char *msg;  /* default message; NULL: the form must say "as …" */
    const char *help; /* Japanese, for the manual */
    void (*run)(const struct check *, const struct site *, const struct rule_call *);
};
const struct rule_info *rules(size_t *ret_n); /* sorted by name */

/* A check as it was read. Spans are borrowed from the text. */
struct rule_call {
    const struct rule_info *rule;
    struct span arg[CALL_ARGS];
    struct span msg; /* message to report */
};

/* Splits the text and proves name, number and kind of the arguments against the form. NULL when all is well, else
 * what was expected, in English; *ret_word gets the word at fault. */
const char *rule_parse(const struct site *, struct span text, struct rule_call *ret, struct span *ret_word);

#endif
