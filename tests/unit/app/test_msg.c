#include "app/msg.h"
#include "base/cur.h"
#include "base/log.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { T_SMALL = 1, T_BIG = 3, BIG_MAX = 1 << 20, PATIENCE_MS = 10000 };

static const struct msg_type TYPES[] = {
    [T_SMALL] = { "small", 16 },
    [T_BIG] = { "big", BIG_MAX },
};
static const struct msg_types IN = { TYPES, ARRAY_LEN(TYPES) };

struct end {
    struct chan *chan;
    struct buf seen; /* bodies of all messages, one behind the other */
    uint32_t last_tag;
    int messages, closed;
    struct errinfo why;
    bool refuse, free_in_message;
};

static enum err on_message(void *arg, const struct msg *m, struct errinfo *reterr)
{
    struct end *e = arg;
    e->messages++;
    e->last_tag = m->tag;
    buf_add(&e->seen, m->body.p, m->body.n);
    if (e->free_in_message) {
        chan_free(e->chan);
        e->chan = NULL;
    }
    return e->refuse ? err_set(reterr, E_CORRUPT, NULL, NULL, "left-over bytes") : OK;
}

static void on_closed(void *arg, const struct errinfo *why)
{
    struct end *e = arg;
    e->closed++;
    e->why = *why;
}

static const struct chan_ops OPS = { .message = on_message, .closed = on_closed };

struct fixture {
    struct loop *loop;
    struct end end;
    int raw; /* the peer, spoken to by hand */
};

static int set_up(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    f->loop = loop_new();
    f->raw = pair[1];
    f->end.chan = chan_new(f->loop, pair[0], &IN, &OPS, &f->end);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    chan_free(f->end.chan);
    buf_done(&f->end.seen);
    if (f->raw >= 0)
        close(f->raw);
    loop_free(f->loop);
    free(f);
    return 0;
}

static void frame(struct buf *b, uint32_t len, uint8_t version, uint8_t type, uint16_t zero, const char *body)
{
    put_u32(b, len);
    put_u8(b, version);
    put_u8(b, type);
    put_u16(b, zero);
    put_u32(b, 77);
    buf_adds(b, body);
}

static void put_raw(struct fixture *f, const struct buf *b)
{
    assert_int_equal(send(f->raw, b->p, b->len, 0), (ssize_t)b->len);
}

static void turn_until_closed(struct fixture *f)
{
    for (int i = 0; i < 100 && !f->end.closed; i++)
        loop_once(f->loop, PATIENCE_MS);
    assert_int_equal(f->end.closed, 1);
}

static void arrives_whole_however_it_is_cut(void **state)
{
    struct fixture *f = *state;
    struct buf b = BUF_INIT;
    frame(&b, 5, MSG_VERSION, T_SMALL, 0, "hello");
    frame(&b, 0, MSG_VERSION, T_SMALL, 0, "");
    for (size_t i = 0; i < b.len; i++) {
        assert_int_equal(send(f->raw, b.p + i, 1, 0), 1);
        loop_once(f->loop, PATIENCE_MS);
        assert_int_equal(f->end.messages, i + 1 >= b.len ? 2 : i + 1 >= MSG_HEAD + 5 ? 1 : 0);
    }
    assert_string_equal(buf_str(&f->end.seen), "hello");
    assert_int_equal(f->end.last_tag, 77);
    assert_int_equal(f->end.closed, 0);
    buf_done(&b);
}

static void many_in_one_piece(void **state)
{
    struct fixture *f = *state;
    struct buf b = BUF_INIT;
    for (int i = 0; i < 50; i++)
        frame(&b, 2, MSG_VERSION, T_SMALL, 0, "ab");
    put_raw(f, &b);
    loop_once(f->loop, PATIENCE_MS);
    assert_int_equal(f->end.messages, 50);
    assert_int_equal(f->end.seen.len, 100);
    buf_done(&b);
}

static void a_bad_head_ends_the_channel(void **state)
{
    static const struct {
        uint32_t len;
        uint8_t version, type;
        uint16_t zero;
    } bad[] = {
        { 17, MSG_VERSION, T_SMALL, 0 },
        { 1, MSG_VERSION + 1, T_SMALL, 0 },
        { 1, MSG_VERSION, 0, 0 },
        { 1, MSG_VERSION, 2, 0 },
        { 1, MSG_VERSION, 4, 0 },
        { 1, MSG_VERSION, T_SMALL, 1 },
        { UINT32_MAX, MSG_VERSION, T_SMALL, 0 },
        { 1, MSG_VERSION, 255, 0 },
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct fixture *f = NULL;
        set_up((void **)&f);
        struct buf b = BUF_INIT;
        frame(&b, 1, MSG_VERSION, T_SMALL, 0, "x");
        frame(&b, bad[i].len, bad[i].version, bad[i].type, bad[i].zero, "");
        put_raw(f, &b);
        turn_until_closed(f);
        assert_int_equal(f->end.why.code, E_CORRUPT);
        assert_int_equal(f->end.messages, 1);
        chan_send(f->end.chan, T_SMALL, 0, span_of("into the void"));
        buf_done(&b);
        tear_down((void **)&f);
    }
    (void)state;
}

