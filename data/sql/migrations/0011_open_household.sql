-- 未完了の届出に関わる世帯: also one that somebody is to join, when nobody who lives there is named. Several notices may
-- concern one household at a time.
CREATE TABLE open_household (
    household   TEXT NOT NULL CHECK (household <> ''),
    no          TEXT NOT NULL REFERENCES notice (no),
    PRIMARY KEY (household, no)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_household_no ON open_household (no);
