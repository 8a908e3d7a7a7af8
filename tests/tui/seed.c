/*
 * Puts a small, invented municipality into the store of an instance that is not running: seed DIR SHARE. Residents come
 * from the host in real life; these tests are about the counter.
 */
#include "app/instance.h"
#include "app/trialclock.h"
#include "base/fsx.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "form/catalog.h"
#include "store/address.h"
#include "store/db.h"
#include "store/people.h"
#include "store/replica.h"
#include "store/schema.h"
#include "store/txn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *id, *household, *name, *kana, *relation, *birth, *sex, *lot;
} persons[] = {
    { "000000000000019", "000000000000907", "川田　一郎", "カワダ　イチロウ", "世帯主", "S50.05.10", SEX_MALE,
      "1番地" },
    { "000000000000027", "000000000000907", "川田　花子", "カワダ　ハナコ", "妻", "S53.03.02", SEX_FEMALE, "1番地" },
    { "000000000000035", "000000000000907", "川田　次郎", "カワダ　ジロウ", "子", "H17.08.20", SEX_MALE, "1番地" },
    { "000000000000043", "000000000000907", "川田　キヨ", "カワダ　キヨ", "母", "S24.01.15", SEX_FEMALE, "1番地" },
    { "000000000000051", "000000000000915", "鈴木　明", "スズキ　アキラ", "世帯主", "S40.11.03", SEX_MALE, "5番地2" },
    { "000000000000060", "000000000000923", "𠮷﨑　髙志", "ヨシザキ　タカシ", "世帯主", "S45.07.07", SEX_MALE,
      "9番地" },
    { "000000000000078", "000000000000931", "葛\xF3\xA0\x84\x82城　美和", "カツラギ　ミワ", "世帯主", "H02.02.11",
      SEX_FEMALE, "12番地" },
    { "000000000000086", "000000000000949", "森　茂", "モリ　シゲル", "世帯主", "S52.04.04", SEX_MALE, "3番地" },
    { "000000000000094", "000000000000949", "森　直子", "モリ　ナオコ", "妻", "S54.09.09", SEX_FEMALE, "3番地" },
    { "000000000000108", "000000000000949", "森　健", "モリ　ケン", "子", "H19.01.06", SEX_MALE, "3番地" },
    { "000000000000116", "000000000000949", "森　葵", "モリ　アオイ", "子", "H21.05.20", SEX_FEMALE, "3番地" },
};

static const struct {
    const char *zip, *town, *kana;
} towns[] = { { "1230001", "松町", "マツマチ" },
              { "1230004", "梅町一丁目", "ウメマチ" },
              { "1230005", "梅町二丁目", "ウメマチ" },
              { "1230009", "竹町", "タケマチ" },
              { "1230009", "竹町東", "タケマチヒガシ" } };

struct seed {
    struct rulebook *book;
    struct db *db;
    struct trialclock *clock;
};

static const char *head_of(size_t i)
{
    size_t head = i; /* the first of a household */
    while (head > 0 && strcmp(persons[head - 1].household, persons[i].household) == 0)
        head--;
    return persons[head].name;
}

