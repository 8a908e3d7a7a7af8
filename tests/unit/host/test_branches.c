/* Enrolment, admission and the greeting. */
#include "host_test.h"

static struct hello hello_of(const struct town *t, const struct outbox *o)
{
    struct hello h = { .proto = HELLO_PROTO, .trial = true, .app = "0.1.0", .last_seq = o->n, .wall_ms = t->now_ms };
    memcpy(h.branch, o->name, sizeof h.branch);
    memcpy(h.incarnation, o->incarnation, OP_INCARNATION);
    memcpy(h.chain, o->chain[o->n], OP_HASH);
    return h;
}

static enum welcome_status greet(struct town *t, const struct hello *h)
{
    struct welcome w;
    assert_ok(host_hello(t->host, h->branch, h, &w, err));
    enum welcome_status s = w.status;
    welcome_done(&w);
    return s;
}

static void test_welcome_tells_what_is_held(void **state)
{
    struct town *t = *state;
    struct hello h = hello_of(t, &t->e1);
    struct welcome w;
    struct alg_policy policy = alg_policy_p256();
    h.wall_ms += 61000;
    h.log_seq = 12;
    outbox_add(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\"}");
    outbox_expect(t, &t->e1, OPR_REJECTED, CONFLICT_NONE, NULL);
    outbox_add(&t->e1, "cert.void", "{\"no\":\"2\",\"reason\":\"x\"}");
    h.last_seq = 2;
    memcpy(h.chain, t->e1.chain[2], OP_HASH);
    assert_ok(host_hello(t->host, "E1", &h, &w, err));
    assert_int_equal(w.status, WELCOME_OK);
    assert_int_equal(w.received_upto, 1);
    assert_memory_equal(w.received_chain, t->e1.chain[1], OP_HASH);
    assert_true(w.chain_ok);
    assert_int_equal(w.skew_ms, 61000);
    assert_int_equal(w.feed_head, feed_head(t));
    assert_memory_equal(w.host_id, host_facts(t->host)->host_id, HOST_ID);
    /* The receipt is the host's signature over the head of the branch's log. */
    struct key *k = NULL;
    struct buf statement = BUF_INIT;
    char *path = fs_join(t->dir, "sign.key");
    assert_ok(key_load(path, &k, err));
    hello_log_statement(&h, w.now_ms, &statement);
    assert_ok(key_verify(k, &policy, LOG_RECEIPT_LABEL, buf_span(&statement), buf_span(&w.log_receipt), err));
    key_free(k);
    buf_done(&statement);
    free(path);
    welcome_done(&w);
}

static void test_old_or_copied_store_is_found(void **state)
{
    struct town *t = *state;
    for (int i = 0; i < 3; i++)
        outbox_add(&t->e1, "cert.void", "{\"no\":\"1\",\"reason\":\"x\"}");
    struct results r;
    outbox_send(t, &t->e1, 1, 3, &r);
    results_done(&r);
    struct hello h = hello_of(t, &t->e1);
    assert_int_equal(greet(t, &h), WELCOME_OK);
    h.last_seq = 2; /* rolled back */
    memcpy(h.chain, t->e1.chain[2], OP_HASH);
    assert_int_equal(greet(t, &h), WELCOME_REENROL);
    h = hello_of(t, &t->e1);
    h.chain[0] ^= 1; /* another history under the same numbers */
    assert_int_equal(greet(t, &h), WELCOME_REENROL);
    memset(h.incarnation, 9, OP_INCARNATION); /* a new life begins at nothing */
    h.last_seq = 0;
    assert_int_equal(greet(t, &h), WELCOME_REENROL);
    op_chain_start("E1", h.incarnation, h.chain);
    assert_int_equal(greet(t, &h), WELCOME_REENROL); /* with the certificate of the life before */
    outbox_enrol_again(t, &t->e1, 9);
    h = hello_of(t, &t->e1);
    assert_int_equal(greet(t, &h), WELCOME_OK);
}

