#include "domain/order.h"
#include "base/mem.h"
#include "domain/name.h"
#include "domain/relation.h"

#include <stdlib.h>
#include <string.h>

#define PARENT_YEARS 15 /* a parent is at least so much older than a child, when it has to be guessed */

/* Ranks of spec A.8; the second one in the name is its sub-rank. */
enum rank {
    RANK_HEAD,
    RANK_SPOUSE,
    RANK_CHILD,  /* child of the head without a family here */
    RANK_FAMILY, /* child with a family here, and that family */
    RANK_PARENT,
    RANK_SIBLING,
    RANK_GRANDPARENT,
    RANK_SPOUSES_PARENT,
    RANK_SPOUSES_SIBLING,
    RANK_SPOUSES_GRANDPARENT,
    RANK_RELATIVE,
    RANK_KIN,
    RANK_LODGER,
    RANK_UNKNOWN,
};

enum group { G_HEAD, G_SPOUSE, G_CHILD, G_PARENT, G_SIBLING, G_KIN, G_LODGER };
static const enum group group_of[] = {
    [REL_HEAD] = G_HEAD,
    [REL_HUSBAND] = G_SPOUSE,
    [REL_WIFE] = G_SPOUSE,
    [REL_HUSBAND_UNFILED] = G_SPOUSE,
    [REL_WIFE_UNFILED] = G_SPOUSE,
    [REL_CHILD] = G_CHILD,
    [REL_CHILD_SON_IN_LAW] = G_CHILD,
    [REL_CHILD_DAUGHTER_IN_LAW] = G_CHILD,
    [REL_FATHER] = G_PARENT,
    [REL_MOTHER] = G_PARENT,
    [REL_ELDER_BROTHER] = G_SIBLING,
    [REL_ELDER_SISTER] = G_SIBLING,
    [REL_YOUNGER_BROTHER] = G_SIBLING,
    [REL_YOUNGER_SISTER] = G_SIBLING,
    [REL_KIN] = G_KIN,
    [REL_LODGER] = G_LODGER,
};
_Static_assert(ARRAY_LEN(group_of) == REL_ATOMS, "an atom has no group");

struct member {
    const struct resident *r;
    struct relation rel; /* n = 0: cannot be read */
    struct date birth;
    int position; /* stored 記載順位; 0: none */
    enum rank rank;
    bool not_first;              /* not the 筆頭者 (parents and grandparents only) */
    const struct member *family; /* child of the head to whose family it belongs, itself included; or NULL */
    int in_family;               /* 0 the child, 1 the spouse, 2 the children, 3 further generations */
};

struct date birth_sort(const struct resident *r, const struct eras *eras)
{
    struct datex x;
    if (datex_read(resident_get(r, ATTR_BIRTH_ON), eras, &x, NULL) != OK || x.kind == DX_NONE)
        return (struct date){ 1, 1, 1 };
    return x.sort;
}

static bool chain_is(const struct relation *r, enum group first, enum group second)
{
    return r->n == 2 && group_of[r->atom[0]] == first && group_of[r->atom[1]] == second;
}

static enum rank rank_of(const struct relation *r)
{
    static const enum rank single[] = {
        [G_HEAD] = RANK_HEAD,       [G_SPOUSE] = RANK_SPOUSE, [G_CHILD] = RANK_CHILD,   [G_PARENT] = RANK_PARENT,
        [G_SIBLING] = RANK_SIBLING, [G_KIN] = RANK_KIN,       [G_LODGER] = RANK_LODGER,
    };
    if (r->n == 0)
        return RANK_UNKNOWN;
    if (r->n == 1)
        return single[group_of[r->atom[0]]];
    if (group_of[r->atom[0]] == G_CHILD)
        return RANK_FAMILY;
    if (chain_is(r, G_PARENT, G_PARENT))
        return RANK_GRANDPARENT;
    if (chain_is(r, G_SPOUSE, G_PARENT))
        return RANK_SPOUSES_PARENT;
    if (chain_is(r, G_SPOUSE, G_SIBLING))
        return RANK_SPOUSES_SIBLING;
    if (r->n == 3 && group_of[r->atom[0]] == G_SPOUSE && group_of[r->atom[1]] == G_PARENT &&
        group_of[r->atom[2]] == G_PARENT)
        return RANK_SPOUSES_GRANDPARENT;
    return RANK_RELATIVE;
}

static int position_of(const struct resident *r)
{
    int value = 0;
    for (const char *p = resident_get(r, ATTR_POSITION); *p >= '0' && *p <= '9' && value < 100000; p++)
        value = value * 10 + (*p - '0');
    return value;
}

