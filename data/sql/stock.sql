-- name: stock_add  rows: none
INSERT INTO paper_stock (at_ms, printer, what, sheets, expected, first_no, last_no, reason, operator, witness)
VALUES (:at_ms, :printer, :what, :sheets, :expected, :first_no, :last_no, :reason, :operator, :witness);

-- name: stock_sums  rows: one
-- sheets of jobs that went to the printer, but for those of which nothing came out
SELECT coalesce(sum(CASE WHEN what = 'load' THEN sheets END), 0) AS loaded,
       coalesce(sum(CASE WHEN what = 'spoil' THEN sheets END), 0) AS spoiled,
       coalesce(sum(CASE WHEN what = 'count' THEN sheets - expected END), 0) AS adjusted,
       (SELECT coalesce(sum(pages), 0) FROM print_job
        WHERE printer = :printer AND NOT EXISTS (SELECT 1 FROM print_event
              WHERE print_event.job = print_job.id AND print_event.detail = 'nothing')) AS used
FROM paper_stock WHERE printer = :printer;

-- name: stock_rows  rows: many
SELECT * FROM paper_stock WHERE printer = :printer ORDER BY seq DESC LIMIT :max;

-- name: stock_since_stop  rows: one  scan: ok
-- a few rows a day; what left the stock by hand since the stop began
SELECT coalesce(sum(CASE WHEN what = 'spoil' THEN sheets END), 0) AS spoiled,
       coalesce(sum(CASE WHEN what = 'count' THEN expected - sheets END), 0) AS missing
FROM paper_stock WHERE at_ms >= (SELECT detected_ms FROM outage WHERE no = :outage_no);
