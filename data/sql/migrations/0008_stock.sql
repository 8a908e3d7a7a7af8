-- 用紙受払: blank sheets put into a printer, spoiled outside a print job, and counted, each signed by two.
CREATE TABLE paper_stock (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms     INTEGER NOT NULL,
    printer   TEXT NOT NULL CHECK (printer <> ''),
    what      TEXT NOT NULL CHECK (what IN ('load', 'spoil', 'count')),
    sheets    INTEGER NOT NULL CHECK (sheets >= 0 AND (what = 'count' OR sheets > 0)),
    expected  INTEGER NOT NULL,                      -- in the printer by the book, before this entry
    first_no  TEXT NOT NULL,                         -- serials of the sheets (改ざん防止用紙), or ''
    last_no   TEXT NOT NULL,
    reason    TEXT NOT NULL,
    operator  TEXT NOT NULL REFERENCES operator (id),
    witness   TEXT NOT NULL REFERENCES operator (id),
    CHECK (witness <> operator),
    CHECK (what = 'load' OR length(reason) >= 5 OR (what = 'count' AND sheets = expected))
) STRICT;
CREATE INDEX paper_stock_printer ON paper_stock (printer, seq);
CREATE INDEX print_job_printer ON print_job (printer);

CREATE TRIGGER paper_stock_update BEFORE UPDATE ON paper_stock
BEGIN SELECT RAISE(ABORT, 'paper_stock is append-only'); END;
CREATE TRIGGER paper_stock_delete BEFORE DELETE ON paper_stock
BEGIN SELECT RAISE(ABORT, 'paper_stock is append-only'); END;
