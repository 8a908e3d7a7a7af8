/* What the tests of this layer share: a directory, an authority, keys and certificates made for one test. */
#ifndef CRYPTO_TEST_H
#define CRYPTO_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fsx.h"
#include "base/mem.h"
#include "crypto/ca.h"
#include "crypto/tls.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline int64_t now_ms(void)
{
    return (int64_t)time(NULL) * 1000;
}

static inline char *test_dir(void)
{
    char *dir = xstrdup("/tmp/madoguchi-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    return dir;
}

static inline void test_dir_remove(char *dir)
{
    char **name;
    size_t n;
    assert_int_equal(fs_list(dir, "", &name, &n, NULL), OK);
    for (size_t i = 0; i < n; i++) {
        char *path = fs_join(dir, name[i]);
        unlink(path);
        free(path);
    }
    fs_list_free(name, n);
    assert_int_equal(rmdir(dir), 0);
    free(dir);
}

static inline struct cert_id test_id(enum cert_role role, bool trial, const char *name)
{
    struct cert_id id = { .trial = trial, .role = role, .city = "131016" };
    memcpy(id.name, name, strlen(name) + 1);
    return id;
}

#endif
