/*
 * Relations after a change of head (世帯主変更に伴う続柄の提案). One table: what the new head was × what the member
 * was, both to the old head.
 */
#include "base/mem.h"
#include "domain/attr.h"
#include "domain/relation.h"

#include <string.h>

enum was {
    WAS_HEAD,
    WAS_SPOUSE,
    WAS_CHILD,
    WAS_PARENT,
    WAS_SIBLING,
    WAS_SPOUSES_CHILD,
    WAS_SPOUSES_KIN, /* parents, brothers and sisters of the spouse */
    WAS_CHILDS_SPOUSE,
    WAS_CHILDS_CHILD,
    WAS_APART, /* 縁故者, 同居人 */
    WAS_CHAIN,
    WAS_COUNT
};

/* Words of an option. */
enum word {
    W_END,
    W_OLD_HEAD, /* the old head as the new head sees him */
    W_SAME,     /* the relation as it was */
    W_REST,     /* the relation without its first atom */
    W_SIBLING,  /* 兄 姉 弟 妹 of the new head, by birth and sex */
    W_PARENT,   /* 父 or 母 by sex */
    W_SPOUSE,   /* 夫 or 妻 by sex */
    W_CHILD,
};

#define WORDS       3
#define ROW_OPTIONS 3
struct row {
    enum word option[ROW_OPTIONS][WORDS];
    bool ask;
};

/* clang-format off */
#define ONE(...) { .option = { { __VA_ARGS__ } } }
#define ASK_ONE(...) { .option = { { __VA_ARGS__ } }, .ask = true }
#define ASK { .ask = true }

/* Rows of the new head, columns of the member. A column that is not named is asked without a proposal. */
static const struct row table[WAS_COUNT][WAS_COUNT] = {
    [WAS_SPOUSE] = {
        [WAS_HEAD] = ONE(W_OLD_HEAD),
        [WAS_CHILD] = { .option = { { W_CHILD }, { W_OLD_HEAD, W_SAME } }, .ask = true },
        [WAS_PARENT] = ONE(W_OLD_HEAD, W_SAME),
        [WAS_SIBLING] = ONE(W_OLD_HEAD, W_SAME),
        [WAS_SPOUSES_CHILD] = ONE(W_REST),
        [WAS_SPOUSES_KIN] = ONE(W_REST),
        [WAS_CHILDS_SPOUSE] = { .option = { { W_SAME }, { W_OLD_HEAD, W_SAME } }, .ask = true },
        [WAS_CHILDS_CHILD] = { .option = { { W_SAME }, { W_OLD_HEAD, W_SAME } }, .ask = true },
        [WAS_APART] = ASK_ONE(W_SAME),
        [WAS_CHAIN] = ASK_ONE(W_OLD_HEAD, W_SAME),
        [WAS_SPOUSE] = ASK,
    },
    [WAS_CHILD] = {
        [WAS_HEAD] = ONE(W_OLD_HEAD),
        [WAS_SPOUSE] = { .option = { { W_PARENT }, { W_OLD_HEAD, W_SAME } }, .ask = true },
        [WAS_CHILD] = ONE(W_SIBLING),
        [WAS_PARENT] = ONE(W_OLD_HEAD, W_SAME),
        [WAS_SIBLING] = ONE(W_OLD_HEAD, W_SAME),
        [WAS_SPOUSES_CHILD] = ASK_ONE(W_SIBLING),
        [WAS_SPOUSES_KIN] = ASK,
        [WAS_CHILDS_SPOUSE] = ASK_ONE(W_SPOUSE),
        [WAS_CHILDS_CHILD] = ASK_ONE(W_CHILD),
        [WAS_APART] = ASK_ONE(W_SAME),
        [WAS_CHAIN] = ASK,
    },
    [WAS_PARENT] = {
        [WAS_HEAD] = ONE(W_CHILD),
        [WAS_SPOUSE] = ONE(W_OLD_HEAD, W_SAME),
        [WAS_CHILD] = ONE(W_OLD_HEAD, W_SAME),
        [WAS_PARENT] = ASK_ONE(W_SPOUSE),
        [WAS_SIBLING] = ONE(W_CHILD),
        [WAS_SPOUSES_CHILD] = ASK_ONE(W_OLD_HEAD, W_SAME),
        [WAS_SPOUSES_KIN] = ASK_ONE(W_OLD_HEAD, W_SAME),
        [WAS_CHILDS_SPOUSE] = ASK_ONE(W_OLD_HEAD, W_SAME),
        [WAS_CHILDS_CHILD] = ASK_ONE(W_OLD_HEAD, W_SAME),
        [WAS_APART] = ASK_ONE(W_SAME),
        [WAS_CHAIN] = ASK_ONE(W_OLD_HEAD, W_SAME),
    },
    [WAS_SIBLING] = {
        [WAS_HEAD] = ONE(W_OLD_HEAD),
        [WAS_SPOUSE] = ONE(W_OLD_HEAD, W_SAME),
        [WAS_CHILD] = ONE(W_OLD_HEAD, W_SAME),
        [WAS_PARENT] = ONE(W_SAME),
        [WAS_SIBLING] = ONE(W_SIBLING),
        [WAS_SPOUSES_CHILD] = ASK_ONE(W_OLD_HEAD, W_SAME),
        [WAS_SPOUSES_KIN] = ASK_ONE(W_OLD_HEAD, W_SAME),
        [WAS_CHILDS_SPOUSE] = ASK_ONE(W_OLD_HEAD, W_SAME),
        [WAS_CHILDS_CHILD] = ASK_ONE(W_OLD_HEAD, W_SAME),
        [WAS_APART] = ASK_ONE(W_SAME),
        [WAS_CHAIN] = ASK_ONE(W_OLD_HEAD, W_SAME),
    },
};
/* clang-format on */

