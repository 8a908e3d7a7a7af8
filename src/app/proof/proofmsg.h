/* Messages between the daemon and the process that works out passwords. Both ends are of one build. */
#ifndef APP_PROOFMSG_H
#define APP_PROOFMSG_H

#include "app/msg.h"
#include "service/proofport.h"

enum proof_msg { PF_ASK = 1, PF_ANSWER };

extern const struct msg_types proof_to_child, proof_from_child;

struct proof_texts { /* of a decoded message; the caller's: proof_texts_done */
    char *password, *verifier;
};
void proof_ask_encode(const struct proof_ask *, struct buf *ret);
enum err proof_ask_decode(struct span body, struct proof_ask *ret, struct proof_texts *ret_texts,
                          struct errinfo *) NODISCARD;
void proof_answer_encode(const struct proof_answer *, struct buf *ret);
enum err proof_answer_decode(struct span body, struct proof_answer *ret, struct proof_texts *ret_texts,
                             struct errinfo *) NODISCARD;
void proof_texts_done(struct proof_texts *);

#endif
