-- Certificates: requests, issues, print jobs with their journal.

-- 交付請求. What was asked does not change; how it ended does, once.
CREATE TABLE cert_request (
    no           TEXT PRIMARY KEY CHECK (no <> ''),      -- 請求番号
    made_ms      INTEGER NOT NULL,
    operator     TEXT NOT NULL REFERENCES operator (id),
    kind         TEXT NOT NULL,
    requester    TEXT NOT NULL,                          -- 請求者の区分
    name         TEXT NOT NULL,
    address      TEXT NOT NULL,
    relation     TEXT NOT NULL,
    basis        TEXT NOT NULL,
    purpose      TEXT NOT NULL,                          -- 請求の理由
    reason_holds INTEGER NOT NULL CHECK (reason_holds IN (0, 1)),
    proof        TEXT NOT NULL,                          -- 権限・理由を示す書類
    id_document  TEXT NOT NULL,                          -- 本人確認書類
    id_tail      TEXT NOT NULL CHECK (length(id_tail) <= 4), -- last digits of its number
    photo_id     INTEGER NOT NULL CHECK (photo_id IN (0, 1)),
    in_person    INTEGER NOT NULL CHECK (in_person IN (0, 1)),
    by_post      INTEGER NOT NULL CHECK (by_post IN (0, 1)),
    items        TEXT NOT NULL,                          -- asked for, separated by blanks
    copies       INTEGER NOT NULL CHECK (copies BETWEEN 1 AND 99),
    exempt       TEXT NOT NULL,
    outage_no    TEXT NOT NULL,                          -- received during this stop
    keep_until   TEXT NOT NULL,                          -- 請求書の保存期限
    state        TEXT NOT NULL CHECK (state IN ('open', 'issued', 'refused', 'closed')),
    refusal      TEXT NOT NULL,                          -- message of the refusal
    preview      BLOB CHECK (preview IS NULL OR length(preview) = 32) -- hash of what was previewed
) STRICT, WITHOUT ROWID;
CREATE INDEX cert_request_made ON cert_request (made_ms);

CREATE TRIGGER cert_request_fixed BEFORE UPDATE OF no, made_ms, operator, kind, requester, name, address, relation, basis,
    purpose, reason_holds, proof, id_document, id_tail, photo_id, in_person, by_post, items, copies, exempt, outage_no, keep_until
    ON cert_request
BEGIN SELECT RAISE(ABORT, 'a request does not change'); END;
CREATE TRIGGER cert_request_ended BEFORE UPDATE OF state ON cert_request
WHEN OLD.state IN ('refused', 'closed')
BEGIN SELECT RAISE(ABORT, 'this request has ended'); END;
CREATE TRIGGER cert_request_kept BEFORE DELETE ON cert_request
BEGIN SELECT RAISE(ABORT, 'a request is kept'); END;

