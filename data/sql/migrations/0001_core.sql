-- The store itself, operators, numbers and the operation log.

CREATE TABLE meta (
    k TEXT PRIMARY KEY CHECK (k <> ''),
    v TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- 操作者. Never deleted: the log refers to them.
CREATE TABLE operator (
    id              TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 32),
    name            TEXT NOT NULL CHECK (name <> ''),
    department      TEXT NOT NULL DEFAULT '',
    state           TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'retired')),
    valid_from      TEXT,                       -- first and last day, NULL: open
    valid_until     TEXT,
    verifier        TEXT NOT NULL,              -- of the password; never the password
    password_set_ms INTEGER NOT NULL,
    must_change     INTEGER NOT NULL CHECK (must_change IN (0, 1)),
    failures        INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    locked_ms       INTEGER,                    -- locked by failed attempts since
    rev             INTEGER NOT NULL DEFAULT 1, -- optimistic guard of changes
    created_ms      INTEGER NOT NULL,
    created_by      TEXT NOT NULL
) STRICT;

CREATE TRIGGER operator_stays BEFORE DELETE ON operator
BEGIN SELECT RAISE(ABORT, 'an operator is retired, never deleted'); END;

CREATE TABLE operator_role (
    operator   TEXT NOT NULL REFERENCES operator (id),
    role       TEXT NOT NULL CHECK (role IN ('CLK', 'SUP', 'BM', 'RSP', 'SYS', 'AUD')),
    granted_ms INTEGER NOT NULL,
    granted_by TEXT NOT NULL,
    PRIMARY KEY (operator, role)
) STRICT, WITHOUT ROWID;

-- An auditor writes nothing but audits (監査担当 holds no other role).
CREATE TRIGGER operator_role_apart BEFORE INSERT ON operator_role
WHEN EXISTS (SELECT 1 FROM operator_role WHERE operator = NEW.operator AND role <> NEW.role
             AND (role = 'AUD' OR NEW.role = 'AUD'))
BEGIN SELECT RAISE(ABORT, 'an auditor holds no other role'); END;

-- What an operator may be shown beyond the base items (表示制限): 本籍, 個人番号, 住民票コード, 在留, 福祉.
CREATE TABLE operator_view (
    operator TEXT NOT NULL REFERENCES operator (id),
    view     TEXT NOT NULL CHECK (view IN ('domicile', 'my_number', 'resident_code', 'residence', 'welfare')),
    PRIMARY KEY (operator, view)
) STRICT, WITHOUT ROWID;

CREATE TABLE password_history (
    operator TEXT NOT NULL REFERENCES operator (id),
    set_ms   INTEGER NOT NULL,
    verifier TEXT NOT NULL,
    PRIMARY KEY (operator, set_ms)
) STRICT, WITHOUT ROWID;

-- 認証記録. The name typed for an unknown operator is not kept: it may be a password.
CREATE TABLE login_attempt (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms    INTEGER NOT NULL,
    operator TEXT REFERENCES operator (id),
    purpose  TEXT NOT NULL CHECK (purpose IN ('login', 'unlock', 'again', 'second', 'change')),
    result   TEXT NOT NULL CHECK (result IN ('ok', 'unknown', 'wrong', 'locked', 'suspended', 'expired')),
    terminal TEXT NOT NULL,
    peer_uid INTEGER NOT NULL
) STRICT;
CREATE INDEX login_attempt_at ON login_attempt (at_ms);

CREATE TRIGGER login_attempt_update BEFORE UPDATE ON login_attempt
BEGIN SELECT RAISE(ABORT, 'login_attempt is append-only'); END;
CREATE TRIGGER login_attempt_delete BEFORE DELETE ON login_attempt
BEGIN SELECT RAISE(ABORT, 'login_attempt is append-only'); END;

