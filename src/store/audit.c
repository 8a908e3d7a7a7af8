#include "store/audit.h"
#include "base/mem.h"
#include "stmt_in.h"
#include "stmts.h"

const struct audit_rule audit_rules[] = {
    { "entry-once", "I1", "入力した届出は、版ごとに一度だけ残っている", Q_AUDIT_ENTRY_ONCE },
    { "steps-logged", "I2", "届出の手続きには、操作記録の行がある", Q_AUDIT_STEPS_LOGGED },
    { "log-gapless", "I2", "操作記録の番号に欠けがない", Q_AUDIT_LOG_GAPLESS },
    { "state-is-last-step", "I5", "届出の状態は、最後の手続きの状態である", Q_AUDIT_STATE_IS_LAST_STEP },
    { "two-persons", "I6", "入力した者が審査・決裁していない", Q_AUDIT_TWO_PERSONS },
    { "issue-once", "I7", "発行番号ごとに印刷は一つである", Q_AUDIT_ISSUE_ONCE },
    { "issue-gapless", "I7", "発行番号に、欠番の記録のない欠けがない", Q_AUDIT_ISSUE_GAPLESS },
    { "operations-gapless", "I8", "操作電文の番号に欠けがない", Q_AUDIT_OPERATIONS_GAPLESS },
    { "current-is-newest", "I8", "住民の現在の行は、最も新しい履歴である", Q_AUDIT_CURRENT_IS_NEWEST },
    { "one-head", "E10", "一つの世帯に世帯主は二人いない", Q_AUDIT_ONE_HEAD },
    { "release-told", "I9", "抑止の解除には、解除の記録がある", Q_AUDIT_RELEASE_TOLD },
    { 0 },
};

enum err audit_check(struct db *db, const struct audit_rule *rule, int max, void (*cb)(void *arg, const char *ref),
                     void *arg, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, rule->query);
    bool have = false;
    enum err e;
    stmt_i64(q, ":max", max);
    while ((e = stmt_row(q, &have, reterr)) == OK && have)
        cb(arg, col_text(q, "ref"));
    stmt_done(q);
    return e;
}

static const char *const ledgers[] = {
    "oplog",        "login_attempt",     "operator",  "series_void",    "resident_history",
    "restriction",  "restriction_event", "notice",    "notice_version", "notice_event",
    "cert_request", "cert_issue",        "cert_void", "print_job",      "paper_stock",
    "outbox",       "op_conflict",       "outage",    "outage_phase",   "outage_notice",
    "link_change"
};
_Static_assert(ARRAY_LEN(ledgers) == AUDIT_LEDGERS, "a ledger is not counted");

enum err audit_ledgers(struct db *db, struct audit_ledger ret[AUDIT_LEDGERS], struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_AUDIT_LEDGERS);
    enum err e = stmt_one(q, reterr);
    for (size_t i = 0; e == OK && i < AUDIT_LEDGERS; i++)
        ret[i] = (struct audit_ledger){ ledgers[i], col_i64(q, ledgers[i]) };
    stmt_done(q);
    return e;
}

static enum err count(struct db *db, const char *prefix, int64_t *ret, struct errinfo *reterr)
{
    struct stmt *q = stmt_get(db, Q_AUDIT_LOG_OF);
    stmt_text(q, ":prefix", prefix);
    enum err e = stmt_one(q, reterr);
    if (e == OK)
        *ret = col_i64(q, "n");
    stmt_done(q);
    return e;
}

enum err audit_log_of(struct db *db, const char *prefix, int64_t *ret_n, int max,
                      void (*cb)(void *arg, const struct audit_event *), void *arg, struct errinfo *reterr)
{
    bool have = false;
    enum err e;
    TRY(count(db, prefix, ret_n, reterr));
    struct stmt *q = stmt_get(db, Q_AUDIT_LAST_OF);
    stmt_text(q, ":prefix", prefix);
    stmt_i64(q, ":max", max);
    while ((e = stmt_row(q, &have, reterr)) == OK && have) {
        struct audit_event ev = { col_i64(q, "seq"),       col_i64(q, "at_ms"),   col_text(q, "operator"),
                                  col_text(q, "function"), col_text(q, "action"), col_text(q, "result") };
        cb(arg, &ev);
    }
    stmt_done(q);
    return e;
}
