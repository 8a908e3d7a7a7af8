/*
 * Files, safely: whole-file reads with a size cap, writes that are either complete and durable or not there,
 * and directories made with the mode that was asked for.
 * Errors: E_NOTFOUND, E_DENIED and E_EXISTS as their names say, E_INVALID for a file of another kind or too large,
 * E_FULL, and E_IO for the rest; the item is the path.
 */
#ifndef BASE_FSX_H
#define BASE_FSX_H

#include "base/buf.h"
#include <sys/types.h>

/* Reads a regular file (no symlink at the last step) of at most max bytes; replaces what *ret held. */
enum err fs_read(const char *path, size_t max, struct buf *ret, struct errinfo *) NODISCARD;
/* Temporary name in the same directory, write, fsync, rename, fsync of the directory. */
enum err fs_write_atomic(const char *path, mode_t mode, struct span, struct errinfo *) NODISCARD;
enum err fs_sync_dir(const char *dir, struct errinfo *) NODISCARD;
/* Directories that are there already keep their mode. */
enum err fs_mkdir_p(const char *path, mode_t mode, struct errinfo *) NODISCARD;
/* Joins with one slash; caller frees. */
char *fs_join(const char *a, const char *b) __attribute__((returns_nonnull));
/* Names of regular files in dir that end in suffix, sorted by bytes; caller frees each and the array. */
enum err fs_list(const char *dir, const char *suffix, char ***ret, size_t *ret_n, struct errinfo *) NODISCARD;
void fs_list_free(char **, size_t n);
/* Writes all bytes, restarting after EINTR. */
enum err fs_write_all(int fd, struct span, struct errinfo *) NODISCARD;

#endif
