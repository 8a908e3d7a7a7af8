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
                      fresh_ms, created_ms, created_by)
VALUES (:id, :name, :department, :state, :valid_from, :valid_until, :verifier, :now, :must_change, :fresh_ms, :now, :by);

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
UPDATE operator SET verifier = :verifier, password_set_ms = :now, must_change = :must_change,
                    fresh_ms = CASE WHEN :reset THEN :now ELSE fresh_ms END
WHERE id = :id;

-- name: operator_password_old  rows: many
SELECT verifier FROM password_history WHERE operator = :operator ORDER BY set_ms DESC LIMIT :max;

-- name: operator_failed  rows: none
-- a lock that has run out counts no more: the next failure is the first one
INSERT INTO operator_lock (operator, peer_uid, failures, locked_ms)
VALUES (:operator, :peer_uid, 1, CASE WHEN :lock_n <= 1 THEN :now END)
ON CONFLICT (operator, peer_uid) DO UPDATE SET
    failures = CASE WHEN locked_ms <= :expired THEN 1 ELSE failures + 1 END,
    locked_ms = CASE WHEN locked_ms > :expired THEN locked_ms
                     WHEN (CASE WHEN locked_ms <= :expired THEN 1 ELSE failures + 1 END) >= :lock_n THEN :now END;

-- name: operator_locked  rows: many
SELECT locked_ms FROM operator_lock
WHERE operator = :operator AND (:peer_uid < 0 OR peer_uid = :peer_uid) AND locked_ms > :expired LIMIT 1;

-- name: operator_unlock  rows: none
DELETE FROM operator_lock WHERE operator = :operator AND (:peer_uid < 0 OR peer_uid = :peer_uid);

-- name: login_attempt_add  rows: none
INSERT INTO login_attempt (at_ms, operator, purpose, result, terminal, peer_uid)
VALUES (:at_ms, :operator, :purpose, :result, :terminal, :peer_uid);

-- name: login_attempt_each  rows: many
SELECT * FROM login_attempt WHERE seq < :before ORDER BY seq DESC LIMIT :max;
