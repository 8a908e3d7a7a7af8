-- The index of persons follows the log in large steps: up to here it is complete (oplog_index.c).
INSERT INTO meta (k, v) SELECT 'oplog.indexed', coalesce(max(seq), 0) FROM oplog;
