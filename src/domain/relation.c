#include "domain/relation.h"
#include "base/mem.h"
#include "domain/attr.h"

#include <string.h>

static const struct {
    const char *text;
    const char *sex;
} atoms[] = {
    [REL_HEAD] = { "世帯主", "" },
    [REL_HUSBAND] = { "夫", SEX_MALE },
    [REL_WIFE] = { "妻", SEX_FEMALE },
    [REL_HUSBAND_UNFILED] = { "夫（未届）", SEX_MALE },
    [REL_WIFE_UNFILED] = { "妻（未届）", SEX_FEMALE },
    [REL_CHILD] = { "子", "" },
    [REL_CHILD_SON_IN_LAW] = { "子（子の夫）", SEX_MALE },
    [REL_CHILD_DAUGHTER_IN_LAW] = { "子（子の妻）", SEX_FEMALE },
    [REL_FATHER] = { "父", SEX_MALE },
    [REL_MOTHER] = { "母", SEX_FEMALE },
    [REL_ELDER_BROTHER] = { "兄", SEX_MALE },
    [REL_ELDER_SISTER] = { "姉", SEX_FEMALE },
    [REL_YOUNGER_BROTHER] = { "弟", SEX_MALE },
    [REL_YOUNGER_SISTER] = { "妹", SEX_FEMALE },
    [REL_KIN] = { "縁故者", "" },
    [REL_LODGER] = { "同居人", "" },
};
_Static_assert(ARRAY_LEN(atoms) == REL_ATOMS, "an atom has no row");

/* ---- grammar ---- */

const char *relation_atom_text(enum rel_atom a)
{
    MUST(a < REL_ATOMS);
    return atoms[a].text;
}

static bool stands_alone(enum rel_atom a)
{
    return a == REL_HEAD || a == REL_KIN || a == REL_LODGER;
}

/* The longest atom at the beginning: 子（子の夫） is one, though it holds a の. */
static bool take_atom(const char **p, enum rel_atom *ret)
{
    size_t best = 0;
    for (size_t a = 0; a < REL_ATOMS; a++) {
        size_t n = strlen(atoms[a].text);
        if (n > best && strncmp(*p, atoms[a].text, n) == 0) {
            best = n;
            *ret = (enum rel_atom)a;
        }
    }
    *p += best;
    return best > 0;
}

enum err relation_parse(const char *text, struct relation *ret, bool *ret_over, struct errinfo *reterr)
{
    static const char joint[] = "の";
    struct relation r = { .n = 0 };
    bool alone = false;
    int n = 0;
    for (const char *p = text;; p += sizeof joint - 1) {
        enum rel_atom a;
        if (!take_atom(&p, &a))
            return err_set(reterr, E_INVALID, "E11", NULL, "not an expression of the grammar");
        if (n < REL_MAX)
            r.atom[n] = a;
        n++;
        alone = alone || stands_alone(a);
        if (*p == '\0')
            break;
        if (strncmp(p, joint, sizeof joint - 1) != 0)
            return err_set(reterr, E_INVALID, "E11", NULL, "atoms are joined by の");
    }
    if (alone && n > 1)
        return err_set(reterr, E_INVALID, "E11", NULL, "this expression stands alone");
    if (n > REL_MAX && ret_over == NULL)
        return err_set(reterr, E_INVALID, "E11", NULL, "more than %d atoms", REL_MAX);
    r.n = n;
    if (n > REL_MAX)
        r = (struct relation){ .atom = { REL_KIN }, .n = 1 };
    if (ret_over != NULL)
        *ret_over = n > REL_MAX;
    *ret = r;
    return OK;
}

void relation_text(const struct relation *r, struct buf *ret)
{
    for (int i = 0; i < r->n; i++) {
        if (i > 0)
            buf_adds(ret, "の");
        buf_adds(ret, relation_atom_text(r->atom[i]));
    }
}

const char *relation_sex(const struct relation *r)
{
    return r->n > 0 ? atoms[r->atom[r->n - 1]].sex : "";
}

bool relation_fits_sex(const struct relation *r, const char *sex)
{
    const char *says = relation_sex(r);
    return *says == '\0' || *sex == '\0' || strcmp(says, sex) == 0;
}

static bool spouse_atom(enum rel_atom a)
{
    return a >= REL_HUSBAND && a <= REL_WIFE_UNFILED;
}

bool relation_is_spouse(const struct relation *r)
{
    return r->n == 1 && spouse_atom(r->atom[0]);
}