static struct member member_of(const struct resident *r, const struct eras *eras)
{
    struct member m = { .r = r, .birth = birth_sort(r, eras), .position = position_of(r) };
    if (relation_parse(resident_get(r, ATTR_RELATION), &m.rel, NULL, NULL) != OK)
        m.rel.n = 0;
    m.rank = rank_of(&m.rel);
    bool ascendant = m.rank == RANK_PARENT || m.rank == RANK_GRANDPARENT || m.rank == RANK_SPOUSES_PARENT ||
                     m.rank == RANK_SPOUSES_GRANDPARENT;
    m.not_first = ascendant && !resident_is(r, ATTR_DOMICILE_HEAD, resident_get(r, ATTR_NAME));
    return m;
}

/* ---- families of the head's children ---- */

static bool same_surname(const struct member *a, const struct member *b)
{
    struct span x, y, given;
    name_split(span_of(resident_get(a->r, ATTR_NAME)), &x, &given);
    name_split(span_of(resident_get(b->r, ATTR_NAME)), &y, &given);
    return x.n > 0 && span_eq(x, y);
}

/* How well `child` goes as the one through whom `m` belongs to the head's family: higher is better, 0 not at all. */
static int fits(const struct member *m, const struct member *child)
{
    if (child->rel.n != 1 || child->rel.atom[0] != m->rel.atom[0])
        return 0;
    bool spouse = group_of[m->rel.atom[1]] == G_SPOUSE;
    const char *sex = resident_get(child->r, ATTR_SEX);
    if (spouse && *sex != '\0' && strcmp(sex, relation_sex(&m->rel)) == 0)
        return 0;
    bool old_enough = spouse || m->birth.y - child->birth.y >= PARENT_YEARS;
    return 1 + (old_enough ? 2 : 0) + (same_surname(m, child) ? 1 : 0);
}

static int by_birth(const struct member *a, const struct member *b)
{
    int c = date_cmp(a->birth, b->birth);
    return c != 0 ? c : strcmp(a->r->id, b->r->id);
}

static void join_family(struct member *m, struct member *all, size_t n)
{
    struct member *best = NULL;
    int best_fit = 0;
    for (size_t i = 0; i < n; i++) {
        int fit = fits(m, &all[i]);
        if (fit > best_fit || (fit == best_fit && fit > 0 && by_birth(&all[i], best) < 0)) {
            best = &all[i];
            best_fit = fit;
        }
    }
    m->in_family = m->rel.n > 2 ? 3 : group_of[m->rel.atom[1]] == G_SPOUSE ? 1 : 2;
    if (best == NULL)
        return;
    best->rank = RANK_FAMILY;
    best->family = best;
    m->family = best;
}

/* ---- order ---- */

static int by_int(int a, int b)
{
    return (a > b) - (a < b);
}

static int compare_families(const struct member *a, const struct member *b)
{
    const struct member *x = a->family != NULL ? a->family : a, *y = b->family != NULL ? b->family : b;
    if (x != y)
        return by_birth(x, y);
    int c = by_int(a->in_family, b->in_family);
    return c != 0 ? c : by_birth(a, b);
}

/* Other relatives: those who are related through one person stay together, generation by generation, spouses first. */
static int compare_relatives(const struct member *a, const struct member *b)
{
    int c = by_int((int)a->rel.atom[0], (int)b->rel.atom[0]);
    if (c == 0)
        c = by_int(a->rel.n, b->rel.n);
    if (c == 0)
        c = by_int(group_of[a->rel.atom[a->rel.n - 1]] != G_SPOUSE, group_of[b->rel.atom[b->rel.n - 1]] != G_SPOUSE);
    return c != 0 ? c : by_birth(a, b);
}

static int compare(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    if (a->position != b->position && (a->position == 0 || b->position == 0))
        return a->position == 0 ? 1 : -1;
    int c = by_int(a->position, b->position);
    if (c == 0)
        c = by_int((int)a->rank, (int)b->rank);
    if (c != 0)
        return c;
    if (a->rank == RANK_FAMILY)
        return compare_families(a, b);
    if (a->rank == RANK_RELATIVE)
        return compare_relatives(a, b);
    c = by_int(a->not_first, b->not_first);
    return c != 0 ? c : by_birth(a, b);
}

void members_order(const struct resident **members, size_t n, const struct eras *eras)
{
    if (n < 2)
        return;
    struct member *all = xcalloc(n, sizeof *all), *sorted = xcalloc(n, sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        all[i] = member_of(members[i], eras);
    for (size_t i = 0; i < n; i++) {
        if (all[i].rank == RANK_FAMILY && all[i].rel.n > 1)
            join_family(&all[i], all, n);
    }
    memcpy(sorted, all, n * sizeof *sorted); /* `family` points into `all`, which stays */
    qsort(sorted, n, sizeof *sorted, compare);
    for (size_t i = 0; i < n; i++)
        members[i] = sorted[i].r;
    free(all);
    free(sorted);
}