/* ---- what a relation is for the table ---- */

static const enum was was_atom[] = {
    [REL_HEAD] = WAS_HEAD,
    [REL_HUSBAND] = WAS_SPOUSE,
    [REL_WIFE] = WAS_SPOUSE,
    [REL_HUSBAND_UNFILED] = WAS_SPOUSE,
    [REL_WIFE_UNFILED] = WAS_SPOUSE,
    [REL_CHILD] = WAS_CHILD,
    [REL_CHILD_SON_IN_LAW] = WAS_CHAIN, /* child and in-law at once: nothing follows from it alone */
    [REL_CHILD_DAUGHTER_IN_LAW] = WAS_CHAIN,
    [REL_FATHER] = WAS_PARENT,
    [REL_MOTHER] = WAS_PARENT,
    [REL_ELDER_BROTHER] = WAS_SIBLING,
    [REL_ELDER_SISTER] = WAS_SIBLING,
    [REL_YOUNGER_BROTHER] = WAS_SIBLING,
    [REL_YOUNGER_SISTER] = WAS_SIBLING,
    [REL_KIN] = WAS_APART,
    [REL_LODGER] = WAS_APART,
};
_Static_assert(ARRAY_LEN(was_atom) == REL_ATOMS, "an atom has no row");

static enum was was_of(const struct relation *r)
{
    if (r->n == 1)
        return was_atom[r->atom[0]];
    if (r->n != 2)
        return WAS_CHAIN;
    enum was first = was_atom[r->atom[0]], second = was_atom[r->atom[1]];
    if (first == WAS_SPOUSE && second == WAS_CHILD)
        return WAS_SPOUSES_CHILD;
    if (first == WAS_SPOUSE && (second == WAS_PARENT || second == WAS_SIBLING))
        return WAS_SPOUSES_KIN;
    if (first == WAS_CHILD && second == WAS_SPOUSE)
        return WAS_CHILDS_SPOUSE;
    if (first == WAS_CHILD && second == WAS_CHILD)
        return WAS_CHILDS_CHILD;
    return WAS_CHAIN;
}

/* ---- words ---- */

/* Up to four atoms that a word may stand for. */
struct choice {
    enum rel_atom atom[4];
    int n;
};

static struct choice by_sex(const char *sex, enum rel_atom male, enum rel_atom female)
{
    if (strcmp(sex, SEX_MALE) == 0)
        return (struct choice){ { male }, 1 };
    if (strcmp(sex, SEX_FEMALE) == 0)
        return (struct choice){ { female }, 1 };
    return (struct choice){ { male, female }, 2 };
}

/* Brother or sister of `of`; equal or unknown days leave both ages open. */
static struct choice sibling(const struct rel_person *who, const struct rel_person *of)
{
    struct choice elder = by_sex(who->sex, REL_ELDER_BROTHER, REL_ELDER_SISTER);
    struct choice younger = by_sex(who->sex, REL_YOUNGER_BROTHER, REL_YOUNGER_SISTER);
    int c = who->birth.y == 0 || of->birth.y == 0 ? 0 : date_cmp(who->birth, of->birth);
    if (c < 0)
        return elder;
    if (c > 0)
        return younger;
    for (int i = 0; i < younger.n; i++)
        elder.atom[elder.n++] = younger.atom[i];
    return elder;
}

static enum rel_atom other_spouse(enum rel_atom a)
{
    static const enum rel_atom other[] = {
        [REL_HUSBAND] = REL_WIFE,
        [REL_WIFE] = REL_HUSBAND,
        [REL_HUSBAND_UNFILED] = REL_WIFE_UNFILED,
        [REL_WIFE_UNFILED] = REL_HUSBAND_UNFILED,
    };
    return other[a];
}

