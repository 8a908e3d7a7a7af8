-- Stops, their phases, and what was received in them.

-- name: outage_insert  rows: none
INSERT INTO outage (no, state, types, detected_ms, detected_by, symptoms, last_applied, last_made, copy_as_of_ms,
                    list_as_of_ms)
VALUES (:no, 'suspect', '', :now, :by, :symptoms, :last_applied, :last_made, :copy_as_of_ms, :list_as_of_ms);

-- name: outage_open_row  rows: one
SELECT * FROM outage WHERE state IN ('suspect', 'outage', 'recovering', 'reconciled');

-- name: outage_by_no  rows: one
SELECT * FROM outage WHERE no = :no;

-- name: outage_all  rows: many  scan: ok
SELECT * FROM outage ORDER BY detected_ms DESC, no DESC LIMIT :limit;

-- name: outage_update  rows: none
UPDATE outage SET state = :state, types = :types,
    declared_ms = CASE WHEN :event = 'declare' THEN :now ELSE declared_ms END,
    declared_by = CASE WHEN :event = 'declare' THEN :by ELSE declared_by END,
    ratified_ms = CASE WHEN :event = 'ratify' THEN :now ELSE ratified_ms END,
    ratified_by = CASE WHEN :event = 'ratify' THEN :by ELSE ratified_by END,
    ended_ms = CASE WHEN :event = 'end' THEN :now WHEN :event = 'relapse' THEN NULL ELSE ended_ms END,
    ended_by = CASE WHEN :event = 'end' THEN :by WHEN :event = 'relapse' THEN NULL ELSE ended_by END,
    intake_last = CASE WHEN :event = 'end'
                       THEN (SELECT coalesce(max(n), 0) FROM outage_notice WHERE outage_no = :no)
                       WHEN :event = 'relapse' THEN NULL ELSE intake_last END,
    reconciled_ms = CASE WHEN :event = 'reconcile' THEN :now WHEN :event = 'relapse' THEN NULL ELSE reconciled_ms END,
    reconciled_by = CASE WHEN :event = 'reconcile' THEN :by WHEN :event = 'relapse' THEN NULL ELSE reconciled_by END,
    closed_ms = CASE WHEN :event IN ('close', 'cancel') THEN :now ELSE closed_ms END,
    closed_by = CASE WHEN :event IN ('close', 'cancel') THEN :by ELSE closed_by END
WHERE no = :no;

-- name: outage_note  rows: none
UPDATE outage SET expected_ms = coalesce(nullif(:expected_ms, 0), expected_ms), cause = coalesce(:cause, cause),
                  contact_no = coalesce(:contact_no, contact_no)
WHERE no = :no;

-- name: outage_phase_add  rows: none
INSERT INTO outage_phase (outage_no, n, at_ms, event, state, types, operator, second, reason)
VALUES (:no, (SELECT coalesce(max(n), 0) + 1 FROM outage_phase WHERE outage_no = :no), :now, :event, :state, :types, :by,
        :second, :reason);

-- name: outage_phase_list  rows: many
SELECT n, at_ms, event, state, types, operator, second, reason FROM outage_phase WHERE outage_no = :no ORDER BY n;

-- name: outage_probe_add  rows: none
INSERT INTO outage_probe (outage_no, n, at_ms, what, verdict, detail, operator)
VALUES (:no, (SELECT coalesce(max(n), 0) + 1 FROM outage_probe WHERE outage_no = :no), :now, :what, :verdict, :detail, :by);

-- name: outage_probe_list  rows: many
SELECT n, at_ms, what, verdict, detail, operator FROM outage_probe WHERE outage_no = :no ORDER BY n;

-- name: outage_grey_fill  rows: none
INSERT INTO outage_grey (outage_no, seq) SELECT :no, seq FROM outbox WHERE state IN ('pending', 'inflight') AND attempts > 0;

-- name: outage_grey_list  rows: many
SELECT g.seq, o.kind, o.subject,
    CASE WHEN g.found <> '' OR o.state IN ('pending', 'inflight') THEN g.found
         WHEN o.state IN ('applied', 'durable', 'superseded') THEN 'applied' ELSE 'refused' END AS found
FROM outage_grey g CROSS JOIN outbox o ON o.seq = g.seq
WHERE g.outage_no = :no ORDER BY g.seq;

-- name: outage_grey_update  rows: none
UPDATE outage_grey SET found_ms = :now, found = (
    SELECT CASE WHEN o.state IN ('applied', 'durable', 'superseded') THEN 'applied'
                WHEN o.state IN ('rejected', 'conflict', 'withdrawn', 'held') THEN 'refused' ELSE '' END
    FROM outbox o WHERE o.seq = outage_grey.seq)
