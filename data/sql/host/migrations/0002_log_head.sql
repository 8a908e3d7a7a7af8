-- 操作記録の末尾 of a branch, as the host last counter-signed it. It is of the branch, not of one life of its store: a
-- restored store that lacks rows is seen too.
ALTER TABLE branch ADD COLUMN log_incarnation BLOB;
ALTER TABLE branch ADD COLUMN log_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE branch ADD COLUMN log_head BLOB;
UPDATE branch SET (log_incarnation, log_seq, log_head) =
    (SELECT incarnation, log_seq, log_head FROM run WHERE branch = name ORDER BY last_seen_ms DESC LIMIT 1)
WHERE EXISTS (SELECT 1 FROM run WHERE branch = name);
ALTER TABLE run DROP COLUMN log_seq;
ALTER TABLE run DROP COLUMN log_head;
