-- The central register, what branches sent and what they are to hear.

CREATE TABLE fact (
    k TEXT PRIMARY KEY CHECK (k <> ''),
    v TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Head of the feed. Its number is taken inside the transaction that commits the row: order of numbers is order of commits.
CREATE TABLE feed_state (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    head INTEGER NOT NULL CHECK (head >= 0),
    low  INTEGER NOT NULL CHECK (low >= 0 AND low <= head) -- cursors below need a snapshot
) STRICT;
INSERT INTO feed_state VALUES (1, 0, 0);
CREATE TRIGGER feed_state_rises BEFORE UPDATE ON feed_state WHEN NEW.head < OLD.head OR NEW.low < OLD.low
BEGIN SELECT RAISE(ABORT, 'the feed never goes back'); END;

-- 支所. Never deleted: operations refer to it.
CREATE TABLE branch (
    name         TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 32),
    state        TEXT NOT NULL CHECK (state IN ('active', 'quarantined', 'closed')),
    reason       TEXT NOT NULL DEFAULT '',
    created_ms   INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL DEFAULT 0,
    skew_ms      INTEGER NOT NULL DEFAULT 0,
    app          TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE TRIGGER branch_stays BEFORE DELETE ON branch
BEGIN SELECT RAISE(ABORT, 'a branch is closed, never deleted'); END;

-- Certificates in force are the ones without an end (allow-list of serials).
CREATE TABLE branch_cert (
    serial     TEXT PRIMARY KEY CHECK (length(serial) = 40),
    branch     TEXT NOT NULL REFERENCES branch (name),
    key_id     BLOB NOT NULL CHECK (length(key_id) = 16),
    public_pem TEXT NOT NULL,
    cert_pem   TEXT NOT NULL,
    from_ms    INTEGER NOT NULL,
    until_ms   INTEGER NOT NULL,
    revoked_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX branch_cert_key ON branch_cert (branch, key_id);

-- 一回限りの登録コード: only a digest of its secret.
CREATE TABLE enrol_code (
    secret_hash BLOB PRIMARY KEY CHECK (length(secret_hash) = 32),
    branch      TEXT NOT NULL REFERENCES branch (name),
    made_ms     INTEGER NOT NULL,
    until_ms    INTEGER NOT NULL,
    used_ms     INTEGER,
    serial      TEXT REFERENCES branch_cert (serial) -- of the certificate it was used for
) STRICT, WITHOUT ROWID;

-- One life of a branch's store.
CREATE TABLE run (
    branch        TEXT NOT NULL REFERENCES branch (name),
    incarnation   BLOB NOT NULL CHECK (length(incarnation) = 8),
    received_upto INTEGER NOT NULL DEFAULT 0 CHECK (received_upto >= 0),
    chain         BLOB NOT NULL CHECK (length(chain) = 32),
    durable_upto  INTEGER NOT NULL DEFAULT 0,
    first_seen_ms INTEGER NOT NULL,
    last_seen_ms  INTEGER NOT NULL,
    log_seq       INTEGER NOT NULL DEFAULT 0,
    log_head      BLOB,
    PRIMARY KEY (branch, incarnation)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER run_rises BEFORE UPDATE ON run
WHEN NEW.received_upto < OLD.received_upto OR NEW.durable_upto < OLD.durable_upto
  OR NEW.durable_upto > NEW.received_upto
BEGIN SELECT RAISE(ABORT, 'what was received is not forgotten'); END;

-- Operations as received, with what was decided. code as in sync/result.h.
CREATE TABLE op (
    branch      TEXT NOT NULL,
    incarnation BLOB NOT NULL,
    seq         INTEGER NOT NULL CHECK (seq > 0),
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    chain       BLOB NOT NULL CHECK (length(chain) = 32),
    bytes       BLOB NOT NULL,
    kind        TEXT NOT NULL,
    lane        TEXT NOT NULL,
    lane_prev   INTEGER NOT NULL,
    code        INTEGER NOT NULL,
    category    INTEGER NOT NULL,
    result      BLOB NOT NULL,
    received_ms INTEGER NOT NULL,
    blocks      INTEGER NOT NULL CHECK (blocks IN (0, 1)), -- later ones of its lane wait
    closed_by   INTEGER,                                   -- seq of the operation that took its place or withdrew it
    PRIMARY KEY (branch, incarnation, seq),
    FOREIGN KEY (branch, incarnation) REFERENCES run (branch, incarnation)
) STRICT, WITHOUT ROWID;
CREATE INDEX op_blocks ON op (branch, incarnation, lane, seq) WHERE blocks = 1;
CREATE INDEX op_held ON op (branch, incarnation, seq) WHERE code = 3;
CREATE TRIGGER op_is_evidence BEFORE UPDATE ON op
WHEN NEW.hash <> OLD.hash OR NEW.bytes <> OLD.bytes OR NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq
  OR NEW.branch <> OLD.branch OR NEW.incarnation <> OLD.incarnation
  OR (OLD.code <> 3 AND (NEW.code <> OLD.code OR NEW.result <> OLD.result)) -- held is the one that may change
BEGIN SELECT RAISE(ABORT, 'an operation and its result are evidence'); END;
CREATE TRIGGER op_stays BEFORE DELETE ON op
BEGIN SELECT RAISE(ABORT, 'an operation and its result are evidence'); END;

-- 証拠: bytes of what was refused for its integrity (C8).
CREATE TABLE evidence (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms       INTEGER NOT NULL,
    branch      TEXT NOT NULL,
    incarnation BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    what        TEXT NOT NULL CHECK (what IN ('equivocation', 'chain')),
    bytes       BLOB NOT NULL
) STRICT;
CREATE TRIGGER evidence_update BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
CREATE TRIGGER evidence_delete BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;

-- 住民票の履歴. Append-only.
CREATE TABLE history (
    id          TEXT NOT NULL CHECK (id <> ''),
    rev         INTEGER NOT NULL CHECK (rev > 0),
    host_seq    INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    branch      TEXT NOT NULL, -- origin: '' = the host itself
    incarnation BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (id, rev)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER history_update BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history only grows'); END;
CREATE TRIGGER history_delete BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history only grows'); END;

-- The current row of each person, as far as it is searched. Derived from history.
CREATE TABLE person (
    id            TEXT PRIMARY KEY,
    rev           INTEGER NOT NULL,
    living        INTEGER NOT NULL CHECK (living IN (0, 1)),
    household     TEXT NOT NULL,
    leaves_on     TEXT,          -- 転出予定日 or the earlier day of arrival elsewhere, of living persons
    name          TEXT NOT NULL,
    birth_on      TEXT NOT NULL,
    sex           TEXT NOT NULL,
    my_number     TEXT,
    resident_code TEXT,
    card_no       TEXT,
    FOREIGN KEY (id, rev) REFERENCES history (id, rev)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_household ON person (household) WHERE living = 1;
CREATE INDEX person_identity ON person (name, birth_on, sex);
CREATE INDEX person_my_number ON person (my_number) WHERE my_number IS NOT NULL;
CREATE INDEX person_card_no ON person (card_no) WHERE card_no IS NOT NULL;
CREATE INDEX person_leaves ON person (leaves_on) WHERE leaves_on IS NOT NULL;
CREATE INDEX person_resident_code ON person (resident_code) WHERE resident_code IS NOT NULL;
CREATE TRIGGER person_goes_on BEFORE UPDATE ON person WHEN NEW.rev <> OLD.rev + 1
BEGIN SELECT RAISE(ABORT, 'a person goes from one row to the next'); END;

-- 付番
CREATE TABLE series (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL CHECK (last >= 0)
) STRICT, WITHOUT ROWID;

-- 抑止・支援措置: as last set. What it was before stands in the operations.
CREATE TABLE restriction (
    no        TEXT PRIMARY KEY,
    person    TEXT NOT NULL,
    household TEXT NOT NULL,
    released  INTEGER NOT NULL CHECK (released IN (0, 1)),
    body      TEXT NOT NULL,
    host_seq  INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    CHECK ((person = '') <> (household = ''))
) STRICT, WITHOUT ROWID;
CREATE INDEX restriction_person ON restriction (person) WHERE person <> '';
CREATE INDEX restriction_household ON restriction (household) WHERE household <> '';

-- 仮登録・本登録の状況 of each notice that branches told of.
CREATE TABLE open_case (
    no          TEXT PRIMARY KEY,
    branch      TEXT NOT NULL,
    incarnation BLOB NOT NULL,
    seq         INTEGER NOT NULL, -- of the operation that last changed it
    state       TEXT NOT NULL CHECK (state IN ('entered', 'posted', 'withdrawn')),
    body        TEXT NOT NULL,
    host_seq    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX open_case_open ON open_case (no) WHERE state = 'entered';
CREATE TRIGGER open_case_ends BEFORE UPDATE ON open_case WHEN OLD.state <> 'entered'
BEGIN SELECT RAISE(ABORT, 'a posted or withdrawn notice stays so'); END;

-- 転出予定: notices whose last steps wait for a day.
CREATE TABLE due (
    branch      TEXT NOT NULL,
    incarnation BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    on_day      TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'done', 'cancelled', 'stuck')),
    PRIMARY KEY (branch, incarnation, seq),
    FOREIGN KEY (branch, incarnation, seq) REFERENCES op (branch, incarnation, seq)
        DEFERRABLE INITIALLY DEFERRED -- the operation is written behind its effect
) STRICT, WITHOUT ROWID;
CREATE INDEX due_open ON due (on_day) WHERE state = 'open';
CREATE TABLE due_person (
    branch      TEXT NOT NULL,
    incarnation BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    id          TEXT NOT NULL,
    PRIMARY KEY (branch, incarnation, seq, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_person_id ON due_person (id);

-- 証明書交付の記録
CREATE TABLE certificate (
    no          TEXT PRIMARY KEY,
    branch      TEXT NOT NULL,
    incarnation BLOB NOT NULL,
    seq         INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    body        TEXT NOT NULL,
    void_reason TEXT
) STRICT, WITHOUT ROWID;

-- Feed of changes. body NULL: the row of history that key names.
CREATE TABLE feed (
    host_seq INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    type     INTEGER NOT NULL,
    key      TEXT NOT NULL,
    branch   TEXT,             -- for this branch only
    id       TEXT,
    rev      INTEGER,
    body     BLOB
) STRICT;

-- What people and the host did to the host itself. hash-chained, append-only.
CREATE TABLE journal (
    seq    INTEGER PRIMARY KEY CHECK (seq > 0),
    at_ms  INTEGER NOT NULL,
    who    TEXT NOT NULL,
    what   TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash   BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER journal_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;
CREATE TRIGGER journal_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END;

CREATE TABLE snapshot (
    id       TEXT PRIMARY KEY CHECK (length(id) = 32),
    made_ms  INTEGER NOT NULL,
    as_of    INTEGER NOT NULL,
    ready    INTEGER NOT NULL CHECK (ready IN (0, 1)),
    manifest BLOB
) STRICT, WITHOUT ROWID;
