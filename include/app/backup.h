/*
 * A copy of the store and its manifest (控えと目録): NAME.db beside NAME.manifest in DIR/branch/backup. The manifest
 * says what the copy was when it was checked; a copy without one, or one that differs, is not a copy. Its statement
 * (the facts, from the format to the last count) is signed with the branch's key, and the branch's certificate goes
 * along: who can write files can make a manifest that fits a changed copy, but cannot sign it. A branch that is not
 * registered has no key and its copies no signature. The last line is the digest of the lines before and only finds
 * damage. Source: spec/reliability.md §6.
 */
#ifndef APP_BACKUP_H
#define APP_BACKUP_H

#include "app/msg.h"
#include "crypto/ca.h"
#include "crypto/digest.h"
#include "store/backup_check.h"

#define BACKUP_SUFFIX       ".db"
#define BACKUP_MANIFEST     ".manifest"
#define BACKUP_MANIFEST_MAX (64 << 10)

struct backup_manifest {
    char *program, *made_at, *city_code, *office, *terminal;
    char *incarnation; /* hexadecimal; "" = the store never spoke to a host */
    bool trial;
    int64_t size;
    uint8_t sha256[DIGEST_SIZE];
    struct backup_facts facts;
    struct buf cert, sig; /* PEM and signature over the statement; empty: not signed */
};
/* What is signed, under BACKUP_LABEL (service/linkmsg.h). */
void backup_manifest_statement(const struct backup_manifest *, struct buf *ret);
/* Signed by the branch that it names, whose certificate is of this authority; another certificate of the same branch
 * than the present one will do, also one that has run out. E_NOTFOUND: not signed; E_CORRUPT: the signature does not
 * fit; E_DENIED: of another authority or branch, or by an algorithm that is not allowed. */
enum err backup_seal_check(const struct backup_manifest *, struct span ca_pem, const struct alg_policy *,
                           struct errinfo *) NODISCARD;
/* Complete and durable, or not there. */
enum err backup_manifest_write(const char *path, const struct backup_manifest *, struct errinfo *) NODISCARD;
/* E_CORRUPT: not as it was written. */
enum err backup_manifest_read(const char *path, struct backup_manifest *ret, struct errinfo *) NODISCARD;
void backup_manifest_done(struct backup_manifest *);
/* Path of the manifest that belongs to a copy; NULL when the copy is not named NAME.db. Caller frees. */
char *backup_manifest_path(const char *copy);

enum err backup_hash_file(const char *path, uint8_t ret[DIGEST_SIZE], int64_t *ret_size, struct errinfo *) NODISCARD;
/* Copies to a new file, 0600, durable with its directory entry, and compares its hash. Nothing stays on a failure. */
enum err backup_copy_file(const char *from, const char *to, const uint8_t sha256[DIGEST_SIZE],
                          struct errinfo *) NODISCARD;

/* The process that checks a copy (`-x check PATH`): one message, then it ends. */
extern const struct msg_types check_out;
enum { CHECK_RESULT = 1 };
struct check_result {
    enum err err;
    char detail[256];
    int64_t size;
    uint8_t sha256[DIGEST_SIZE];
    struct backup_facts facts;
};
enum err check_result_read(struct span body, struct check_result *ret, struct errinfo *) NODISCARD;
int check_main(int argc, char **argv);

#endif
