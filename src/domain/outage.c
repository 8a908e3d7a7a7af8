#include "domain/outage.h"
#include "base/mem.h"

#include <string.h>

static const struct {
    const char *name, *label;
} STATES[] = {
    [COUNTER_NORMAL] = { "normal", "通常" },           [COUNTER_SUSPECT] = { "suspect", "障害疑い(暫定停止)" },
    [COUNTER_OUTAGE] = { "outage", "作動停止中" },     [COUNTER_RECOVERING] = { "recovering", "復旧処理中" },
    [COUNTER_RECONCILED] = { "reconciled", "照合済" },
};
_Static_assert(ARRAY_LEN(STATES) == COUNTER_STATES, "a state has no row");

static const struct {
    char letter;
    const char *label;
} TYPES[] = {
    [OUTAGE_LINK] = { 'L', "回線停止" },     [OUTAGE_HOST] = { 'H', "ホスト停止" },
    [OUTAGE_BRANCH] = { 'B', "端末機停止" }, [OUTAGE_POWER] = { 'P', "停電" },
    [OUTAGE_PLANNED] = { 'M', "計画停止" },  [OUTAGE_SAFETY] = { 'S', "保全停止" },
    [OUTAGE_DRILL] = { 'D', "訓練" },
};
_Static_assert(ARRAY_LEN(TYPES) == OUTAGE_TYPES, "a type has no row");

static const struct {
    const char *name, *label;
} EVENTS[] = {
    [OUTAGE_SUSPECT] = { "suspect", "障害検知" }, [OUTAGE_DECLARE] = { "declare", "停止宣言" },
    [OUTAGE_CANCEL] = { "cancel", "取消" },       [OUTAGE_RATIFY] = { "ratify", "追認" },
    [OUTAGE_CHANGE] = { "change", "種別変更" },   [OUTAGE_END] = { "end", "復旧宣言" },
    [OUTAGE_RELAPSE] = { "relapse", "再停止" },   [OUTAGE_RECONCILE] = { "reconcile", "照合" },
    [OUTAGE_CLOSE] = { "close", "終結" },
};
_Static_assert(ARRAY_LEN(EVENTS) == OUTAGE_EVENTS, "an event has no row");

/* Conditions of a step, in the order in which they are named to the person. */
enum need {
    NEED_HOST = 1,
    NEED_UNTOUCHED = 2,
    NEED_STABLE = 4,
    NEED_COPY = 8,
    NEED_CLOCK = 16,
    NEED_POSTED = 32,
    NEED_BALANCE = 64
};

static const struct {
    enum counter_state from;
    enum outage_event event;
    enum counter_state to;
    unsigned by;
    unsigned need;
} STEPS[] = {
    { COUNTER_NORMAL, OUTAGE_SUSPECT, COUNTER_SUSPECT, OUTAGE_BY_ITSELF, 0 },
    { COUNTER_NORMAL, OUTAGE_DECLARE, COUNTER_OUTAGE, OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP, 0 },
    { COUNTER_SUSPECT, OUTAGE_DECLARE, COUNTER_OUTAGE, OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP, 0 },
    { COUNTER_SUSPECT, OUTAGE_RATIFY, COUNTER_SUSPECT, OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP, 0 },
    { COUNTER_SUSPECT, OUTAGE_CANCEL, COUNTER_NORMAL, OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP,
      NEED_HOST | NEED_UNTOUCHED },
    { COUNTER_OUTAGE, OUTAGE_RATIFY, COUNTER_OUTAGE, OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP, 0 },
    { COUNTER_OUTAGE, OUTAGE_CHANGE, COUNTER_OUTAGE, OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP, 0 },
    { COUNTER_OUTAGE, OUTAGE_CANCEL, COUNTER_NORMAL, OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP,
      NEED_HOST | NEED_UNTOUCHED },
    { COUNTER_OUTAGE, OUTAGE_END, COUNTER_RECOVERING, OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP,
      NEED_HOST | NEED_STABLE | NEED_COPY | NEED_CLOCK },
    { COUNTER_RECOVERING, OUTAGE_RELAPSE, COUNTER_OUTAGE,
      OUTAGE_BY_ITSELF | OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP, 0 },
    { COUNTER_RECOVERING, OUTAGE_RECONCILE, COUNTER_RECONCILED, OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP,
      NEED_POSTED | NEED_BALANCE },
    { COUNTER_RECONCILED, OUTAGE_RELAPSE, COUNTER_OUTAGE,
      OUTAGE_BY_ITSELF | OUTAGE_BY_SUP | OUTAGE_BY_BM | OUTAGE_BY_RSP, 0 },
    { COUNTER_RECONCILED, OUTAGE_CLOSE, COUNTER_NORMAL, OUTAGE_BY_RSP, NEED_POSTED | NEED_BALANCE },
};

