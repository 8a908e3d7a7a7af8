#include "codec/csv.h"
#include "base/mem.h"
#include <string.h>

/* Copies one value into scratch and leaves *at on the comma or the end. */
static enum err value(struct span line, size_t *at, size_t column, struct buf *scratch, struct errinfo *reterr)
{
    size_t i = *at;
    bool quoted = i < line.n && line.p[i] == '"';
    if (quoted)
        i++;
    for (;; i++) {
        if (i == line.n) {
            if (quoted)
                return err_set(reterr, E_INVALID, "S705", NULL, "column %zu: closing quote expected", column + 1);
            break;
        }
        char c = line.p[i];
        if (c == '"') {
            if (!quoted)
                return err_set(reterr, E_INVALID, "S705", NULL, "column %zu: quote inside a value", column + 1);
            if (i + 1 < line.n && line.p[i + 1] == '"') {
                i++;
            } else {
                i++;
                if (i < line.n && line.p[i] != ',')
                    return err_set(reterr, E_INVALID, "S705", NULL, "column %zu: comma expected", column + 1);
                break;
            }
        } else if (c == ',' && !quoted) {
            break;
        }
        buf_addc(scratch, c);
    }
    *at = i;
    return OK;
}

enum err csv_split(struct span line, struct buf *scratch, struct span *ret, size_t n, struct errinfo *reterr)
{
    buf_clear(scratch);
    buf_reserve(scratch, line.n + 1); /* values never grow, so the spans stay where they are */
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        size_t from = scratch->len;
        TRY(value(line, &at, i, scratch, reterr));
        ret[i] = (struct span){ buf_str(scratch) + from, scratch->len - from };
        if (i + 1 < n) {
            if (at >= line.n)
                return err_set(reterr, E_INVALID, "S706", NULL, "%zu columns found, %zu expected", i + 1, n);
            at++;
        }
    }
    if (at < line.n)
        return err_set(reterr, E_INVALID, "S706", NULL, "more than %zu columns", n);
    return OK;
}

void csv_put(struct buf *b, struct span v)
{
    bool formula = v.n && strchr("=+-@\t", v.p[0]);
    bool quote = formula;
    for (size_t i = 0; i < v.n && !quote; i++)
        quote = v.p[i] == '"' || v.p[i] == ',' || v.p[i] == '\n';
    if (!quote) {
        buf_add(b, v.p, v.n);
        return;
    }
    buf_addc(b, '"');
    if (formula)
        buf_addc(b, '\'');
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == '"')
            buf_addc(b, '"');
        buf_addc(b, v.p[i]);
    }
    buf_addc(b, '"');
}
