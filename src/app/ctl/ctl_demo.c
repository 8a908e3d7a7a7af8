/* `demo-data`: fills the empty register of a trial host with the demonstration municipality (app/demo.h). */
#include "app/ctl.h"
#include "app/demo.h"
#include "app/hosting.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "domain/restrict.h"
#include "host/bulk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RESIDENTS_MAX 20000000L
#define SERIAL_WIDTH  9
#define PROGRESS_STEP 2000

struct loading {
    struct ctl *ctl;
    struct host_bulk *bulk;
    long wanted, people, restrictions;
};

static enum err add_resident(void *self, const struct resident *r, struct errinfo *reterr)
{
    struct loading *l = self;
    TRY(host_bulk_add(l->bulk, r, reterr));
    if (r->rev == 1 && ++l->people % PROGRESS_STEP == 0)
        ctl_progress(l->ctl, "住民", l->people, l->wanted);
    return OK;
}

/* Everything that leaves the register is refused; entering a notice asks for attention. */
static json_t *levels(void)
{
    json_t *o = json_object();
    for (int p = 0; p < RP_COUNT; p++)
        json_object_set_new(o, restrict_process_code((enum restrict_process)p),
                            json_string(p == RP_ENTRY ? "alert" : "error"));
    return o;
}

static enum err add_restriction(void *self, const struct demo_restriction *d, struct errinfo *reterr)
{
    struct loading *l = self;
    char no[32], from[DATE_TEXT], until[DATE_TEXT];
    snprintf(no, sizeof no, "HON-S-%06ld", ++l->restrictions);
    date_text(d->from, from);
    enum restrict_kind kind = d->provisional ? RK_PROVISIONAL : RK_SUPPORT;
    json_t *o = json_pack("{s:s, s:s, s:s, s:o, s:s}", "no", no, "person", d->person, "kind", restrict_kind_code(kind),
                          "levels", levels(), "from", from);
    if (d->to.y) {
        date_text(d->to, until);
        json_object_set_new(o, "until", json_string(until));
    }
    char *text = json_dumps(o, JSON_COMPACT);
    enum err e = host_bulk_restrict(l->bulk, span_of(text), reterr);
    free(text);
    json_decref(o);
    return e;
}

static enum err number_option(struct ctl *c, const char *name, long otherwise, long max, long *ret,
                              struct errinfo *reterr)
{
    const char *given = ctl_opt(c, name);
    char *end = NULL;
    long v = given ? strtol(given, &end, 10) : otherwise;
    if (given && (*given < '0' || *given > '9' || *end || v > max))
        return ctl_usage(c, reterr, "--%s は%ldまでの数です。", name, max);
    *ret = v;
    return OK;
}

static void report(struct ctl *c, const struct demo_stats *s, int64_t ms)
{
    double seconds = (double)ms / 1000;
    ctl_say(
        c,
        "住民 %ld 人 (現存 %ld、除票 %ld、外国人住民 %ld、支援措置 %ld)、世帯 %ld、履歴 %ld 行を作りました (%.1f 秒)。",
        s->residents, s->living, s->removed, s->foreign, s->restricted, s->households, s->rows, seconds);
    ctl_result(c, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "residents", (json_int_t)s->residents, "living",
                            (json_int_t)s->living, "removed", (json_int_t)s->removed, "foreign", (json_int_t)s->foreign,
                            "restricted", (json_int_t)s->restricted, "households", (json_int_t)s->households, "rows",
                            (json_int_t)s->rows, "seconds", seconds));
}

static enum err fill(struct ctl *c, struct host *host, const struct demo_opts *o, struct demo_stats *ret,
                     struct errinfo *reterr)
{
    struct loading l = { .ctl = c, .wanted = o->residents };
    TRY(host_bulk_begin(host, &l.bulk, reterr));
    struct demo_sink sink = { add_resident, add_restriction, &l };
    enum err e = demo_generate(o, &sink, ret, reterr);
    if (e != OK) {
        host_bulk_abort(l.bulk);
        return e;
    }
    ctl_progress(c, "住民", ret->residents, ret->residents);
    return host_bulk_commit(l.bulk, reterr);
}

static enum err demo_data(struct ctl *c, struct errinfo *reterr)
{
    struct host_opening h;
    struct demo_stats stats;
    long residents = 0, seed = 0;
    TRY(number_option(c, "residents", 10000, RESIDENTS_MAX, &residents, reterr));
    TRY(number_option(c, "seed", 1, INT32_MAX, &seed, reterr));
    if (!ctl_instance(c)->trial)
        return ctl_refuse(c, reterr, E_DENIED, NULL, "試行環境ではないので、架空の住民は入れられません。");
    TRY(host_opening(ctl_dir(c), ctl_share(c), ctl_instance(c), false, &h, reterr));
    char *dir = fs_join(ctl_share(c), "data/demo");
    struct clock mono = clock_system();
    int64_t from = mono.mono_ms(mono.self);
    struct demo_opts o = {
        .dir = dir, .eras = &h.book->eras, .residents = residents, .seed = (uint64_t)seed, .serial_width = SERIAL_WIDTH
    };
    o.today = date_of_ms(host_now(h.host));
    enum err e = fill(c, h.host, &o, &stats, reterr);
    if (e == OK)
        report(c, &stats, mono.mono_ms(mono.self) - from);
    else if (e == E_EXISTS)
        e = ctl_refuse(c, reterr, e, "新しい設置を作ってください。", "ホストにはもう住民がいます。");
    free(dir);
    host_opening_done(&h);
    return e;
}

static const struct ctl_option options[] = {
    { "residents", "N", "人数 (既定 10000)" },
    { "seed", "S", "種。同じ種なら同じ市になる (既定 1)" },
    { 0 },
};

static const struct ctl_command rows[] = {
    { .name = "demo-data",
      .help = "試行環境のホストに架空の市の住民を入れる",
      .more = "名前と町は data/demo にある。ホストを止めて、住民が一人もいないときに実行する。",
      .need = CTL_INSTANCE,
      .option = options,
      .run = demo_data },
};
const struct ctl_table ctl_demo_commands = { rows, ARRAY_LEN(rows) };
