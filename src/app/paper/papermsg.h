/* Messages between the daemon and the processes that make paper. Both ends are of one build. */
#ifndef APP_PAPERMSG_H
#define APP_PAPERMSG_H

#include "app/msg.h"
#include "crypto/digest.h"
#include "service/paperport.h"

#define PAPER_BODY_MAX (16u << 20) /* of a document or a request */
#define PAPER_TEXT_MAX 4096
#define PAPER_OVER_MAX 1000
#define PAPER_NAME_MAX 200

enum paper_msg { PM_DRAW = 1, PM_DRAWN, PM_SEND, PM_SENT, PM_TYPES };

/* What each end may receive. */
extern const struct msg_types paper_to_child, paper_from_child, spool_to_child, spool_from_child;

/* PM_DRAW. Texts of the decoded request are the caller's: draw_done. */
void draw_encode(const struct paper_draw *, struct buf *ret);
struct draw_texts {
    char *check, *qr, *created, *overflow;
};
enum err draw_decode(struct span body, struct paper_draw *ret, struct draw_texts *ret_texts,
                     struct errinfo *) NODISCARD;
void draw_done(struct draw_texts *);

/* PM_DRAWN, without the hashes: they are read from the document. The decoded answer borrows from the body and from
 * `ret_over`, which is the caller's. */
void drawn_encode(const struct paper_drawn *, struct buf *ret);
struct drawn_texts {
    struct errinfo why;
    struct paper_overflow *over;
    char **text; /* of the overflows */
    size_t n_text;
};
enum err drawn_decode(struct span body, struct paper_drawn *ret, struct drawn_texts *ret_texts,
                      struct errinfo *) NODISCARD;
void drawn_done(struct drawn_texts *);

/* PM_SEND: the name, the hash and the document. */
struct send_request {
    char name[PAPER_NAME_MAX + 1];
    uint8_t hash[DIGEST_SIZE];
    struct span document; /* borrowed from the body */
};
void send_encode(const struct paper_send *, struct buf *ret);
enum err send_decode(struct span body, struct send_request *ret, struct errinfo *) NODISCARD;

/* PM_SENT */
struct sent_answer {
    enum paper_sent sent;
    char detail[256];
};
void sent_encode(const struct sent_answer *, struct buf *ret);
enum err sent_decode(struct span body, struct sent_answer *ret, struct errinfo *) NODISCARD;

#endif
