-- name: notice_insert  rows: none
INSERT INTO notice (no, kind, state, received_at, received_ms, outage_no, changed_ms)
VALUES (:no, :kind, 'draft', :received_at, :received_ms, :outage_no, :now);

-- name: notice_next_version  rows: one
UPDATE notice SET version = version + 1 WHERE no = :no RETURNING version;

-- name: notice_version_insert  rows: none
INSERT INTO notice_version (no, version, entered_by, entered_ms, forms_digest)
VALUES (:no, :version, :operator, :now, :forms_digest);

-- name: notice_value_insert  rows: none
INSERT INTO notice_value (no, version, n, section, row, field, text)
VALUES (:no, :version, :n, :section, :row, :field, :text);

-- name: notice_base_insert  rows: none
INSERT INTO notice_base (no, version, person, rev) VALUES (:no, :version, :person, :rev);

-- name: notice_ack_insert  rows: none
INSERT INTO notice_ack (no, version, msg) VALUES (:no, :version, :msg) ON CONFLICT DO NOTHING;

-- name: notice_event_insert  rows: none
INSERT INTO notice_event (no, n, at_ms, step, state, operator, reason, detail)
VALUES (:no, (SELECT coalesce(max(n), 0) + 1 FROM notice_event WHERE no = :no), :now, :step, :state, :operator, :reason,
    :detail);

-- name: notice_posted_as  rows: none
UPDATE notice SET host_no = :host_no WHERE no = :no;

-- name: notice_get  rows: one
SELECT n.no, n.kind, n.state, n.version, n.received_at, n.received_ms, n.outage_no, n.changed_ms, n.host_no,
    v.entered_by, v.entered_ms, v.forms_digest,
    (SELECT operator FROM notice_event WHERE no = n.no AND step = 'examine' ORDER BY n DESC LIMIT 1) AS examined_by,
    (SELECT operator FROM notice_event WHERE no = n.no AND step = 'decide' ORDER BY n DESC LIMIT 1) AS decided_by
FROM notice n LEFT JOIN notice_version v ON v.no = n.no AND v.version = n.version
WHERE n.no = :no;

-- name: notice_list  rows: many
SELECT n.no, n.kind, n.state, n.version, n.received_at, n.received_ms, n.outage_no, n.changed_ms, n.host_no,
    v.entered_by, v.entered_ms, v.forms_digest, '' AS examined_by, '' AS decided_by
FROM notice n LEFT JOIN notice_version v ON v.no = n.no AND v.version = n.version
WHERE n.state = :state AND (:kind IS NULL OR n.kind = :kind) AND (:operator IS NULL OR v.entered_by = :operator)
ORDER BY n.received_ms, n.no LIMIT :limit;

-- name: notice_values  rows: many
SELECT section, row, field, text FROM notice_value WHERE no = :no AND version = :version ORDER BY n;

-- name: notice_bases  rows: many
SELECT person, rev FROM notice_base WHERE no = :no AND version = :version ORDER BY person;

-- name: notice_acks  rows: many
SELECT msg FROM notice_ack WHERE no = :no AND version = :version ORDER BY msg;

-- name: notice_events  rows: many
SELECT n, at_ms, step, state, operator, reason, detail FROM notice_event WHERE no = :no ORDER BY n;

-- name: notice_entered_by  rows: one
SELECT 1 AS yes FROM notice_version WHERE entered_by = :operator AND no = :no LIMIT 1;

-- name: open_case_insert  rows: none
INSERT INTO open_case (person, no) VALUES (:person, :no);

-- name: open_case_clear  rows: none
DELETE FROM open_case WHERE no = :no;

-- name: open_case_of  rows: one
SELECT no FROM open_case WHERE person = :person;

-- name: open_household_insert  rows: none
INSERT INTO open_household (household, no) VALUES (:household, :no) ON CONFLICT DO NOTHING;

-- name: open_household_clear  rows: none
DELETE FROM open_household WHERE no = :no;

-- name: open_household_of  rows: one
SELECT no FROM open_household WHERE household = :household LIMIT 1;

-- name: notice_waiting  rows: many
SELECT state, count(*) AS n, min(received_ms) AS oldest FROM notice
WHERE state IN ('received', 'entered', 'examined', 'returned', 'decided', 'conflict', 'delegated')
GROUP BY state ORDER BY state;

-- name: notice_ages  rows: many
SELECT received_ms FROM notice WHERE state IN ('received', 'entered', 'examined', 'returned', 'decided', 'conflict')
ORDER BY received_ms;

-- name: notice_statistics  rows: many
SELECT kind, count(*) AS received, sum(state = 'posted') AS posted, sum(state = 'withdrawn') AS withdrawn,
    sum(outage_no <> '') AS in_stop
FROM notice WHERE received_ms >= :from_ms AND received_ms < :to_ms GROUP BY kind ORDER BY kind;