static bool has_host(const struct outage_facts *f)
{
    return f->host_answers;
}
static bool is_untouched(const struct outage_facts *f)
{
    return f->entered == 0;
}
static bool is_stable(const struct outage_facts *f)
{
    return f->answers_n >= f->stable_n && f->answers_ms >= f->stable_ms;
}
static bool copy_is_level(const struct outage_facts *f)
{
    return f->copy_level;
}
static bool clock_is_right(const struct outage_facts *f)
{
    return !f->skew_too_large || f->skew_accepted;
}
static bool all_posted(const struct outage_facts *f)
{
    return f->open_items == 0;
}
static bool balances(const struct outage_facts *f)
{
    return f->differences == 0;
}

static const struct {
    enum need need;
    bool (*holds)(const struct outage_facts *);
    const char *msg, *item, *label;
} NEEDS[] = {
    { NEED_HOST, has_host, "S504", "本庁", "本庁の応答" },
    { NEED_UNTOUCHED, is_untouched, "S505", "停止時受付", "停止後の受付・交付なし" },
    { NEED_STABLE, is_stable, "S506", "回線", "回線の安定" },
    { NEED_COPY, copy_is_level, "S512", "副本", "変更の受取り" },
    { NEED_CLOCK, clock_is_right, "S507", "時刻", "時刻の確認" },
    { NEED_POSTED, all_posted, "S508", "未反映", "すべて反映" },
    { NEED_BALANCE, balances, "S509", "照合表", "照合表の一致" },
};

const char *counter_state_name(enum counter_state s)
{
    return STATES[s].name;
}

const char *counter_state_label(enum counter_state s)
{
    return STATES[s].label;
}

enum counter_state counter_state_by_name(struct span name)
{
    int s = 0;
    while (s < COUNTER_STATES && !span_is(name, STATES[s].name))
        s++;
    return (enum counter_state)s;
}

char outage_type_letter(enum outage_type t)
{
    return TYPES[t].letter;
}

const char *outage_type_label(enum outage_type t)
{
    return TYPES[t].label;
}

static unsigned bit_of(char letter)
{
    for (int t = 0; t < OUTAGE_TYPES; t++)
        if (TYPES[t].letter == letter)
            return OUTAGE_BIT(t);
    return 0;
}

enum err outage_types_read(struct span letters, unsigned *ret, struct errinfo *reterr)
{
    unsigned types = 0;
    for (size_t i = 0; i < letters.n; i++) {
        unsigned bit = bit_of(letters.p[i]);
        if (!bit || (types & bit))
            return err_set(reterr, E_INVALID, "S501", "type", "letter %zu", i + 1);
        types |= bit;
    }
    unsigned drill = OUTAGE_BIT(OUTAGE_DRILL);
    if (!types || ((types & drill) && types != drill))
        return err_set(reterr, E_INVALID, "S501", "type", "%s", types ? "a drill is never mixed" : "none");
    *ret = types;
    return OK;
}

void outage_types_text(unsigned types, struct buf *ret)
{
    for (int t = 0; t < OUTAGE_TYPES; t++)
        if (types & OUTAGE_BIT(t))
            buf_addc(ret, TYPES[t].letter);
}

void outage_types_labels(unsigned types, struct buf *ret)
{
    size_t before = ret->len;
    for (int t = 0; t < OUTAGE_TYPES; t++)
        if (types & OUTAGE_BIT(t)) {
            buf_adds(ret, ret->len > before ? "・" : "");
            buf_adds(ret, TYPES[t].label);
        }
}

unsigned outage_role_bit(struct span key)
{
    static const struct {
        const char *key;
        enum outage_role bit;
    } roles[] = {
        { "SUP", OUTAGE_BY_SUP }, { "BM", OUTAGE_BY_BM }, { "RSP", OUTAGE_BY_RSP }, { "SYS", OUTAGE_BY_SYS }
    };
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (span_is(key, roles[i].key))
            return roles[i].bit;
    return 0;
}

