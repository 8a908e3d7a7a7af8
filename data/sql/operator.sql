-- name: operator_get  rows: one
SELECT * FROM operator WHERE id = :id;

-- name: operator_each  rows: many  scan: ok
SELECT * FROM operator ORDER BY id;

-- name: operator_roles  rows: many
SELECT role FROM operator_role WHERE operator = :operator;

-- name: operator_views  rows: many
SELECT view FROM operator_view WHERE operator = :operator;

-- name: operator_insert  rows: none
INSERT INTO operator (id, name, department, state, valid_from, valid_until, verifier, password_set_ms, must_change,
                      created_ms, created_by)
VALUES (:id, :name, :department, :state, :valid_from, :valid_until, :verifier, :now, :must_change, :now, :by);

-- name: operator_update  rows: none
UPDATE operator SET name = :name, department = :department, state = :state, valid_from = :valid_from,
                    valid_until = :valid_until, rev = rev + 1
WHERE id = :id AND rev = :rev;

-- name: operator_role_add  rows: none
INSERT OR IGNORE INTO operator_role (operator, role, granted_ms, granted_by) VALUES (:operator, :role, :now, :by);

-- name: operator_role_delete  rows: none
DELETE FROM operator_role WHERE operator = :operator AND role = :role;

-- name: operator_view_add  rows: none
INSERT OR IGNORE INTO operator_view (operator, view) VALUES (:operator, :view);

-- name: operator_view_delete  rows: none
DELETE FROM operator_view WHERE operator = :operator AND view = :view;

-- name: operator_password_keep  rows: none
INSERT OR REPLACE INTO password_history (operator, set_ms, verifier)
SELECT id, :now, verifier FROM operator WHERE id = :id;

-- name: operator_password_set  rows: none
UPDATE operator SET verifier = :verifier, password_set_ms = :now, must_change = :must_change, failures = 0,
                    locked_ms = NULL
WHERE id = :id;

-- name: operator_password_old  rows: many
SELECT verifier FROM password_history WHERE operator = :operator ORDER BY set_ms DESC LIMIT :max;

-- name: operator_failed  rows: one
-- RETURNING gives the column as it is: SQLite 3.40 answers "locked_ms IS NOT NULL" wrongly here
UPDATE operator SET failures = failures + 1,
                    locked_ms = CASE WHEN locked_ms IS NULL AND failures + 1 >= :lock_n THEN :now ELSE locked_ms END
WHERE id = :id
RETURNING locked_ms;

-- name: operator_unlock  rows: none
UPDATE operator SET failures = 0, locked_ms = NULL WHERE id = :id;

-- name: login_attempt_add  rows: none
INSERT INTO login_attempt (at_ms, operator, purpose, result, terminal, peer_uid)
VALUES (:at_ms, :operator, :purpose, :result, :terminal, :peer_uid);

-- name: login_attempt_each  rows: many
SELECT * FROM login_attempt WHERE seq < :before ORDER BY seq DESC LIMIT :max;
