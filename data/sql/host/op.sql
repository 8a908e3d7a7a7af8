-- name: op_get  rows: one
SELECT hash, chain, code, category, result, kind, lane, closed_by FROM op
WHERE branch = :branch AND incarnation = :incarnation AND seq = :seq;

-- name: op_bytes  rows: one
SELECT bytes FROM op WHERE branch = :branch AND incarnation = :incarnation AND seq = :seq;

-- name: op_add  rows: none
INSERT INTO op (branch, incarnation, seq, hash, chain, bytes, kind, lane, lane_prev, code, category, result,
                received_ms, blocks)
VALUES (:branch, :incarnation, :seq, :hash, :chain, :bytes, :kind, :lane, :lane_prev, :code, :category, :result,
        :received_ms, :blocks);

-- name: op_decided  rows: none
UPDATE op SET code = :code, category = :category, result = :result, blocks = :blocks
WHERE branch = :branch AND incarnation = :incarnation AND seq = :seq AND code = 3;

-- name: op_close  rows: none
UPDATE op SET closed_by = :by, blocks = 0
WHERE branch = :branch AND incarnation = :incarnation AND seq = :seq AND closed_by IS NULL;

-- name: op_blocker  rows: one
SELECT seq FROM op
WHERE branch = :branch AND incarnation = :incarnation AND lane = :lane AND seq < :seq AND blocks = 1
ORDER BY seq LIMIT 1;

-- name: op_lane_held  rows: one
SELECT seq FROM op
WHERE branch = :branch AND incarnation = :incarnation AND lane = :lane AND seq > :after AND blocks = 1 AND code = 3
ORDER BY seq LIMIT 1;

-- name: op_first_held  rows: one
SELECT seq FROM op WHERE branch = :branch AND incarnation = :incarnation AND code = 3 ORDER BY seq LIMIT 1;

-- name: evidence_add  rows: none
INSERT INTO evidence (at_ms, branch, incarnation, seq, what, bytes)
VALUES (:at_ms, :branch, :incarnation, :seq, :what, :bytes);

-- name: op_life  rows: many
SELECT seq, bytes, result FROM op WHERE branch = :branch AND incarnation = :incarnation AND seq > :after
ORDER BY seq LIMIT 500;
