/* A counter at which notices are written, checked and applied, for the tests of the real forms. */
#ifndef TEST_FORM_DESK_H
#define TEST_FORM_DESK_H

#include "domain/notice_check.h"
#include "domain/notice_points.h"
#include "domain/notice_proposals.h"
#include "world.h"

#define DAY ((struct date){ 2026, 7, 1 })

struct desk {
    struct rulebook *book;
    struct world w;
    struct counter c;
    struct effect_ctx ctx;
    struct notice *n;
    const struct kind *k;
    struct findings f;
    struct changes made;
};

static inline int set_up(void **state)
{
    struct desk *d = xcalloc(1, sizeof *d);
    d->book = tree_book();
    add_town(&d->w);
    d->ctx = ctx_of(d->book, &d->c, DAY);
    *state = d;
    return 0;
}

static inline int tear_down(void **state)
{
    struct desk *d = *state;
    world_done(&d->w);
    notice_free(d->n);
    findings_done(&d->f);
    changes_done(&d->made);
    rulebook_free(d->book);
    free(d);
    return 0;
}

static inline void start(struct desk *d, const char *kind, const char *filed)
{
    notice_free(d->n);
    d->n = notice_filed(kind, filed);
    d->k = kind_find(&d->book->kinds, kind);
    assert_non_null(d->k);
}

static inline void set(struct desk *d, const char *section, int row, const char *field, const char *text)
{
    assert_non_null(section_field(kind_section(d->k, section), field));
    notice_set(d->n, section, row, field, text);
}

static inline void check(struct desk *d, const char *messages)
{
    struct errinfo e;
    findings_done(&d->f);
    assert_int_equal(notice_check(d->k, d->n, &d->w, &d->ctx, &d->f, &e), OK);
    expect_findings(&d->f, messages);
}

static inline void apply(struct desk *d)
{
    struct errinfo e = { 0 };
    changes_done(&d->made);
    if (effect_apply(d->k, d->n, &d->w, &d->ctx, &d->made, &e) != OK)
        fail_msg("%s %s", e.msg, e.item);
}

static inline void due(struct desk *d)
{
    struct errinfo e = { 0 };
    changes_done(&d->made);
    if (effect_due(d->k, d->n, &d->w, &d->ctx, &d->made, &e) != OK)
        fail_msg("%s %s", e.msg, e.item);
}

static inline const struct resident *row(const struct desk *d, const char *id)
{
    const struct resident *r = resident_list_find(&d->made.rows, id);
    if (!r)
        fail_msg("no row for %s", id);
    return r;
}

static inline void is(const struct resident *r, enum attr a, const char *text)
{
    if (!resident_is(r, a, text))
        fail_msg("%s of %s: expected %s, found %s", attr_info(a)->label, r->id, text, resident_get(r, a));
}

/* The world goes on with the rows that came out. */
static inline void post(struct desk *d)
{
    for (size_t i = 0; i < d->made.rows.n; i++) {
        struct resident *old = resident_list_find(&d->w.people, d->made.rows.r[i]->id);
        if (old) {
            struct resident *copy = resident_copy(d->made.rows.r[i]), swap = *old;
            *old = *copy;
            *copy = swap;
            resident_free(copy);
        } else {
            resident_list_add(&d->w.people, resident_copy(d->made.rows.r[i]));
        }
    }
}

static inline void head_moves_out(struct desk *d, const char *day)
{
    start(d, "tenshutsu", "2026-07-01");
    set(d, "leave", 0, "leave_on", day);
    set(d, "leave", 0, "planned_to", "まつ県松市松町1番地");
    set(d, "persons", 0, "person", "101");
}

static inline void move_in(struct desk *d, const char *day)
{
    start(d, "tennyu", "2026-07-01");
    set(d, "move", 0, "moved_on", day);
    set(d, "move", 0, "prev_addr", "まつ県松市松町9番地");
    set(d, "move", 0, "certificate", "1");
    set(d, "move", 0, "cert_on", day);
    set(d, "persons", 0, "class", "J");
    set(d, "persons", 0, "name", "高橋　誠");
    set(d, "persons", 0, "kana", "タカハシ　マコト");
    set(d, "persons", 0, "birth_on", "S60.01.02");
    set(d, "persons", 0, "sex", "1");
    set(d, "persons", 0, "relation", "世帯主");
    set(d, "persons", 0, "domicile", "まつ県松市松町9番地");
    set(d, "persons", 0, "domicile_head", "高橋　誠");
    set(d, "persons", 0, "resident_code", "24727059608");
    set(d, "address", 0, "addr_code", "99201003000");
    set(d, "address", 0, "addr_town", "梅町三丁目");
    set(d, "address", 0, "addr_lot", "8番地");
    set(d, "dest", 0, "to", "1");
}

static inline void move_within(struct desk *d)
{
    start(d, "tenkyo", "2026-07-01");
    set(d, "move", 0, "moved_on", "2026-06-28");
    set(d, "address", 0, "addr_code", "99201002000");
    set(d, "address", 0, "addr_town", "梅町二丁目");
    set(d, "address", 0, "addr_lot", "8番地3");
    set(d, "dest", 0, "to", "1");
}

#define SCENARIO(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
