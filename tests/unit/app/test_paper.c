/* The processes that make paper are real ones: this program starts itself again as `-x paper` and `-x spool`. */
#include "check.h"

#include "app/paper.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "domain/cert_copy.h"

#define FONT     "/usr/share/fonts/truetype/ipamj/ipamjm.ttf"
#define PATIENCE 30000

struct fixture {
    char *dir, *out, *key, *share;
    struct loop *loop;
    struct privsep *ps;
    struct paper *paper;
    const struct paper_port *port;
    struct paper_config config;
    struct cert_copy *copy;
    struct buf bytes;
    /* the answer */
    int answers;
    enum err err;
    struct errinfo why;
    struct buf document;
    int64_t pages;
    uint8_t copy_hash[PAPER_HASH], subject_hash[PAPER_HASH];
    size_t n_over;
    enum paper_sent sent;
    char detail[256];
};

static struct cert_copy *example(void)
{
    struct cert_copy *c = cert_copy_new();
    cert_set(&c->layout, "juminhyo_kojin");
    cert_set(&c->job, "R1-1");
    cert_set(&c->number, "20260701 梅市 東支所1 001");
    cert_set(&c->issued_on, "令和8年7月1日");
    cert_set(&c->sentence, "この写しは、住民票の原本と相違ないことを証明する。");
    cert_set(&c->certifier_title, "うめ県梅市長");
    cert_set(&c->certifier_name, "梅田　太郎");
    cert_set(&c->seal, "trial");
    cert_set(&c->trial, "【試験】");
    struct cert_person *p = cert_person_add(c, "900000000012", 3, false);
    cert_cell_add(p, "name", "氏名", "葛󠄂城　𠮷﨑", false);
    cert_cell_add(p, "address", "住所", "うめ県梅市梅町一丁目８番地３", false);
    return c;
}

static void open_paper(struct fixture *f)
{
    struct errinfo e = { 0 };
    f->loop = loop_new();
    assert_int_equal(privsep_new(f->loop, &f->ps, &e), OK);
    if (paper_new(f->loop, f->ps, &f->config, &f->paper, &e) != OK)
        fail_msg("%s %s", e.item, e.detail);
    f->port = paper_port(f->paper);
}

static void close_paper(struct fixture *f)
{
    privsep_free(f->ps);
    paper_free(f->paper);
    loop_free(f->loop);
}

static int set_up(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    struct errinfo e;
    void *dir;
    const char *root = getenv("SOURCE_ROOT");
    if (!root || check_tmpdir(&dir))
        return -1;
    *state = f;
    f->dir = dir;
    f->out = fs_join(f->dir, "out");
    f->key = fs_join(f->dir, "check.key");
    f->share = xstrdup(root);
    f->config = (struct paper_config){ f->share, f->dir, FONT, f->out, f->key, PATIENCE };
    f->copy = example();
    if (fs_mkdir_p(f->out, 0700, &e) != OK)
        return -1;
    open_paper(f);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    void *dir = f->dir;
    close_paper(f);
    cert_copy_free(f->copy);
    buf_done(&f->bytes);
    buf_done(&f->document);
    int bad = check_tmpdir_gone(&dir);
    free(f->out);
    free(f->key);
    free(f->share);
    free(f);
    return bad;
}

static void on_drawn(void *arg, const struct paper_drawn *d)
{
    struct fixture *f = arg;
    f->answers++;
    f->err = d->err;
    if (d->err != OK) {
        f->why = *d->why;
        return;
    }
    f->pages = d->pages;
    f->n_over = d->n_over;
    buf_clear(&f->document);
    buf_add(&f->document, d->document.p, d->document.n);
    memcpy(f->copy_hash, d->copy_hash, PAPER_HASH);
    memcpy(f->subject_hash, d->subject_hash, PAPER_HASH);
}

static void on_sent(void *arg, enum paper_sent sent, const char *detail)
{
    struct fixture *f = arg;
    f->answers++;
    f->sent = sent;
    snprintf(f->detail, sizeof f->detail, "%s", detail);
}

static void draw(struct fixture *f, bool preview)
{
    buf_clear(&f->bytes);
    cert_copy_encode(f->copy, &f->bytes);
    struct paper_draw d = { .copy = buf_span(&f->bytes),
                            .check = "ABCDE-FGHIJ",
                            .qr = "MDGC1;99201;x;ABCDEFGHIJKLMNOPQRSTUVWXYZ",
                            .created = "2026-07-01T00:00:00+09:00",
                            .overflow = "annex",
                            .preview = preview,
                            .ambiguous = 1 };
    f->answers = 0;
    f->port->draw(f->port->self, &d, on_drawn, f);
    assert_int_equal(f->answers, 0); /* never from within */
}

