/*
 * Landlock as the kernel speaks it. The header of Debian 12 ends at ABI 2; the kernel that runs may know more, so the
 * numbers stand here and the version is asked at run time. Source: Documentation/userspace-api/landlock.rst of Linux.
 */
#ifndef APP_LANDLOCK_H
#define APP_LANDLOCK_H

#include "app/confine.h"

/* Confines files, TCP and (where the kernel can) signals and abstract sockets to the plan. *ret_abi is 0 when the
 * kernel has no Landlock: then nothing was done. */
enum err landlock_enter(const struct confine_plan *, int *ret_abi, struct errinfo *) NODISCARD;

#endif
