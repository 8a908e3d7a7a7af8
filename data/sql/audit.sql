-- Invariants of the store (reliability I1–I9): each statement names what breaks one, at most :max of them. And how many
-- rows the ledgers hold. An auditor asks for these a few times a year: they may read whole tables.

-- name: audit_log_gapless  rows: many  scan: ok
SELECT 'oplog ' || max(seq) AS ref FROM oplog HAVING max(seq) <> count(*) LIMIT :max;

-- name: audit_operations_gapless  rows: many  scan: ok
-- What the host holds in a backup is pruned from the front, but for what a conflict or a copy still needs: gapless from
-- the oldest other one on.
SELECT 'outbox ' || max(seq) AS ref FROM outbox
WHERE seq >= (SELECT min(seq) FROM outbox o
              WHERE awaits_copy = 0 AND NOT EXISTS (SELECT 1 FROM op_conflict c WHERE c.seq = o.seq OR c.successor = o.seq))
HAVING max(seq) - min(seq) + 1 <> count(*) LIMIT :max;

-- name: audit_steps_logged  rows: many  scan: ok
SELECT DISTINCT no AS ref FROM notice_event
WHERE operator <> 'host' AND no NOT IN (SELECT ticket FROM oplog WHERE ticket <> '' AND result = 'ok') LIMIT :max;

-- name: audit_entry_once  rows: many  scan: ok
SELECT n.no AS ref FROM notice n
WHERE n.version <> (SELECT count(*) FROM notice_version v WHERE v.no = n.no) LIMIT :max;

-- name: audit_state_is_last_step  rows: many  scan: ok
SELECT n.no AS ref FROM notice n
WHERE n.state <> coalesce((SELECT e.state FROM notice_event e WHERE e.no = n.no ORDER BY e.n DESC LIMIT 1), 'draft')
   OR (SELECT coalesce(max(e.n), 0) <> count(*) FROM notice_event e WHERE e.no = n.no) LIMIT :max;

-- name: audit_two_persons  rows: many  scan: ok
SELECT DISTINCT e.no AS ref FROM notice_event e JOIN notice_version v ON v.no = e.no AND v.entered_by = e.operator
WHERE e.step IN ('examine', 'decide') LIMIT :max;

-- name: audit_issue_once  rows: many  scan: ok
SELECT i.no AS ref FROM cert_issue i WHERE (SELECT count(*) FROM print_job j WHERE j.issue = i.no) <> 1 LIMIT :max;

-- name: audit_issue_gapless  rows: many  scan: ok
SELECT office || '-' || terminal || '-' || year AS ref FROM cert_issue
GROUP BY office, terminal, year
HAVING max(serial) > count(*) + (SELECT count(*) FROM series_void v WHERE v.office = cert_issue.office
                                 AND v.terminal = cert_issue.terminal AND v.year = cert_issue.year)
LIMIT :max;

-- name: audit_release_told  rows: many  scan: ok
SELECT r.id AS ref FROM restriction r
WHERE r.released = 1 AND NOT EXISTS (SELECT 1 FROM restriction_event e
                                     WHERE e.restriction = r.id AND e.what = 'release') LIMIT :max;

-- name: audit_current_is_newest  rows: many  scan: ok
SELECT r.id AS ref FROM resident r
WHERE r.rev <> (SELECT max(h.rev) FROM resident_history h WHERE h.id = r.id) LIMIT :max;

-- name: audit_one_head  rows: many  scan: ok
-- Nobody at all is lawful (世帯主未設定).
SELECT r.household AS ref FROM resident r JOIN resident_history h ON h.id = r.id AND h.rev = r.rev
WHERE r.living = 1 AND json_extract(h.body, '$.relation') = '世帯主'
GROUP BY r.household HAVING count(*) > 1 LIMIT :max;

-- name: audit_ledgers  rows: one  scan: ok
SELECT (SELECT count(*) FROM oplog) AS oplog, (SELECT count(*) FROM login_attempt) AS login_attempt,
       (SELECT count(*) FROM operator) AS operator, (SELECT count(*) FROM series_void) AS series_void,
       (SELECT count(*) FROM resident_history) AS resident_history, (SELECT count(*) FROM restriction) AS restriction,
       (SELECT count(*) FROM restriction_event) AS restriction_event, (SELECT count(*) FROM notice) AS notice,
       (SELECT count(*) FROM notice_version) AS notice_version, (SELECT count(*) FROM notice_event) AS notice_event,
       (SELECT count(*) FROM cert_request) AS cert_request, (SELECT count(*) FROM cert_issue) AS cert_issue,
       (SELECT count(*) FROM cert_void) AS cert_void, (SELECT count(*) FROM print_job) AS print_job,
       (SELECT count(*) FROM paper_stock) AS paper_stock, (SELECT count(*) FROM outbox) AS outbox,
       (SELECT count(*) FROM op_conflict) AS op_conflict, (SELECT count(*) FROM outage) AS outage,
       (SELECT count(*) FROM outage_phase) AS outage_phase, (SELECT count(*) FROM outage_notice) AS outage_notice,
       (SELECT count(*) FROM link_change) AS link_change;

-- name: audit_log_of  rows: one  scan: ok
-- rows of the log whose function begins so
SELECT count(*) AS n FROM oplog WHERE function >= :prefix AND function < :prefix || char(0x10ffff);

-- name: audit_last_of  rows: many  scan: ok
SELECT seq, at_ms, operator, function, action, result FROM oplog
WHERE function >= :prefix AND function < :prefix || char(0x10ffff) ORDER BY seq DESC LIMIT :max;
