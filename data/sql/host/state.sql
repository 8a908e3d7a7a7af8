-- name: fact_get  rows: one
SELECT v FROM fact WHERE k = :k;

-- name: fact_set  rows: none
INSERT INTO fact (k, v) VALUES (:k, :v) ON CONFLICT (k) DO UPDATE SET v = excluded.v;

-- name: series_next  rows: one
INSERT INTO series (name, last) VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last;

-- name: series_raise  rows: none
INSERT INTO series (name, last) VALUES (:name, :last)
ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last);

-- name: journal_last  rows: one  scan: ok
SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1;

-- name: journal_add  rows: none
INSERT INTO journal (seq, at_ms, who, what, detail, hash) VALUES (:seq, :at_ms, :who, :what, :detail, :hash);

-- name: journal_all  rows: many  scan: ok
SELECT seq, at_ms, who, what, detail, hash FROM journal ORDER BY seq;

-- name: snapshot_latest  rows: one  scan: ok
SELECT id, made_ms, as_of, manifest FROM snapshot WHERE ready = 1 ORDER BY made_ms DESC LIMIT 1;

-- name: snapshot_begin  rows: none
INSERT INTO snapshot (id, made_ms, as_of, ready) VALUES (:id, :made_ms, :as_of, 0);

-- name: snapshot_ready  rows: none
UPDATE snapshot SET ready = 1, manifest = :manifest WHERE id = :id;

-- name: snapshot_list  rows: many  scan: ok
SELECT id, ready FROM snapshot ORDER BY made_ms DESC, id;

-- name: snapshot_drop  rows: none
DELETE FROM snapshot WHERE id = :id;
