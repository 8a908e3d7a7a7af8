#include "ctl_people.h"
#include "base/fsx.h"
#include "base/lines.h"
#include "base/mem.h"
#include "crypto/password.h"
#include "form/catalog.h"
#include "service/password.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CELL_ID, CELL_NAME, CELL_ROLES, CELL_VIEWS, CELL_PASSWORD, CELLS };

static enum err check_password(struct ctl *c, const struct rulebook *book, const char *id, const char *name,
                               const char *password, struct errinfo *reterr)
{
    struct common_passwords *common = NULL;
    char *path = fs_join(ctl_share(c), "data/common-passwords.txt");
    enum err e = common_passwords_load(path, &common, reterr);
    free(path);
    TRY(e);
    e = password_rule(book, common, password, id, name, reterr);
    common_passwords_free(common);
    if (e == OK)
        return OK;
    struct buf say = BUF_INIT;
    rulebook_say(book, reterr->msg, "パスワード", "", &say);
    e = ctl_refuse(c, reterr, e, NULL, "%s: %s", id, buf_str(&say));
    buf_done(&say);
    return e;
}

enum err people_verifier(struct ctl *c, const char *id, const char *name, const char *password, bool trial, char **ret,
                         struct errinfo *reterr)
{
    struct rulebook *book = NULL;
    TRY(ctl_rules(c, &book, reterr));
    enum err e = trial ? OK : check_password(c, book, id, name, password, reterr);
    if (e == OK)
        e = password_make(password, (int)rulebook_param_int(book, "KDF_ITER"), ret, reterr);
    rulebook_free(book);
    return e;
}

/* Calls back for each of "a,b,c"; "-" is none. */
static bool each_word(struct span list, bool (*cb)(struct operator_row *, struct span), struct operator_row *o)
{
    if (span_is(list, "-"))
        return true;
    while (list.n > 0) {
        const char *comma = memchr(list.p, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.p) : list.n;
        if (!cb(o, (struct span){ list.p, n }))
            return false;
        size_t used = comma ? n + 1 : n;
        list = (struct span){ list.p + used, list.n - used };
    }
    return true;
}

static bool add_role(struct operator_row *o, struct span name)
{
    enum role r = role_by_code(name);
    if (r == ROLE_COUNT)
        return false;
    o->roles |= ROLE_BIT(r);
    return true;
}

static bool add_view(struct operator_row *o, struct span name)
{
    unsigned v = view_by_name(name);
    if (!v)
        return false;
    o->views |= 1u << v;
    return true;
}

static bool is_id(struct span s)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    for (size_t i = 0; i < s.n; i++)
        if (!strchr(allowed, s.p[i]))
            return false;
    return s.n > 0 && s.n <= OPERATOR_ID_MAX;
}

static struct operator_row *add(struct people *p, struct span id, struct span name, bool trial)
{
    p->o = xrealloc(p->o, p->n + 1, sizeof *p->o);
    struct operator_row *o = &p->o[p->n++];
    *o = (struct operator_row){
        .id = xstrndup(id.p, id.n), .name = xstrndup(name.p, name.n), .state = OPERATOR_ACTIVE, .must_change = !trial
    };
    return o;
}

static enum err read_one(struct ctl *c, struct lines *l, bool trial, struct people *p, struct errinfo *reterr)
{
    struct span cell[CELLS];
    TRY(lines_cells(l, cell, CELLS, reterr));
    if (!is_id(cell[CELL_ID]) || cell[CELL_NAME].n == 0)
        return lines_fail(l, reterr, "expected an id of letters and digits and a name");
    struct operator_row *o = add(p, cell[CELL_ID], cell[CELL_NAME], trial);
    if (!each_word(cell[CELL_ROLES], add_role, o) || !o->roles)
        return lines_fail(l, reterr, "expected roles: CLK SUP BM RSP SYS AUD");
    if (!each_word(cell[CELL_VIEWS], add_view, o))
        return lines_fail(l, reterr, "expected views: domicile my_number resident_code residence welfare");
    char *password = xstrndup(cell[CELL_PASSWORD].p, cell[CELL_PASSWORD].n);
    enum err e = people_verifier(c, o->id, o->name, password, trial, &o->verifier, reterr);
    wipe_str(password);
    return e;
}

enum err people_from_file(struct ctl *c, const char *path, bool trial, struct people *ret, struct errinfo *reterr)
{
    struct lines l;
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
        return ctl_refuse(c, reterr, E_DENIED, "chmod 600 で本人だけが読めるようにしてください。",
                          "ほかの人が読めるファイルからパスワードは読みません: %s", path);
    TRY(lines_open(&l, path, reterr));
    enum err e = OK;
    while (e == OK && lines_next(&l))
        e = read_one(c, &l, trial, ret, reterr);
    lines_close(&l);
    return e;
}

enum err people_from_options(struct ctl *c, bool trial, struct people *ret, struct errinfo *reterr)
{
    const char *id = ctl_opt(c, "admin"), *name = ctl_opt(c, "admin-name");
    char *password = NULL;
    if (!id || !name || !is_id(span_of(id)))
        return ctl_usage(c, reterr, "--operators か、--admin と --admin-name で最初の操作者を指定してください。");
    TRY(ctl_secret(c, "admin-password", "最初のシステム管理者のパスワード: ", &password, reterr));
    struct operator_row *o = add(ret, span_of(id), span_of(name), trial);
    o->roles = ROLE_BIT(ROLE_SYS);
    enum err e = people_verifier(c, id, name, password, trial, &o->verifier, reterr);
    wipe_str(password);
    return e;
}

void people_done(struct people *p)
{
    for (size_t i = 0; i < p->n; i++) {
        wipe_str(p->o[i].id);
        wipe_str(p->o[i].name);
        wipe_str(p->o[i].verifier);
    }
    free(p->o);
    *p = (struct people){ 0 };
}
