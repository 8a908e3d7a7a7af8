-- 住民の副本: history from the host, what is derived from it for searching, and restrictions.

CREATE TABLE resident_history (
    id        TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 15), -- 宛名番号
    rev       INTEGER NOT NULL CHECK (rev > 0),                  -- 履歴番号
    body      TEXT NOT NULL,                                     -- canonical body
    body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
    host_seq  INTEGER NOT NULL,
    PRIMARY KEY (id, rev)
) STRICT;

CREATE TRIGGER resident_history_update BEFORE UPDATE ON resident_history
BEGIN SELECT RAISE(ABORT, 'resident_history is append-only'); END;
-- Rows the host has taken back by being restored from a backup (本庁の復元で失われた履歴): kept aside, never shown.
CREATE TABLE resident_lost (
    id        TEXT NOT NULL,
    rev       INTEGER NOT NULL,
    body      TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    host_seq  INTEGER NOT NULL,
    lost_ms   INTEGER NOT NULL,
    PRIMARY KEY (id, rev, body_hash)
) STRICT;
CREATE TRIGGER resident_history_delete BEFORE DELETE ON resident_history
WHEN NOT EXISTS (SELECT 1 FROM resident_lost l WHERE l.id = OLD.id AND l.rev = OLD.rev AND l.body_hash = OLD.body_hash)
BEGIN SELECT RAISE(ABORT, 'resident_history is append-only'); END;
CREATE TRIGGER resident_lost_update BEFORE UPDATE ON resident_lost
BEGIN SELECT RAISE(ABORT, 'resident_lost is append-only'); END;
CREATE TRIGGER resident_lost_delete BEFORE DELETE ON resident_lost
BEGIN SELECT RAISE(ABORT, 'resident_lost is append-only'); END;

-- Everything from here to the restrictions is derived and may be made anew.

-- Current row of a person. `terms` are the keys of all names and places, one a line.
CREATE TABLE resident (
    n             INTEGER PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    rev           INTEGER NOT NULL,
    living        INTEGER NOT NULL CHECK (living IN (0, 1)),
    household     TEXT NOT NULL,
    birth         TEXT NOT NULL, -- sort day
    my_number     TEXT,
    resident_code TEXT,
    card_no       TEXT,
    terms         TEXT NOT NULL
) STRICT;
CREATE INDEX resident_household ON resident (household, living);
CREATE INDEX resident_birth ON resident (birth, n);
CREATE INDEX resident_my_number ON resident (my_number) WHERE my_number IS NOT NULL;
CREATE INDEX resident_resident_code ON resident (resident_code) WHERE resident_code IS NOT NULL;
CREATE INDEX resident_card_no ON resident (card_no) WHERE card_no IS NOT NULL;

-- Dictionary of distinct words: 1 names, 2 readings, 3 towns, 4 buildings.
CREATE TABLE word (
    w    INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 4),
    key  TEXT NOT NULL,
    UNIQUE (kind, key)
) STRICT;
-- The ends of every word from each of its characters on: 0 the word itself, 1 the shorter ones. A part of a word is the
-- beginning of one of its ends.
CREATE TABLE word_tail (
    kind  INTEGER NOT NULL,
    place INTEGER NOT NULL CHECK (place IN (0, 1)),
    tail  TEXT NOT NULL,
    w     INTEGER NOT NULL,
    PRIMARY KEY (kind, place, tail, w)
) STRICT, WITHOUT ROWID;

-- A name a person has or had: 氏 and 名. form: 1 first key, 2 second key of the reading, 3 both.
CREATE TABLE person_name (
    s    INTEGER NOT NULL,
    g    INTEGER NOT NULL,
    n    INTEGER NOT NULL,
    form INTEGER NOT NULL CHECK (form BETWEEN 1 AND 3),
    PRIMARY KEY (s, g, n, form)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_given ON person_name (g, s, n, form);

-- A place where a person lives or lived: town and the rest of the address, building and room.
CREATE TABLE person_place (
    w    INTEGER NOT NULL,
    rest TEXT NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (w, rest, n)
) STRICT, WITHOUT ROWID;

-- 抑止・支援措置. Levels: 0 none, 1 alert, 2 error.
CREATE TABLE restriction (
    id            TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 40),
    person        TEXT CHECK (length(person) BETWEEN 1 AND 15),
    household     TEXT CHECK (length(household) BETWEEN 1 AND 15),
    kind          TEXT NOT NULL CHECK (kind IN ('support', 'provisional', 'lock', 'other')),
    entry         INTEGER NOT NULL CHECK (entry BETWEEN 0 AND 2),
    certificate   INTEGER NOT NULL CHECK (certificate BETWEEN 0 AND 2),
    "view"        INTEGER NOT NULL CHECK ("view" BETWEEN 0 AND 2),
    list          INTEGER NOT NULL CHECK (list BETWEEN 0 AND 2),
    export        INTEGER NOT NULL CHECK (export BETWEEN 0 AND 2),
    phone         INTEGER NOT NULL CHECK (phone BETWEEN 0 AND 2),
    from_on       TEXT,
    until_on      TEXT,
    released      INTEGER NOT NULL CHECK (released IN (0, 1)),
    temp_until_ms INTEGER NOT NULL DEFAULT 0, -- 一時解除, here only
    detail        TEXT NOT NULL,              -- JSON of the support data; for 支援措置責任者
    host_seq      INTEGER NOT NULL,           -- 0: the host has not confirmed it yet
    CHECK ((person IS NULL) <> (household IS NULL))
) STRICT;
CREATE INDEX restriction_person ON restriction (person) WHERE released = 0 AND person IS NOT NULL;
CREATE INDEX restriction_household ON restriction (household) WHERE released = 0 AND household IS NOT NULL;

CREATE TRIGGER restriction_delete BEFORE DELETE ON restriction
BEGIN SELECT RAISE(ABORT, 'a restriction is released, never deleted'); END;
CREATE TRIGGER restriction_subject BEFORE UPDATE ON restriction
WHEN NEW.id <> OLD.id OR NEW.person IS NOT OLD.person OR NEW.household IS NOT OLD.household
BEGIN SELECT RAISE(ABORT, 'a restriction keeps its subject'); END;

CREATE TABLE restriction_event (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    restriction TEXT NOT NULL REFERENCES restriction (id),
    at_ms       INTEGER NOT NULL,
    what        TEXT NOT NULL CHECK (what IN ('host', 'set', 'release', 'temp')),
    operator    TEXT NOT NULL,
    approver    TEXT NOT NULL,
    reason      TEXT NOT NULL
) STRICT;
CREATE INDEX restriction_event_of ON restriction_event (restriction, seq);
CREATE TRIGGER restriction_event_update BEFORE UPDATE ON restriction_event
BEGIN SELECT RAISE(ABORT, 'restriction_event is append-only'); END;
CREATE TRIGGER restriction_event_delete BEFORE DELETE ON restriction_event
BEGIN SELECT RAISE(ABORT, 'restriction_event is append-only'); END;