/* Rows that the host has signed do not vanish: an older copy of the log, or another one, sets the branch apart. */
static void test_a_shorter_log_is_refused(void **state)
{
    struct town *t = *state;
    struct hello h = hello_of(t, &t->e1);
    struct welcome w;
    h.log_seq = 12;
    memset(h.log_head, 12, sizeof h.log_head);
    assert_ok(host_hello(t->host, "E1", &h, &w, err));
    assert_int_equal(w.log_known, 12);
    assert_true(w.log_receipt.len > 0);
    welcome_done(&w);
    /* The answer got lost: the branch knows nothing of a signature at 12, gets none at 14 and hears of 12. */
    h.log_seq = 14;
    memset(h.log_head, 14, sizeof h.log_head);
    assert_ok(host_hello(t->host, "E1", &h, &w, err));
    assert_int_equal(w.status, WELCOME_OK);
    assert_int_equal(w.log_known, 12);
    assert_int_equal(w.log_receipt.len, 0);
    welcome_done(&w);
    h.log_known_seq = 12;
    memset(h.log_known_head, 12, sizeof h.log_known_head);
    assert_ok(host_hello(t->host, "E1", &h, &w, err));
    assert_int_equal(w.log_known, 14);
    welcome_done(&w);
    /* An older copy: shorter. */
    h.log_seq = 12;
    memset(h.log_head, 12, sizeof h.log_head);
    assert_ok(host_hello(t->host, "E1", &h, &w, err));
    assert_int_equal(w.status, WELCOME_QUARANTINED);
    assert_string_equal(w.msg, "S475");
    assert_int_equal(w.log_known, 14);
    assert_int_equal(w.log_receipt.len, 0);
    welcome_done(&w);
    /* Lifted by a person, the same log is no better: it stays out until the store is restored in order. */
    assert_ok(host_branch_release(t->host, "E1", "理由", "test", err));
    assert_int_equal(greet(t, &h), WELCOME_QUARANTINED);
    assert_ok(host_branch_release(t->host, "E1", "理由", "test", err));
    memset(h.incarnation, 7, sizeof h.incarnation);
    op_chain_start("E1", h.incarnation, h.chain);
    assert_int_equal(greet(t, &h), WELCOME_OK);
}

static void test_another_log_is_refused(void **state)
{
    struct town *t = *state;
    struct hello h = hello_of(t, &t->e1);
    h.log_seq = 12;
    memset(h.log_head, 12, sizeof h.log_head);
    assert_int_equal(greet(t, &h), WELCOME_OK);
    h.log_seq = 20;
    h.log_known_seq = 12;
    memset(h.log_known_head, 99, sizeof h.log_known_head);
    assert_int_equal(greet(t, &h), WELCOME_QUARANTINED);
}

static void test_greeting_must_be_ones_own(void **state)
{
    struct town *t = *state;
    struct hello h = hello_of(t, &t->e1);
    struct welcome w;
    assert_int_equal(host_hello(t->host, "E2", &h, &w, NULL), E_DENIED);
    h.trial = false;
    assert_int_equal(host_hello(t->host, "E1", &h, &w, NULL), E_DENIED);
    h.trial = true;
    h.proto = HELLO_PROTO + 1;
    assert_int_equal(greet(t, &h), WELCOME_UPGRADE);
}

