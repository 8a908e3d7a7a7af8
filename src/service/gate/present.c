#include "service/present.h"
#include "service/method.h"

/* Code tables of the attributes that hold a code. */
static const char *const code_tables[ATTR_COUNT] = {
    [ATTR_CLASS] = "class",
    [ATTR_STATUS] = "status",
    [ATTR_KANA_STATE] = "kana_state",
    [ATTR_SEX] = "sex",
    [ATTR_FOREIGN_CLASS] = "foreign_class",
    [ATTR_REMOVED_REASON] = "reason",
    [ATTR_EV_REASON] = "reason",
    [ATTR_EV_FILED_AS] = "filed_as",
};

static bool western(enum attr a)
{
    return a == ATTR_STAY_UNTIL; /* foreign residents' births are stored in the western calendar */
}

static void show_date(const struct rulebook *book, enum attr a, const char *value, struct buf *ret)
{
    struct date d;
    if (date_read(value, &d, NULL) != OK)
        buf_adds(ret, value);
    else if (western(a))
        date_show_western(d, ret);
    else
        date_show(d, &book->eras, ret);
}

static void show_datex(const struct rulebook *book, const char *value, struct buf *ret)
{
    struct datex x;
    if (datex_read(value, &book->eras, &x, NULL) != OK)
        buf_adds(ret, value);
    else
        datex_show(&x, &book->eras, ret);
}

void present_attr(const struct rulebook *book, enum attr a, const char *value, struct buf *ret)
{
    if (*value == '\0')
        return;
    switch (attr_info(a)->type) {
    case AT_DATE:
        show_date(book, a, value, ret);
        break;
    case AT_DATEX:
        show_datex(book, value, ret);
        break;
    case AT_FLAG:
        buf_adds(ret, rulebook_label(book, "yes_no", value));
        break;
    case AT_CODE:
        buf_adds(ret, code_tables[a] != NULL ? rulebook_label(book, code_tables[a], value) : value);
        break;
    case AT_TEXT:
    case AT_NAME:
    case AT_KANA:
    case AT_ALPHA:
    case AT_DIGITS:
    case AT_RELATION:
        buf_adds(ret, value);
        break;
    }
}

void present_set(const struct rulebook *book, json_t *object, const char *key, const struct resident *r, enum attr a)
{
    struct buf b = BUF_INIT;
    present_attr(book, a, resident_get(r, a), &b);
    set_text(object, key, buf_str(&b));
    buf_done(&b);
}

void present_birth(const struct rulebook *book, json_t *object, const struct resident *r, struct date today)
{
    struct buf show = BUF_INIT, brief = BUF_INIT;
    struct datex x;
    const char *value = resident_get(r, ATTR_BIRTH_ON);
    bool read = datex_read(value, &book->eras, &x, NULL) == OK;
    if (read) {
        datex_show(&x, &book->eras, &show);
        datex_show_short(&x, &book->eras, &brief);
    } else {
        buf_adds(&show, value);
    }
    set_text(object, "birth_show", buf_str(&show));
    set_text(object, "birth_short", buf_str(&brief));
    if (read && resident_living(r) && (x.kind == DX_DAY || x.kind == DX_NODAY))
        set_int(object, "age", date_age(x.sort, today));
    buf_done(&show);
    buf_done(&brief);
}

const char *present_name(const struct resident *r)
{
    return resident_shown_name(r);
}

void present_status(const struct rulebook *book, const struct resident *r, struct buf *ret)
{
    if (resident_living(r) && *resident_get(r, ATTR_PLANNED_ON) != '\0')
        rulebook_say(book, "S121", NULL, NULL, ret);
    else
        present_attr(book, ATTR_STATUS, resident_get(r, ATTR_STATUS), ret);
}

void present_member(const struct rulebook *book, json_t *list, const struct resident *r, struct date today, bool self)
{
    json_t *o = add_object(list);
    set_text(o, "id", r->id);
    set_text(o, "name", present_name(r));
    set_text(o, "relation", resident_get(r, ATTR_RELATION));
    present_birth(book, o, r, today);
    present_set(book, o, "sex", r, ATTR_SEX);
    set_bool(o, "self", self);
}
