-- The outbox and the operations that wait for the replay.

-- name: incarnation_last  rows: one
SELECT start, id, drawn_ms, reason FROM incarnation WHERE n = (SELECT max(n) FROM incarnation);

-- The earlier lives behind number :n, and where each ended.
-- name: incarnation_past  rows: one
SELECT i.n, i.start, i.id, i.drawn_ms, (SELECT start FROM incarnation WHERE n = i.n + 1) AS ended
FROM incarnation i WHERE i.n > :n AND i.n < (SELECT max(n) FROM incarnation) ORDER BY i.n LIMIT 1;

-- name: incarnation_by_id  rows: one
SELECT start, id, drawn_ms FROM incarnation WHERE id = :id;

-- name: incarnation_add  rows: none
INSERT INTO incarnation (start, id, drawn_ms, reason) VALUES (:start, :id, :drawn_ms, :reason);

-- name: outbox_last  rows: one
SELECT seq, chain FROM outbox WHERE seq = (SELECT max(seq) FROM outbox);

-- name: outbox_chain_at  rows: one
SELECT chain FROM outbox WHERE seq = :seq;

-- name: outbox_lane_last  rows: one
SELECT seq FROM outbox WHERE lane = :lane AND lane <> '' AND seq > :start ORDER BY seq DESC LIMIT 1;

-- The decision on the same notice that the host has not taken, if it is the last one: a further operation takes its place.
-- name: outbox_replaced  rows: one
SELECT seq, json_set(:payload, '$.supersedes', seq - :start) AS payload FROM outbox
WHERE seq = (SELECT max(seq) FROM outbox WHERE subject = json_extract(:payload, '$.no') AND subject <> ''
             AND kind = 'notice.decide' AND seq > :start)
  AND state IN ('conflict', 'rejected', 'superseded');

-- name: conflict_successor  rows: none
UPDATE op_conflict SET successor = :successor WHERE seq = :seq AND decision IS NOT NULL AND successor IS NULL;

-- name: outbox_insert  rows: none
INSERT INTO outbox (seq, kind, lane, lane_prev, subject, operator, approver, outage_no, at_ms, op, op_hash, chain)
VALUES (:seq, :kind, :lane, :lane_prev, coalesce(json_extract(:payload, '$.no'), ''), :operator, :approver, :outage_no,
        :at_ms, :op, :op_hash, :chain);

-- name: outbox_next  rows: one
SELECT coalesce(min(seq), 0) AS seq FROM outbox WHERE state = 'pending' AND seq > :start;

-- name: outbox_from  rows: many
SELECT seq, op FROM outbox WHERE seq >= :from ORDER BY seq;

-- name: outbox_sent  rows: none
UPDATE outbox SET state = 'inflight', attempts = attempts + 1, sent_ms = coalesce(sent_ms, :now)
WHERE seq BETWEEN :first AND :last AND state = 'pending';

-- name: outbox_unsend  rows: none
UPDATE outbox SET state = 'pending' WHERE state = 'inflight';

-- name: outbox_result  rows: none
UPDATE outbox SET state = :state, category = :category, result = :result, host_seq = :host_seq, host_ms = :host_ms,
                  acked_ms = coalesce(acked_ms, :now), awaits_copy = :awaits_copy
WHERE seq = :seq AND state IN ('pending', 'inflight', 'held', 'conflict');

-- name: outbox_forgotten  rows: none
UPDATE outbox SET state = 'pending', host_seq = 0, host_ms = 0, acked_ms = NULL, awaits_copy = 0
WHERE seq > :upto AND state IN ('held', 'rejected', 'applied', 'durable');

-- The next whose rows the copy has up to :cursor, in the host's order; it no longer waits.
-- name: outbox_arrived  rows: one
UPDATE outbox SET awaits_copy = 0
WHERE seq = (SELECT seq FROM outbox WHERE awaits_copy = 1 AND host_seq <= :cursor ORDER BY host_seq, seq LIMIT 1)
RETURNING seq;

-- name: outbox_awaited  rows: one
SELECT count(*) AS n FROM outbox WHERE subject = :subject AND subject <> '' AND kind = :kind AND awaits_copy = 1;

