-- Open cases at the host.

-- name: host_case_put  rows: none
INSERT INTO host_case (no, kind, state, branch, host_seq) VALUES (:no, :kind, :state, :branch, :host_seq)
ON CONFLICT (no) DO UPDATE SET kind = excluded.kind, state = excluded.state, branch = excluded.branch,
                               host_seq = excluded.host_seq;

-- name: host_case_remove  rows: none
DELETE FROM host_case WHERE no = :no;

-- name: host_case_remove_all  rows: none  scan: ok
DELETE FROM host_case;

-- name: host_case_person_add  rows: none
INSERT OR IGNORE INTO host_case_person (person, no) VALUES (:person, :no);

-- name: host_case_person_clear  rows: none
DELETE FROM host_case_person WHERE no = :no;

-- name: host_case_of  rows: many
SELECT c.no, c.kind, c.state, c.branch, c.host_seq FROM host_case_person p CROSS JOIN host_case c ON c.no = p.no
WHERE p.person = :person AND c.branch <> :own ORDER BY c.no;
