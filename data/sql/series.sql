-- name: series_take  rows: one
INSERT INTO series (office, terminal, series, year, last) VALUES (:office, :terminal, :series, :year, 1)
ON CONFLICT (office, terminal, series, year) DO UPDATE SET last = last + 1
RETURNING last;

-- name: series_last  rows: one
SELECT last FROM series WHERE office = :office AND terminal = :terminal AND series = :series AND year = :year;

-- name: series_void  rows: none
INSERT INTO series_void (office, terminal, series, year, no, reason, operator, at_ms)
VALUES (:office, :terminal, :series, :year, :no, :reason, :operator, :at_ms);

-- name: series_voids  rows: one
SELECT count(*) AS n FROM series_void
WHERE office = :office AND terminal = :terminal AND series = :series AND year = :year;
