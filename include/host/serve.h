/*
 * The host's HTTPS interface (docs/host-api.yaml) and its local administration socket. One thread, one event loop of
 * libevent. Mutual TLS 1.3: without a certificate in force there is no answer but to POST /v1/enrol while a one-time
 * code is open; otherwise such a connection does not get past the handshake. Sizes, connections and the time a request
 * may take are capped. Between requests it does the host's own work: chunks of a snapshot, backups, what a new day
 * brings.
 */
#ifndef HOST_SERVE_H
#define HOST_SERVE_H

#include "crypto/tls.h"
#include "host/host.h"

struct host_server;

struct host_serve_options {
    struct host *host;
    struct ca *ca; /* for enrolment; NULL: this process enrols nobody */
    struct tls_files files;
    const char *listen; /* "127.0.0.1:8443", "[::1]:8443"; port 0: any free one */
    const char *admin;  /* path of the administration socket (0600), or NULL */
};

/* Listens. E_INVALID: address; E_BUSY: taken; E_CORRUPT: register half loaded. */
enum err host_serve_start(const struct host_serve_options *, struct host_server **ret, struct errinfo *) NODISCARD;
void host_serve_free(struct host_server *); /* ends all connections; NULL allowed */
int host_serve_port(const struct host_server *);

/* Until host_serve_stop, SIGTERM or SIGINT: then answers what was asked and ends with OK. E_IO after an error of the
 * database: nothing more is acknowledged, a fresh start reads what really is on the disk. */
enum err host_serve_run(struct host_server *, struct errinfo *) NODISCARD;
void host_serve_stop(struct host_server *);

/* ---- the administration socket: HTTP with JSON, for madoguchi-ctl ----
 *  POST /admin/code    {"branch","who"} → {"code","until_ms"}
 *  GET  /admin/branches → {"branches":[…]}
 *  POST /admin/branch  {"branch","action":"close"|"release","reason","who"} → {}
 *  GET  /admin/status  → {"now_ms","trial","feed_head","persons","connections"}
 */
struct host_reply {
    int status;
    struct buf body;
};
/* The same without a socket, for a host that no process serves. `path` as above; body "" for GET. */
void host_admin(struct host *, const struct ca *, const char *path, struct span body, struct host_reply *ret);

#endif
