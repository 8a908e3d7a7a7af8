-- Residents: rows of the host, what is derived from them, look-ups.

-- name: history_insert  rows: none
INSERT OR IGNORE INTO resident_history (id, rev, body, body_hash, host_seq)
VALUES (:id, :rev, :body, :hash, :host_seq);

-- name: history_hash  rows: one
SELECT body_hash FROM resident_history WHERE id = :id AND rev = :rev;

-- name: history_body  rows: one
SELECT body FROM resident_history WHERE id = :id AND rev = :rev;

-- name: history_of  rows: many
SELECT body FROM resident_history WHERE id = :id ORDER BY rev;

-- name: history_all  rows: many  scan: ok
SELECT body FROM resident_history ORDER BY id, rev;

-- name: resident_key  rows: one
SELECT n, rev, terms FROM resident WHERE id = :id;

-- name: resident_insert  rows: one
INSERT INTO resident (id, rev, living, household, birth, my_number, resident_code, card_no, terms, card)
VALUES (:id, :rev, :living, :household, :birth, :my_number, :resident_code, :card_no, :terms, :card)
RETURNING n;

-- name: resident_update  rows: none
UPDATE resident SET rev = :rev, living = :living, household = :household, birth = :birth, my_number = :my_number,
                    resident_code = :resident_code, card_no = :card_no, terms = :terms, card = :card
WHERE n = :n;

-- name: resident_terms  rows: none
UPDATE resident SET terms = :terms WHERE n = :n;

-- name: word_get  rows: one
SELECT w FROM word WHERE kind = :kind AND key = :key;

-- name: word_insert  rows: one
INSERT INTO word (kind, key) VALUES (:kind, :key) RETURNING w;

-- name: word_each  rows: many  scan: ok
SELECT w, kind, key FROM word;

-- name: word_tail_insert  rows: none
INSERT INTO word_tail (kind, place, tail, w) VALUES (:kind, :place, :tail, :w);

-- name: person_name_insert  rows: none
INSERT OR IGNORE INTO person_name (s, g, n, form) VALUES (:s, :g, :n, :form);

-- name: person_place_insert  rows: none
INSERT OR IGNORE INTO person_place (w, rest, n) VALUES (:w, :rest, :n);

-- name: derived_drop_resident  rows: none
DELETE FROM resident;
-- name: derived_drop_word  rows: none
DELETE FROM word;
-- name: derived_drop_word_tail  rows: none
DELETE FROM word_tail;
-- name: derived_drop_person_name  rows: none
DELETE FROM person_name;
-- name: derived_drop_person_place  rows: none
DELETE FROM person_place;

-- name: resident_body  rows: one
SELECT h.body FROM resident r CROSS JOIN resident_history h ON h.id = r.id AND h.rev = r.rev WHERE r.id = :id;

-- name: household_bodies  rows: many
SELECT h.body FROM resident r CROSS JOIN resident_history h ON h.id = r.id AND h.rev = r.rev
WHERE r.household = :household AND r.living = 1;

-- name: household_size  rows: one
SELECT count(*) AS size FROM resident WHERE household = :household AND living = 1;

-- What a list shows beside the person. `restricted`: anything not released on the person, the household or a member.
-- name: resident_around  rows: one
SELECT count(*) AS size,
       coalesce(max(EXISTS (SELECT 1 FROM restriction x WHERE x.person = m.id AND x.released = 0)), 0)
           OR EXISTS (SELECT 1 FROM restriction x WHERE x.person = :id AND x.released = 0)
           OR EXISTS (SELECT 1 FROM restriction x WHERE x.household = :household AND x.released = 0) AS restricted,
       EXISTS (SELECT 1 FROM open_case WHERE person = :id) AS open_case
FROM resident m WHERE m.household = :household AND m.living = 1;

-- name: resident_by_my_number  rows: many
SELECT id FROM resident WHERE my_number = :number;

-- name: resident_by_resident_code  rows: many
SELECT id FROM resident WHERE resident_code = :number;

-- name: resident_by_card_no  rows: many
SELECT id FROM resident WHERE card_no = :number;

-- name: resident_counts  rows: one  scan: ok
SELECT (SELECT count(*) FROM resident) AS persons, (SELECT count(*) FROM resident WHERE living = 1) AS living,
       (SELECT count(*) FROM resident_history) AS history;

-- Sources of candidates. The order of the joins is pinned: the planner would begin with the persons.

-- name: search_row  rows: one
SELECT r.id, r.rev, r.living, r.household, r.birth, r.terms, r.card FROM resident r WHERE r.n = :n;

-- name: search_id  rows: many
SELECT n FROM resident WHERE id = :id;

-- name: search_household  rows: many
SELECT n FROM resident WHERE household = :household;

-- name: search_birth  rows: many
SELECT n FROM resident WHERE birth = :birth ORDER BY n;

-- name: search_born  rows: many
SELECT n FROM resident WHERE birth >= :from AND birth <= :to ORDER BY birth, n;

-- name: search_surname  rows: many
SELECT p.n FROM word_tail t CROSS JOIN person_name p ON p.s = t.w
WHERE t.kind = :kind AND t.place = :place AND t.tail >= :from AND t.tail < :to AND p.form & :form
ORDER BY t.tail, t.w, p.g, p.n;

-- name: search_given  rows: many
SELECT p.n FROM word_tail t CROSS JOIN person_name p INDEXED BY person_given ON p.g = t.w
WHERE t.kind = :kind AND t.place = :place AND t.tail >= :from AND t.tail < :to AND p.form & :form
ORDER BY t.tail, t.w, p.s, p.n;

-- The end of a 氏 and the beginning of a 名.
-- name: search_across  rows: many
SELECT p.n FROM word_tail a CROSS JOIN word_tail b CROSS JOIN person_name p ON p.s = a.w AND p.g = b.w
WHERE a.kind = :kind AND a.place = :place AND a.tail = :end
  AND b.kind = :kind AND b.place = 0 AND b.tail >= :from AND b.tail < :to AND p.form & :form
ORDER BY a.w, b.tail, b.w, p.n;

-- name: search_place  rows: many
SELECT p.n FROM word_tail t CROSS JOIN person_place p ON p.w = t.w
WHERE t.kind = :kind AND t.place = :place AND t.tail >= :from AND t.tail < :to
ORDER BY t.tail, t.w, p.rest, p.n;

-- name: search_place_rest  rows: many
SELECT p.n FROM word_tail t CROSS JOIN person_place p ON p.w = t.w
WHERE t.kind = :kind AND t.place = :place AND t.tail = :end AND p.rest >= :from AND p.rest < :to
ORDER BY t.w, p.rest, p.n;

-- name: history_lose  rows: none  scan: ok
INSERT OR IGNORE INTO resident_lost (id, rev, body, body_hash, host_seq, lost_ms)
SELECT id, rev, body, body_hash, host_seq, :now FROM resident_history WHERE host_seq > :host_seq;

-- name: history_forget  rows: none  scan: ok
DELETE FROM resident_history WHERE host_seq > :host_seq;

-- name: history_walk  rows: many
SELECT rowid AS n, id, rev, body, body_hash FROM resident_history WHERE rowid > :after ORDER BY rowid LIMIT :max;