WHERE outage_no = :no AND found = '';

-- An answer counts from when it is there, not only from when somebody asks for the next step.
-- name: outage_grey_open  rows: one
SELECT count(*) AS n FROM outage_grey g CROSS JOIN outbox o ON o.seq = g.seq
WHERE g.outage_no = :no AND g.found = '' AND o.state IN ('pending', 'inflight');

-- name: book_insert  rows: none
INSERT INTO outage_notice (outage_no, n, no, received_at, entered_ms, entered_by, kind, notifier, relation, id_check,
                           phone, persons, sheets, papers, examined, slip_no, envelope, owner, notice_no, state, late)
VALUES (:outage_no, :n, :no, :received_at, :now, :by, :kind, :notifier, :relation, :id_check, :phone, :persons, :sheets,
        :papers, :examined, :slip_no, :envelope, 'branch', :notice_no, :state,
        (SELECT ended_ms IS NOT NULL FROM outage WHERE no = :outage_no));

-- name: book_last  rows: one
SELECT coalesce(max(n), 0) AS n FROM outage_notice WHERE outage_no = :outage_no;

-- name: book_link  rows: none
UPDATE outage_notice SET notice_no = :notice_no, state = 'entered'
WHERE no = :no AND notice_no = '' AND owner = 'branch' AND state = 'paper';

-- name: book_note  rows: none
UPDATE outage_notice SET examined = coalesce(:examined, examined), slip_no = coalesce(:slip_no, slip_no),
                         envelope = coalesce(:envelope, envelope)
WHERE no = :no;

-- name: book_hand_over  rows: none
UPDATE outage_notice SET owner = 'host', state = 'host'
WHERE no = :no AND owner = 'branch' AND state IN ('paper', 'entered', 'examined', 'decided');

-- name: book_state  rows: none
UPDATE outage_notice SET state = :state, host_no = coalesce(:host_no, host_no) WHERE no = :no;

-- name: book_state_notice  rows: none
UPDATE outage_notice SET state = :state, host_no = coalesce(:host_no, host_no)
WHERE notice_no = :notice_no AND notice_no <> '' AND owner = 'branch';

-- name: book_list  rows: many
SELECT * FROM outage_notice WHERE outage_no = :outage_no ORDER BY n;

-- name: book_get  rows: one
SELECT * FROM outage_notice WHERE no = :no;

-- name: book_by_notice  rows: one
SELECT * FROM outage_notice WHERE notice_no = :notice_no AND notice_no <> '';

-- name: book_count  rows: many
SELECT state, count(*) AS n FROM outage_notice WHERE outage_no = :outage_no GROUP BY state;

-- name: book_cert_list  rows: many
SELECT i.no AS cert_no, i.kind, i.request, i.issued_ms, c.found, c.persons, c.settled_by, c.second, c.ground
FROM cert_issue i LEFT JOIN outage_cert c ON c.outage_no = i.outage_no AND c.cert_no = i.no
WHERE i.outage_no = :outage_no AND i.outage_no <> '' ORDER BY i.issued_ms, i.no;

-- name: book_cert_found  rows: none
INSERT INTO outage_cert (outage_no, cert_no, found, persons, found_ms)
VALUES (:outage_no, :cert_no, :found, :persons, :now)
ON CONFLICT (outage_no, cert_no) DO UPDATE SET found = excluded.found, persons = excluded.persons, found_ms = excluded.found_ms
WHERE settled_by IS NULL;

-- name: book_cert_settle  rows: none
UPDATE outage_cert SET settled_by = :by, second = :second, ground = :ground, settled_ms = :now
WHERE outage_no = :outage_no AND cert_no = :cert_no AND found = 'differs' AND settled_by IS NULL;

-- name: book_cert_open  rows: one
SELECT count(*) AS n FROM cert_issue i LEFT JOIN outage_cert c ON c.outage_no = i.outage_no AND c.cert_no = i.no
WHERE i.outage_no = :outage_no AND i.outage_no <> '' AND (c.found IS NULL OR (c.found = 'differs' AND c.settled_by IS NULL));

-- name: book_explain  rows: none
INSERT INTO outage_explained (outage_no, line, difference, ground, operator, at_ms)
VALUES (:outage_no, :line, :difference, :ground, :by, :now)
ON CONFLICT (outage_no, line, difference) DO NOTHING;

-- name: book_explained  rows: one
SELECT count(*) AS n FROM outage_explained WHERE outage_no = :outage_no AND line = :line AND difference = :difference;
