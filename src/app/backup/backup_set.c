#include "app/backup.h"
#include "base/fsx.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE       (1 << 16)
#define FORMAT      "format = madoguchi-backup 2"
#define DIGEST_LINE "digest = "

/* Texts of the manifest, in their order. */
static const struct {
    const char *key;
    size_t at;
} texts[] = {
    { "program", offsetof(struct backup_manifest, program) },
    { "made_at", offsetof(struct backup_manifest, made_at) },
    { "city_code", offsetof(struct backup_manifest, city_code) },
    { "office", offsetof(struct backup_manifest, office) },
    { "terminal", offsetof(struct backup_manifest, terminal) },
    { "incarnation", offsetof(struct backup_manifest, incarnation) },
};

static char **text_at(const struct backup_manifest *m, size_t i)
{
    return (char **)((uintptr_t)m + texts[i].at);
}

static void add_hex(struct buf *b, const char *key, const void *p, size_t n)
{
    buf_printf(b, "%s = ", key);
    hex_add(b, p, n);
    buf_addc(b, '\n');
}

void backup_manifest_statement(const struct backup_manifest *m, struct buf *ret)
{
    buf_adds(ret, FORMAT "\n");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        buf_printf(ret, "%s = %s\n", texts[i].key, *text_at(m, i));
    buf_printf(ret, "trial = %d\n", m->trial);
    buf_printf(ret, "size = %" PRId64 "\n", m->size);
    add_hex(ret, "sha256", m->sha256, sizeof m->sha256);
    buf_printf(ret, "log_seq = %" PRId64 "\n", m->facts.log.seq);
    add_hex(ret, "log_hash", m->facts.log.hash, sizeof m->facts.log.hash);
    for (unsigned i = 0; i < BACKUP_COUNTS; i++)
        buf_printf(ret, "%s = %" PRId64 "\n", backup_count_name((enum backup_count)i), m->facts.count[i]);
}

enum err backup_manifest_write(const char *path, const struct backup_manifest *m, struct errinfo *reterr)
{
    struct buf b = BUF_INIT;
    uint8_t digest[DIGEST_SIZE];
    backup_manifest_statement(m, &b);
    add_hex(&b, "certificate", m->cert.p, m->cert.len);
    add_hex(&b, "signature", m->sig.p, m->sig.len);
    digest_sha256(b.p, b.len, digest);
    add_hex(&b, "digest", digest, sizeof digest);
    enum err e = fs_write_atomic(path, 0600, buf_span(&b), reterr);
    buf_done(&b);
    return e;
}

/* Value of the next line, which must have this key; cut off from *at. */
static bool take(char **at, const char *key, char **ret)
{
    char *line = strsep(at, "\n");
    size_t n = strlen(key);
    if (!line || strncmp(line, key, n) != 0 || strncmp(line + n, " = ", 3) != 0)
        return false;
    *ret = line + n + 3;
    return true;
}

static bool take_number(char **at, const char *key, int64_t *ret)
{
    char *text, *end;
    if (!take(at, key, &text) || *text < '0' || *text > '9')
        return false;
    errno = 0;
    *ret = strtoll(text, &end, 10);
    return *end == '\0' && errno == 0;
}

static bool take_hash(char **at, const char *key, uint8_t ret[DIGEST_SIZE])
{
    char *text;
    return take(at, key, &text) && unhex(span_of(text), ret, DIGEST_SIZE, NULL) == OK;
}

static bool take_bytes(char **at, const char *key, struct buf *ret)
{
    char *text;
    if (!take(at, key, &text))
        return false;
    size_t n = strlen(text) / 2;
    uint8_t *raw = xmalloc(n + 1);
    bool good = unhex(span_of(text), raw, n, NULL) == OK;
    if (good)
        buf_add(ret, raw, n);
    free(raw);
    return good;
}

/* The digest is that of everything before its line. */
static bool digest_fits(const struct buf *b)
{
    uint8_t said[DIGEST_SIZE], is[DIGEST_SIZE];
    const size_t n = strlen(DIGEST_LINE) + (size_t)2 * DIGEST_SIZE + 1;
    if (b->len <= n || b->p[b->len - 1] != '\n' || memcmp(b->p + b->len - n, DIGEST_LINE, strlen(DIGEST_LINE)) != 0)
        return false;
    struct span hex = { b->p + b->len - n + strlen(DIGEST_LINE), (size_t)2 * DIGEST_SIZE };
    digest_sha256(b->p, b->len - n, is);
    return unhex(hex, said, sizeof said, NULL) == OK && memcmp(said, is, sizeof is) == 0;
}

