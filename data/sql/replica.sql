-- The local copy: how far it has come.

-- name: snapshot_drop  rows: none
UPDATE snapshot SET state = 'dropped', ended_ms = :now WHERE state = 'loading';

-- name: snapshot_insert  rows: none
INSERT INTO snapshot (id, manifest, state, chunks, bytes, started_ms)
VALUES (:id, :manifest, 'loading', :chunks, :bytes, :now)
ON CONFLICT (id) DO UPDATE SET manifest = excluded.manifest, state = 'loading', chunks = excluded.chunks,
                               bytes = excluded.bytes, started_ms = excluded.started_ms, ended_ms = NULL;

-- name: snapshot_chunk_forget  rows: none
DELETE FROM snapshot_chunk WHERE snapshot = :id;

-- name: snapshot_loading  rows: one
SELECT s.id, s.manifest, s.chunks, s.bytes, s.started_ms,
       (SELECT count(*) FROM snapshot_chunk c WHERE c.snapshot = s.id) AS have,
       (SELECT coalesce(sum(c.bytes), 0) FROM snapshot_chunk c WHERE c.snapshot = s.id) AS have_bytes
FROM snapshot s WHERE s.state = 'loading';

-- name: snapshot_chunk_after  rows: many
SELECT n FROM snapshot_chunk WHERE snapshot = :id ORDER BY n;

-- name: snapshot_chunk_add  rows: none
INSERT INTO snapshot_chunk (snapshot, n, bytes, taken_ms) VALUES (:id, :n, :bytes, :now);

-- name: snapshot_finish  rows: none
UPDATE snapshot SET state = :state, ended_ms = :now WHERE id = :id AND state = 'loading';

-- name: link_change_add  rows: none
INSERT INTO link_change (at_ms, up, why) VALUES (:at_ms, :up, :why)
ON CONFLICT (at_ms) DO UPDATE SET up = excluded.up, why = excluded.why;

-- name: link_change_list  rows: many
SELECT at_ms, up, why FROM link_change WHERE at_ms >= :since ORDER BY at_ms DESC LIMIT :limit;