static void await(struct fixture *f)
{
    struct clock c = clock_system();
    int64_t until = c.mono_ms(c.self) + PATIENCE;
    while (!f->answers && c.mono_ms(c.self) < until)
        loop_once(f->loop, 100);
    assert_int_equal(f->answers, 1);
}

static void send_to(struct fixture *f, const char *method, const char *queue)
{
    struct paper_send s = { span_of("%PDF-1.4 document"), "job-000001", method, queue };
    f->answers = 0;
    f->port->send(f->port->self, &s, on_sent, f);
    assert_int_equal(f->answers, 0);
}

static void what_is_drawn_is_what_was_asked(void **state)
{
    struct fixture *f = *state;
    uint8_t want[PAPER_HASH];
    struct buf subject = BUF_INIT;
    draw(f, false);
    await(f);
    if (f->err != OK)
        fail_msg("%s %s %s", f->why.msg, f->why.item, f->why.detail);
    assert_int_equal(f->pages, 1);
    assert_int_equal(f->n_over, 0);
    assert_memory_equal(f->document.p, "%PDF-", 5);
    digest_sha256(f->bytes.p, f->bytes.len, want);
    assert_memory_equal(f->copy_hash, want, PAPER_HASH);
    cert_copy_subject(f->copy, &subject);
    digest_sha256(subject.p, subject.len, want);
    assert_memory_equal(f->subject_hash, want, PAPER_HASH);
    buf_done(&subject);
}

static void a_preview_is_lines(void **state)
{
    struct fixture *f = *state;
    draw(f, true);
    await(f);
    assert_int_equal(f->err, OK);
    assert_non_null(strstr(f->document.p, "葛󠄂城　𠮷﨑"));
    assert_non_null(strstr(f->document.p, "【試験】"));
    assert_int_equal(f->document.p[f->document.len - 1], '\f');
}

static void a_missing_glyph_is_refused(void **state)
{
    struct fixture *f = *state;
    cert_set(&f->copy->person[0].cell[0].text, "川田　\U0001F600郎");
    draw(f, false);
    await(f);
    assert_int_equal(f->err, E_INVALID);
    assert_string_equal(f->why.msg, "S301");
    assert_string_equal(f->why.item, "氏名 U+1F600");
    assert_null(strstr(f->why.detail, "川田"));
}

static void names_of_files_are_plain(void **state)
{
    struct fixture *f = *state;
    cert_set(&f->copy->layout, "../../../etc/passwd");
    draw(f, false);
    await(f);
    assert_int_equal(f->err, E_INVALID);
    cert_set(&f->copy->layout, "juminhyo_kojin");
    cert_set(&f->copy->seal, "../trial");
    draw(f, false);
    await(f);
    assert_string_equal(f->why.msg, "S304");
}

static void killed_while_drawing_nothing_is_lost_silently(void **state)
{
    struct fixture *f = *state;
    draw(f, false);
    assert_true(paper_busy_pid(f->paper) > 0);
    kill(paper_busy_pid(f->paper), SIGKILL);
    await(f);
    assert_int_equal(f->err, E_OFFLINE);
    assert_string_equal(f->why.msg, "S325");
    draw(f, false); /* and the next one is drawn */
    await(f);
    assert_int_equal(f->err, OK);
}

static void killed_while_sending_nobody_knows(void **state)
{
    struct fixture *f = *state;
    send_to(f, "directory", "");
    kill(paper_busy_pid(f->paper), SIGKILL);
    await(f);
    assert_int_equal(f->sent, PAPER_UNSURE);
}

/* Turns the loop until a process waits to draw that is not this one. */
static pid_t another_spare(struct fixture *f, pid_t not_this)
{
    struct clock c = clock_system();
    pid_t pid;
    for (int64_t until = c.mono_ms(c.self) + PATIENCE; c.mono_ms(c.self) < until;)
        if ((pid = paper_spare_pid(f->paper)) != not_this && pid)
            return pid;
        else
            loop_once(f->loop, 100);
    fail_msg("no process waits");
    return 0;
}

static void the_next_process_waits_before_it_is_asked(void **state)
{
    struct fixture *f = *state;
    pid_t first = another_spare(f, 0);
    draw(f, false);
    assert_int_equal(paper_busy_pid(f->paper), first);
    assert_int_equal(paper_spare_pid(f->paper), 0); /* one job each */
    await(f);
    assert_int_equal(f->err, OK);
    pid_t second = another_spare(f, first);
    draw(f, true);
    assert_int_equal(paper_busy_pid(f->paper), second);
    await(f);
    assert_int_equal(f->err, OK);
}

