/*
 * A certificate from madoguchi-branchd as it is started by people: real socket, walls, processes, files. Asked through
 * madoguchi-ctl, as any program would.
 */
#include "../daemon.h"
#include "../program.h"

#include "app/instance.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "crypto/digest.h"
#include "form/catalog.h"
#include "store/db.h"
#include "store/people.h"
#include "store/replica.h"
#include "store/schema.h"
#include "store/txn.h"

#define PASSWORD "asagao no hana 42"
#define PERSON   "900000000012"

static const char *CTL, *BRANCHD, *ROOT; /* set once by main */

struct branch {
    char *dir, *password;
    pid_t daemon;
};

static void put(const char *path, const char *text)
{
    assert_int_equal(fs_write_atomic(path, 0600, span_of(text), NULL), OK);
}

static struct resident *somebody(void)
{
    struct resident *r = resident_new();
    snprintf(r->id, sizeof r->id, "%s", PERSON);
    r->rev = 1;
    resident_set(r, ATTR_HOUSEHOLD, "800000000011");
    resident_set(r, ATTR_CLASS, CLASS_JAPANESE);
    resident_set(r, ATTR_STATUS, STATUS_LIVING);
    resident_set(r, ATTR_NAME, "葛󠄂城　𠮷﨑");
    resident_set(r, ATTR_RELATION, "世帯主");
    resident_set(r, ATTR_BIRTH_ON, "S50.05.10");
    resident_set(r, ATTR_SEX, SEX_MALE);
    resident_set(r, ATTR_ADDR_PREF, "千早県");
    resident_set(r, ATTR_ADDR_CITY, "梅里市");
    resident_set(r, ATTR_ADDR_TOWN, "梅町一丁目");
    resident_set(r, ATTR_ADDR_LOT, "８番地３");
    return r;
}

/* What the host would have sent. */
static void fill_store(const struct branch *b)
{
    struct errinfo e = { 0 };
    struct rulebook *book = NULL;
    struct db *db = NULL;
    char *store = place_path(b->dir, PLACE_STORE), *forms = fs_join(ROOT, "forms"), *data = fs_join(ROOT, "data");
    struct clock clock = clock_system();
    struct db_options o = { .path = store, .hash = digest_sha256, .schema = &store_schema, .clock = clock };
    struct replica copy = { .as_of_ms = clock.wall_ms(clock.self), .list_ms = clock.wall_ms(clock.self) };
    struct resident *r = somebody();
    assert_int_equal(catalog_load(forms, data, NULL, &book, NULL, &e), OK);
    if (db_open(&o, &db, &e) != OK)
        fail_msg("%s %s", e.item, e.detail);
    assert_int_equal(people_use(db, book, &e), OK);
    assert_int_equal(txn_begin(db, &e), OK);
    assert_int_equal(people_apply(db, r, 1, &e), OK);
    assert_int_equal(replica_set(db, &copy, &e), OK);
    assert_int_equal(txn_commit(db, &e), OK);
    db_close(db);
    resident_free(r);
    rulebook_free(book);
    free(store);
    free(forms);
    free(data);
}

static int set_up(void **state)
{
    struct branch *b = xcalloc(1, sizeof *b);
    void *dir;
    if (check_tmpdir(&dir) != 0)
        return -1;
    *state = b;
    b->dir = dir;
    b->password = fs_join(b->dir, "password");
    char *people = fs_join(b->dir, "people");
    put(b->password, PASSWORD "\n");
    put(people, "sys1\t管理 一\tSYS\t-\t" PASSWORD "\nclk1\t窓口 花子\tCLK\t-\t" PASSWORD
                "\nsup1\t審査 太郎\tSUP\t-\t" PASSWORD "\n");
    struct run r =
        run_with(CTL, "",
                 (const char *const[]){ "--dir", b->dir, "init", "--trial", "--city-code=99201", "--office=E",
                                        "--office-name=東支所", "--terminal=1", "--operators", people, NULL });
    if (r.status != 0)
        fail_msg("init: %s", buf_str(&r.err));
    run_done(&r);
    free(people);
    fill_store(b);
    b->daemon = daemon_start(BRANCHD, b->dir);
    return 0;
}

