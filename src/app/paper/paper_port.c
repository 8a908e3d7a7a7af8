#include "app/paper.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/mem.h"
#include "paper/pdf.h"
#include "papermsg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    KEY_BYTES = 32,
    KEY_ID = 8, /* hexadecimal digits */
    GRACE_MS = 200,
    ARGS_MAX = 4,
};

/* What a child can be: each lives for one job. */
enum part { DRAW, SPOOL, PARTS };

static const struct {
    const char *role;
    const struct msg_types *in;
} parts[] = {
    [DRAW] = { "paper", &paper_from_child },
    [SPOOL] = { "spool", &spool_from_child },
};
_Static_assert(ARRAY_LEN(parts) == PARTS, "a part has no role");

/* One child and what it was asked. Until it is asked it is a spare: started, behind its wall, its font open. */
struct job {
    struct paper *paper;
    struct job *next;
    enum part part;
    struct child_spec spec;
    char *arg_of[ARGS_MAX];     /* owned */
    const char *args[ARGS_MAX]; /* the same, as the child's specification wants them */
    struct child *child;
    bool asked;
    struct buf request;
    uint8_t type; /* of the request */
    int timer;
    bool answered, preview;
    void (*drawn)(void *arg, const struct paper_drawn *);
    void (*sent)(void *arg, enum paper_sent, const char *detail);
    void *arg;
};

struct paper {
    struct loop *loop;
    struct privsep *privsep;
    struct paper_config config;
    struct paper_port port;
    uint8_t key[KEY_BYTES];
    char key_id[KEY_ID + 1];
    struct job *jobs;                 /* newest first, spares among them */
    struct job *spare[PARTS];         /* the next one of each part, started while nobody waits for it */
    char *args[PARTS][ARGS_MAX];      /* of the latest job of the part, and so of the next; owned */
    struct template *template[PARTS]; /* with these arguments; NULL: no job of the part yet */
    int spare_timer;
};

/* ---- ends of a job ---- */

static void job_free(struct job *j)
{
    if (j->paper->spare[j->part] == j)
        j->paper->spare[j->part] = NULL;
    for (struct job **at = &j->paper->jobs; *at; at = &(*at)->next)
        if (*at == j) {
            *at = j->next;
            break;
        }
    if (j->timer)
        loop_timer_del(j->paper->loop, j->timer);
    buf_done(&j->request);
    for (size_t i = 0; i < ARGS_MAX; i++)
        free(j->arg_of[i]);
    free(j);
}

static void answer_drawn(struct job *j, const struct paper_drawn *d)
{
    j->answered = true;
    j->drawn(j->arg, d);
}

static void answer_sent(struct job *j, enum paper_sent sent, const char *detail)
{
    j->answered = true;
    j->sent(j->arg, sent, detail);
}

/* The child is gone without an answer: a document may have gone out, a drawing is lost. */
static void answer_lost(struct job *j, const char *why)
{
    struct errinfo e = { 0 };
    if (j->answered)
        return;
    log_msg(LOG_WARN, "paper: %s without an answer: %s", j->spec.role, why);
    if (j->sent) {
        answer_sent(j, PAPER_UNSURE, why);
        return;
    }
    err_set(&e, E_OFFLINE, "S325", "paper", "%s", why);
    answer_drawn(j, &(struct paper_drawn){ .err = E_OFFLINE, .why = &e });
}

/* ---- the child ---- */

/* What a document says of itself; it came from a process that handled foreign text. */
static enum err read_marks(struct paper_drawn *d, struct errinfo *reterr)
{
    char copy[PDF_MARK + 1], subject[PDF_MARK + 1];
    if (!pdf_whole(d->document))
        return err_set(reterr, E_CORRUPT, "S306", "document", "not a whole document");
    TRY(pdf_marks(d->document, copy, subject, reterr));
    TRY(unhex((struct span){ copy, PDF_MARK }, d->copy_hash, PAPER_HASH, reterr));
    return unhex((struct span){ subject, PDF_MARK }, d->subject_hash, PAPER_HASH, reterr);
}

static enum err take_drawn(struct job *j, const struct msg *m, struct errinfo *reterr)
{
    struct paper_drawn d;
    struct drawn_texts texts;
    TRY(drawn_decode(m->body, &d, &texts, reterr));
    if (d.err == OK && !j->preview) {
        d.err = read_marks(&d, &texts.why);
        d.why = &texts.why;
    }
    answer_drawn(j, &d);
    drawn_done(&texts);
    return OK;
}

static enum err take_sent(struct job *j, const struct msg *m, struct errinfo *reterr)
{
    struct sent_answer a;
    TRY(sent_decode(m->body, &a, reterr));
    answer_sent(j, a.sent, a.detail);
    return OK;
}

/* ---- children, ahead of what they are asked ---- */

