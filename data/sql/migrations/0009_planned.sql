-- Persons whose record names a planned day, for the list of due dates.
CREATE INDEX resident_history_planned ON resident_history (id, rev) WHERE instr(body, '"planned_on"') > 0;
