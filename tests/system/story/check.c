/* What must hold at the end. */
#include "story_in.h"

#include "base/fsx.h"

#include <sqlite3.h>

#define RECEIVED "令和8年7月1日"

/* The log of the branch is one chain. */
static void check_log(struct story *s)
{
    bool done = false;
    struct client *auditor = town_client(&s->town, "kansa");
    for (bool first = true; !done; first = false) {
        json_t *r = town_ask(auditor, "log.verify", json_pack("{s:b}", "restart", first));
        done = json_is_true(json_object_get(r, "done"));
        assert_true(!done || json_is_true(json_object_get(r, "sound")));
        json_decref(r);
    }
    json_t *r = town_ask(auditor, "audit.check", NULL);
    if (!json_is_true(json_object_get(r, "sound")))
        fail_msg("the store does not hold: %s", json_dumps(r, JSON_COMPACT));
    json_decref(r);
    client_close(auditor);
}

/* The paper has one line, and it is posted with the day on which it was taken in. */
static void check_book(struct story *s)
{
    struct client *auditor = town_client(&s->town, "kansa");
    json_t *r = town_ask(auditor, "outage.book", NULL), *rows = json_object_get(r, "rows");
    const json_t *line = json_array_get(rows, 0);
    if (json_array_size(rows) != 1 || strcmp(js_text(line, "case"), s->arrival_no) != 0 ||
        strcmp(js_text(line, "state"), "posted") != 0 || strncmp(js_text(line, "received_at"), "2026-07-01", 10) != 0)
        fail_msg("the book: %s", json_dumps(r, JSON_COMPACT));
    json_decref(r);
    client_close(auditor);
}

/* One number from the host's own store; the text stands for ?1. */
static int64_t at_the_host(const struct story *s, const char *sql, const char *text)
{
    char *path = fs_join(s->town.dir, "host/host.db");
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    if (text)
        assert_int_equal(sqlite3_bind_text(q, 1, text, -1, SQLITE_STATIC), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    sqlite3_close(db);
    free(path);
    return n;
}

/* Each notice was applied once, and what was received in the stop is filed on the day of its reception. */
static void check_host(struct story *s)
{
    static const char decisions[] = "SELECT count(*) FROM op WHERE kind = 'notice.decide' AND code = 1";
    static const char refused[] = "SELECT count(*) FROM op WHERE code > 3";
    static const char rows[] = "SELECT count(*) FROM history WHERE instr(body, '\"' || ?1 || '\"') > 0";
    static const char filed[] = "SELECT count(*) FROM history WHERE instr(body, '\"' || ?1 || '\"') > 0"
                                " AND instr(body, '\"2026-07-01\"') > 0 AND instr(body, '\"2026-07-03\"') > 0";
    static const char persons[] = "SELECT count(*) FROM person WHERE name = ?1";
    town_end(&s->town.host, SIGTERM); /* its store has one owner at a time */
    assert_int_equal(at_the_host(s, decisions, NULL), 2);
    assert_int_equal(at_the_host(s, refused, NULL), 0);
    assert_int_equal(at_the_host(s, rows, s->arrival_no), 1);
    assert_int_equal(at_the_host(s, filed, s->arrival_no), 1);
    assert_int_equal(at_the_host(s, persons, STORY_ARRIVES), 1);
}

void story_check(struct story *s)
{
    assert_true(story_row(s, s->mover, s->move_no, RECEIVED));
    assert_true(story_row(s, s->child, s->move_no, RECEIVED));
    assert_true(story_row(s, s->arrived, s->arrival_no, RECEIVED));
    check_book(s);
    check_log(s);
    check_host(s);
}
