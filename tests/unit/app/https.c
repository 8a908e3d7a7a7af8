#include "https.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEAD_MAX = 8192 };

/* Reads up to the empty line. Returns the length of the head, 0 at the end of the connection. */
static size_t read_head(SSL *s, char *head)
{
    size_t n = 0;
    while (n < HEAD_MAX - 1) {
        int got = SSL_read(s, head + n, 1);
        if (got <= 0)
            return 0;
        n++;
        if (n >= 4 && memcmp(head + n - 4, "\r\n\r\n", 4) == 0) {
            head[n] = '\0';
            return n;
        }
    }
    return 0;
}

static bool read_body(SSL *s, struct https_seen *seen)
{
    for (size_t n = 0; n < seen->len;) {
        int got = SSL_read(s, seen->body + n, (int)(seen->len - n));
        if (got <= 0)
            return false;
        n += (size_t)got;
    }
    return true;
}

static const char *header(const char *head, const char *name)
{
    for (const char *p = head; (p = strchr(p, '\n')); p++)
        if (strncasecmp(p + 1, name, strlen(name)) == 0)
            return p + 1 + strlen(name);
    return NULL;
}

static void reply(SSL *s, const struct https_seen *seen)
{
    unsigned long code = 200, n = seen->len;
    const char *ask = strstr(seen->line, "?after=");
    if (ask)
        sscanf(ask, "?after=%lu&max=%lu", &code, &n);
    char head[256];
    int len = snprintf(head, sizeof head, "HTTP/1.1 %lu x\r\nContent-Length: %lu\r\n%s\r\n", code, n,
                       code == 429   ? "Retry-After: 7\r\n"
                       : code == 503 ? "Retry-After: 9999999\r\n"
                                     : "");
    SSL_write(s, head, len);
    char *body = xcalloc(1, n + 1);
    memset(body, 'b', n);
    if (!ask)
        memcpy(body, seen->body, n);
    if (n)
        SSL_write(s, body, (int)n);
    free(body);
}

static bool one_request(SSL *s, struct https_seen *seen)
{
    char head[HEAD_MAX];
    if (!read_head(s, head))
        return false;
    const char *len = header(head, "content-length:"), *type = header(head, "content-type: ");
    seen->requests++;
    memcpy(seen->line, head, sizeof seen->line - 1);
    *strchrnul(seen->line, '\r') = '\0';
    memccpy(seen->type, type ? type : "", '\r', sizeof seen->type - 1);
    *strchrnul(seen->type, '\r') = '\0';
    seen->len = len ? strtoul(len, NULL, 10) : 0;
    if (!read_body(s, seen))
        return false;
    reply(s, seen);
    return true;
}

static void serve(int listen_fd, SSL_CTX *ctx, bool require, struct https_seen *seen)
{
    for (;;) {
        int fd = accept(listen_fd, NULL, NULL);
        if (fd < 0)
            continue;
        seen->accepted++;
        SSL *s = SSL_new(ctx);
        tls_host_require(s, require);
        SSL_set_fd(s, fd);
        if (SSL_accept(s) == 1)
            while (one_request(s, seen))
                ;
        SSL_shutdown(s);
        /* a close with unread bytes would be a reset, and that may overtake the alert */
        shutdown(fd, SHUT_WR);
        while (recv(fd, seen->body, sizeof seen->body, 0) > 0)
            ;
        SSL_free(s);
        close(fd);
    }
}

void https_start(struct https *h, const struct tls_files *files, bool require)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    socklen_t n = sizeof a;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    h->seen = mmap(NULL, sizeof *h->seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(bind(fd, (struct sockaddr *)&a, n) == 0 && listen(fd, 16) == 0);
    MUST(getsockname(fd, (struct sockaddr *)&a, &n) == 0);
    h->port = ntohs(a.sin_port);
    h->pid = fork();
    if (h->pid == 0) {
        SSL_CTX *ctx = NULL;
        struct errinfo err;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        MUST(tls_host_ctx(files, &ctx, &err) == OK);
        serve(fd, ctx, require, h->seen);
    }
    close(fd);
}

void https_stop(struct https *h)
{
    kill(h->pid, SIGKILL);
    waitpid(h->pid, NULL, 0);
    munmap(h->seen, sizeof *h->seen);
}
