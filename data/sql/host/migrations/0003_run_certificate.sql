-- A life of a branch's store begins with a certificate of its own: '' for those that began before this was kept.
ALTER TABLE run ADD COLUMN serial TEXT NOT NULL DEFAULT '';
CREATE INDEX run_serial ON run (branch, serial) WHERE serial <> '';
CREATE TRIGGER run_serial_stays BEFORE UPDATE OF serial ON run WHEN OLD.serial <> ''
BEGIN SELECT RAISE(ABORT, 'a life keeps the certificate it began with'); END;
