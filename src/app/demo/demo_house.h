/* One household of the demonstration municipality while it is being made up. Private to demo*.c. */
#ifndef APP_DEMO_HOUSE_H
#define APP_DEMO_HOUSE_H

#include "app/demo.h"
#include "demo_tables.h"

#define DEMO_HOUSE_MAX 12

struct demo_maker {
    const struct demo_opts *o;
    const struct demo_sink *sink;
    struct demo_tables t;
    struct rng g;
    struct demo_stats *stats;
    uint64_t person_serial, household_serial;
};

struct demo_place {
    const struct demo_town *town;
    char *lot, *building; /* owned */
};

struct demo_member {
    struct resident *r; /* owned; attributes that do not depend on where the household lives */
    struct date birth;
    bool own_surname; /* is of another family */
    bool dead;        /* record ends with 死亡 */
};

struct demo_house {
    char no[PERSON_ID_MAX + 1];
    const struct demo_row *surname;
    const struct demo_row *foreign;  /* NULL: Japanese household */
    struct demo_place place, before; /* before.town NULL: never moved inside the city */
    struct date since, moved;
    char *from, *domicile;                /* 転入前住所, 本籍; owned */
    bool gone;                            /* the whole household moved out */
    struct date filed;                    /* of the 転入届 of the family; y = 0: not yet known */
    struct demo_member m[DEMO_HOUSE_MAX]; /* head first */
    size_t n;
};

/* Makes up a household of at most `room` persons. */
enum err demo_house_make(struct demo_maker *, int room, struct demo_house *ret, struct errinfo *) NODISCARD;
/* Hands all rows of all members to the sink. */
enum err demo_house_emit(struct demo_maker *, struct demo_house *, struct errinfo *) NODISCARD;
void demo_house_done(struct demo_house *);

#endif