/* After an outage of the whole city the host decides the order; who has little is never kept waiting. */
static void test_long_outboxes_take_turns(void **state)
{
    struct town *t = *state;
    struct outbox branch[12] = { { .n = 0 } };
    size_t slots = (size_t)rulebook_param_int(t->book, "HOST_DRAIN_SLOTS"), ok = 0;
    assert_true(slots < ARRAY_LEN(branch));
    for (size_t i = 0; i < ARRAY_LEN(branch); i++) {
        char name[8];
        snprintf(name, sizeof name, "B%zu", i);
        outbox_enrol(t, &branch[i], name);
        struct hello h = hello_of(t, &branch[i]);
        h.last_seq = 5000;
        enum welcome_status s = greet(t, &h);
        assert_int_equal(s, i < slots ? WELCOME_OK : WELCOME_WAIT);
        ok += s == WELCOME_OK;
        assert_int_equal(greet(t, &h), s); /* its own turn goes on */
        h.last_seq = 3;
        assert_int_equal(greet(t, &h), WELCOME_OK);
    }
    assert_int_equal(ok, slots);
    t->mono_ms += 60000;
    struct hello h = hello_of(t, &branch[11]);
    h.last_seq = 5000;
    assert_int_equal(greet(t, &h), WELCOME_OK);
    for (size_t i = 0; i < ARRAY_LEN(branch); i++)
        outbox_done(&branch[i]);
}

/* ---- enrolment ---- */

static enum err enrol_with(struct town *t, const struct enrol_code *c, bool trial, struct cert_facts *ret)
{
    struct key *k = NULL;
    struct enrol_request r = { .trial = trial };
    struct enrol_answer a;
    assert_ok(key_generate(SIG_P256_SHA256, &k, err));
    assert_ok(key_request(k, &r.csr, err));
    memcpy(r.secret, c->secret, ENROL_SECRET);
    enum err e = host_enrol(t->host, t->ca, &r, &a, NULL);
    if (e == OK) {
        assert_ok(cert_read(buf_span(&a.cert), ret, err));
        assert_true(a.ca.len > 0 && a.host_pub.len > 0);
        enrol_answer_done(&a);
    }
    key_free(k);
    enrol_request_done(&r);
    return e;
}

static void test_code_works_once_and_for_a_while(void **state)
{
    struct town *t = *state;
    struct enrol_code c, newer;
    struct cert_facts f, second;
    t->now_ms += DAY_MS; /* the code of the set-up is over */
    assert_false(host_enrol_open(t->host));
    assert_ok(host_enrol_code(t->host, "E9", ca_pem(t->ca), "test", &c, err));
    assert_true(host_enrol_open(t->host));
    assert_int_equal(enrol_with(t, &c, false, &f), E_DENIED); /* a real branch at a trial host */
    assert_int_equal(enrol_with(t, &c, true, &f), OK);
    assert_string_equal(f.id.name, "E9");
    assert_true(f.id.trial);
    assert_int_equal(enrol_with(t, &c, true, &f), E_DENIED); /* another key */
    assert_ok(host_admit(t->host, &f, err));
    /* A new code withdraws the one before; a new certificate ends the old one. */
    assert_ok(host_enrol_code(t->host, "E9", ca_pem(t->ca), "test", &c, err));
    assert_ok(host_enrol_code(t->host, "E9", ca_pem(t->ca), "test", &newer, err));
    assert_int_equal(enrol_with(t, &c, true, &second), E_DENIED);
    assert_int_equal(enrol_with(t, &newer, true, &second), OK);
    assert_int_equal(host_admit(t->host, &f, NULL), E_DENIED);
    assert_ok(host_admit(t->host, &second, err));
    assert_ok(host_enrol_code(t->host, "E9", ca_pem(t->ca), "test", &c, err));
    t->now_ms += DAY_MS;
    assert_int_equal(enrol_with(t, &c, true, &f), E_DENIED);
    assert_int_equal(host_enrol_code(t->host, "E 9", ca_pem(t->ca), "test", &c, NULL), E_INVALID);
}

/* A used code keeps the door open only for a lost answer. */
static void test_a_used_code_shuts_the_door(void **state)
{
    struct town *t = *state;
    struct enrol_code c;
    struct cert_facts f;
    t->now_ms += DAY_MS;
    assert_ok(host_enrol_code(t->host, "E9", ca_pem(t->ca), "test", &c, err));
    assert_int_equal(enrol_with(t, &c, true, &f), OK);
    t->now_ms += 119000;
    assert_true(host_enrol_open(t->host));
    t->now_ms += 1000;
    assert_false(host_enrol_open(t->host));
}

