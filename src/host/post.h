/* A decided notice while it is posted. Private to the host layer. */
#ifndef HOST_POST_H
#define HOST_POST_H

#include "sync/payload.h"
#include "verdict.h"

struct post {
    struct notice_payload payload;
    const struct kind *kind;
    struct world world;
    struct effect_ctx ctx;
    struct changes changes;
    struct numbers numbers;
    struct op_base *base; /* rows the branch had: of the envelope and of the payload, by id */
    size_t n_base;
};
void post_done(struct post *);

/* Where and at which terminal it was entered, as the rows will say; the branch where it told neither. */
void post_place(struct post *, const char *branch);
enum err post_load_world(struct handling *, struct post *) NODISCARD;
/* Loads the world and compares it with what the branch saw. A row that changed since is a conflict, unless the change
 * was made by an earlier operation of the same lane. */
enum err post_check_base(struct handling *, struct post *, bool *ret_go) NODISCARD;
/* Is every row that would be written a successor of one the branch saw? */
enum err post_check_rows(struct handling *, struct post *, bool *ret_go) NODISCARD;
enum err post_write_rows(struct handling *, const struct changes *) NODISCARD;

#endif
