/* Which passwords are taken (spec/standard.md PW_MIN; ASVS 6.2: length and a list, no rules of composition). */
#include "base/lines.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "gate/internal.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct common_passwords {
    char **word;
    size_t n;
};

enum err common_passwords_load(const char *path, struct common_passwords **ret, struct errinfo *reterr)
{
    struct lines l;
    TRY(lines_open(&l, path, reterr));
    struct common_passwords *c = xcalloc(1, sizeof *c);
    while (lines_next(&l)) {
        c->word = xrealloc(c->word, c->n + 1, sizeof *c->word);
        c->word[c->n++] = xstrndup(l.line.p, l.line.n);
    }
    lines_close(&l);
    *ret = c;
    return OK;
}

void common_passwords_free(struct common_passwords *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n; i++)
        free(c->word[i]);
    free(c->word);
    free(c);
}

/* A listed word is refused alone, repeated, and with digits or signs around it. */
static bool is_common(const struct common_passwords *c, const char *password)
{
    static const char around[] = "0123456789!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~ ";
    size_t skip = strspn(password, around), n = strlen(password + skip);
    while (n && strchr(around, password[skip + n - 1]))
        n--;
    for (size_t i = 0; i < c->n; i++) {
        size_t word = strlen(c->word[i]), at = 0;
        while (at + word <= n && strncasecmp(password + skip + at, c->word[i], word) == 0)
            at += word;
        if ((at && at == n) || strcasecmp(password, c->word[i]) == 0)
            return true;
    }
    return false;
}

/* A few bytes over and over ("abab…"; period 3 is one character of Japanese), or each one step from the one before. */
static bool is_run(const char *password)
{
    size_t n = strlen(password);
    for (size_t period = 1; period <= 6 && period < n; period++) {
        size_t i = period;
        while (i < n && password[i] == password[i - period])
            i++;
        if (i == n)
            return true;
    }
    for (int step = -1; step <= 1; step += 2) {
        size_t i = 1;
        while (i < n && password[i] - password[i - 1] == step)
            i++;
        if (i == n)
            return true;
    }
    return false;
}

enum err password_rule(const struct rulebook *book, const struct common_passwords *common, const char *password,
                       const char *operator_id, const char *name, struct errinfo *reterr)
{
    if ((int64_t)utf8_count(span_of(password)) < rulebook_param_int(book, "PW_MIN"))
        return err_set(reterr, E_INVALID, "S050", "password", "too short");
    if (strcasestr(password, operator_id) || (name[0] && strstr(password, name)))
        return err_set(reterr, E_INVALID, "S051", "password", "holds the operator's name");
    if (is_run(password) || is_common(common, password))
        return err_set(reterr, E_INVALID, "S052", "password", "too common");
    return OK;
}
