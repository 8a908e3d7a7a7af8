/*
 * HTTPS to the host by libcurl, one request at a time, driven by the loop. The connection stays open between requests;
 * nothing of the environment, no proxy, no redirect, no cookie, no resumed session. Every answer is classified once,
 * here: above nobody looks at status codes or TLS alerts.
 */
#ifndef APP_LINK_HTTP_H
#define APP_LINK_HTTP_H

#include "base/loop.h"
#include "crypto/tls.h"
#include "service/linkmsg.h"

struct link_http;

struct link_http_config {
    const char *url;       /* https://host:port, without a slash at the end */
    struct tls_client tls; /* borrowed texts; enrolment leaves it empty */
    const uint8_t *pin;    /* enrolment: trust by fingerprint, no certificate of our own; else NULL */
    uint32_t connect_ms, stall_ms;
};

struct http_request {
    bool post;
    const char *path;
    const char *type; /* content type of body */
    struct span body;
    size_t max_answer; /* more ends the transfer */
};
struct http_answer {
    enum link_class class;
    uint16_t status;
    uint32_t retry_ms, took_ms;
    char detail[160];
    struct span body; /* borrowed for the callback */
};

/* The process has called curl_global_init. The configuration is copied but for what tls points to. */
enum err link_http_new(struct loop *, const struct link_http_config *, struct link_http **ret,
                       struct errinfo *) NODISCARD;
void link_http_free(struct link_http *);
/* Copies path, type and body. Answers exactly once through cb, later. A bug while one is under way. */
void link_http_ask(struct link_http *, const struct http_request *, void (*cb)(void *arg, const struct http_answer *),
                   void *arg);
bool link_http_busy(const struct link_http *);

#endif
