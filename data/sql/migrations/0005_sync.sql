-- What the host has to learn, what it said, and how far it was heard.

-- 世代: redrawn when the store is created or restored. On the wire an operation has the number seq - start.
CREATE TABLE incarnation (
    n           INTEGER PRIMARY KEY,
    start       INTEGER NOT NULL CHECK (start >= 0),        -- last operation before it
    id          BLOB NOT NULL UNIQUE CHECK (length(id) = 8),
    drawn_ms    INTEGER NOT NULL,
    reason      TEXT NOT NULL
) STRICT;
CREATE TRIGGER incarnation_update BEFORE UPDATE ON incarnation
BEGIN SELECT RAISE(ABORT, 'incarnation is append-only'); END;
CREATE TRIGGER incarnation_delete BEFORE DELETE ON incarnation
BEGIN SELECT RAISE(ABORT, 'incarnation is append-only'); END;

-- 送信簿. The facts of an operation never change; only what became of it does.
CREATE TABLE outbox (
    seq         INTEGER PRIMARY KEY CHECK (seq > 0),
    kind        TEXT NOT NULL CHECK (kind <> ''),
    lane        TEXT NOT NULL,
    lane_prev   INTEGER NOT NULL CHECK (lane_prev >= 0 AND lane_prev < seq),
    subject     TEXT NOT NULL,                              -- 受付番号, 証明書番号 …: the payload's "no"
    operator    TEXT NOT NULL CHECK (operator <> ''),
    approver    TEXT NOT NULL CHECK (approver <> operator),
    outage_no   TEXT NOT NULL,                              -- '' outside a stop
    at_ms       INTEGER NOT NULL,
    op          BLOB NOT NULL,
    op_hash     BLOB NOT NULL CHECK (length(op_hash) = 32),
    chain       BLOB NOT NULL CHECK (length(chain) = 32),
    state       TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'inflight', 'held', 'conflict', 'rejected',
                    'applied', 'durable', 'superseded', 'withdrawn')),
    attempts    INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    sent_ms     INTEGER,                                    -- first time
    acked_ms    INTEGER,
    category    TEXT NOT NULL DEFAULT '',                   -- of a conflict: C1 …
    result      TEXT NOT NULL DEFAULT '{}', -- detail as the host said it
    host_seq    INTEGER NOT NULL DEFAULT 0,
    host_ms     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outbox_state ON outbox (state, seq);
CREATE INDEX outbox_lane ON outbox (lane, seq);
CREATE INDEX outbox_subject ON outbox (subject, seq);
CREATE INDEX outbox_outage ON outbox (outage_no, seq) WHERE outage_no <> '';

CREATE TRIGGER outbox_gapless BEFORE INSERT ON outbox
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM outbox) OR NEW.state <> 'pending'
BEGIN SELECT RAISE(ABORT, 'an operation takes the next number'); END;
CREATE TRIGGER outbox_fixed BEFORE UPDATE OF seq, kind, lane, lane_prev, subject, operator, approver, outage_no, at_ms,
    op, op_hash, chain ON outbox
BEGIN SELECT RAISE(ABORT, 'an operation does not change'); END;
-- The host may forget what it acknowledged (restored from a backup): then it is pending again. What a person has
-- decided stays decided.
CREATE TRIGGER outbox_decided BEFORE UPDATE OF state ON outbox
WHEN OLD.state IN ('superseded', 'withdrawn') AND NEW.state <> OLD.state
BEGIN SELECT RAISE(ABORT, 'what was decided about an operation stays'); END;
CREATE TRIGGER outbox_kept BEFORE DELETE ON outbox
WHEN OLD.state <> 'durable' OR OLD.seq = (SELECT max(seq) FROM outbox)
BEGIN SELECT RAISE(ABORT, 'only what the host has in a backup may go'); END;

-- Operations on notices while the counter is stopped: they get their number in the order of the replay.
CREATE TABLE outbox_wait (
    id          INTEGER PRIMARY KEY,
    outage_no   TEXT NOT NULL CHECK (outage_no <> ''),
    kind        TEXT NOT NULL CHECK (kind <> ''),
    lane        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    payload     TEXT NOT NULL,
    base        TEXT NOT NULL,                              -- lines of 宛名番号 and 履歴番号
    operator    TEXT NOT NULL CHECK (operator <> ''),
    approver    TEXT NOT NULL CHECK (approver <> operator),
    received_at TEXT NOT NULL,                              -- as typed in the notice: ISO 8601 with offset
    made_ms     INTEGER NOT NULL,
    state       TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'numbered', 'withdrawn', 'elsewhere')),
    seq         INTEGER UNIQUE REFERENCES outbox (seq) ON DELETE SET NULL
) STRICT;
CREATE INDEX outbox_wait_outage ON outbox_wait (outage_no, state, id);
CREATE INDEX outbox_wait_subject ON outbox_wait (subject, id);