const char *outage_event_name(enum outage_event e)
{
    return EVENTS[e].name;
}

const char *outage_event_label(enum outage_event e)
{
    return EVENTS[e].label;
}

/* A stop for safety is put on and taken off by the system's manager alone; the program may still notice a failure. */
static unsigned who_may(unsigned by, const struct outage_facts *f)
{
    bool safety = (f->types | f->new_types) & OUTAGE_BIT(OUTAGE_SAFETY);
    return safety ? (by & OUTAGE_BY_ITSELF) | OUTAGE_BY_SYS : by;
}

/* Names who does it instead. */
static const char *who_message(unsigned may)
{
    may &= ~(unsigned)OUTAGE_BY_ITSELF;
    return may == OUTAGE_BY_RSP ? "S513" : may == OUTAGE_BY_SYS ? "S514" : "S503";
}

enum err outage_step(enum counter_state from, enum outage_event event, const struct outage_facts *f,
                     enum counter_state *ret, struct errinfo *reterr)
{
    size_t i = 0;
    while (i < ARRAY_LEN(STEPS) && (STEPS[i].from != from || STEPS[i].event != event))
        i++;
    if (i == ARRAY_LEN(STEPS))
        return err_set(reterr, E_INVALID, "S502", EVENTS[event].label, "%s in state %s", EVENTS[event].name,
                       STATES[from].name);
    unsigned may = who_may(STEPS[i].by, f);
    if (!(f->roles & may))
        return err_set(reterr, E_DENIED, who_message(may), EVENTS[event].label, "roles %x", f->roles);
    for (size_t k = 0; k < ARRAY_LEN(NEEDS); k++)
        if ((STEPS[i].need & NEEDS[k].need) && !NEEDS[k].holds(f))
            return err_set(reterr, E_CONFLICT, NEEDS[k].msg, NEEDS[k].item, "%s", EVENTS[event].name);
    *ret = STEPS[i].to;
    return OK;
}

void outage_needs(enum counter_state from, const struct outage_facts *f,
                  void (*cb)(void *arg, const char *label, bool holds, const char *msg), void *arg)
{
    static const enum outage_event onward[COUNTER_STATES] = {
        [COUNTER_NORMAL] = OUTAGE_DECLARE,       [COUNTER_SUSPECT] = OUTAGE_CANCEL,   [COUNTER_OUTAGE] = OUTAGE_END,
        [COUNTER_RECOVERING] = OUTAGE_RECONCILE, [COUNTER_RECONCILED] = OUTAGE_CLOSE,
    };
    unsigned need = 0;
    for (size_t i = 0; i < ARRAY_LEN(STEPS); i++)
        if (STEPS[i].from == from && STEPS[i].event == onward[from])
            need = STEPS[i].need;
    for (size_t k = 0; k < ARRAY_LEN(NEEDS); k++)
        if (need & NEEDS[k].need)
            cb(arg, NEEDS[k].label, NEEDS[k].holds(f), NEEDS[k].msg);
}

void outage_balance(const struct outage_counts *c, struct outage_line ret[OUTAGE_LINES])
{
    const struct outage_line lines[] = {
        { "notices", "受付件数 = 反映済 + 本庁代行 + 取下げ + 返戻 + 保留(競合)", c->received,
          c->posted + c->by_host_office + c->withdrawn + c->returned + c->held },
        { "operations", "操作 = 未送信 + 送信中 + 保留 + 競合 + 却下 + 反映済 + 取下げ", c->ops,
          c->op_pending + c->op_sent + c->op_held + c->op_conflict + c->op_rejected + c->op_applied + c->op_withdrawn },
        { "certificates", "停止時証明書番号 = 交付 + 書損 + 欠番", c->cert_numbers,
          c->cert_handed + c->cert_spoiled + c->cert_void },
        { "sheets", "用紙 使用 = 良品 + 書損", c->sheets_used, c->sheets_good + c->sheets_spoiled },
        { "fees", "手数料 = 収納 + 免除 + 未収", c->fee_due, c->fee_taken + c->fee_exempt + c->fee_open },
        { "unanswered", "応答未確認 = 0", c->unanswered, 0 },
    };
    _Static_assert(ARRAY_LEN(lines) == OUTAGE_LINES, "a line is missing");
    memcpy(ret, lines, sizeof lines);
}
