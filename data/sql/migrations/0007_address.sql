-- 郵便番号・住所の辞書. Derived: it can be read in again at any time from the file of Japan Post.
-- A municipality's towns are those of its active part; a new import is filled beside it and takes its place at once.

CREATE TABLE address_part (
    import    INTEGER NOT NULL CHECK (import > 0),
    city_code TEXT NOT NULL CHECK (length(city_code) = 5),
    state     TEXT NOT NULL CHECK (state IN ('open', 'active', 'stale')),
    PRIMARY KEY (import, city_code)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX address_part_active ON address_part (city_code) WHERE state = 'active';
CREATE INDEX address_part_state ON address_part (state, city_code);

CREATE TABLE address_town (
    id        INTEGER PRIMARY KEY,
    import    INTEGER NOT NULL,
    city_code TEXT NOT NULL,
    zip       TEXT NOT NULL CHECK (length(zip) = 7),
    pref      TEXT NOT NULL CHECK (pref <> ''),
    city      TEXT NOT NULL CHECK (city <> ''),
    town      TEXT NOT NULL, -- empty: the rest of the municipality
    note      TEXT NOT NULL,
    pref_kana TEXT NOT NULL,
    city_kana TEXT NOT NULL,
    town_kana TEXT NOT NULL,
    pref_key  TEXT NOT NULL, -- folded readings: domain/kana.h
    city_key  TEXT NOT NULL,
    town_key  TEXT NOT NULL,
    initials  TEXT NOT NULL, -- first letters of the three keys: トヒシ
    FOREIGN KEY (import, city_code) REFERENCES address_part (import, city_code)
) STRICT;
CREATE INDEX address_town_part ON address_town (import, city_code);
CREATE INDEX address_town_zip ON address_town (zip);
CREATE INDEX address_town_initials ON address_town (initials, city_code);
CREATE INDEX address_town_own_kana ON address_town (city_code, town_key);
CREATE INDEX address_town_own_text ON address_town (city_code, town);
CREATE INDEX address_town_text ON address_town (town);
CREATE INDEX address_town_city_text ON address_town (city || town);
CREATE INDEX address_town_full_text ON address_town (pref || city || town);