CREATE TRIGGER outbox_wait_fixed BEFORE UPDATE OF id, outage_no, kind, lane, subject, payload, base, operator, approver,
    received_at, made_ms ON outbox_wait
BEGIN SELECT RAISE(ABORT, 'an operation does not change'); END;
CREATE TRIGGER outbox_wait_decided BEFORE UPDATE OF state ON outbox_wait
WHEN OLD.state <> 'waiting'
BEGIN SELECT RAISE(ABORT, 'this operation no longer waits'); END;
CREATE TRIGGER outbox_wait_kept BEFORE DELETE ON outbox_wait
BEGIN SELECT RAISE(ABORT, 'an operation is never deleted'); END;

-- 競合: both versions, and who decided what on which ground. Nothing is overwritten.
CREATE TABLE op_conflict (
    seq         INTEGER PRIMARY KEY REFERENCES outbox (seq),
    category    TEXT NOT NULL CHECK (category <> ''),
    detail      TEXT NOT NULL,   -- base, theirs, mine, fields
    opened_ms   INTEGER NOT NULL,
    decision    TEXT CHECK (decision IN ('resend', 'link', 'withdraw', 'keep')),
    ground      TEXT,
    decided_by  TEXT,
    second      TEXT,
    decided_ms  INTEGER,
    successor   INTEGER REFERENCES outbox (seq),
    CHECK ((decision IS NULL) = (decided_by IS NULL)),
    CHECK (decision IS NULL OR (length(ground) >= 5 AND second IS NOT NULL AND second <> decided_by
           AND decided_ms IS NOT NULL))
) STRICT;
CREATE INDEX op_conflict_open ON op_conflict (opened_ms) WHERE decision IS NULL;
CREATE INDEX op_conflict_successor ON op_conflict (successor);

CREATE TRIGGER op_conflict_once BEFORE UPDATE ON op_conflict
WHEN (NEW.seq, NEW.opened_ms, NEW.detail) IS NOT (OLD.seq, OLD.opened_ms, OLD.detail)
  OR (OLD.decision IS NOT NULL AND (NEW.decision, NEW.ground, NEW.decided_by, NEW.second, NEW.decided_ms)
      IS NOT (OLD.decision, OLD.ground, OLD.decided_by, OLD.second, OLD.decided_ms))
  OR OLD.successor IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a conflict is decided once'); END;
CREATE TRIGGER op_conflict_kept BEFORE DELETE ON op_conflict
BEGIN SELECT RAISE(ABORT, 'a conflict is never deleted'); END;

-- 全件副本 on its way: one row for each chunk that was verified and taken over.
CREATE TABLE snapshot (
    id          BLOB PRIMARY KEY CHECK (length(id) = 16),
    manifest    BLOB NOT NULL,                              -- as the host signed it
    state       TEXT NOT NULL CHECK (state IN ('loading', 'done', 'dropped')),
    chunks      INTEGER NOT NULL CHECK (chunks >= 0),
    bytes       INTEGER NOT NULL CHECK (bytes >= 0),
    started_ms  INTEGER NOT NULL,
    ended_ms    INTEGER,
    CHECK ((state = 'loading') = (ended_ms IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX snapshot_one ON snapshot (state) WHERE state = 'loading';

CREATE TABLE snapshot_chunk (
    snapshot    BLOB NOT NULL REFERENCES snapshot (id),
    n           INTEGER NOT NULL CHECK (n >= 0),
    bytes       INTEGER NOT NULL,
    taken_ms    INTEGER NOT NULL,
    PRIMARY KEY (snapshot, n)
) STRICT, WITHOUT ROWID;

-- When the host was heard and when not: changes only.
CREATE TABLE link_change (
    at_ms       INTEGER PRIMARY KEY,
    up          INTEGER NOT NULL CHECK (up IN (0, 1)),
    why         TEXT NOT NULL
) STRICT;

-- Open cases at the host, of any branch (他の窓口で処理中の届出).
CREATE TABLE host_case (
    no          TEXT PRIMARY KEY CHECK (no <> ''),
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    branch      TEXT NOT NULL,
    host_seq    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE host_case_person (
    person      TEXT NOT NULL,
    no          TEXT NOT NULL REFERENCES host_case (no) ON DELETE CASCADE,
    PRIMARY KEY (person, no)
) STRICT, WITHOUT ROWID;
CREATE INDEX host_case_person_no ON host_case_person (no);
