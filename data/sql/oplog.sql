-- name: oplog_insert  rows: none
INSERT INTO oplog (seq, boot, mono_ms, at_ms, trust, office, terminal, operator, session, approver, function, action,
                   subjects, rev_before, rev_after, reason, ticket, my_number, seal, device, issue_no, pages, place,
                   result, detail, detail_hash, prev, hash)
VALUES (:seq, :boot, :mono_ms, :at_ms, :trust, :office, :terminal, :operator, :session, :approver, :function, :action,
        :subjects, :rev_before, :rev_after, :reason, :ticket, :my_number, :seal, :device, :issue_no, :pages, :place,
        :result, :detail, :detail_hash, :prev, :hash);

-- name: oplog_head  rows: one
SELECT seq, hash FROM oplog WHERE seq = (SELECT max(seq) FROM oplog);

-- name: oplog_subject_add  rows: none
INSERT OR IGNORE INTO oplog_subject (subject, seq) VALUES (:subject, :seq);

-- name: oplog_subjects_from  rows: many
SELECT seq, subjects FROM oplog WHERE seq > :after ORDER BY seq LIMIT :max;

-- name: oplog_subject_has  rows: one
SELECT 1 FROM oplog_subject WHERE subject = :subject AND seq = :seq;

-- name: oplog_head_add  rows: none
INSERT OR IGNORE INTO oplog_head (seq, hash, at_ms, place) VALUES (:seq, :hash, :at_ms, :place);

-- name: oplog_hash_at  rows: one
SELECT hash FROM oplog WHERE seq = :seq;

-- name: oplog_head_newest  rows: one  scan: ok
SELECT seq, hash FROM oplog_head WHERE place = :place ORDER BY seq DESC LIMIT 1;

-- name: oplog_heads  rows: many
SELECT seq, hash FROM oplog_head WHERE seq > :after AND seq <= :upto ORDER BY seq;

-- name: oplog_heads_beyond  rows: one
SELECT seq FROM oplog_head WHERE seq > :after ORDER BY seq LIMIT 1;

-- name: oplog_from  rows: many
SELECT * FROM oplog WHERE seq > :after ORDER BY seq LIMIT :max;

-- name: oplog_list  rows: many
SELECT * FROM oplog
WHERE seq < :before AND at_ms BETWEEN :from AND :to AND (:operator IS NULL OR operator = :operator)
  AND (:function IS NULL OR function = :function) AND (:action IS NULL OR action = :action)
  AND (:result IS NULL OR result = :result)
ORDER BY seq DESC LIMIT :max;

-- name: oplog_list_operator  rows: many
SELECT * FROM oplog INDEXED BY oplog_operator
WHERE operator = :operator AND seq < :before AND at_ms BETWEEN :from AND :to
  AND (:function IS NULL OR function = :function) AND (:action IS NULL OR action = :action)
  AND (:result IS NULL OR result = :result)
ORDER BY seq DESC LIMIT :max;

-- name: oplog_list_subject  rows: many
SELECT oplog.* FROM oplog_subject CROSS JOIN oplog USING (seq)
WHERE oplog_subject.subject = :subject AND oplog_subject.seq < :before AND at_ms BETWEEN :from AND :to
  AND (:operator IS NULL OR operator = :operator) AND (:function IS NULL OR function = :function)
  AND (:action IS NULL OR action = :action) AND (:result IS NULL OR result = :result)
ORDER BY oplog_subject.seq DESC LIMIT :max;

-- name: oplog_report  rows: many
SELECT operator, (at_ms + 32400000) / 86400000 AS day, count(*) AS rows,
       sum(((at_ms + 32400000) / 1000) % 86400 NOT BETWEEN :opens_s AND :closes_s) AS outside,
       sum(result <> 'ok') AS refused,
       sum(function = 'resident.search') AS searches,
       sum((subjects <> '' AND length(subjects) - length(replace(subjects, ' ', '')) + 1 >= :mass)
           OR detail LIKE 'mass %') AS mass,
       sum(my_number) AS my_number,
       sum(action = 'print') AS prints
FROM oplog INDEXED BY oplog_at
WHERE at_ms BETWEEN :from AND :to AND operator <> ''
GROUP BY operator, day
ORDER BY operator, day;

-- name: login_attempt_report  rows: many
SELECT coalesce(operator, '') AS operator, count(*) AS failed
FROM login_attempt INDEXED BY login_attempt_at
WHERE at_ms BETWEEN :from AND :to AND result <> 'ok'
GROUP BY operator
ORDER BY failed DESC;
