#include "fixture.h"

#include "base/fsx.h"
#include "base/mem.h"
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG_ADDRESS "川野県梅市梅町一丁目８番地３　サンコーポ２０１"

extern char **environ;

char *fixture_source(const char *path)
{
    const char *root = getenv("SOURCE_ROOT");
    assert_non_null(root);
    return fs_join(root, path);
}

void fixture_open(struct fixture *f, const char *layout)
{
    struct errinfo e = { 0 };
    *f = (struct fixture){ 0 };
    char *dir = fixture_source("forms/layout");
    char *path = xprintf("%s/%s.layout", dir, layout);
    if (layout_read(path, &f->layout, &e) != OK)
        fail_msg("%s: %s", e.item, e.detail);
    assert_int_equal(fontset_open(FONT_FILE, FONT_FAMILY, &f->fonts, &e), OK);
    free(path);
    free(dir);
    char *seal = fixture_source("data/seal/trial.png");
    assert_int_equal(fs_read(seal, 1 << 20, &f->seal, &e), OK);
    free(seal);
    struct cert_copy *c = f->copy = cert_copy_new();
    cert_set(&c->kind, layout);
    cert_set(&c->layout, layout);
    cert_set(&c->job, "R1-1");
    cert_set(&c->number, "20260701 梅市 東支所1 プリンタ001 011");
    cert_set(&c->issued_on, "令和8年7月1日");
    cert_set(&c->sentence, "この写しは、世帯一部の住民票の原本と相違ないことを証明する。");
    cert_set(&c->certifier_title, "川野県梅市長");
    cert_set(&c->certifier_name, "梅田　太郎");
    cert_set(&c->seal, "trial");
    cert_set(&c->omitted, "省略");
    cert_common_add(c, "address", "住所", LONG_ADDRESS, false);
    cert_common_add(c, "head", "世帯主の氏名", "川田　一郎", false);
    f->in = (struct compose_input){
        f->layout,     c,
        f->fonts,      OVERFLOW_ANNEX,
        "ABCDE-FGHIJ", "MDGC1;132012;20260701 梅市 東支所1 プリンタ001 011;ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    };
}

void fixture_close(struct fixture *f)
{
    cert_copy_free(f->copy);
    fontset_close(f->fonts);
    layout_free(f->layout);
    buf_done(&f->seal);
}

static void cells(struct cert_person *p, const char *const (*row)[3], size_t n, bool omitted)
{
    for (size_t i = 0; i < n; i++)
        cert_cell_add(p, row[i][0], row[i][1], omitted ? "" : row[i][2], omitted);
}

struct cert_person *fixture_japanese(struct fixture *f, const char *name, bool asked)
{
    static const char *const base[][3] = {
        { "kana", "フリガナ", "カワダ　イチロウ" },
        { "birth", "生年月日", "昭和50年5月10日" },
        { "sex", "性別", "男" },
        { "address", "住所", LONG_ADDRESS },
        { "resident_since", "住民となった年月日", "昭和50年5月10日" },
        { "addr_since", "住所を定めた年月日", "平成元年12月31日" },
        { "filed_on", "届出の年月日", "平成2年1月5日" },
        { "prev_addr", "転入前住所", "東京都千代田区千代田一丁目１番１号　葛󠄂城荘２０３" },
    };
    static const char *const special[][3] = {
        { "head", "世帯主の氏名", "川田　一郎" },
        { "relation", "続柄", "世帯主" },
        { "domicile", "本籍", "川野県梅市梅町一丁目８番地" },
        { "domicile_head", "筆頭者", "川田　一郎" },
    };
    static const char *const secret[][3] = {
        { "my_number", "個人番号", "" },
        { "resident_code", "住民票コード", "" },
        { "history", "異動の履歴", "" },
    };
    struct cert_person *p = cert_person_add(f->copy, "900000000012", 3, false);
    cert_cell_add(p, "name", "氏名", name, false);
    cells(p, base, ARRAY_LEN(base), false);
    cells(p, special, ARRAY_LEN(special), !asked);
    cells(p, secret, ARRAY_LEN(secret), true);
    return p;
}

struct cert_person *fixture_foreign(struct fixture *f, const char *name)
{
    static const char *const all[][3] = {
        { "kana", "フリガナ", "マリア　クリスティーナ" },
        { "alias", "通称", "山田　𠮷﨑髙志" },
        { "birth", "生年月日", "1990年4月5日" },
        { "sex", "性別", "女" },
        { "head", "世帯主の氏名", "川田　一郎" },
        { "relation", "続柄", "妻（未届）" },
        { "address", "住所", LONG_ADDRESS },
        { "foreign_since", "外国人住民となった年月日", "平成24年7月9日" },
        { "addr_since", "住所を定めた年月日", "令和元年5月1日" },
        { "filed_on", "届出の年月日", "令和元年5月2日" },
        { "nationality", "国籍・地域", "フィリピン" },
        { "foreign_class", "第30条の45に規定する区分", "中長期在留者" },
        { "stay_status", "在留資格", "永住者の配偶者等" },
        { "stay_period", "在留期間等", "3年" },
        { "stay_until", "在留期間の満了の日", "2027年3月1日" },
        { "card_no", "在留カード等の番号", "AB12345678CD" },
        { "prev_addr", "転入前住所", "東京都千代田区千代田一丁目１番１号" },
        { "my_number", "個人番号", "123456789018" },
        { "resident_code", "住民票コード", "12345678903" },
    };
    struct cert_person *p = cert_person_add(f->copy, "900000000023", 1, true);
    cert_cell_add(p, "name", "氏名", name, false);
    cells(p, all, ARRAY_LEN(all), false);
    return p;
}

void fixture_cell(struct cert_person *p, const char *item, const char *text)
{
    for (size_t i = 0; i < p->n_cell; i++)
        if (!strcmp(p->cell[i].item, item)) {
            cert_set(&p->cell[i].text, text);
            p->cell[i].omitted = false;
        }
}

struct doc *fixture_compose(struct fixture *f)
{
    struct errinfo e = { 0 };
    struct doc *doc = NULL;
    if (compose(&f->in, &doc, &e) != OK)
        fail_msg("%s %s: %s", e.msg, e.item, e.detail);
    return doc;
}

void fixture_pdf(struct fixture *f, const struct doc *doc, struct buf *ret)
{
    struct errinfo e = { 0 };
    struct pdf_input in = { f->fonts, buf_span(&f->seal), CREATED, HASH_COPY, HASH_SUBJECT };
    if (pdf_render(doc, &in, ret, &e) != OK)
        fail_msg("%s: %s", e.item, e.detail);
}

void fixture_values(const struct doc *doc, size_t page, struct buf *ret)
{
    assert_true(page < doc->n);
    for (size_t i = 0; i < doc->p[page].n; i++) {
        const struct mark *m = &doc->p[page].m[i];
        if (m->kind == MK_TEXT && !m->label)
            buf_printf(ret, "%s\n", m->text);
    }
}

void fixture_run(struct buf *ret, const char *program, ...)
{
    char *argv[16] = { (char *)program };
    va_list ap;
    va_start(ap, program);
    for (size_t i = 1; i < ARRAY_LEN(argv) - 1 && (argv[i] = va_arg(ap, char *)); i++)
        ;
    va_end(ap);
    int fd[2];
    assert_int_equal(pipe(fd), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, fd[0]);
    pid_t pid;
    assert_int_equal(posix_spawnp(&pid, program, &actions, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(fd[1]);
    char part[4096];
    for (ssize_t n; (n = read(fd[0], part, sizeof part)) > 0;)
        buf_add(ret, part, (size_t)n);
    close(fd[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