/* The answer got lost: the same key asks again and gets the same certificate. */
static void test_lost_answer_is_given_again(void **state)
{
    struct town *t = *state;
    struct enrol_code c;
    struct key *k = NULL;
    struct enrol_request r = { .trial = true };
    struct enrol_answer first, again;
    assert_ok(host_enrol_code(t->host, "E9", ca_pem(t->ca), "test", &c, err));
    assert_ok(key_generate(SIG_P256_SHA256, &k, err));
    assert_ok(key_request(k, &r.csr, err));
    memcpy(r.secret, c.secret, ENROL_SECRET);
    assert_ok(host_enrol(t->host, t->ca, &r, &first, err));
    buf_clear(&r.csr);
    assert_ok(key_request(k, &r.csr, err));
    assert_ok(host_enrol(t->host, t->ca, &r, &again, err));
    assert_string_equal(buf_str(&first.cert), buf_str(&again.cert));
    enrol_answer_done(&again);
    assert_ok(host_branch_close(t->host, "E9", "廃止", "test", err));
    assert_int_equal(host_enrol(t->host, t->ca, &r, &again, NULL), E_DENIED);
    enrol_answer_done(&first);
    enrol_request_done(&r);
    key_free(k);
}

static void test_only_certificates_in_force_are_admitted(void **state)
{
    struct town *t = *state;
    struct enrol_code c;
    struct cert_facts f, other;
    assert_ok(host_enrol_code(t->host, "E9", ca_pem(t->ca), "test", &c, err));
    assert_int_equal(enrol_with(t, &c, true, &f), OK);
    other = f;
    other.serial[0] = other.serial[0] == 'a' ? 'b' : 'a';
    assert_int_equal(host_admit(t->host, &other, NULL), E_DENIED);
    other = f;
    other.id.trial = false;
    assert_int_equal(host_admit(t->host, &other, NULL), E_DENIED);
    other = f;
    other.id.role = ROLE_HOST;
    assert_int_equal(host_admit(t->host, &other, NULL), E_DENIED);
    other = f;
    other.id.city[0] = '1';
    assert_int_equal(host_admit(t->host, &other, NULL), E_DENIED);
    other = f;
    memcpy(other.id.name, "E1", 3);
    assert_int_equal(host_admit(t->host, &other, NULL), E_DENIED);
    assert_ok(host_branch_close(t->host, "E9", "廃止", "test", err));
    assert_int_equal(host_admit(t->host, &f, NULL), E_DENIED);
    assert_int_equal(host_branch_close(t->host, "E8", "廃止", "test", NULL), E_NOTFOUND);
    assert_int_equal(host_branch_release(t->host, "E1", "理由", "test", NULL), E_INVALID);
}

static void count(void *arg, const struct host_branch *b)
{
    int *n = arg;
    assert_string_equal(b->name, *n == 0 ? "E1" : "E9");
    assert_string_equal(b->state, "active");
    ++*n;
}

static void test_list(void **state)
{
    struct town *t = *state;
    struct enrol_code c;
    int n = 0;
    assert_ok(host_enrol_code(t->host, "E9", ca_pem(t->ca), "test", &c, err));
    assert_ok(host_branches(t->host, count, &n, err));
    assert_int_equal(n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        town_test(test_welcome_tells_what_is_held),
        town_test(test_old_or_copied_store_is_found),
        town_test(test_a_shorter_log_is_refused),
        town_test(test_another_log_is_refused),
        town_test(test_greeting_must_be_ones_own),
        town_test(test_long_outboxes_take_turns),
        town_test(test_code_works_once_and_for_a_while),
        town_test(test_a_used_code_shuts_the_door),
        town_test(test_lost_answer_is_given_again),
        town_test(test_only_certificates_in_force_are_admitted),
        town_test(test_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
