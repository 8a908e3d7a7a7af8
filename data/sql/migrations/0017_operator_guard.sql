-- 認証の失敗による停止 is of an operator and of the machine's account that tried: who knows only names locks nobody else out.
CREATE TABLE operator_lock (
    operator  TEXT NOT NULL REFERENCES operator (id),
    peer_uid  INTEGER NOT NULL,
    failures  INTEGER NOT NULL CHECK (failures > 0), -- in a row
    locked_ms INTEGER,                               -- since, NULL: not
    PRIMARY KEY (operator, peer_uid)
) STRICT, WITHOUT ROWID;
ALTER TABLE operator DROP COLUMN failures;
ALTER TABLE operator DROP COLUMN locked_ms;

-- When an administrator made the account or gave it a new password; 0: at the foundation of the office.
ALTER TABLE operator ADD COLUMN fresh_ms INTEGER NOT NULL DEFAULT 0;

-- Mado1 beside mado1 is a trap for whoever reads a log.
CREATE UNIQUE INDEX operator_alike ON operator (id COLLATE NOCASE);
