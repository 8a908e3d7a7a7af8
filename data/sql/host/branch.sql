-- name: branch_get  rows: one
SELECT name, state, reason, created_ms, last_seen_ms, skew_ms, app FROM branch WHERE name = :name;

-- name: branch_all  rows: many  scan: ok
SELECT b.name, b.state, b.reason, b.created_ms, b.last_seen_ms, b.skew_ms, b.app,
       (SELECT max(until_ms) FROM branch_cert c WHERE c.branch = b.name AND c.revoked_ms IS NULL) AS cert_until_ms,
       (SELECT coalesce(sum(received_upto), 0) FROM run r WHERE r.branch = b.name) AS received,
       (SELECT coalesce(sum(durable_upto), 0) FROM run r WHERE r.branch = b.name) AS durable
FROM branch b ORDER BY b.name;

-- name: branch_add  rows: none
INSERT INTO branch (name, state, created_ms) VALUES (:name, 'active', :created_ms) ON CONFLICT (name) DO NOTHING;

-- name: branch_state  rows: none
UPDATE branch SET state = :state, reason = :reason WHERE name = :name;

-- name: branch_reopen  rows: none
UPDATE branch SET state = 'active', reason = '' WHERE name = :name AND state = 'closed';

-- name: branch_seen  rows: none
UPDATE branch SET last_seen_ms = :at_ms, skew_ms = :skew_ms, app = :app WHERE name = :name;

-- name: cert_add  rows: none
INSERT INTO branch_cert (serial, branch, key_id, public_pem, cert_pem, from_ms, until_ms)
VALUES (:serial, :branch, :key_id, :public_pem, :cert_pem, :from_ms, :until_ms);

-- name: cert_by_serial  rows: one
SELECT c.branch, c.until_ms, b.state FROM branch_cert c JOIN branch b ON b.name = c.branch
WHERE c.serial = :serial AND c.revoked_ms IS NULL;

-- name: cert_by_key  rows: one
SELECT public_pem FROM branch_cert WHERE branch = :branch AND key_id = :key_id AND revoked_ms IS NULL LIMIT 1;

-- name: cert_revoke_all  rows: none  scan: ok
UPDATE branch_cert SET revoked_ms = :at_ms WHERE branch = :branch AND revoked_ms IS NULL;

-- name: code_add  rows: none
INSERT INTO enrol_code (secret_hash, branch, made_ms, until_ms) VALUES (:secret_hash, :branch, :made_ms, :until_ms);

-- name: code_get  rows: one
SELECT e.branch, e.used_ms, c.key_id, c.cert_pem
FROM enrol_code e LEFT JOIN branch_cert c ON c.serial = e.serial AND c.revoked_ms IS NULL
WHERE e.secret_hash = :secret_hash AND e.until_ms > :now_ms;

-- name: code_use  rows: none
UPDATE enrol_code SET used_ms = :now_ms, serial = :serial WHERE secret_hash = :secret_hash AND used_ms IS NULL;

-- name: code_withdraw  rows: none  scan: ok
DELETE FROM enrol_code WHERE branch = :branch;

-- name: code_open  rows: one  scan: ok
-- a used one only while the answer may have been lost on its way
SELECT count(*) AS n FROM enrol_code WHERE until_ms > :now_ms AND (used_ms IS NULL OR used_ms > :again_ms);

-- name: run_get  rows: one
SELECT received_upto, chain, durable_upto FROM run
WHERE branch = :branch AND incarnation = :incarnation;

-- name: cert_used  rows: one
-- another life of the store began with the certificate in force
SELECT count(*) AS n FROM branch_cert c JOIN run r ON r.branch = c.branch AND r.serial = c.serial
WHERE c.branch = :branch AND c.revoked_ms IS NULL AND r.serial <> '' AND r.incarnation <> :incarnation;

-- name: run_add  rows: none
INSERT INTO run (branch, incarnation, chain, first_seen_ms, last_seen_ms, serial)
VALUES (:branch, :incarnation, :chain, :at_ms, :at_ms,
        coalesce((SELECT serial FROM branch_cert WHERE branch = :branch AND revoked_ms IS NULL), ''));

-- name: run_received  rows: none
UPDATE run SET received_upto = :received_upto, chain = :chain, last_seen_ms = :at_ms
WHERE branch = :branch AND incarnation = :incarnation;

-- name: branch_log_head  rows: one
SELECT log_incarnation, log_seq, log_head FROM branch WHERE name = :name;

-- name: branch_log_head_set  rows: none
UPDATE branch SET log_incarnation = :incarnation, log_seq = :log_seq, log_head = :log_head WHERE name = :name;

-- name: run_all  rows: many  scan: ok
SELECT branch, incarnation, received_upto, durable_upto FROM run ORDER BY branch, incarnation;

-- name: run_durable  rows: none
UPDATE run SET durable_upto = :durable_upto
WHERE branch = :branch AND incarnation = :incarnation AND durable_upto < :durable_upto;
