-- Facts of the store itself: office, terminal, incarnation, cursors.

-- name: meta_get  rows: one
SELECT v FROM meta WHERE k = :k;

-- name: meta_set  rows: none
INSERT INTO meta (k, v) VALUES (:k, :v)
ON CONFLICT (k) DO UPDATE SET v = excluded.v;

-- name: meta_delete  rows: none
DELETE FROM meta WHERE k = :k;