struct scene {
    const struct rel_person *old_head, *new_head, *who;
    struct relation new_was, who_was;
    const char *who_sex; /* as recorded, else as the relation says */
};

static struct choice old_head_seen(const struct scene *s)
{
    switch (was_of(&s->new_was)) {
    case WAS_SPOUSE:
        return (struct choice){ { other_spouse(s->new_was.atom[0]) }, 1 };
    case WAS_CHILD:
        return by_sex(s->old_head->sex, REL_FATHER, REL_MOTHER);
    case WAS_PARENT:
        return (struct choice){ { REL_CHILD }, 1 };
    case WAS_SIBLING:
        return sibling(s->old_head, s->new_head);
    case WAS_HEAD:
    case WAS_SPOUSES_CHILD:
    case WAS_SPOUSES_KIN:
    case WAS_CHILDS_SPOUSE:
    case WAS_CHILDS_CHILD:
    case WAS_APART:
    case WAS_CHAIN:
    case WAS_COUNT:
        break;
    }
    return (struct choice){ .n = 0 };
}

static struct choice word_atoms(const struct scene *s, enum word w)
{
    switch (w) {
    case W_OLD_HEAD:
        return old_head_seen(s);
    case W_SIBLING: {
        struct rel_person who = *s->who;
        who.sex = s->who_sex;
        return sibling(&who, s->new_head);
    }
    case W_PARENT:
        return by_sex(s->who_sex, REL_FATHER, REL_MOTHER);
    case W_SPOUSE:
        return by_sex(s->who_sex, REL_HUSBAND, REL_WIFE);
    case W_CHILD:
        return (struct choice){ { REL_CHILD }, 1 };
    case W_END:
    case W_SAME:
    case W_REST:
        break;
    }
    return (struct choice){ .n = 0 };
}

/* ---- options ---- */

static void add_option(struct rel_proposal *p, const enum rel_atom *atoms, int n)
{
    struct relation r = { .n = n };
    if (n > REL_MAX) {
        r = (struct relation){ .atom = { REL_KIN }, .n = 1 };
        p->over = true;
    } else {
        memcpy(r.atom, atoms, (size_t)n * sizeof *atoms);
    }
    for (int i = 0; i < p->n; i++) {
        if (p->option[i].n == r.n && memcmp(p->option[i].atom, r.atom, (size_t)r.n * sizeof *r.atom) == 0)
            return;
    }
    if (p->n < REL_OPTIONS)
        p->option[p->n++] = r;
}

/* A word that stands for several atoms gives several options, and only the first word of an option does. */
static void expand(const struct scene *s, const enum word words[WORDS], struct rel_proposal *p)
{
    enum rel_atom atoms[REL_MAX * 2];
    struct choice first = word_atoms(s, words[0]);
    int tail = 0;
    for (int w = first.n > 0 ? 1 : 0; w < WORDS && words[w] != W_END; w++) {
        MUST(words[w] == W_SAME || words[w] == W_REST);
        for (int i = words[w] == W_REST ? 1 : 0; i < s->who_was.n; i++)
            atoms[1 + tail++] = s->who_was.atom[i];
    }
    if (first.n == 0 && tail > 0)
        add_option(p, atoms + 1, tail);
    for (int i = 0; i < first.n; i++) {
        atoms[0] = first.atom[i];
        add_option(p, atoms, tail + 1);
    }
    if (first.n > 1)
        p->ask = true;
}

/* 妻の父 has a rest only for the spouse it names: a household with two spouses is asked. */
static bool rest_is_of(const struct scene *s)
{
    return s->who_was.atom[0] == s->new_was.atom[0];
}

void relation_propose(const struct rel_person *old_head, const struct rel_person *new_head,
                      const struct rel_person *who, struct rel_proposal *ret)
{
    struct rel_proposal p = { .ask = true };
    struct scene s = { .old_head = old_head, .new_head = new_head, .who = who };
    if (who == new_head) {
        *ret = (struct rel_proposal){ .option = { { { REL_HEAD }, 1 } }, .n = 1 };
        return;
    }
    if (relation_parse(new_head->relation, &s.new_was, NULL, NULL) != OK ||
        relation_parse(who->relation, &s.who_was, NULL, NULL) != OK) {
        *ret = p;
        return;
    }
    s.who_sex = *who->sex != '\0' ? who->sex : relation_sex(&s.who_was);
    const struct row *row = &table[was_of(&s.new_was)][was_of(&s.who_was)];
    p.ask = row->ask;
    for (int i = 0; i < ROW_OPTIONS && row->option[i][0] != W_END; i++) {
        if (row->option[i][0] != W_REST || rest_is_of(&s))
            expand(&s, row->option[i], &p);
    }
    p.ask = p.ask || p.n == 0;
    *ret = p;
}
