/*
 * A restriction as JSON: payload of restrict.set, and body of FEED_RESTRICTION (then with "released"). The support data
 * and the note stay one JSON text that only the service opens.
 *   {"no","person"|"household","kind","levels":{"certificate":"error",…},"from","until"?,"support"?{},"note"?,
 *    "released"?: true, "released_on"?, "host_ms"?}
 */
#ifndef SYNC_RESTRICT_BODY_H
#define SYNC_RESTRICT_BODY_H

#include "base/buf.h"
#include "domain/restrict.h"

/* Levels that are not named are none. E_CORRUPT for anything else than the above. ret_detail gets
 * {"support":{…},"note":"…"}, or nothing when there is neither. */
enum err restrict_body_read(struct span json, struct restriction *ret, struct buf *ret_detail,
                            struct errinfo *) NODISCARD;
/* `detail` as restrict_body_read gives it; "" = none. */
enum err restrict_body_write(const struct restriction *, const char *detail, bool with_released, struct buf *ret,
                             struct errinfo *) NODISCARD;

#endif