-- name: outbox_count_awaited  rows: one  scan: ok
SELECT count(*) AS n FROM outbox WHERE awaits_copy = 1;

-- name: outbox_durable  rows: none
UPDATE outbox SET state = 'durable' WHERE seq > :start AND seq <= :upto AND state = 'applied';

-- name: outbox_prune  rows: none
DELETE FROM outbox WHERE state = 'durable' AND awaits_copy = 0 AND acked_ms < :before AND seq < (SELECT max(seq) FROM outbox)
   AND NOT EXISTS (SELECT 1 FROM op_conflict c WHERE c.seq = outbox.seq OR c.successor = outbox.seq);

-- name: outbox_set_state  rows: none
UPDATE outbox SET state = :state WHERE seq = :seq;

-- name: outbox_get  rows: one
SELECT seq, kind, lane, lane_prev, subject, operator, approver, outage_no, at_ms, op, op_hash, state, attempts, sent_ms,
       acked_ms, category, result, host_seq, host_ms
FROM outbox WHERE seq = :seq;

-- name: outbox_count  rows: many  scan: ok
SELECT state, count(*) AS n FROM outbox GROUP BY state;

-- name: outbox_count_open  rows: one
SELECT count(*) AS n, min(at_ms) AS oldest_ms FROM outbox WHERE state IN ('pending', 'inflight', 'held');

-- name: outbox_count_outage  rows: many
SELECT state, count(*) AS n FROM outbox WHERE outage_no = :outage_no AND outage_no <> '' GROUP BY state;

-- name: outbox_count_conflict  rows: one  scan: ok
SELECT count(*) AS n FROM op_conflict c CROSS JOIN outbox o ON o.seq = c.seq AND o.state IN ('conflict', 'rejected')
WHERE c.decision IS NULL;

-- name: outbox_last_answered  rows: one
SELECT coalesce(max(seq), 0) AS seq FROM outbox WHERE acked_ms IS NOT NULL;

-- name: outbox_lane_open  rows: one
SELECT count(*) AS n FROM outbox WHERE lane = :lane AND lane <> '' AND state IN ('pending', 'inflight', 'held', 'conflict');

-- name: outbox_walk  rows: many
SELECT seq, lane, lane_prev, op, op_hash, chain FROM outbox WHERE seq > :after ORDER BY seq LIMIT :limit;

-- name: outbox_oldest  rows: one
SELECT coalesce((SELECT seq FROM outbox WHERE seq > :start ORDER BY seq LIMIT 1), 0) AS seq;

-- name: wait_insert  rows: none
INSERT INTO outbox_wait (outage_no, kind, lane, subject, payload, base, operator, approver, received_at, made_ms)
VALUES (:outage_no, :kind, :lane, coalesce(json_extract(:payload, '$.no'), ''), :payload, :base, :operator, :approver,
        coalesce(json_extract(:payload, '$.received_at'), :now_text), :made_ms);

-- name: wait_list  rows: many
SELECT id, outage_no, kind, lane, subject, payload, base, operator, approver, received_at, made_ms, state, seq
FROM outbox_wait WHERE outage_no = :outage_no AND state = 'waiting' ORDER BY id;

-- name: wait_get  rows: one
SELECT id, outage_no, kind, lane, subject, payload, base, operator, approver, received_at, made_ms, state, seq
FROM outbox_wait WHERE id = :id;

-- name: wait_numbered  rows: none
UPDATE outbox_wait SET state = 'numbered', seq = :seq WHERE id = :id;

-- name: wait_leave  rows: none
UPDATE outbox_wait SET state = :state WHERE subject = :subject AND outage_no = :outage_no AND state = 'waiting';

-- name: wait_count  rows: one
SELECT count(*) AS n, min(made_ms) AS oldest_ms FROM outbox_wait WHERE outage_no = :outage_no AND state = 'waiting';

-- name: wait_count_withdrawn  rows: one
SELECT count(*) AS n FROM outbox_wait WHERE outage_no = :outage_no AND state IN ('withdrawn', 'elsewhere');

-- name: wait_open_outage  rows: one
SELECT no, state = 'recovering' AS replayed FROM outage WHERE state IN ('outage', 'recovering');

