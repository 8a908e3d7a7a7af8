/* A disk of a few MiB for one test: a file system of its own where the kernel lets us have one. */
#ifndef TESTS_FAULTS_SMALL_DISK_H
#define TESTS_FAULTS_SMALL_DISK_H

#include <stdbool.h>

/* Mounts it at `at` (a directory), in a mount namespace of this process and its children. False: not possible here,
 * and *ret_why says why. */
bool small_disk_mount(const char *at, const char *size, const char **ret_why);
bool small_disk_unmount(const char *at);
/* Fills what is left with a file of this name, to the last byte. */
void small_disk_fill(const char *file);

#endif
