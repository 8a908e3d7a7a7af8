/* What must hold at the end. */
#include "story_in.h"

/* The log of the branch is one chain, and the register knows each notice once. */
void story_check(struct story *s)
{
    bool done = false;
    assert_true(story_row(s, s->mover, s->move_no, "令和8年7月1日"));
    assert_true(story_row(s, s->child, s->move_no, "令和8年7月1日"));
    struct client *auditor = town_client(&s->town, "kansa");
    for (bool first = true; !done; first = false) {
        json_t *r = town_ask(auditor, "log.verify", json_pack("{s:b}", "restart", first));
        done = json_is_true(json_object_get(r, "done"));
        assert_true(!done || json_is_true(json_object_get(r, "sound")));
        json_decref(r);
    }
    client_close(auditor);
}
