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

-- name: oplog_subject_has  rows: one
SELECT 1 FROM oplog_subject WHERE subject = :subject AND seq = :seq;

-- name: oplog_head_add  rows: none
INSERT OR IGNORE INTO oplog_head (seq, hash, at_ms, place) VALUES (:seq, :hash, :at_ms, :place);

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
