#include "sync/feed.h"
#include "base/cur.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "zip.h"

#include <stdlib.h>
#include <string.h>

static const char magic[] = { 'M', 'G', 'F', '1' };

enum err feed_entry_put(const struct feed_entry *f, struct buf *ret, struct errinfo *reterr)
{
    size_t key = strnlen(f->key, FEED_KEY_MAX + 1);
    if (f->host_seq == 0 || f->host_seq > INT64_MAX || f->type == 0 || key == 0 || key > FEED_KEY_MAX ||
        f->body.n > FEED_BODY_MAX)
        return err_set(reterr, E_INVALID, NULL, "feed", "entry cannot be encoded");
    put_u64(ret, f->host_seq);
    put_u32(ret, f->type);
    put_bytes(ret, (struct span){ f->key, key });
    put_bytes(ret, f->body);
    return OK;
}

enum err feed_entry_take(struct span *in, struct feed_entry *ret, struct errinfo *reterr)
{
    struct cur c = cur_of(*in);
    struct feed_entry f = { .host_seq = cur_u64(&c) };
    f.type = cur_u32(&c);
    struct span key = cur_bytes(&c, FEED_KEY_MAX);
    memcpy(f.key, key.p, key.n);
    f.body = cur_bytes(&c, FEED_BODY_MAX);
    if (c.bad || f.host_seq == 0 || f.host_seq > INT64_MAX || f.type == 0 || key.n == 0 || strlen(f.key) != key.n)
        return err_set(reterr, E_CORRUPT, NULL, "feed", "malformed entry");
    size_t used = (size_t)((const char *)c.p - in->p);
    in->p += used;
    in->n -= used;
    *ret = f;
    return OK;
}

void feed_page_init(struct feed_page *p)
{
    memset(p, 0, sizeof *p);
}

void feed_page_done(struct feed_page *p)
{
    buf_done(&p->raw);
    free(p->e);
    memset(p, 0, sizeof *p);
}

enum err feed_page_add(struct feed_page *p, const struct feed_entry *f, struct errinfo *reterr)
{
    if (f->host_seq <= p->after || f->host_seq <= p->last)
        return err_set(reterr, E_INVALID, NULL, "feed", "entries do not ascend");
    if (p->raw.len + f->body.n + FEED_KEY_MAX + 20 > FEED_RAW_MAX)
        return err_set(reterr, E_FULL, NULL, "feed", "page is full");
    TRY(feed_entry_put(f, &p->raw, reterr));
    p->last = f->host_seq;
    p->n++;
    return OK;
}

/* Over the head without this hash, and the entries as they travel. */
static void page_hash(struct span head, struct span packed, uint8_t ret[DIGEST_SIZE])
{
    struct digest *d = digest_new();
    digest_add(d, head.p, head.n);
    digest_add(d, packed.p, packed.n);
    digest_end(d, ret);
}

static void put_page(const struct feed_page *p, struct span packed, struct buf *ret)
{
    uint8_t hash[DIGEST_SIZE];
    size_t start = ret->len;
    buf_add(ret, magic, sizeof magic);
    buf_add(ret, p->epoch, FEED_EPOCH);
    put_u64(ret, p->after);
    put_u64(ret, p->upto);
    put_u64(ret, p->head);
    put_u64(ret, (uint64_t)p->host_ms);
    put_u8(ret, p->more);
    put_u32(ret, (uint32_t)p->n);
    put_u32(ret, (uint32_t)p->raw.len);
    page_hash((struct span){ ret->p + start, ret->len - start }, packed, hash);
    buf_add(ret, hash, sizeof hash);
    put_bytes(ret, packed);
}

static bool range_ok(const struct feed_page *p)
{
    return p->after <= p->upto && p->upto <= p->head && p->head <= INT64_MAX && p->last <= p->upto &&
           p->more == (p->upto < p->head);
}

enum err feed_page_encode(const struct feed_page *p, struct buf *ret, struct errinfo *reterr)
{
    struct buf packed = BUF_INIT;
    if (!range_ok(p))
        return err_set(reterr, E_INVALID, NULL, "feed", "page does not cover its range");
    enum err e = zip(buf_span(&p->raw), &packed, reterr);
    if (e == OK && packed.len > FEED_PAGE_MAX - 128)
        e = err_set(reterr, E_FULL, NULL, "feed", "page is too long");
    if (e == OK)
        put_page(p, buf_span(&packed), ret);
    buf_done(&packed);
    return e;
}

/* All entries of raw, ascending within (after, upto]. */
static bool split(struct feed_page *p, uint32_t count)
{
    struct span rest = buf_span(&p->raw);
    if (count > rest.n / 20)
        return false;
    p->e = count ? xcalloc(count, sizeof *p->e) : NULL;
    for (p->n = 0; p->n < count; p->n++) {
        struct feed_entry *f = &p->e[p->n];
        if (feed_entry_take(&rest, f, NULL) != OK || f->host_seq <= p->after || f->host_seq <= p->last)
            return false;
        p->last = f->host_seq;
    }
    return rest.n == 0;
}

static bool take_page(struct span in, struct feed_page *p)
{
    struct cur c = cur_of(in);
    char m[sizeof magic];
    uint8_t hash[DIGEST_SIZE], found[DIGEST_SIZE];
    cur_fixed(&c, m, sizeof m);
    cur_fixed(&c, p->epoch, FEED_EPOCH);
    p->after = cur_u64(&c);
    p->upto = cur_u64(&c);
    p->head = cur_u64(&c);
    p->host_ms = (int64_t)cur_u64(&c);
    uint8_t more = cur_u8(&c);
    uint32_t count = cur_u32(&c), raw = cur_u32(&c);
    struct span head = { in.p, (size_t)((const char *)c.p - in.p) };
    cur_fixed(&c, hash, sizeof hash);
    struct span packed = cur_bytes(&c, FEED_PAGE_MAX);
    p->more = more == 1;
    page_hash(head, packed, found);
    return cur_end(&c) && memcmp(m, magic, sizeof m) == 0 && memcmp(hash, found, sizeof hash) == 0 && more <= 1 &&
           unzip(packed, raw, FEED_RAW_MAX, &p->raw, NULL) == OK && split(p, count) && range_ok(p);
}

enum err feed_page_decode(struct span in, struct feed_page *ret, struct errinfo *reterr)
{
    struct feed_page p;
    feed_page_init(&p);
    if (in.n > FEED_PAGE_MAX || !take_page(in, &p)) {
        feed_page_done(&p);
        return err_set(reterr, E_CORRUPT, NULL, "feed", "malformed page");
    }
    *ret = p;
    return OK;
}
