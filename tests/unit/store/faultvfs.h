/*
 * A file layer over SQLite's own that fails on demand: fsync, write (no space or broken), read. For the tests of
 * fail-stop and of a full disk.
 */
#ifndef TESTS_STORE_FAULTVFS_H
#define TESTS_STORE_FAULTVFS_H

struct faults {
    int sync;  /* result code of the next syncs, 0 = work */
    int write; /* of the next writes */
    int read;
};

/* Registers the layer "fault" once; the faults are the program's own. */
struct faults *faultvfs(void);

#endif
