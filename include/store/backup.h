/*
 * Copy of the open store (複製), page by page between other work: the copy is of one moment, the last step. The file is
 * new, 0600, and on the disk with its directory entry when the copy is finished. Encrypting, verifying in another
 * process and keeping generations is the business of the caller. Source: spec/reliability.md §6.2.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "base/err.h"

struct db;
struct backup;

/* E_EXISTS when there is a file at `path`. */
enum err backup_start(struct db *, const char *path, struct backup **ret, struct errinfo *) NODISCARD;
/* Copies some pages. *ret_left is what remains, 0 when complete. Writes to the store between steps are allowed. */
enum err backup_step(struct backup *, int pages, int *ret_left, int *ret_total, struct errinfo *) NODISCARD;
/* After a complete copy: syncs it. Otherwise removes the file. Frees in both cases; NULL allowed. */
enum err backup_finish(struct backup *, struct errinfo *) NODISCARD;

#endif