static void a_process_that_died_waiting_is_not_missed(void **state)
{
    struct fixture *f = *state;
    kill(another_spare(f, 0), SIGKILL);
    while (paper_spare_pid(f->paper))
        loop_once(f->loop, 100);
    draw(f, false);
    await(f);
    assert_int_equal(f->err, OK);
}

static void too_long_is_burnt(void **state)
{
    struct fixture *f = *state;
    close_paper(f);
    f->config.limit_ms = 50;
    open_paper(f);
    draw(f, false);
    kill(paper_busy_pid(f->paper), SIGSTOP);
    await(f);
    assert_int_equal(f->err, E_OFFLINE);
}

static void the_directory_printer_keeps_every_document(void **state)
{
    struct fixture *f = *state;
    struct errinfo e;
    struct buf got = BUF_INIT;
    char *path = fs_join(f->out, "job-000001.pdf");
    send_to(f, "directory", "");
    await(f);
    if (f->sent != PAPER_SENT)
        fail_msg("%s", f->detail);
    assert_int_equal(fs_read(path, 100, &got, &e), OK);
    assert_string_equal(got.p, "%PDF-1.4 document");
    send_to(f, "directory", ""); /* the same name again */
    await(f);
    assert_int_equal(f->sent, PAPER_NOT_SENT);
    assert_int_equal(remove(path), 0);
    assert_int_equal(chmod(f->out, 0500), 0);
    if (access(f->out, W_OK)) { /* not when root */
        send_to(f, "directory", "");
        await(f);
        assert_int_equal(f->sent, PAPER_NOT_SENT);
    }
    assert_int_equal(chmod(f->out, 0700), 0);
    buf_done(&got);
    free(path);
}

/* Without a scheduler, or without lp, the answer is a certain no. */
static void a_queue_that_is_not_there(void **state)
{
    struct fixture *f = *state;
    send_to(f, "lp", "no-such-queue-of-madoguchi");
    await(f);
    assert_int_equal(f->sent, PAPER_NOT_SENT);
}

static void an_unknown_method_prints_nothing(void **state)
{
    struct fixture *f = *state;
    send_to(f, "fax", "");
    await(f);
    assert_int_not_equal(f->sent, PAPER_SENT);
}

static void the_key_is_made_once(void **state)
{
    struct fixture *f = *state;
    uint8_t a[PAPER_HASH], b[PAPER_HASH];
    struct stat st;
    struct errinfo e = { 0 };
    char id[16];
    f->port->mac(f->port->self, "text", 4, a);
    snprintf(id, sizeof id, "%s", f->port->key_id);
    assert_int_equal(stat(f->key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    close_paper(f);
    open_paper(f);
    f->port->mac(f->port->self, "text", 4, b);
    assert_memory_equal(a, b, PAPER_HASH);
    assert_string_equal(f->port->key_id, id);
    f->port->mac(f->port->self, "texu", 4, b);
    assert_int_not_equal(memcmp(a, b, PAPER_HASH), 0);
    assert_int_equal(chmod(f->key, 0640), 0);
    struct paper *none = NULL;
    assert_int_equal(paper_new(f->loop, f->ps, &f->config, &none, &e), E_DENIED);
    assert_int_equal(chmod(f->key, 0600), 0);
}

#define paper_test(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int main(int argc, char **argv)
{
    const char *role = privsep_role(argc, argv);
    if (role)
        return !strcmp(role, "paper") ? paper_main(argc, argv) : spool_main(argc, argv);
    const struct CMUnitTest tests[] = {
        paper_test(what_is_drawn_is_what_was_asked),
        paper_test(a_preview_is_lines),
        paper_test(a_missing_glyph_is_refused),
        paper_test(names_of_files_are_plain),
        paper_test(killed_while_drawing_nothing_is_lost_silently),
        paper_test(killed_while_sending_nobody_knows),
        paper_test(the_next_process_waits_before_it_is_asked),
        paper_test(a_process_that_died_waiting_is_not_missed),
        paper_test(too_long_is_burnt),
        paper_test(the_directory_printer_keeps_every_document),
        paper_test(a_queue_that_is_not_there),
        paper_test(an_unknown_method_prints_nothing),
        paper_test(the_key_is_made_once),
    };
    return cmocka_run_group_tests_name("paper", tests, NULL, NULL);
}