static const struct child_ops ops;

/* Without a child when it cannot be started. */
static struct job *job_new(struct paper *p, enum part part)
{
    struct job *j = xcalloc(1, sizeof *j);
    struct errinfo e = { 0 };
    j->paper = p;
    j->part = part;
    j->next = p->jobs;
    p->jobs = j;
    for (size_t i = 0; p->args[part][i]; i++)
        j->args[i] = j->arg_of[i] = xstrdup(p->args[part][i]);
    j->spec = (struct child_spec){
        .role = parts[part].role, .in = parts[part].in, .args = j->args, .of = p->template[part], .ops = &ops, .arg = j
    };
    if (child_start(p->privsep, &j->spec, &j->child, &e) != OK)
        log_errinfo(LOG_ERR, "starting a process for paper", &e);
    return j;
}

static bool under_way(const struct paper *p)
{
    for (const struct job *j = p->jobs; j; j = j->next)
        if (j->asked && !j->answered)
            return true;
    return false;
}

/* Who comes next shall not wait for a start: made while this one is drawn or sent, when the daemon has nothing to do.
 */
static void on_spare(void *arg)
{
    struct paper *p = arg;
    p->spare_timer = 0;
    for (enum part part = 0; part < PARTS; part++) {
        if (p->spare[part] || !p->template[part] || !template_pid(p->template[part]))
            continue;
        struct job *j = job_new(p, part);
        if (j->child)
            p->spare[part] = j;
        else
            job_free(j);
    }
}

static void spare_soon(struct paper *p)
{
    if (!p->spare_timer)
        p->spare_timer = loop_timer(p->loop, 0, on_spare, p);
}

static enum err on_message(void *arg, struct child *c, const struct msg *m, struct errinfo *reterr)
{
    struct job *j = arg;
    if (!j->asked || j->answered)
        return err_set(reterr, E_CORRUPT, NULL, "paper", "an answer that nobody waits for");
    enum err err = j->sent ? take_sent(j, m, reterr) : take_drawn(j, m, reterr);
    if (err != OK)
        return err;
    child_stop(c, GRACE_MS);
    return OK;
}

static void on_ended(void *arg, struct child *c, int status)
{
    struct job *j = arg;
    char why[48];
    (void)c;
    snprintf(why, sizeof why, "the process ended (%d)", status);
    j->child = NULL;
    if (j->asked)
        answer_lost(j, why);
    else if (j->paper->spare[j->part] == j) /* the next job starts its own */
        log_msg(LOG_WARN, "paper: %s, not asked yet: %s", j->spec.role, why);
    job_free(j);
}

static const struct child_ops ops = { .message = on_message, .ended = on_ended };

/* A job that takes too long is burnt: whatever comes later is nobody's. */
static void on_limit(void *arg)
{
    struct job *j = arg;
    j->timer = 0;
    answer_lost(j, "time is over");
    child_stop(j->child, 0);
}

/* A child that could not be started is reported as one that was lost, from the loop. */
static void on_failed_start(void *arg)
{
    struct job *j = arg;
    j->timer = 0;
    struct errinfo e = { 0 };
    err_set(&e, E_OFFLINE, "S325", "paper", "the process could not be started");
    if (j->sent)
        answer_sent(j, PAPER_NOT_SENT, "the process could not be started");
    else
        answer_drawn(j, &(struct paper_drawn){ .err = E_OFFLINE, .why = &e });
    job_free(j);
}

/* ---- asking ---- */

static bool same_args(char *const have[], const char *const want[])
{
    size_t i = 0;
    while (have[i] && want[i] && strcmp(have[i], want[i]) == 0)
        i++;
    return !have[i] && !want[i];
}

static void on_template(void *arg)
{
    spare_soon(arg);
}

/* Other arguments are another template. */
static void set_args(struct paper *p, enum part part, const char *const args[])
{
    template_free(p->template[part]);
    p->template[part] = NULL;
    for (size_t i = 0; i < ARGS_MAX; i++) {
        free(p->args[part][i]);
        p->args[part][i] = args && args[i] ? xstrdup(args[i]) : NULL;
    }
    if (args)
        p->template[part] =
            template_new(p->privsep, parts[part].role, (const char *const *)p->args[part], on_template, p);
}

/* The spare when it is still there and fits, otherwise a new one. */
static struct job *job_take(struct paper *p, enum part part, const char *const args[ARGS_MAX])
{
    struct job *j = p->spare[part];
    bool fits = same_args(p->args[part], args);
    p->spare[part] = NULL;
    if (j && fits && child_running(j->child))
        return j;
    if (j)
        child_stop(j->child, 0); /* its end frees it */
    if (!fits)
        set_args(p, part, args);
    return job_new(p, part);
}