CREATE TABLE cert_request_person (
    request TEXT NOT NULL REFERENCES cert_request (no),
    n       INTEGER NOT NULL CHECK (n >= 0),
    person  TEXT NOT NULL,
    PRIMARY KEY (request, n),
    UNIQUE (request, person)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER cert_request_person_update BEFORE UPDATE ON cert_request_person
BEGIN SELECT RAISE(ABORT, 'a request does not change'); END;
CREATE TRIGGER cert_request_person_delete BEFORE DELETE ON cert_request_person
BEGIN SELECT RAISE(ABORT, 'a request does not change'); END;

-- 交付履歴: one row per copy, with its number from the gapless series.
CREATE TABLE cert_issue (
    no           TEXT PRIMARY KEY CHECK (no <> ''),      -- 発行番号 without its page part
    request      TEXT NOT NULL REFERENCES cert_request (no),
    copy         INTEGER NOT NULL CHECK (copy > 0),
    office       TEXT NOT NULL,
    terminal     TEXT NOT NULL,
    year         INTEGER NOT NULL,
    serial       INTEGER NOT NULL CHECK (serial > 0),
    kind         TEXT NOT NULL,
    issued_ms    INTEGER NOT NULL,
    issued_on    TEXT NOT NULL,                          -- day in Japan
    operator     TEXT NOT NULL REFERENCES operator (id),
    approver     TEXT NOT NULL,
    fee          INTEGER NOT NULL CHECK (fee >= 0),
    exempt       TEXT NOT NULL,
    content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
    key_id       TEXT NOT NULL,                          -- of the key of the check code
    my_number    INTEGER NOT NULL CHECK (my_number IN (0, 1)),
    seal         INTEGER NOT NULL CHECK (seal IN (0, 1)),
    outage_no    TEXT NOT NULL,
    copy_as_of_ms INTEGER NOT NULL,                      -- of the local copy of the register
    contact_no   TEXT NOT NULL,                          -- 連絡記録 of an approval by telephone
    UNIQUE (request, copy),
    UNIQUE (office, terminal, year, serial)
) STRICT, WITHOUT ROWID;
CREATE INDEX cert_issue_on ON cert_issue (issued_on);
CREATE INDEX cert_issue_outage ON cert_issue (outage_no) WHERE outage_no <> '';

CREATE TRIGGER cert_issue_update BEFORE UPDATE ON cert_issue
BEGIN SELECT RAISE(ABORT, 'what was issued does not change'); END;
CREATE TRIGGER cert_issue_delete BEFORE DELETE ON cert_issue
BEGIN SELECT RAISE(ABORT, 'what was issued is never deleted'); END;

CREATE TABLE cert_issue_person (
    issue  TEXT NOT NULL REFERENCES cert_issue (no),
    person TEXT NOT NULL,
    rev    INTEGER NOT NULL,
    PRIMARY KEY (issue, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX cert_issue_person_who ON cert_issue_person (person);
CREATE TRIGGER cert_issue_person_update BEFORE UPDATE ON cert_issue_person
BEGIN SELECT RAISE(ABORT, 'what was issued does not change'); END;
CREATE TRIGGER cert_issue_person_delete BEFORE DELETE ON cert_issue_person
BEGIN SELECT RAISE(ABORT, 'what was issued is never deleted'); END;

-- 誤発行の処分: the number stays, and is never used again.
CREATE TABLE cert_void (
    no       TEXT PRIMARY KEY REFERENCES cert_issue (no),
    at_ms    INTEGER NOT NULL,
    operator TEXT NOT NULL REFERENCES operator (id),
    reason   TEXT NOT NULL CHECK (length(reason) >= 5),
    fee_back INTEGER NOT NULL CHECK (fee_back IN (0, 1)) -- the fee was given back
) STRICT, WITHOUT ROWID;
CREATE TRIGGER cert_void_update BEFORE UPDATE ON cert_void
BEGIN SELECT RAISE(ABORT, 'cert_void is append-only'); END;
CREATE TRIGGER cert_void_delete BEFORE DELETE ON cert_void
BEGIN SELECT RAISE(ABORT, 'cert_void is append-only'); END;

-- 印刷ジョブ: immutable but for its state, which moves along one path.
CREATE TABLE print_job (
    id           INTEGER PRIMARY KEY CHECK (id > 0),
    issue        TEXT NOT NULL UNIQUE REFERENCES cert_issue (no),
    printer      TEXT NOT NULL CHECK (printer <> ''),
    body         BLOB NOT NULL,                          -- the copy (domain/cert_copy.h)
    content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
    subject_hash BLOB NOT NULL CHECK (length(subject_hash) = 32),
    made_ms      INTEGER NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('reserved', 'spooling', 'printed', 'spoiled', 'unknown')),
    pages        INTEGER NOT NULL CHECK (pages >= 0)     -- 0 until drawn
) STRICT;
CREATE INDEX print_job_open ON print_job (printer, state) WHERE state IN ('reserved', 'spooling', 'unknown');

CREATE TRIGGER print_job_starts BEFORE INSERT ON print_job WHEN NEW.state <> 'reserved' OR NEW.pages <> 0
BEGIN SELECT RAISE(ABORT, 'a print job starts reserved'); END;
CREATE TRIGGER print_job_fixed BEFORE UPDATE OF id, issue, printer, body, content_hash, subject_hash, made_ms ON print_job
BEGIN SELECT RAISE(ABORT, 'a print job does not change'); END;
CREATE TRIGGER print_job_moves BEFORE UPDATE OF state ON print_job
WHEN (OLD.state || '>' || NEW.state) NOT IN ('reserved>spooling', 'reserved>spoiled', 'spooling>printed',
    'spooling>spoiled', 'spooling>unknown', 'unknown>printed', 'unknown>spoiled')
BEGIN SELECT RAISE(ABORT, 'a print job does not go this way'); END;
CREATE TRIGGER print_job_pages BEFORE UPDATE OF pages ON print_job WHEN OLD.pages <> 0 AND NEW.pages <> OLD.pages
BEGIN SELECT RAISE(ABORT, 'the pages are counted once'); END;
CREATE TRIGGER print_job_kept BEFORE DELETE ON print_job
BEGIN SELECT RAISE(ABORT, 'a print job is kept'); END;

CREATE TABLE print_event (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    job      INTEGER NOT NULL REFERENCES print_job (id),
    at_ms    INTEGER NOT NULL,
    state    TEXT NOT NULL,
    operator TEXT NOT NULL,                              -- '' when the program did it
    detail   TEXT NOT NULL
) STRICT;
CREATE INDEX print_event_job ON print_event (job);
CREATE TRIGGER print_event_update BEFORE UPDATE ON print_event
BEGIN SELECT RAISE(ABORT, 'print_event is append-only'); END;
CREATE TRIGGER print_event_delete BEFORE DELETE ON print_event
BEGIN SELECT RAISE(ABORT, 'print_event is append-only'); END;
