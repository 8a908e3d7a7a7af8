-- name: feed_next  rows: one
UPDATE feed_state SET head = head + 1 WHERE one = 1 RETURNING head;

-- name: feed_state  rows: one
SELECT head, low FROM feed_state WHERE one = 1;

-- name: feed_low  rows: none
UPDATE feed_state SET low = :low WHERE one = 1;

-- name: feed_add  rows: none
INSERT INTO feed (host_seq, at_ms, type, key, branch, id, rev, body)
VALUES (:host_seq, :at_ms, :type, :key, :branch, :id, :rev, :body);

-- name: feed_after  rows: many
SELECT f.host_seq, f.type, f.key, coalesce(f.body, h.body) AS body
FROM feed f LEFT JOIN history h ON h.id = f.id AND h.rev = f.rev
WHERE f.host_seq > :after AND (f.branch IS NULL OR f.branch = :branch) ORDER BY f.host_seq;

-- name: feed_old  rows: one  scan: ok
SELECT max(host_seq) AS upto FROM feed WHERE at_ms < :before_ms;

-- name: feed_prune  rows: none
DELETE FROM feed WHERE host_seq <= :upto;
