/*
 * An answer as JSON text. Texts were checked when they were taken in, and most are Japanese: they are copied as they
 * are, where the library's writer looks at every character again.
 */
#include "base/mem.h"
#include "gate/internal.h"

#include <string.h>

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static void add_string(const char *s, size_t n, struct buf *ret)
{
    const char *end = s + n;
    buf_addc(ret, '"');
    while (s < end) {
        const char *from = s;
        while (s < end && is_plain(*s))
            s++;
        buf_add(ret, from, (size_t)(s - from));
        if (s == end)
            break;
        if (*s == '"' || *s == '\\') {
            buf_addc(ret, '\\');
            buf_addc(ret, *s++);
        } else {
            buf_printf(ret, "\\u%04x", (unsigned)*s++);
        }
    }
    buf_addc(ret, '"');
}

static void add_object_text(const json_t *object, struct buf *ret)
{
    json_t *o = (json_t *)(uintptr_t)object; /* walking changes nothing */
    const char *comma = "";
    buf_addc(ret, '{');
    for (void *i = json_object_iter(o); i != NULL; i = json_object_iter_next(o, i)) {
        const char *key = json_object_iter_key(i);
        buf_adds(ret, comma);
        add_string(key, strlen(key), ret);
        buf_addc(ret, ':');
        service_text(json_object_iter_value(i), ret);
        comma = ",";
    }
    buf_addc(ret, '}');
}

static void add_array_text(const json_t *array, struct buf *ret)
{
    buf_addc(ret, '[');
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            buf_addc(ret, ',');
        service_text(json_array_get(array, i), ret);
    }
    buf_addc(ret, ']');
}

void service_text(const json_t *v, struct buf *ret)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        add_object_text(v, ret);
        break;
    case JSON_ARRAY:
        add_array_text(v, ret);
        break;
    case JSON_STRING:
        add_string(json_string_value(v), json_string_length(v), ret);
        break;
    case JSON_INTEGER:
        buf_printf(ret, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
        break;
    case JSON_REAL:
        buf_printf(ret, "%.17g", json_real_value(v));
        break;
    case JSON_TRUE:
        buf_adds(ret, "true");
        break;
    case JSON_FALSE:
        buf_adds(ret, "false");
        break;
    case JSON_NULL:
        buf_adds(ret, "null");
        break;
    }
}
