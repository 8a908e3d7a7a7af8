/*
 * The link child (回線, `-x link`): TLS to the host and the branch's private key, and nothing else. It has no database
 * and no memory of what it carried. And enrolment (端末登録), which needs no child: it runs before there is a branch.
 */
#ifndef APP_LINK_H
#define APP_LINK_H

#include "app/msg.h"
#include "sync/enrol.h"

/* Messages it sends to its parent: for child_spec.in. */
extern const struct msg_types link_out;

/* main() of the child: descriptor 3 speaks service/linkmsg.h. Ends when the parent hangs up. */
int link_main(int argc, char **argv);

struct link_enrol {
    const char *url;      /* https://host:port */
    const char *code;     /* one-time code, as read out */
    const char *keys_dir; /* gets branch.key, branch.crt, ca.crt, host-pub; made 0700 when missing */
    const struct alg_policy *policy;
    bool trial;
    uint32_t connect_ms, stall_ms;
};
/* Makes a key (or uses the one that is there from an attempt without an answer), sends the request and writes what came
 * back; the certificate is written last. Blocks until done. E_OFFLINE: not reached, nothing lost, try again; E_DENIED:
 * wrong or used code, or not the host of that code. ret_id: who we are now. */
enum err link_enrol(const struct link_enrol *, struct cert_id *ret_id, struct errinfo *) NODISCARD;

#endif
