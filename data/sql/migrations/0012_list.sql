-- Lists of persons from one row each: what a list shows stands beside the search keys, and the members of a household
-- are read from its index alone.
ALTER TABLE resident ADD COLUMN card BLOB NOT NULL DEFAULT x'';
DROP INDEX resident_household;
CREATE INDEX resident_household ON resident (household, living, id);
-- Keys made with no groups known: what is derived is made anew at the next start.
UPDATE meta SET v = '' WHERE k = 'people.keys';
