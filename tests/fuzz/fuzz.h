/*
 * One decoder per file. fuzz_sample gives an input that must be accepted; LLVMFuzzerTestOneInput takes any bytes and
 * aborts where a promise is broken. driver.c runs a target as an ordinary test: the sample, all its cuts, and mutations
 * from a printed seed. With clang the same file is also a libFuzzer program (fuzz-NAME, not built by default): CC=clang
 * meson setup build-fuzz -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link ninja -C
 * build-fuzz fuzz-batch && build-fuzz/tests/fuzz/fuzz-batch
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Appends one good input. */
void fuzz_sample(struct buf *ret);

static inline struct span fuzz_span(const uint8_t *data, size_t size)
{
    return (struct span){ size ? (const char *)data : "", size };
}

#endif
