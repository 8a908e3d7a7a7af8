/*
 * The counter's side of the service socket: one connection is one session. Requests and answers are JSON objects in
 * frames of a u32 length (big-endian) and at most CLIENT_FRAME_MAX bytes. Never holds personal data longer than the
 * caller does.
 *   request  {"id":7,"method":"resident.search","params":{…}}
 *   answer   {"id":7,"ok":true,"result":{…}}
 *            {"id":7,"ok":false,"error":{"code":"denied","msg":"E15","item":"…","text":"…","remedy":"…"}}
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "base/err.h"
#include <jansson.h>

#define CLIENT_FRAME_MAX (8u << 20)

struct client;
/* Connects to DIR's socket; E_OFFLINE when nobody listens, E_BUSY when too many wait to be let in. */
enum err client_connect(const char *socket_path, struct client **ret, struct errinfo *) NODISCARD;
void client_close(struct client *);
int client_fd(const struct client *);

/* Sends and waits (at most timeout_ms). Steals `params` (may be NULL). On a refusal by the service: its code,
 * message id and item in reterr, and the Japanese text with the remedy in client_text(). E_INVALID: the request does
 * not fit in a frame. E_BUSY: no answer in time; a late one is thrown away and the connection can still be used.
 * E_OFFLINE and E_CORRUPT: the peer is gone or does not keep to the frames; every later call answers E_OFFLINE. */
enum err client_call(struct client *, const char *method, json_t *params, int timeout_ms, json_t **ret_result,
                     struct errinfo *) NODISCARD;
/* Text and remedy of the last refusal, "" if none. Borrowed until the next call. */
const char *client_text(const struct client *);
const char *client_remedy(const struct client *);

#endif