-- 採番: one counter per office, terminal, series and fiscal year; every number taken is a row, void or not.
CREATE TABLE series (
    office   TEXT NOT NULL,
    terminal TEXT NOT NULL,
    series   TEXT NOT NULL CHECK (series <> ''),
    year     INTEGER NOT NULL CHECK (year BETWEEN 1900 AND 9999), -- 年度
    last     INTEGER NOT NULL CHECK (last > 0),
    PRIMARY KEY (office, terminal, series, year)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER series_steps BEFORE UPDATE ON series
WHEN NEW.last <> OLD.last + 1 OR NEW.office <> OLD.office OR NEW.terminal <> OLD.terminal
  OR NEW.series <> OLD.series OR NEW.year <> OLD.year
BEGIN SELECT RAISE(ABORT, 'a series goes up by one'); END;
CREATE TRIGGER series_starts BEFORE INSERT ON series WHEN NEW.last <> 1
BEGIN SELECT RAISE(ABORT, 'a series starts at one'); END;
CREATE TRIGGER series_stays BEFORE DELETE ON series
BEGIN SELECT RAISE(ABORT, 'a series is never deleted'); END;

-- 欠番
CREATE TABLE series_void (
    office   TEXT NOT NULL,
    terminal TEXT NOT NULL,
    series   TEXT NOT NULL,
    year     INTEGER NOT NULL,
    no       INTEGER NOT NULL,
    reason   TEXT NOT NULL CHECK (length(reason) >= 5),
    operator TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (office, terminal, series, year, no),
    FOREIGN KEY (office, terminal, series, year) REFERENCES series (office, terminal, series, year)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER series_void_taken BEFORE INSERT ON series_void
WHEN NEW.no < 1 OR NEW.no > (SELECT last FROM series WHERE office = NEW.office AND terminal = NEW.terminal
                             AND series = NEW.series AND year = NEW.year)
BEGIN SELECT RAISE(ABORT, 'only a number that was taken can be void'); END;
CREATE TRIGGER series_void_update BEFORE UPDATE ON series_void
BEGIN SELECT RAISE(ABORT, 'series_void is append-only'); END;
CREATE TRIGGER series_void_delete BEFORE DELETE ON series_void
BEGIN SELECT RAISE(ABORT, 'series_void is append-only'); END;

-- 操作記録: hash-chained. hash = SHA-256(prev, canonical row); see include/store/oplog.h.
CREATE TABLE oplog (
    seq         INTEGER PRIMARY KEY CHECK (seq > 0),
    boot        BLOB NOT NULL CHECK (length(boot) = 16),
    mono_ms     INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    trust       TEXT NOT NULL CHECK (trust IN ('host', 'local', 'suspicious')),
    office      TEXT NOT NULL,
    terminal    TEXT NOT NULL,
    operator    TEXT NOT NULL,
    session     TEXT NOT NULL,
    approver    TEXT NOT NULL,
    function    TEXT NOT NULL,
    action      TEXT NOT NULL,
    subjects    TEXT NOT NULL, -- 宛名番号, separated by blanks; never names
    rev_before  INTEGER NOT NULL, -- 履歴番号, 0: none
    rev_after   INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    ticket      TEXT NOT NULL, -- 受付番号 or the like
    my_number   INTEGER NOT NULL CHECK (my_number IN (0, 1)),
    seal        INTEGER NOT NULL CHECK (seal IN (0, 1)),
    device      TEXT NOT NULL,
    issue_no    TEXT NOT NULL,
    pages       INTEGER NOT NULL CHECK (pages >= 0),
    place       TEXT NOT NULL,
    result      TEXT NOT NULL,
    detail      TEXT NOT NULL,
    detail_hash BLOB NOT NULL CHECK (length(detail_hash) = 32),
    prev        BLOB NOT NULL CHECK (length(prev) = 32),
    hash        BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX oplog_at ON oplog (at_ms);
CREATE INDEX oplog_operator ON oplog (operator, seq);

CREATE TRIGGER oplog_follows BEFORE INSERT ON oplog
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM oplog)
  OR NEW.prev <> coalesce((SELECT hash FROM oplog ORDER BY seq DESC LIMIT 1), zeroblob(32))
BEGIN SELECT RAISE(ABORT, 'a log row follows the one before it'); END;
CREATE TRIGGER oplog_update BEFORE UPDATE ON oplog
BEGIN SELECT RAISE(ABORT, 'oplog is append-only'); END;
CREATE TRIGGER oplog_delete BEFORE DELETE ON oplog
BEGIN SELECT RAISE(ABORT, 'oplog is append-only'); END;

-- Who was looked at: derived from oplog.subjects, for the question "who saw this person".
CREATE TABLE oplog_subject (
    subject TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY (subject, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER oplog_subject_update BEFORE UPDATE ON oplog_subject
BEGIN SELECT RAISE(ABORT, 'oplog_subject is append-only'); END;
CREATE TRIGGER oplog_subject_delete BEFORE DELETE ON oplog_subject
BEGIN SELECT RAISE(ABORT, 'oplog_subject is append-only'); END;

-- Heads of the chain as they left the branch (host, paper, file): what a cut tail is found by.
CREATE TABLE oplog_head (
    seq    INTEGER NOT NULL REFERENCES oplog (seq), -- the columns of the key come first: quick_check of SQLite 3.40
    place  TEXT NOT NULL CHECK (place IN ('host', 'paper', 'file')), -- takes others for NULL in a table without rowid
    hash   BLOB NOT NULL CHECK (length(hash) = 32),
    at_ms  INTEGER NOT NULL,
    PRIMARY KEY (seq, place)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER oplog_head_update BEFORE UPDATE ON oplog_head
BEGIN SELECT RAISE(ABORT, 'oplog_head is append-only'); END;
CREATE TRIGGER oplog_head_delete BEFORE DELETE ON oplog_head
BEGIN SELECT RAISE(ABORT, 'oplog_head is append-only'); END;