static bool parse(char *at, struct backup_manifest *m)
{
    const char *format = strsep(&at, "\n");
    char *text;
    int64_t trial = 0;
    if (!format || strcmp(format, FORMAT) != 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        if (!take(&at, texts[i].key, &text))
            return false;
        *text_at(m, i) = xstrdup(text);
    }
    bool good = take_number(&at, "trial", &trial) && trial <= 1 && take_number(&at, "size", &m->size) &&
                take_hash(&at, "sha256", m->sha256) && take_number(&at, "log_seq", &m->facts.log.seq) &&
                take_hash(&at, "log_hash", m->facts.log.hash);
    for (unsigned i = 0; good && i < BACKUP_COUNTS; i++)
        good = take_number(&at, backup_count_name((enum backup_count)i), &m->facts.count[i]);
    m->trial = trial != 0;
    return good && take_bytes(&at, "certificate", &m->cert) && take_bytes(&at, "signature", &m->sig) &&
           take(&at, "digest", &text) && at && *at == '\0';
}

enum err backup_manifest_read(const char *path, struct backup_manifest *ret, struct errinfo *reterr)
{
    struct buf b = BUF_INIT;
    struct backup_manifest m = { .program = NULL };
    enum err e = fs_read(path, BACKUP_MANIFEST_MAX, &b, reterr);
    if (e == OK && (memchr(b.p ? b.p : "", 0, b.len) || !digest_fits(&b) || !parse(b.p, &m)))
        e = err_set(reterr, E_CORRUPT, NULL, path, "not a manifest as it was written");
    buf_done(&b);
    if (e == OK)
        *ret = m;
    else
        backup_manifest_done(&m);
    return e;
}

void backup_manifest_done(struct backup_manifest *m)
{
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        free(*text_at(m, i));
        *text_at(m, i) = NULL;
    }
    buf_done(&m->cert);
    buf_done(&m->sig);
}

char *backup_manifest_path(const char *copy)
{
    size_t n = strlen(copy), suffix = strlen(BACKUP_SUFFIX);
    if (n <= suffix || strcmp(copy + n - suffix, BACKUP_SUFFIX) != 0)
        return NULL;
    char *stem = xstrndup(copy, n - suffix), *path = xprintf("%s" BACKUP_MANIFEST, stem);
    free(stem);
    return path;
}

/* Reads to the end, tells every piece to the digest and to `to` (-1: nobody). */
static enum err stream(int from, int to, const char *path, uint8_t ret[DIGEST_SIZE], int64_t *ret_size,
                       struct errinfo *reterr)
{
    char *piece = xmalloc(PIECE);
    struct digest *d = digest_new();
    int64_t size = 0;
    enum err e = OK;
    ssize_t n = 0;
    while (e == OK && ((n = read(from, piece, PIECE)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0) {
            digest_add(d, piece, (size_t)n);
            size += n;
            if (to >= 0)
                e = fs_write_all(to, (struct span){ piece, (size_t)n }, reterr);
        }
    if (e == OK && n < 0)
        e = err_sys(reterr, errno, path, "read");
    digest_end(d, ret);
    wipe(piece, PIECE);
    free(piece);
    *ret_size = size;
    return e;
}

enum err backup_hash_file(const char *path, uint8_t ret[DIGEST_SIZE], int64_t *ret_size, struct errinfo *reterr)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_sys(reterr, errno, path, "open");
    enum err e = stream(fd, -1, path, ret, ret_size, reterr);
    close(fd);
    return e;
}

static enum err sync_parent(const char *path, struct errinfo *reterr)
{
    const char *slash = strrchr(path, '/');
    char *dir = slash && slash != path ? xstrndup(path, (size_t)(slash - path)) : xstrdup(slash ? "/" : ".");
    enum err e = fs_sync_dir(dir, reterr);
    free(dir);
    return e;
}

enum err backup_copy_file(const char *from, const char *to, const uint8_t sha256[DIGEST_SIZE], struct errinfo *reterr)
{
    uint8_t hash[DIGEST_SIZE];
    int64_t size;
    int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (in < 0)
        return errno == ENOENT ? err_set(reterr, E_NOTFOUND, NULL, from, "no such file")
                               : err_sys(reterr, errno, from, "open");
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0) {
        enum err e = errno == EEXIST ? err_set(reterr, E_EXISTS, NULL, to, "there is a file already")
                                     : err_sys(reterr, errno, to, "open");
        close(in);
        return e;
    }
    enum err e = stream(in, out, from, hash, &size, reterr);
    if (e == OK && memcmp(hash, sha256, sizeof hash) != 0)
        e = err_set(reterr, E_CORRUPT, NULL, from, "the file is not what its manifest says");
    if (e == OK && fsync(out) != 0)
        e = err_sys(reterr, errno, to, "fsync");
    close(in);
    if (close(out) != 0 && e == OK)
        e = err_sys(reterr, errno, to, "close");
    if (e == OK)
        e = sync_parent(to, reterr);
    if (e != OK)
        unlink(to);
    return e;
}
