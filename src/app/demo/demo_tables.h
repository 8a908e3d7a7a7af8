/* Tables behind the demonstration municipality: names, towns, buildings. Private to demo*.c. */
#ifndef APP_DEMO_TABLES_H
#define APP_DEMO_TABLES_H

#include "base/rng.h"
#include "domain/date.h"

#define DEMO_CELLS 9

struct demo_row {
    char *cell[DEMO_CELLS];
    uint32_t weight;
};
struct demo_table {
    struct demo_row *r;
    size_t n, cap;
    uint32_t total; /* of all weights */
};
struct demo_town {
    char *code; /* 住所コード: city code and serial of the town */
    char *zip, *pref, *city, *town;
};
struct demo_towns {
    struct demo_town *t;
    size_t n, cap;
};
struct demo_tables {
    struct demo_table surnames, given, foreign, buildings;
    struct demo_towns own, other; /* of the demonstration city, of its neighbours */
};

enum err demo_tables_load(const char *dir, struct demo_tables *ret, struct errinfo *) NODISCARD;
void demo_tables_done(struct demo_tables *);

const struct demo_row *demo_pick(struct rng *, const struct demo_table *);
/* A given name that was in use in the year of birth. */
const struct demo_row *demo_pick_given(struct rng *, const struct demo_table *, const char *sex, int birth_year);

#endif
