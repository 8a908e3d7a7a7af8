/* Runs a fuzz target without libFuzzer: fuzz-try-NAME [SEED]. fuzz-try-NAME sample: writes the sample, to start a
 * corpus. */
#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 20000

static uint64_t next(uint64_t *x) /* splitmix64 */
{
    uint64_t z = *x += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Exactly as long as the input, so that a sanitizer sees a read behind it. */
static void run(const char *p, size_t n)
{
    uint8_t *copy = xmalloc(n ? n : 1);
    memcpy(copy, p, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static void mutate(struct buf *b, uint64_t *x)
{
    static const char special[] = { 0, 1, 0x7f, (char)0x80, (char)0xff, '"', '{', '[' };
    for (uint64_t i = next(x) % 4; b->len && i < 4; i++) {
        size_t at = next(x) % b->len, other = next(x) % b->len;
        switch (next(x) % 5) {
        case 0:
            b->p[at] = (char)(b->p[at] ^ (1 << next(x) % 8));
            break;
        case 1:
            b->p[at] = special[next(x) % sizeof special];
            break;
        case 2:
            b->len = at;
            break;
        case 3:
            buf_add(b, special, next(x) % sizeof special);
            break;
        default:
            b->p[at] = b->p[other];
        }
    }
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : (uint64_t)time(NULL), x = seed;
    struct buf sample = BUF_INIT, changed = BUF_INIT;
    if (argc > 1 && strcmp(argv[1], "sample") == 0) {
        fuzz_sample(&sample);
        bool ok = fwrite(sample.p, 1, sample.len, stdout) == sample.len;
        buf_done(&sample);
        return ok ? 0 : 1;
    }
    printf("1..1\n# seed %" PRIu64 "\n", seed);
    fflush(stdout);
    fuzz_sample(&sample);
    run(sample.p, sample.len);
    for (size_t n = 0; n<sample.len; n += sample.len> 4096 ? sample.len / 4096 : 1)
        run(sample.p, n);
    for (int i = 0; i < ROUNDS; i++) {
        buf_clear(&changed);
        buf_add(&changed, sample.p, sample.len);
        mutate(&changed, &x);
        run(changed.p, changed.len);
    }
    buf_done(&sample);
    buf_done(&changed);
    puts("ok 1 - no promise was broken");
    return 0;
}
