/*
 * A host of two hundred lines for the tests of the link child alone: a process that speaks TLS like the real one and
 * answers what the path asks for. What it saw stands in memory shared with the test.
 *   /v1/feed?after=CODE&max=N    status CODE with N bytes of body
 *   anything else                200 with the body that was posted
 */
#ifndef TESTS_APP_HTTPS_H
#define TESTS_APP_HTTPS_H

#include "crypto/tls.h"

#include <sys/types.h>

struct https_seen {
    unsigned accepted, requests;
    char line[256]; /* of the last request */
    char type[64];
    size_t len;
    char body[1 << 20];
};

struct https {
    pid_t pid;
    uint16_t port;
    struct https_seen *seen;
};
void https_start(struct https *, const struct tls_files *, bool require_certificate);
void https_stop(struct https *);

#endif
