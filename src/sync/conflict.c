#include "sync/conflict.h"
#include "base/mem.h"

#include <string.h>

_Static_assert(ATTR_COUNT <= CONFLICT_FIELDS, "more attributes than a verdict can name");

static const struct conflict_info infos[] = {
    [CONFLICT_NONE] = { "", "競合なし", "", "" },
    [CONFLICT_DISJOINT] = { "C1", "別の項目が変更された", "両方を合わせた案を確かめて、出し直す", "CLK" },
    [CONFLICT_SAME_FIELD] = { "C2", "同じ項目が変更された", "変更前・本庁・当所の三つを見比べて決める", "SUP" },
    [CONFLICT_GONE] = { "C3", "対象者が除かれている", "除かれた異動を確かめてから、取下げか出し直しを決める", "SUP" },
    [CONFLICT_DUPLICATE] = { "C4", "二重の届出の疑い", "二つの届出を並べて、同じものか決める", "SUP" },
    [CONFLICT_SUPPRESSED] = { "C5", "支援措置・抑止の設定", "止める。証明書を交付していたら事故として報告する", "BM" },
    [CONFLICT_AUTHORITY] = { "C6", "権限がない", "権限のある別の者があらためて決裁する", "BM" },
    [CONFLICT_SCHEMA] = { "C7", "様式・コード表の版が違う", "様式を更新し、入力を確かめて出し直す", "CLK" },
    [CONFLICT_INTEGRITY] = { "C8", "署名・連鎖の不整合", "この端末からの受信を止め、記録を保全する", "SYS" },
    [CONFLICT_TIME] = { "C9", "日付が疑わしい", "異動日と届出日を確かめる", "CLK" },
    [CONFLICT_CERTIFICATE] = { "C10", "古い内容の証明書", "回収の要否を決める", "BM" },
};
_Static_assert(sizeof infos / sizeof *infos == CONFLICTS, "a conflict category has no row");

/* Graver first: what may not be overlooked when several persons of one notice are concerned. */
static const enum conflict gravity[] = {
    CONFLICT_INTEGRITY, CONFLICT_AUTHORITY,   CONFLICT_SUPPRESSED, CONFLICT_GONE,
    CONFLICT_DUPLICATE, CONFLICT_SAME_FIELD,  CONFLICT_SCHEMA,     CONFLICT_TIME,
    CONFLICT_DISJOINT,  CONFLICT_CERTIFICATE, CONFLICT_NONE,
};
_Static_assert(sizeof gravity / sizeof *gravity == CONFLICTS, "a conflict category has no gravity");

const struct conflict_info *conflict_info(enum conflict c)
{
    return &infos[(unsigned)c < CONFLICTS ? c : CONFLICT_NONE];
}

enum conflict conflict_by_code(struct span code)
{
    for (int c = CONFLICT_NONE + 1; c < CONFLICTS; c++)
        if (span_is(code, infos[c].code))
            return (enum conflict)c;
    return CONFLICT_NONE;
}

enum conflict conflict_worse(enum conflict a, enum conflict b)
{
    for (size_t i = 0; i < CONFLICTS; i++)
        if (gravity[i] == a || gravity[i] == b)
            return gravity[i];
    return CONFLICT_NONE;
}

/* Attributes that say something of the person, not of the event that wrote the row. */
static bool differs(const struct resident *a, const struct resident *b, enum attr at)
{
    return attr_info(at)->view != AV_EVENT && strcmp(resident_get(a, at), resident_get(b, at)) != 0;
}

static void add_field(struct conflict_verdict *v, enum attr at)
{
    v->field[v->n++] = at;
}

/* Attributes the host changed since the base row. */
static void changed_there(const struct conflict_view *w, struct conflict_verdict *v)
{
    for (int a = 0; a < ATTR_COUNT; a++)
        if (differs(w->base, w->theirs, (enum attr)a))
            add_field(v, (enum attr)a);
}

/* Both sides changed something: the same fields to different values, the same change twice, or other fields. */
static void compare_changes(const struct conflict_view *w, struct conflict_verdict *v)
{
    struct conflict_verdict clash = { .category = CONFLICT_SAME_FIELD };
    bool mine_changed = false, same = true;
    for (int i = 0; i < ATTR_COUNT; i++) {
        enum attr a = (enum attr)i;
        bool mine = differs(w->base, w->mine, a);
        mine_changed |= mine;
        same &= !differs(w->mine, w->theirs, a);
        if (mine && differs(w->base, w->theirs, a) && differs(w->mine, w->theirs, a))
            add_field(&clash, a);
    }
    if (clash.n)
        *v = clash;
    else
        v->category = mine_changed && same ? CONFLICT_DUPLICATE : CONFLICT_DISJOINT;
}

void conflict_classify(const struct conflict_view *w, struct conflict_verdict *ret)
{
    struct conflict_verdict v = { .category = CONFLICT_NONE };
    if (!w->theirs)
        v.category = w->base ? CONFLICT_GONE : CONFLICT_NONE;
    else if (!w->base)
        v.category = CONFLICT_DUPLICATE;
    else {
        changed_there(w, &v);
        if (resident_living(w->base) && !resident_living(w->theirs))
            v.category = CONFLICT_GONE;
        else if (v.n && !w->mine)
            v.category = CONFLICT_SAME_FIELD;
        else if (v.n)
            compare_changes(w, &v);
    }
    *ret = v;
}