-- name: outbox_orphan_conflict  rows: none
INSERT INTO op_conflict (seq, category, detail, opened_ms)
SELECT seq, 'C8', '{"msg":"S433"}', :now FROM outbox WHERE state IN ('pending', 'inflight', 'held') AND seq <= :start;

-- name: outbox_orphan  rows: none
UPDATE outbox SET state = 'conflict', category = 'C8', result = '{"msg":"S433"}'
WHERE state IN ('pending', 'inflight', 'held') AND seq <= :start;

-- name: outbox_orphan_next  rows: one
SELECT coalesce(min(seq), 0) AS seq FROM outbox
WHERE state = 'conflict' AND seq > :after AND seq <= :upto AND result = '{"msg":"S433"}';

-- name: outbox_resent  rows: none
UPDATE outbox SET state = 'superseded' WHERE seq = :seq AND state = 'conflict';

-- name: conflict_open  rows: none
INSERT INTO op_conflict (seq, category, detail, opened_ms) VALUES (:seq, :category, :detail, :opened_ms)
ON CONFLICT (seq) DO NOTHING;

-- name: conflict_get  rows: one
SELECT c.seq, c.category, c.detail, c.opened_ms, o.kind, o.subject, o.operator, o.approver, o.outage_no, c.decision,
       c.ground, c.decided_by, c.second, c.decided_ms, c.successor
FROM op_conflict c CROSS JOIN outbox o WHERE c.seq = :seq AND o.seq = c.seq;

-- name: conflict_list_open  rows: many  scan: ok
SELECT c.seq, c.category, c.detail, c.opened_ms, o.kind, o.subject, o.operator, o.approver, o.outage_no, c.decision,
       c.ground, c.decided_by, c.second, c.decided_ms, c.successor
FROM op_conflict c CROSS JOIN outbox o ON o.seq = c.seq WHERE c.decision IS NULL AND o.state IN ('conflict', 'rejected') ORDER BY c.opened_ms, c.seq LIMIT :limit;

-- name: conflict_list_decided  rows: many  scan: ok
SELECT c.seq, c.category, c.detail, c.opened_ms, o.kind, o.subject, o.operator, o.approver, o.outage_no, c.decision,
       c.ground, c.decided_by, c.second, c.decided_ms, c.successor
FROM op_conflict c CROSS JOIN outbox o ON o.seq = c.seq WHERE c.decision IS NOT NULL ORDER BY c.seq DESC LIMIT :limit;

-- name: conflict_decide  rows: none
UPDATE op_conflict SET decision = :decision, ground = :ground, decided_by = :decided_by, second = :second,
                       decided_ms = :now, successor = nullif(:successor, 0)
WHERE seq = :seq AND decision IS NULL;

-- name: wait_count_all  rows: one
SELECT count(*) AS n, min(w.made_ms) AS oldest_ms
FROM outage o CROSS JOIN outbox_wait w ON w.outage_no = o.no AND w.state = 'waiting'
WHERE o.state IN ('outage', 'recovering', 'reconciled');

-- name: outbox_payload  rows: one
SELECT coalesce(json_extract(:payload, '$.no'), '') AS no, coalesce(json_extract(:payload, '$.kind'), '') AS kind,
       coalesce(json_extract(:payload, '$.received_at'), '') AS received_at;

-- name: outbox_known  rows: one
SELECT count(*) AS n FROM outbox WHERE subject = json_extract(:payload, '$.no');

-- name: wait_withdraw  rows: none
UPDATE outbox_wait SET state = 'withdrawn'
WHERE subject = json_extract(:payload, '$.no') AND outage_no = :outage_no AND state = 'waiting';

-- name: book_has_notice  rows: one
SELECT count(*) AS n, count(*) FILTER (WHERE owner = 'host') AS host
FROM outage_notice WHERE notice_no = json_extract(:payload, '$.no') AND notice_no <> '';

-- name: book_follow  rows: none
UPDATE outage_notice SET state = :state
WHERE notice_no = json_extract(:payload, '$.no') AND notice_no <> '' AND owner = 'branch';