static enum err add_person(struct seed *s, size_t i, struct errinfo *reterr)
{
    const struct {
        enum attr attr;
        const char *text;
    } values[] = {
        { ATTR_HOUSEHOLD, persons[i].household },
        { ATTR_CLASS, CLASS_JAPANESE },
        { ATTR_STATUS, STATUS_LIVING },
        { ATTR_NAME, persons[i].name },
        { ATTR_KANA, persons[i].kana },
        { ATTR_RELATION, persons[i].relation },
        { ATTR_BIRTH_ON, persons[i].birth },
        { ATTR_SEX, persons[i].sex },
        { ATTR_HEAD_NAME, head_of(i) },
        { ATTR_ADDR_CODE, "99201" },
        { ATTR_ADDR_ZIP, "1230004" },
        { ATTR_ADDR_PREF, s->book->own_pref },
        { ATTR_ADDR_CITY, s->book->own_city },
        { ATTR_ADDR_TOWN, "梅町一丁目" },
        { ATTR_ADDR_LOT, persons[i].lot },
        { ATTR_DOMICILE, "うめ県梅市梅町一丁目1番" },
        { ATTR_DOMICILE_HEAD, persons[i].name },
        { ATTR_RESIDENT_SINCE, "H15.04.01" },
        { ATTR_ADDR_SINCE, "H15.04.01" },
        { ATTR_FILED_ON, "2003-04-03" },
        { ATTR_PREV_ADDR, "さくら県桜市北町2番地" },
        { ATTR_RESIDENT_CODE, "24727059608" },
        { ATTR_EV_REASON, "K01" },
        { ATTR_EV_ON, "H15.04.01" },
        { ATTR_EV_PROCESSED_ON, "2003-04-03" },
    };
    struct resident *r = resident_new();
    snprintf(r->id, sizeof r->id, "%s", persons[i].id);
    r->rev = 1;
    for (size_t k = 0; k < ARRAY_LEN(values); k++)
        resident_set(r, values[k].attr, values[k].text);
    enum err e = people_apply(s->db, r, (int64_t)i + 1, reterr);
    resident_free(r);
    return e;
}

static enum err add_towns(struct seed *s, struct errinfo *reterr)
{
    int64_t import, cities;
    TRY(address_import_begin(s->db, &import, reterr));
    for (size_t i = 0; i < ARRAY_LEN(towns); i++) {
        struct address_town t = { .city_code = s->book->own_city_code,
                                  .zip = towns[i].zip,
                                  .pref = s->book->own_pref,
                                  .city = s->book->own_city,
                                  .town = towns[i].town,
                                  .note = "",
                                  .pref_kana = "ウメケン",
                                  .city_kana = "ウメシ",
                                  .town_kana = towns[i].kana };
        TRY(address_import_add(s->db, import, &t, reterr));
    }
    return address_import_commit(s->db, import, &cities, reterr);
}

static enum err fill(struct seed *s, struct errinfo *reterr)
{
    struct clock c = trialclock_clock(s->clock);
    struct replica copy = { .cursor = 1, .as_of_ms = c.wall_ms(c.self), .list_ms = c.wall_ms(c.self) };
    TRY(people_use(s->db, s->book, reterr));
    TRY(txn_begin(s->db, reterr));
    for (size_t i = 0; i < ARRAY_LEN(persons); i++)
        TRY(add_person(s, i, reterr));
    TRY(add_towns(s, reterr));
    TRY(replica_set(s->db, &copy, reterr));
    return txn_commit(s->db, reterr);
}

static enum err open_all(struct seed *s, const char *dir, const char *share, struct errinfo *reterr)
{
    char *forms = fs_join(share, "forms"), *data = fs_join(share, "data");
    char *store = place_path(dir, PLACE_STORE), *offset = place_path(dir, PLACE_BRANCH_CLOCK);
    s->clock = trialclock_new(offset, true, clock_system());
    struct db_options o = {
        .path = store, .hash = digest_sha256, .schema = &store_schema, .clock = trialclock_clock(s->clock)
    };
    enum err e = catalog_load(forms, data, NULL, &s->book, NULL, reterr);
    if (e == OK)
        e = db_open(&o, &s->db, reterr);
    free(forms);
    free(data);
    free(store);
    free(offset);
    return e;
}

int main(int argc, char **argv)
{
    struct seed s = { .db = NULL };
    struct errinfo e = { .code = OK };
    if (argc != 3)
        return 2;
    bool ok = open_all(&s, argv[1], argv[2], &e) == OK && fill(&s, &e) == OK;
    if (!ok)
        fprintf(stderr, "seed: %s %s %s\n", e.msg, e.item, e.detail);
    db_close(s.db);
    trialclock_free(s.clock);
    rulebook_free(s.book);
    return ok ? 0 : 1;
}
