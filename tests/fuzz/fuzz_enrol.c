/* What anybody may send while a code is open, what comes back, and the code as it is typed. */
#include "fuzz.h"
#include "sync/enrol.h"

void fuzz_sample(struct buf *ret)
{
    struct enrol_request r = { .trial = true };
    buf_adds(&r.csr, "-----BEGIN CERTIFICATE REQUEST-----\n");
    MUST(enrol_request_encode(&r, ret, NULL) == OK);
    enrol_request_done(&r);
}

static void typed(struct span s)
{
    struct enrol_code c, again;
    char *text = xstrndup(s.p, s.n), shown[ENROL_TEXT];
    if (enrol_code_read(text, &c, NULL) == OK) {
        enrol_code_show(&c, shown);
        MUST(enrol_code_read(shown, &again, NULL) == OK);
        MUST(memcmp(&c, &again, sizeof c) == 0);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct enrol_request r;
    struct enrol_answer a;
    struct cert_id id;
    if (enrol_request_decode(fuzz_span(data, size), &r, NULL) == OK)
        enrol_request_done(&r);
    if (enrol_answer_decode(fuzz_span(data, size), &a, NULL) == OK)
        enrol_answer_done(&a);
    if (cert_id_parse(fuzz_span(data, size), &id, NULL) == OK) {
        struct buf uri = BUF_INIT;
        cert_id_uri(&id, &uri);
        MUST(uri.len == size && memcmp(uri.p, data, size) == 0);
        buf_done(&uri);
    }
    typed(fuzz_span(data, size));
    return 0;
}
