-- name: person_now  rows: one
SELECT h.body, h.rev FROM person p JOIN history h ON h.id = p.id AND h.rev = p.rev WHERE p.id = :id;

-- name: person_at  rows: one
SELECT body FROM history WHERE id = :id AND rev = :rev;

-- name: person_rev  rows: one
SELECT rev FROM person WHERE id = :id;

-- name: household_members  rows: many
SELECT h.body FROM person p JOIN history h ON h.id = p.id AND h.rev = p.rev
WHERE p.household = :household AND p.living = 1 ORDER BY p.id;

-- name: person_same_number  rows: many
SELECT h.body FROM person p JOIN history h ON h.id = p.id AND h.rev = p.rev
WHERE p.my_number = :my_number AND :my_number <> ''
UNION
SELECT h.body FROM person p JOIN history h ON h.id = p.id AND h.rev = p.rev
WHERE p.resident_code = :resident_code AND :resident_code <> ''
UNION
SELECT h.body FROM person p JOIN history h ON h.id = p.id AND h.rev = p.rev
WHERE p.card_no = :card_no AND :card_no <> '';

-- name: person_same_three  rows: many
SELECT h.body FROM person p JOIN history h ON h.id = p.id AND h.rev = p.rev
WHERE p.name = :name AND p.birth_on = :birth_on AND p.sex = :sex ORDER BY p.id LIMIT 20;

-- name: history_since  rows: many
SELECT rev, at_ms, branch, incarnation, seq FROM history WHERE id = :id AND rev > :rev ORDER BY rev;

-- name: history_add  rows: none
INSERT INTO history (id, rev, host_seq, at_ms, branch, incarnation, seq, body)
VALUES (:id, :rev, :host_seq, :at_ms, :branch, :incarnation, :seq, :body);

-- name: person_put  rows: none
INSERT INTO person (id, rev, living, household, leaves_on, name, birth_on, sex, my_number, resident_code, card_no)
VALUES (:id, :rev, :living, :household, :leaves_on, :name, :birth_on, :sex, :my_number, :resident_code, :card_no)
ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, living = excluded.living, household = excluded.household,
    leaves_on = excluded.leaves_on, name = excluded.name, birth_on = excluded.birth_on, sex = excluded.sex,
    my_number = excluded.my_number, resident_code = excluded.resident_code, card_no = excluded.card_no;

-- name: code_taken  rows: one
SELECT id FROM person WHERE resident_code = :code LIMIT 1;

-- name: person_count  rows: one  scan: ok
SELECT count(*) AS n FROM person;

-- name: history_page  rows: many
SELECT host_seq, id, rev, body FROM history
WHERE (id, rev) > (:id, :rev) AND host_seq <= :as_of ORDER BY id, rev LIMIT :n;
