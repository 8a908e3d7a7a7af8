-- 作動停止: the stops, their phases, and what was received while they lasted.

-- 停止管理簿
CREATE TABLE outage (
    no              TEXT PRIMARY KEY CHECK (no <> ''),
    state           TEXT NOT NULL CHECK (state IN ('suspect', 'outage', 'recovering', 'reconciled', 'closed', 'cancelled')),
    types           TEXT NOT NULL,                      -- letters; '' while only suspected
    detected_ms     INTEGER NOT NULL,
    detected_by     TEXT NOT NULL,                      -- operator, or 'auto'
    symptoms        TEXT NOT NULL,
    -- as it was when the stop began
    last_applied    INTEGER NOT NULL,                   -- last operation the host has answered
    last_made       INTEGER NOT NULL,                   -- last operation made: between the two lies the grey window
    copy_as_of_ms   INTEGER NOT NULL,
    list_as_of_ms   INTEGER NOT NULL,
    declared_ms     INTEGER,
    declared_by     TEXT,
    ratified_ms     INTEGER,
    ratified_by     TEXT,
    contact_no      TEXT NOT NULL DEFAULT '',           -- 連絡記録 by which it was ratified
    expected_ms     INTEGER,                            -- 復旧見込み
    ended_ms        INTEGER,
    ended_by        TEXT,
    intake_last     INTEGER,                            -- last number of the book when intake was closed
    reconciled_ms   INTEGER,
    reconciled_by   TEXT,
    closed_ms       INTEGER,
    closed_by       TEXT,
    cause           TEXT NOT NULL DEFAULT '',
    CHECK ((declared_ms IS NULL) = (declared_by IS NULL)),
    CHECK ((ended_ms IS NULL) = (ended_by IS NULL)),
    CHECK (state IN ('suspect', 'cancelled') OR types <> '')
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX outage_one ON outage ((1)) WHERE state NOT IN ('closed', 'cancelled');
CREATE INDEX outage_state ON outage (state);

CREATE TRIGGER outage_kept BEFORE DELETE ON outage
BEGIN SELECT RAISE(ABORT, 'a stop is never deleted'); END;
CREATE TRIGGER outage_over BEFORE UPDATE ON outage WHEN OLD.state IN ('closed', 'cancelled')
BEGIN SELECT RAISE(ABORT, 'this stop is over'); END;

-- 経過: every step and every change of type or of the expected time.
CREATE TABLE outage_phase (
    outage_no   TEXT NOT NULL REFERENCES outage (no),
    n           INTEGER NOT NULL CHECK (n > 0),
    at_ms       INTEGER NOT NULL,
    event       TEXT NOT NULL,
    state       TEXT NOT NULL,
    types       TEXT NOT NULL,
    operator    TEXT NOT NULL,                          -- 'auto' when the program did it
    second      TEXT NOT NULL DEFAULT '',
    reason      TEXT NOT NULL,
    PRIMARY KEY (outage_no, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER outage_phase_update BEFORE UPDATE ON outage_phase
BEGIN SELECT RAISE(ABORT, 'outage_phase is append-only'); END;
CREATE TRIGGER outage_phase_delete BEFORE DELETE ON outage_phase
BEGIN SELECT RAISE(ABORT, 'outage_phase is append-only'); END;

-- 切り分け: what was tried when, and what the operator made of it.
CREATE TABLE outage_probe (
    outage_no   TEXT NOT NULL REFERENCES outage (no),
    n           INTEGER NOT NULL CHECK (n > 0),
    at_ms       INTEGER NOT NULL,
    what        TEXT NOT NULL CHECK (what IN ('line', 'host_port', 'host_application', 'second_terminal', 'phone')),
    verdict     TEXT NOT NULL CHECK (verdict IN ('ok', 'failed', 'unknown')),
    detail      TEXT NOT NULL,
    operator    TEXT NOT NULL,
    PRIMARY KEY (outage_no, n)
) STRICT, WITHOUT ROWID;

-- 停止時受付簿. received_at is the legal day of receipt and stays through the replay.
CREATE TABLE outage_notice (
    outage_no   TEXT NOT NULL REFERENCES outage (no),
    n           INTEGER NOT NULL CHECK (n > 0),
    no          TEXT NOT NULL UNIQUE,
    received_at TEXT NOT NULL,
    entered_ms  INTEGER NOT NULL,
    entered_by  TEXT NOT NULL,
    kind        TEXT NOT NULL,
    notifier    TEXT NOT NULL,
    relation    TEXT NOT NULL,
    id_check    TEXT NOT NULL,
    phone       TEXT NOT NULL,
    persons     INTEGER NOT NULL CHECK (persons >= 0),
    sheets      INTEGER NOT NULL CHECK (sheets >= 0),   -- 添付書類
    papers      TEXT NOT NULL,
    examined    TEXT NOT NULL CHECK (examined IN ('', 'once', 'ask_host')), -- 一応審査, 要本庁確認
    slip_no     TEXT NOT NULL,                          -- 預り証
    envelope    TEXT NOT NULL,
    owner       TEXT NOT NULL CHECK (owner IN ('branch', 'host')), -- entry_owner
    notice_no   TEXT NOT NULL,                          -- 受付番号 once it is entered
    state       TEXT NOT NULL CHECK (state IN ('paper', 'entered', 'examined', 'decided', 'posted', 'conflict', 'host',
                    'returned', 'withdrawn')),
    host_no     TEXT NOT NULL DEFAULT '',
    late        INTEGER NOT NULL CHECK (late IN (0, 1)), -- 後日入力: after intake was closed
    PRIMARY KEY (outage_no, n)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX outage_notice_entered ON outage_notice (notice_no) WHERE notice_no <> '';

CREATE TRIGGER outage_notice_fixed BEFORE UPDATE OF outage_no, n, no, received_at, entered_ms, entered_by, kind
    ON outage_notice
BEGIN SELECT RAISE(ABORT, 'what was received does not change'); END;
CREATE TRIGGER outage_notice_kept BEFORE DELETE ON outage_notice
BEGIN SELECT RAISE(ABORT, 'the book is never shortened'); END;
-- Handed to the host office once, never back: it would be entered twice.
CREATE TRIGGER outage_notice_owner BEFORE UPDATE OF owner ON outage_notice
WHEN OLD.owner = 'host' AND NEW.owner <> 'host'
BEGIN SELECT RAISE(ABORT, 'a notice handed over stays handed over'); END;

-- 応答未確認: operations sent but not answered when the stop was declared.
CREATE TABLE outage_grey (
    outage_no   TEXT NOT NULL REFERENCES outage (no),
    seq         INTEGER NOT NULL,
    found       TEXT NOT NULL DEFAULT '' CHECK (found IN ('', 'applied', 'unknown', 'refused')),
    found_ms    INTEGER,
    PRIMARY KEY (outage_no, seq)
) STRICT, WITHOUT ROWID;

-- 停止時発行の再照合: what the comparison with the host's records found for a certificate issued in the stop.
CREATE TABLE outage_cert (
    outage_no   TEXT NOT NULL REFERENCES outage (no),
    cert_no     TEXT NOT NULL REFERENCES cert_issue (no),
    found       TEXT NOT NULL CHECK (found IN ('same', 'differs')),
    persons     TEXT NOT NULL,                          -- 宛名番号 whose record had changed before the issue
    found_ms    INTEGER NOT NULL,
    settled_by  TEXT,                                   -- 差異の処置
    second      TEXT,
    ground      TEXT CHECK (length(ground) >= 5),
    settled_ms  INTEGER,
    PRIMARY KEY (outage_no, cert_no),
    CHECK ((settled_by IS NULL) = (ground IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX outage_cert_no ON outage_cert (cert_no);

-- 差異の説明 of a line of the reconciliation table that does not balance, by the 住民記録責任者.
CREATE TABLE outage_explained (
    outage_no   TEXT NOT NULL REFERENCES outage (no),
    line        TEXT NOT NULL,
    difference  INTEGER NOT NULL,
    ground      TEXT NOT NULL CHECK (length(ground) >= 5),
    operator    TEXT NOT NULL,
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (outage_no, line, difference)
) STRICT, WITHOUT ROWID;
