-- What falls due and has no repository of its own.

-- name: due_planned  rows: many  scan: ok
-- a partial index: only rows that name a planned day
SELECT h.body FROM resident_history h INDEXED BY resident_history_planned CROSS JOIN resident r
WHERE instr(h.body, '"planned_on"') > 0 AND r.id = h.id AND r.rev = h.rev AND r.living = 1;