static void job_ask(struct job *j)
{
    struct paper *p = j->paper;
    j->asked = true;
    if (!j->child) {
        j->timer = loop_timer(p->loop, 0, on_failed_start, j);
        return;
    }
    child_send(j->child, j->type, 0, buf_span(&j->request));
    buf_done(&j->request);
    j->timer = loop_timer(p->loop, p->config.limit_ms, on_limit, j);
    spare_soon(p);
}

/* ---- port ---- */

static void port_draw(void *self, const struct paper_draw *d, void (*done)(void *, const struct paper_drawn *),
                      void *arg)
{
    struct paper *p = self;
    const char *const args[ARGS_MAX] = { p->config.share, p->config.seal_dir, p->config.font };
    struct job *j = job_take(p, DRAW, args);
    j->type = PM_DRAW;
    j->drawn = done;
    j->arg = arg;
    j->preview = d->preview;
    draw_encode(d, &j->request);
    job_ask(j);
}

static void port_send(void *self, const struct paper_send *s, void (*done)(void *, enum paper_sent, const char *),
                      void *arg)
{
    struct paper *p = self;
    const char *const args[ARGS_MAX] = { s->method, *s->queue ? s->queue : p->config.out_dir };
    struct job *j = job_take(p, SPOOL, args);
    j->type = PM_SEND;
    j->sent = done;
    j->arg = arg;
    send_encode(s, &j->request);
    job_ask(j);
}

static bool port_busy(void *self)
{
    return under_way(self);
}

static void port_mac(void *self, const void *bytes, size_t n, uint8_t ret[PAPER_HASH])
{
    struct paper *p = self;
    digest_hmac(p->key, sizeof p->key, bytes, n, ret);
}

/* ---- key of the check codes ---- */

static enum err make_key(const char *path, struct errinfo *reterr)
{
    uint8_t key[KEY_BYTES];
    TRY(random_bytes(key, sizeof key, reterr));
    enum err err = fs_write_atomic(path, 0600, (struct span){ (const char *)key, sizeof key }, reterr);
    wipe(key, sizeof key);
    return err;
}

static enum err read_key(struct paper *p, struct errinfo *reterr)
{
    struct buf bytes = BUF_INIT;
    struct stat st;
    uint8_t hash[DIGEST_SIZE];
    enum err err = fs_read(p->config.key_file, KEY_BYTES, &bytes, reterr);
    if (err == E_NOTFOUND) {
        err = make_key(p->config.key_file, reterr);
        if (err == OK)
            err = fs_read(p->config.key_file, KEY_BYTES, &bytes, reterr);
    }
    if (err == OK && (stat(p->config.key_file, &st) || (st.st_mode & 077)))
        err = err_set(reterr, E_DENIED, NULL, p->config.key_file, "others may read the key");
    if (err == OK && bytes.len != KEY_BYTES)
        err = err_set(reterr, E_CORRUPT, NULL, p->config.key_file, "not a key of check codes");
    if (err == OK) {
        struct buf hex = BUF_INIT;
        memcpy(p->key, bytes.p, KEY_BYTES);
        digest_sha256(p->key, KEY_BYTES, hash);
        hex_add(&hex, hash, KEY_ID / 2);
        memcpy(p->key_id, hex.p, KEY_ID + 1);
        buf_done(&hex);
    }
    buf_done(&bytes);
    return err;
}

enum err paper_new(struct loop *loop, struct privsep *privsep, const struct paper_config *config, struct paper **ret,
                   struct errinfo *reterr)
{
    struct paper *p = xcalloc(1, sizeof *p);
    p->loop = loop;
    p->privsep = privsep;
    p->config = *config;
    p->port = (struct paper_port){ p, port_draw, port_send, port_busy, port_mac, p->key_id };
    enum err err = read_key(p, reterr);
    if (err != OK) {
        paper_free(p);
        return err;
    }
    const char *const drawing[ARGS_MAX] = { config->share, config->seal_dir, config->font };
    set_args(p, DRAW, drawing);
    *ret = p;
    return OK;
}

void paper_free(struct paper *p)
{
    if (!p)
        return;
    while (p->jobs)
        job_free(p->jobs);
    for (enum part part = 0; part < PARTS; part++)
        set_args(p, part, NULL);
    if (p->spare_timer)
        loop_timer_del(p->loop, p->spare_timer);
    wipe(p->key, sizeof p->key);
    free(p);
}

const struct paper_port *paper_port(struct paper *p)
{
    return &p->port;
}

pid_t paper_busy_pid(const struct paper *p)
{
    const struct job *j = p->jobs;
    while (j && !j->asked)
        j = j->next;
    return j && j->child ? child_pid(j->child) : 0;
}

pid_t paper_spare_pid(const struct paper *p)
{
    return p->spare[DRAW] ? child_pid(p->spare[DRAW]->child) : 0;
}