static int tear_down(void **state)
{
    struct branch *b = *state;
    void *dir = b->dir;
    daemon_stop(b->dir, b->daemon, SIGTERM);
    free(b->password);
    free(b);
    return check_tmpdir_gone(&dir);
}

/* The result of a method; the caller decrefs. */
static json_t *ask(const struct branch *b, const char *method, const char *params)
{
    struct run r = run_with(CTL, params,
                            (const char *const[]){ "--dir", b->dir, "--as", "clk1", "--password-file", b->password,
                                                   "--json", "call", method, NULL });
    if (r.status != 0)
        fail_msg("%s: %s%s", method, buf_str(&r.out), buf_str(&r.err));
    json_t *j = document(&r);
    run_done(&r);
    return j;
}

static int verify(const struct branch *b, const char *no, const char *code)
{
    struct run r = run_with(CTL, "",
                            (const char *const[]){ "--dir", b->dir, "--as", "clk1", "--password-file", b->password,
                                                   "verify-paper", no, code, NULL });
    int status = r.status;
    run_done(&r);
    return status;
}

static const char *text_of(const json_t *j, const char *key)
{
    const char *s = json_string_value(json_object_get(j, key));
    return s ? s : "";
}

static char *document_text(const struct branch *b, int64_t job)
{
    char *out = place_path(b->dir, PLACE_OUT),
         *pdf = xprintf("pdftotext -layout %s/madoguchi-%06lld-*.pdf -", out, (long long)job);
    struct run r = run_with("/bin/sh", "", (const char *const[]){ "-c", pdf, NULL });
    assert_int_equal(r.status, 0);
    char *text = xstrdup(buf_str(&r.out));
    run_done(&r);
    free(pdf);
    free(out);
    return text;
}

static json_t *issue(const struct branch *b)
{
    json_t *r = ask(b, "cert.request",
                    "{\"kind\":\"juminhyo_kojin\",\"persons\":[\"" PERSON "\"],\"requester\":{\"class\":\"self\","
                    "\"name\":\"葛󠄂城　𠮷﨑\",\"document\":\"12\"}}");
    char *params = xprintf("{\"request\":\"%s\"}", text_of(r, "request"));
    json_decref(r);
    json_t *preview = ask(b, "cert.preview", params);
    assert_int_equal(json_array_size(json_object_get(preview, "pages")), 1);
    json_decref(preview);
    r = ask(b, "cert.issue", params);
    free(params);
    return r;
}

static void issue_and_verify(void **state)
{
    const struct branch *b = *state;
    json_t *r = issue(b);
    const json_t *one = json_array_get(json_object_get(r, "issues"), 0);
    assert_string_equal(text_of(one, "state"), "printed");
    char *text = document_text(b, json_integer_value(json_object_get(one, "job")));
    assert_non_null(strstr(text, "葛󠄂城"));
    assert_non_null(strstr(text, "𠮷﨑"));
    char *code = xstrdup(text_of(one, "check_code"));
    assert_int_equal(verify(b, text_of(one, "no"), code), 0);
    code[7] = code[7] == 'Q' ? 'R' : 'Q';
    assert_int_equal(verify(b, text_of(one, "no"), code), 1);
    free(code);
    free(text);
    json_decref(r);
}

/* After the daemon was killed numbers go on, and earlier papers are still known. */
static void killed_and_started_again(void **state)
{
    struct branch *b = *state;
    json_t *first = issue(b);
    const json_t *one = json_array_get(json_object_get(first, "issues"), 0);
    daemon_stop(b->dir, b->daemon, SIGKILL);
    b->daemon = daemon_start(BRANCHD, b->dir);
    assert_int_equal(verify(b, text_of(one, "no"), text_of(one, "check_code")), 0);
    json_t *second = issue(b);
    const json_t *two = json_array_get(json_object_get(second, "issues"), 0);
    assert_string_equal(text_of(two, "state"), "printed");
    assert_string_not_equal(text_of(one, "no"), text_of(two, "no"));
    json_decref(first);
    json_decref(second);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    CTL = argv[1];
    BRANCHD = argv[2];
    ROOT = argv[3];
    setenv("MADOGUCHI_SHARE", ROOT, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(issue_and_verify, set_up, tear_down),
        cmocka_unit_test_setup_teardown(killed_and_started_again, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("daemon", tests, NULL, NULL);
}
