#include "base/mem.h"
#include "gate/internal.h"
#include <stdlib.h>
#include <string.h>

/* What is said when the failing function named no message of its own. */
static const char *const message_of[] = {
    [OK] = "S000",         [E_NOMEM] = "S030",  [E_IO] = "S020",       [E_FULL] = "S031",   [E_BUSY] = "S032",
    [E_NOTFOUND] = "S033", [E_EXISTS] = "S034", [E_CONFLICT] = "S035", [E_DENIED] = "S003", [E_INVALID] = "S036",
    [E_CORRUPT] = "S022",  [E_TOONEW] = "S024", [E_OFFLINE] = "S037",
};
_Static_assert(ARRAY_LEN(message_of) == E_ERRS, "an error has no message");

static json_t *answer(const json_t *id, bool ok)
{
    json_t *a = json_object();
    MUST(a && json_object_set_new(a, "id", id ? json_deep_copy(id) : json_integer(0)) == 0);
    set_bool(a, "ok", ok);
    return a;
}

json_t *answer_ok(const json_t *id, json_t *take_result)
{
    json_t *a = answer(id, true);
    MUST(json_object_set_new(a, "result", take_result) == 0);
    return a;
}

/* The whole sentence without the remedy behind it. */
void set_sentence(const struct service *svc, json_t *object, const char *msg, const char *item, const char *about)
{
    const struct message *m = rulebook_message(svc->book, msg);
    struct buf text = BUF_INIT;
    rulebook_say(svc->book, msg, item, about, &text);
    const char *remedy = m && m->remedy ? m->remedy : "";
    size_t tail = strlen(remedy);
    if (tail && text.len > tail && strcmp(text.p + text.len - tail, remedy) == 0) {
        text.len -= tail;
        while (text.len && text.p[text.len - 1] == ' ')
            text.len--;
        text.p[text.len] = '\0';
    }
    set_text(object, "text", buf_str(&text));
    set_text(object, "remedy", remedy);
    buf_done(&text);
}

/* What an error is about, in the words of people: "values[8].v" is 入力した値(9番目), the name of a statement and
 * nothing at all are 入力. Names, numbers and days stay as they are. */
static void item_words(const struct service *svc, const char *item, struct buf *ret)
{
    static const char names[] = "abcdefghijklmnopqrstuvwxyz_";
    const char *last = item, *number = NULL;
    for (const char *p = item; *p; p++) {
        last = *p == '.' ? p + 1 : last;
        number = *p == '[' ? p + 1 : number;
    }
    size_t n = strspn(last, names);
    char *name = xstrndup(last, n);
    bool key = n && (!last[n] || last[n] == '[');
    const char *label = key ? rulebook_label(svc->book, "items", name) : name;
    if (label != name)
        buf_adds(ret, label);
    else
        buf_adds(ret, !*item || (key && strchr(name, '_')) ? "入力" : item);
    if (label != name && number)
        buf_printf(ret, "(%ld番目)", strtol(number, NULL, 10) + 1);
    free(name);
}

json_t *answer_error(const struct service *svc, const json_t *id, const struct errinfo *e)
{
    json_t *a = answer(id, false);
    json_t *error = set_object(a, "error");
    const char *msg = e->msg[0] ? e->msg : message_of[e->code];
    set_text(error, "code", err_name(e->code));
    set_text(error, "msg", msg);
    set_text(error, "item", e->item);
    struct buf words = BUF_INIT;
    item_words(svc, e->item, &words);
    set_sentence(svc, error, msg, buf_str(&words), buf_str(&words));
    buf_done(&words);
    return a;
}

enum err call_refuse(struct errinfo *reterr, enum err code, const char *msg, const char *item)
{
    return err_set(reterr, code, msg, item, "refused");
}

/* Keys are ours and plain ASCII: they need no look. */
static void put(json_t *object, const char *key, json_t *take_value)
{
    MUST(take_value && json_object_set_new_nocheck(object, key, take_value) == 0);
}

/* Text that is not UTF-8 never gets into the store; if it does, it does not get out. */
static json_t *text_or_mark(const char *value)
{
    json_t *v = json_string(value ? value : "");
    return v ? v : json_string("\xef\xbf\xbd");
}

void set_text(json_t *object, const char *key, const char *value)
{
    put(object, key, text_or_mark(value));
}

void set_int(json_t *object, const char *key, int64_t v)
{
    put(object, key, json_integer(v));
}

void set_bool(json_t *object, const char *key, bool v)
{
    put(object, key, json_boolean(v));
}

void set_time(json_t *object, const char *key, int64_t ms)
{
    char text[CLOCK_TEXT] = "";
    if (ms)
        clock_iso_jst(ms, text);
    set_text(object, key, text);
}

json_t *set_object(json_t *object, const char *key)
{
    json_t *v = json_object();
    put(object, key, v);
    return v;
}

json_t *set_list(json_t *object, const char *key)
{
    json_t *v = json_array();
    put(object, key, v);
    return v;
}

json_t *add_object(json_t *list)
{
    json_t *v = json_object();
    MUST(v && json_array_append_new(list, v) == 0);
    return v;
}

void add_text(json_t *list, const char *value)
{
    MUST(json_array_append_new(list, text_or_mark(value)) == 0);
}
