-- 届出: drafts, cases, what happened to them, and who is typing about whom. Nothing of a case is ever deleted or
-- overwritten: entering it again adds a version, every step adds an event, and the state is that of the last event.

-- 下書き
CREATE TABLE draft (
    id          INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind <> ''),
    operator    TEXT NOT NULL REFERENCES operator (id),
    notice_no   TEXT NOT NULL DEFAULT '',                   -- the case that is being entered again
    created_ms  INTEGER NOT NULL,                           -- the paper was taken then
    saved_ms    INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_operator ON draft (operator, saved_ms);

CREATE TABLE draft_value (
    draft       INTEGER NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
    section     TEXT NOT NULL,
    row         INTEGER NOT NULL CHECK (row >= 0),
    field       TEXT NOT NULL,
    text        TEXT NOT NULL CHECK (text <> ''),
    PRIMARY KEY (draft, section, row, field)
) STRICT, WITHOUT ROWID;

-- 届出
CREATE TABLE notice (
    no          TEXT PRIMARY KEY CHECK (no <> ''),
    kind        TEXT NOT NULL CHECK (kind <> ''),
    state       TEXT NOT NULL CHECK (state IN ('draft', 'received', 'entered', 'examined', 'returned', 'decided', 'posted',
                    'conflict', 'delegated', 'withdrawn')),
    version     INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0),
    received_at TEXT NOT NULL,                              -- ISO 8601 with offset: deadlines are judged on its day
    received_ms INTEGER NOT NULL,
    outage_no   TEXT NOT NULL,                              -- '' outside a stop
    changed_ms  INTEGER NOT NULL,
    host_no     TEXT NOT NULL DEFAULT ''                    -- as the host knows it, once posted
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_state ON notice (state, received_ms);
CREATE INDEX notice_received ON notice (received_ms);

CREATE TRIGGER notice_starts BEFORE INSERT ON notice WHEN NEW.state <> 'draft' OR NEW.version <> 0
BEGIN SELECT RAISE(ABORT, 'a case starts as a draft'); END;
CREATE TRIGGER notice_fixed BEFORE UPDATE OF no, kind, received_at, received_ms, outage_no ON notice
BEGIN SELECT RAISE(ABORT, 'what was received does not change'); END;
CREATE TRIGGER notice_kept BEFORE DELETE ON notice
BEGIN SELECT RAISE(ABORT, 'a case is never deleted'); END;
CREATE TRIGGER notice_version BEFORE UPDATE OF version ON notice
WHEN NEW.version <> OLD.version + 1
     OR OLD.state NOT IN ('draft', 'received', 'entered', 'examined', 'returned')
BEGIN SELECT RAISE(ABORT, 'what is decided is not entered again'); END;

