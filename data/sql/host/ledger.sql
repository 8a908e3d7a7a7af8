-- name: restriction_get  rows: one
SELECT person, household, released, body FROM restriction WHERE no = :no;

-- name: restriction_put  rows: none
INSERT INTO restriction (no, person, household, released, body, host_seq, at_ms)
VALUES (:no, :person, :household, :released, :body, :host_seq, :at_ms)
ON CONFLICT (no) DO UPDATE SET released = excluded.released, body = excluded.body, host_seq = excluded.host_seq,
    at_ms = excluded.at_ms;

-- name: restriction_of_person  rows: many
SELECT no, body, at_ms FROM restriction WHERE person = :person AND person <> '' AND released = 0;

-- name: restriction_of_household  rows: many
SELECT no, body, at_ms FROM restriction WHERE household = :household AND household <> '' AND released = 0;

-- name: restriction_all  rows: many  scan: ok
SELECT no, body, host_seq FROM restriction ORDER BY no;

-- name: case_get  rows: one
SELECT branch, state, body FROM open_case WHERE no = :no;

-- name: case_put  rows: none
INSERT INTO open_case (no, branch, incarnation, seq, state, body, host_seq)
VALUES (:no, :branch, :incarnation, :seq, :state, :body, :host_seq)
ON CONFLICT (no) DO UPDATE SET incarnation = excluded.incarnation, seq = excluded.seq, state = excluded.state,
    body = excluded.body, host_seq = excluded.host_seq;

-- name: case_open  rows: many  scan: ok
SELECT no, body, host_seq FROM open_case WHERE state = 'entered' ORDER BY no;

-- name: due_add  rows: none
INSERT INTO due (branch, incarnation, seq, on_day, state) VALUES (:branch, :incarnation, :seq, :on_day, 'open');

-- name: due_person_add  rows: none
INSERT INTO due_person (branch, incarnation, seq, id) VALUES (:branch, :incarnation, :seq, :id);

-- name: due_next  rows: one
SELECT branch, incarnation, seq FROM due WHERE state = 'open' AND on_day <= :today
UNION ALL
SELECT d.branch, d.incarnation, d.seq
FROM person p CROSS JOIN due_person dp CROSS JOIN due d -- in this order: few persons have a day that came
WHERE p.leaves_on <= :today AND dp.id = p.id AND d.branch = dp.branch AND d.incarnation = dp.incarnation
  AND d.seq = dp.seq AND d.state = 'open'
LIMIT 1;

-- name: due_persons  rows: many
SELECT dp.id, p.leaves_on FROM due_person dp JOIN person p ON p.id = dp.id
WHERE dp.branch = :branch AND dp.incarnation = :incarnation AND dp.seq = :seq ORDER BY dp.id;

-- name: due_state  rows: none
UPDATE due SET state = :state WHERE branch = :branch AND incarnation = :incarnation AND seq = :seq;

-- name: due_stuck  rows: one  scan: ok
SELECT count(*) AS n FROM due WHERE state = 'stuck';

-- name: due_stuck_list  rows: many  scan: ok
SELECT branch, seq, on_day FROM due WHERE state = 'stuck' ORDER BY on_day, branch, seq LIMIT 500;

-- name: due_retry  rows: none  scan: ok
UPDATE due SET state = 'open' WHERE state = 'stuck';

-- name: certificate_add  rows: none
INSERT INTO certificate (no, branch, incarnation, seq, at_ms, body)
VALUES (:no, :branch, :incarnation, :seq, :at_ms, :body);

-- name: certificate_get  rows: one
SELECT branch, void_reason FROM certificate WHERE no = :no;

-- name: certificate_void  rows: none
UPDATE certificate SET void_reason = :reason WHERE no = :no AND void_reason IS NULL;