static void an_end_within_a_message_is_corrupt_and_between_is_not(void **state)
{
    struct buf b = BUF_INIT;
    frame(&b, 3, MSG_VERSION, T_SMALL, 0, "abc");
    for (size_t cut = 0; cut <= b.len; cut++) {
        struct fixture *f = NULL;
        set_up((void **)&f);
        if (cut)
            assert_int_equal(send(f->raw, b.p, cut, 0), (ssize_t)cut);
        close(f->raw);
        f->raw = -1;
        turn_until_closed(f);
        assert_int_equal(f->end.why.code, cut == 0 || cut == b.len ? E_OFFLINE : E_CORRUPT);
        assert_int_equal(f->end.messages, cut == b.len);
        tear_down((void **)&f);
    }
    buf_done(&b);
    (void)state;
}

static void a_refusing_reader_ends_the_channel(void **state)
{
    struct fixture *f = *state;
    struct buf b = BUF_INIT;
    f->end.refuse = true;
    frame(&b, 1, MSG_VERSION, T_SMALL, 0, "x");
    frame(&b, 1, MSG_VERSION, T_SMALL, 0, "y");
    put_raw(f, &b);
    turn_until_closed(f);
    assert_int_equal(f->end.messages, 1);
    assert_int_equal(f->end.why.code, E_CORRUPT);
    buf_done(&b);
}

static void may_be_freed_while_it_calls(void **state)
{
    struct fixture *f = *state;
    struct buf b = BUF_INIT;
    f->end.free_in_message = true;
    frame(&b, 1, MSG_VERSION, T_SMALL, 0, "x");
    frame(&b, 1, MSG_VERSION, T_SMALL, 0, "y");
    put_raw(f, &b);
    loop_once(f->loop, PATIENCE_MS);
    assert_int_equal(f->end.messages, 1);
    assert_int_equal(f->end.closed, 0);
    buf_done(&b);
}

static void large_messages_pass_between_two_ends(void **state)
{
    struct fixture *f = *state;
    struct end other = { 0 };
    struct buf big = BUF_INIT;
    for (size_t i = 0; i < BIG_MAX; i++)
        buf_addc(&big, (char)(i * 31 >> 3));
    other.chan = chan_new(f->loop, f->raw, &IN, &OPS, &other);
    f->raw = -1;
    for (int i = 0; i < 4; i++)
        chan_send(f->end.chan, T_BIG, (uint32_t)i, buf_span(&big));
    assert_true(chan_queued(f->end.chan) > 0);
    for (int i = 0; i < 10000 && other.messages < 4; i++)
        loop_once(f->loop, PATIENCE_MS);
    assert_int_equal(other.messages, 4);
    assert_int_equal(other.last_tag, 3);
    assert_int_equal(other.seen.len, 4 * (size_t)BIG_MAX);
    for (int i = 0; i < 4; i++)
        assert_memory_equal(other.seen.p + (size_t)i * BIG_MAX, big.p, BIG_MAX);
    assert_int_equal(chan_queued(f->end.chan), 0);
    chan_free(other.chan);
    buf_done(&other.seen);
    buf_done(&big);
}

static void a_peer_that_does_not_read_is_given_up(void **state)
{
    struct fixture *f = *state;
    struct buf big = BUF_INIT;
    buf_reserve(&big, BIG_MAX);
    memset(big.p, 'z', BIG_MAX);
    big.len = BIG_MAX;
    for (int i = 0; i < 2 * (int)(CHAN_QUEUE_MAX / BIG_MAX); i++)
        chan_send(f->end.chan, T_BIG, 0, buf_span(&big));
    assert_int_equal(f->end.closed, 0);
    turn_until_closed(f);
    assert_int_equal(f->end.why.code, E_BUSY);
    buf_done(&big);
}

int main(void)
{
    log_init("test-app-msg", -1, LOG_ERR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arrives_whole_however_it_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_in_one_piece, set_up, tear_down),
        cmocka_unit_test(a_bad_head_ends_the_channel),
        cmocka_unit_test(an_end_within_a_message_is_corrupt_and_between_is_not),
        cmocka_unit_test_setup_teardown(a_refusing_reader_ends_the_channel, set_up, tear_down),
        cmocka_unit_test_setup_teardown(may_be_freed_while_it_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(large_messages_pass_between_two_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_peer_that_does_not_read_is_given_up, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
