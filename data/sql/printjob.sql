-- name: print_job_add  rows: one
INSERT INTO print_job (issue, printer, body, content_hash, subject_hash, made_ms, state, pages)
VALUES (:issue, :printer, :body, :content_hash, :subject_hash, :made_ms, 'reserved', 0)
RETURNING id;

-- name: print_job_get  rows: one
SELECT * FROM print_job WHERE id = :id;

-- name: print_job_state  rows: none
UPDATE print_job SET state = :state WHERE id = :id;

-- name: print_job_pages  rows: none
UPDATE print_job SET pages = :pages WHERE id = :id;

-- name: print_event_add  rows: none
INSERT INTO print_event (job, at_ms, state, operator, detail) VALUES (:job, :at_ms, :state, :operator, :detail);

-- name: print_events  rows: many
SELECT at_ms, state, operator, detail FROM print_event WHERE job = :job ORDER BY seq;

-- name: print_jobs_open  rows: many  scan: ok
-- a partial index: holds only what is not at an end
SELECT id, issue, printer, state, pages, made_ms FROM print_job INDEXED BY print_job_open
WHERE state IN ('reserved', 'spooling', 'unknown') ORDER BY id;

-- name: print_jobs_of_printer  rows: one
SELECT coalesce(sum(state <> 'unknown'), 0) AS busy, coalesce(sum(state = 'unknown'), 0) AS unknown
FROM print_job INDEXED BY print_job_open
WHERE printer = :printer AND state IN ('reserved', 'spooling', 'unknown');
