/* `verify-log`: walks the chain of the operation log and names the first bad row. */
#include "base/lines.h"
#include "base/mem.h"
#include "ctl_store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STEP      5000
#define HEADS_MAX 64

struct heads {
    struct oplog_head h[HEADS_MAX];
    size_t n;
};

/* "SEQ:HASH" */
static bool read_head(struct span text, struct heads *ret)
{
    const char *colon = memchr(text.p, ':', text.n);
    if (!colon || ret->n == HEADS_MAX || text.p[0] < '1' || text.p[0] > '9')
        return false;
    struct oplog_head *h = &ret->h[ret->n];
    char *end;
    h->seq = strtoll(text.p, &end, 10);
    struct span hex = { colon + 1, text.n - (size_t)(colon + 1 - text.p) };
    if (end != colon || unhex(hex, h->hash, OPLOG_HASH, NULL) != OK)
        return false;
    ret->n++;
    return true;
}

static enum err read_heads(struct ctl *c, struct heads *ret, struct errinfo *reterr)
{
    struct lines l;
    const char *one = ctl_opt(c, "head"), *file = ctl_opt(c, "head-file");
    if (one && !read_head(span_of(one), ret))
        return ctl_usage(c, reterr, "--head は 番号:値 の形です。");
    if (!file)
        return OK;
    TRY(lines_open(&l, file, reterr));
    enum err e = OK;
    while (e == OK && lines_next(&l))
        if (!read_head(l.line, ret))
            e = lines_fail(&l, reterr, "expected NUMBER:HASH");
    lines_close(&l);
    return e;
}

static enum err report(struct ctl *c, bool sound, json_int_t rows, const char *hash, const char *fault, json_int_t bad,
                       struct errinfo *reterr)
{
    ctl_result(c, json_pack("{s:b, s:I, s:s, s:s, s:I}", "sound", sound, "rows", rows, "hash", hash, "fault", fault,
                            "bad", bad));
    if (!sound)
        return ctl_refuse(c, reterr, E_CORRUPT, "使うのをやめ、保存庫の写しを取って、監査担当に連絡してください。",
                          "操作記録に異常があります: %s (%" PRId64 "行め)", fault, (int64_t)bad);
    ctl_say(c, "操作記録 %" PRId64 "行に異常はありません。", (int64_t)rows);
    ctl_say(c, "末尾 %" PRId64 ":%s", (int64_t)rows, hash);
    return OK;
}

static enum err verify_store(struct ctl *c, const struct heads *known, struct errinfo *reterr)
{
    struct ctl_store s = { 0 };
    struct oplog_check k = { 0 };
    struct oplog_head head = { 0 };
    enum err e = ctl_store_open(c, ctl_instance(c), false, &s, reterr);
    if (e == OK)
        e = oplog_head(s.db, &head, reterr);
    while (e == OK && !k.done) {
        e = oplog_verify(s.db, &k, known->h, known->n, STEP, reterr);
        ctl_progress(c, "操作記録", k.at.seq, head.seq);
    }
    ctl_store_close(&s);
    TRY(e);
    struct buf hash = BUF_INIT;
    hex_add(&hash, k.at.hash, OPLOG_HASH);
    e = report(c, k.fault == LOG_SOUND, k.at.seq, buf_str(&hash), oplog_fault_label(k.fault), k.bad, reterr);
    buf_done(&hash);
    return e;
}

static json_t *heads_json(const struct heads *known)
{
    json_t *list = json_array();
    for (size_t i = 0; i < known->n; i++) {
        struct buf hash = BUF_INIT;
        hex_add(&hash, known->h[i].hash, OPLOG_HASH);
        json_array_append_new(list,
                              json_pack("{s:I, s:s}", "seq", (json_int_t)known->h[i].seq, "hash", buf_str(&hash)));
        buf_done(&hash);
    }
    return list;
}

static enum err verify_service(struct ctl *c, const struct heads *known, struct errinfo *reterr)
{
    bool restart = true;
    for (;;) {
        json_t *r = NULL;
        json_t *params = json_pack("{s:b, s:o}", "restart", restart, "heads", heads_json(known));
        TRY(ctl_ask(c, "log.verify", params, &r, reterr));
        restart = false;
        enum err e = OK;
        bool done = json_is_true(json_object_get(r, "done"));
        if (done)
            e = report(c, json_is_true(json_object_get(r, "sound")), json_integer_value(json_object_get(r, "rows")),
                       json_string_value(json_object_get(r, "hash")), json_string_value(json_object_get(r, "fault")),
                       json_integer_value(json_object_get(r, "bad")), reterr);
        json_decref(r);
        if (done)
            return e;
    }
}

static enum err run(struct ctl *c, struct errinfo *reterr)
{
    struct heads known = { .n = 0 };
    TRY(read_heads(c, &known, reterr));
    return ctl_opt(c, "as") ? verify_service(c, &known, reterr) : verify_store(c, &known, reterr);
}

static const struct ctl_option options[] = {
    { "head", "NO:HASH", "控えておいた末尾。操作記録にこの行があるか確かめる" },
    { "head-file", "FILE", "控えておいた末尾のファイル(1行に1つ)" },
    { NULL, NULL, NULL },
};

static const struct ctl_command commands[] = {
    { .name = "verify-log",
      .help = "操作記録のつながりを確かめ、最初の異常な行を示す",
      .more = "  --as を付けると、動いている業務サービスに依頼します。付けないと、止まっている支所の\n"
              "  保存庫を直接調べます。控えた末尾(--head)があると、末尾の切り取りや全体の書きかえもわかります。",
      .need = CTL_INSTANCE,
      .option = options,
      .run = run },
};
const struct ctl_table ctl_log_commands = { commands, ARRAY_LEN(commands) };