-- 入力内容, by version
CREATE TABLE notice_version (
    no          TEXT NOT NULL REFERENCES notice (no),
    version     INTEGER NOT NULL CHECK (version > 0),
    entered_by  TEXT NOT NULL,
    entered_ms  INTEGER NOT NULL,
    forms_digest TEXT NOT NULL CHECK (length(forms_digest) = 64), -- the rules in force
    PRIMARY KEY (no, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_version_by ON notice_version (entered_by, no);

CREATE TABLE notice_value (
    no          TEXT NOT NULL,
    version     INTEGER NOT NULL,
    n           INTEGER NOT NULL CHECK (n > 0),
    section     TEXT NOT NULL,
    row         INTEGER NOT NULL CHECK (row >= 0),
    field       TEXT NOT NULL,
    text        TEXT NOT NULL CHECK (text <> ''),
    PRIMARY KEY (no, version, n),
    FOREIGN KEY (no, version) REFERENCES notice_version (no, version)
) STRICT, WITHOUT ROWID;

-- The history rows the entry was based on.
CREATE TABLE notice_base (
    no          TEXT NOT NULL,
    version     INTEGER NOT NULL,
    person      TEXT NOT NULL CHECK (person <> ''),
    rev         INTEGER NOT NULL CHECK (rev > 0),
    PRIMARY KEY (no, version, person),
    FOREIGN KEY (no, version) REFERENCES notice_version (no, version)
) STRICT, WITHOUT ROWID;

-- Alerts that were acknowledged.
CREATE TABLE notice_ack (
    no          TEXT NOT NULL,
    version     INTEGER NOT NULL,
    msg         TEXT NOT NULL CHECK (msg <> ''),
    PRIMARY KEY (no, version, msg),
    FOREIGN KEY (no, version) REFERENCES notice_version (no, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER notice_version_update BEFORE UPDATE ON notice_version
BEGIN SELECT RAISE(ABORT, 'notice_version is append-only'); END;
CREATE TRIGGER notice_version_delete BEFORE DELETE ON notice_version
BEGIN SELECT RAISE(ABORT, 'notice_version is append-only'); END;
CREATE TRIGGER notice_value_update BEFORE UPDATE ON notice_value
BEGIN SELECT RAISE(ABORT, 'notice_value is append-only'); END;
CREATE TRIGGER notice_value_delete BEFORE DELETE ON notice_value
BEGIN SELECT RAISE(ABORT, 'notice_value is append-only'); END;
CREATE TRIGGER notice_base_update BEFORE UPDATE ON notice_base
BEGIN SELECT RAISE(ABORT, 'notice_base is append-only'); END;
CREATE TRIGGER notice_base_delete BEFORE DELETE ON notice_base
BEGIN SELECT RAISE(ABORT, 'notice_base is append-only'); END;
CREATE TRIGGER notice_ack_update BEFORE UPDATE ON notice_ack
BEGIN SELECT RAISE(ABORT, 'notice_ack is append-only'); END;
CREATE TRIGGER notice_ack_delete BEFORE DELETE ON notice_ack
BEGIN SELECT RAISE(ABORT, 'notice_ack is append-only'); END;

-- 経過: every step of a case.
CREATE TABLE notice_event (
    no          TEXT NOT NULL REFERENCES notice (no),
    n           INTEGER NOT NULL CHECK (n > 0),
    at_ms       INTEGER NOT NULL,
    step        TEXT NOT NULL CHECK (step <> ''),
    state       TEXT NOT NULL,                              -- after the step
    operator    TEXT NOT NULL CHECK (operator <> ''),       -- 'host' when the host said so
    reason      TEXT NOT NULL,
    detail      TEXT NOT NULL,                              -- JSON: answers of the checklist, result of the host
    PRIMARY KEY (no, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_event_at ON notice_event (at_ms);

CREATE TRIGGER notice_event_next BEFORE INSERT ON notice_event
WHEN NEW.n <> (SELECT coalesce(max(n), 0) + 1 FROM notice_event WHERE no = NEW.no)
BEGIN SELECT RAISE(ABORT, 'a step takes the next number'); END;
-- 二者: who took part in the entry of a case neither examines nor returns nor decides it.
CREATE TRIGGER notice_event_two BEFORE INSERT ON notice_event
WHEN NEW.step IN ('examine', 'return', 'decide', 'reopen')
     AND EXISTS (SELECT 1 FROM notice_version WHERE no = NEW.no AND entered_by = NEW.operator)
BEGIN SELECT RAISE(ABORT, 'who entered does not decide'); END;
CREATE TRIGGER notice_event_decided BEFORE INSERT ON notice_event
WHEN NEW.step = 'decide' AND (SELECT state FROM notice WHERE no = NEW.no) <> 'examined'
BEGIN SELECT RAISE(ABORT, 'nothing is decided that was not examined'); END;
CREATE TRIGGER notice_event_state AFTER INSERT ON notice_event
BEGIN UPDATE notice SET state = NEW.state, changed_ms = NEW.at_ms WHERE no = NEW.no; END;
CREATE TRIGGER notice_event_update BEFORE UPDATE ON notice_event
BEGIN SELECT RAISE(ABORT, 'notice_event is append-only'); END;
CREATE TRIGGER notice_event_delete BEFORE DELETE ON notice_event
BEGIN SELECT RAISE(ABORT, 'notice_event is append-only'); END;
CREATE TRIGGER notice_state_by_event BEFORE UPDATE OF state ON notice
WHEN NEW.state IS NOT (SELECT state FROM notice_event WHERE no = NEW.no ORDER BY n DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'the state is that of the last step'); END;

-- 未完了の届出のある人: at most one open case for each person.
CREATE TABLE open_case (
    person      TEXT PRIMARY KEY CHECK (person <> ''),
    no          TEXT NOT NULL REFERENCES notice (no)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_case_no ON open_case (no);

-- 排他: who is typing about a person or household, until when.
CREATE TABLE edit_lock (
    key         TEXT PRIMARY KEY CHECK (key LIKE 'p:%' OR key LIKE 'h:%'),
    operator    TEXT NOT NULL,
    draft       INTEGER NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
    taken_ms    INTEGER NOT NULL,
    until_ms    INTEGER NOT NULL CHECK (until_ms > taken_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX edit_lock_draft ON edit_lock (draft);
