#include "proofmsg.h"
#include "base/cur.h"
#include "base/mem.h"
#include "crypto/password.h"

#include <limits.h>
#include <string.h>

#define VERIFIER_MAX 512
#define FIXED_MAX    32

static const struct msg_type to_child[] = { [PF_ASK] = { "ask", PASSWORD_BYTES_MAX + VERIFIER_MAX + FIXED_MAX } };
static const struct msg_type from_child[] = { [PF_ANSWER] = { "answer", VERIFIER_MAX + FIXED_MAX } };

const struct msg_types proof_to_child = { to_child, ARRAY_LEN(to_child) };
const struct msg_types proof_from_child = { from_child, ARRAY_LEN(from_child) };

/* NULL is a text of its own. */
static void put_text(struct buf *b, const char *s)
{
    put_u8(b, s != NULL);
    put_bytes(b, span_of(s ? s : ""));
}

static char *cur_text(struct cur *c, size_t max)
{
    uint8_t there = cur_u8(c);
    struct span s = cur_bytes(c, max);
    c->bad |= there > 1 || (s.n && (!there || memchr(s.p, 0, s.n)));
    return c->bad || !there ? NULL : xstrndup(s.n ? s.p : "", s.n);
}

static enum err whole(const struct cur *c, struct proof_texts *t, struct errinfo *reterr)
{
    if (cur_end(c))
        return OK;
    proof_texts_done(t);
    return err_set(reterr, E_CORRUPT, NULL, "proof", "not a message of this build");
}

void proof_ask_encode(const struct proof_ask *a, struct buf *ret)
{
    put_u8(ret, a->make);
    put_u32(ret, (uint32_t)a->iterations);
    put_text(ret, a->password);
    put_text(ret, a->verifier);
}

enum err proof_ask_decode(struct span body, struct proof_ask *ret, struct proof_texts *ret_texts,
                          struct errinfo *reterr)
{
    struct cur c = cur_of(body);
    uint8_t make = cur_u8(&c);
    uint32_t iterations = cur_u32(&c);
    struct proof_texts t = { cur_text(&c, PASSWORD_BYTES_MAX), NULL };
    t.verifier = cur_text(&c, VERIFIER_MAX);
    c.bad |= make > 1 || iterations < 1 || iterations > INT_MAX || !t.password;
    TRY(whole(&c, &t, reterr));
    *ret = (struct proof_ask){ t.password, t.verifier, (int)iterations, make };
    *ret_texts = t;
    return OK;
}

void proof_answer_encode(const struct proof_answer *a, struct buf *ret)
{
    put_u8(ret, (uint8_t)a->err);
    put_u8(ret, a->fits);
    put_text(ret, a->verifier);
}

enum err proof_answer_decode(struct span body, struct proof_answer *ret, struct proof_texts *ret_texts,
                             struct errinfo *reterr)
{
    struct cur c = cur_of(body);
    uint8_t err = cur_u8(&c), fits = cur_u8(&c);
    struct proof_texts t = { NULL, cur_text(&c, VERIFIER_MAX) };
    c.bad |= err >= E_ERRS || fits > 1;
    TRY(whole(&c, &t, reterr));
    *ret = (struct proof_answer){ (enum err)err, fits, t.verifier };
    *ret_texts = t;
    return OK;
}

void proof_texts_done(struct proof_texts *t)
{
    wipe_str(t->password);
    wipe_str(t->verifier);
    *t = (struct proof_texts){ NULL, NULL };
}
