-- 一時解除 holds for one certificate request. What was released for the whole counter ends here.
ALTER TABLE restriction ADD COLUMN temp_request TEXT NOT NULL DEFAULT '';
ALTER TABLE restriction ADD COLUMN temp_by TEXT NOT NULL DEFAULT '';
UPDATE restriction SET temp_until_ms = 0;
CREATE INDEX restriction_temp ON restriction (temp_request) WHERE temp_request <> '';
