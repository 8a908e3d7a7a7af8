-- name: draft_insert  rows: one
INSERT INTO draft (kind, operator, notice_no, book, created_ms, saved_ms)
VALUES (:kind, :operator, :notice_no, :book, :now, :now)
RETURNING id;

-- name: draft_get  rows: one
SELECT id, kind, operator, notice_no, book, created_ms, saved_ms FROM draft WHERE id = :id;

-- name: draft_list  rows: many
SELECT id, kind, operator, notice_no, book, created_ms, saved_ms FROM draft WHERE operator = :operator
ORDER BY saved_ms DESC, id DESC;

-- name: draft_saved  rows: none
UPDATE draft SET saved_ms = :now WHERE id = :id;

-- name: draft_value_set  rows: none
INSERT INTO draft_value (draft, section, row, field, text) VALUES (:draft, :section, :row, :field, :text)
ON CONFLICT (draft, section, row, field) DO UPDATE SET text = excluded.text;

-- name: draft_value_clear  rows: none
DELETE FROM draft_value WHERE draft = :draft AND section = :section AND row = :row AND field = :field;

-- name: draft_values_clear  rows: none
DELETE FROM draft_value WHERE draft = :draft;

-- name: draft_values  rows: many
SELECT section, row, field, text FROM draft_value WHERE draft = :draft ORDER BY section, row, field;

-- name: draft_delete  rows: none
DELETE FROM draft WHERE id = :id;

-- name: draft_purge  rows: none  scan: ok
DELETE FROM draft WHERE saved_ms < :before;

-- name: lock_get  rows: one
SELECT key, operator, draft, taken_ms, until_ms FROM edit_lock WHERE key = :key;

-- name: lock_take  rows: none
INSERT INTO edit_lock (key, operator, draft, taken_ms, until_ms) VALUES (:key, :operator, :draft, :now, :until)
ON CONFLICT (key) DO UPDATE SET operator = excluded.operator, draft = excluded.draft, taken_ms = excluded.taken_ms,
    until_ms = excluded.until_ms;

-- name: lock_release  rows: none
DELETE FROM edit_lock WHERE draft = :draft;
