-- 本庁で登録済、副本待ち: the host has applied the operation, and the rows it made are behind the cursor of the copy. Its
-- owner is told when they are in the copy, in the transaction that brings them.
ALTER TABLE outbox ADD COLUMN awaits_copy INTEGER NOT NULL DEFAULT 0 CHECK (awaits_copy IN (0, 1));
CREATE INDEX outbox_awaits_copy ON outbox (host_seq) WHERE awaits_copy = 1;

CREATE TRIGGER outbox_awaits BEFORE UPDATE ON outbox
WHEN NEW.awaits_copy = 1 AND NEW.state NOT IN ('applied', 'durable')
BEGIN SELECT RAISE(ABORT, 'only what the host has applied can be on its way into the copy'); END;
CREATE TRIGGER outbox_kept_for_copy BEFORE DELETE ON outbox
WHEN OLD.awaits_copy = 1
BEGIN SELECT RAISE(ABORT, 'its owner was not told yet'); END;
