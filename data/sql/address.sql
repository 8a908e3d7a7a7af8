-- Dictionary of postal numbers and towns. Every look-up is a range of an index; CROSS JOIN keeps the order.

-- name: address_part_add  rows: none
INSERT INTO address_part (import, city_code, state) VALUES (:import, :city_code, 'open')
ON CONFLICT DO NOTHING;

-- name: address_town_add  rows: none
INSERT INTO address_town (import, city_code, zip, pref, city, town, note, pref_kana, city_kana, town_kana, pref_key,
                          city_key, town_key, initials)
VALUES (:import, :city_code, :zip, :pref, :city, :town, :note, :pref_kana, :city_kana, :town_kana, :pref_key, :city_key,
        :town_key, :initials);

-- name: address_drop_open  rows: none
UPDATE address_part SET state = 'stale' WHERE state = 'open';

-- name: address_retire  rows: none
UPDATE address_part SET state = 'stale'
WHERE state = 'active' AND city_code IN (SELECT city_code FROM address_part WHERE import = :import);

-- name: address_activate  rows: none
UPDATE address_part SET state = 'active' WHERE import = :import AND state = 'open';

-- name: address_stale  rows: one
SELECT import, city_code FROM address_part WHERE state = 'stale' ORDER BY city_code LIMIT 1;

-- name: address_sweep  rows: none
DELETE FROM address_town WHERE id IN
    (SELECT id FROM address_town WHERE import = :import AND city_code = :city_code LIMIT :max);

-- name: address_part_drop  rows: none
DELETE FROM address_part WHERE import = :import AND city_code = :city_code;

-- name: address_own  rows: one
SELECT t.pref, t.pref_key FROM address_part p CROSS JOIN address_town t ON t.import = p.import AND t.city_code = p.city_code
WHERE p.state = 'active' AND p.city_code = :city_code LIMIT 1;

-- name: address_by_zip  rows: many
SELECT t.* FROM address_town t CROSS JOIN address_part p ON p.import = t.import AND p.city_code = t.city_code
WHERE t.zip >= :from AND t.zip < :to AND p.state = 'active'
ORDER BY t.zip, t.id LIMIT :limit;

-- name: address_by_initials  rows: many
SELECT t.* FROM address_town t CROSS JOIN address_part p ON p.import = t.import AND p.city_code = t.city_code
WHERE t.initials = :initials AND p.state = 'active' AND (:pref IS NULL OR t.pref = :pref)
  AND t.pref_key >= :pref_from AND t.pref_key < :pref_to AND t.city_key >= :city_from AND t.city_key < :city_to
  AND t.town_key >= :town_from AND t.town_key < :town_to
ORDER BY t.city_code, t.id LIMIT :limit;

-- name: address_by_own_kana  rows: many
SELECT t.* FROM address_town t CROSS JOIN address_part p ON p.import = t.import AND p.city_code = t.city_code
WHERE t.city_code = :city_code AND t.town_key >= :from AND t.town_key < :to AND p.state = 'active'
ORDER BY t.town_key, t.id LIMIT :limit;

-- name: address_by_own_text  rows: many
SELECT t.* FROM address_town t CROSS JOIN address_part p ON p.import = t.import AND p.city_code = t.city_code
WHERE t.city_code = :city_code AND t.town >= :from AND t.town < :to AND p.state = 'active'
ORDER BY t.town, t.id LIMIT :limit;

-- name: address_by_full_text  rows: many
SELECT t.* FROM address_town t CROSS JOIN address_part p ON p.import = t.import AND p.city_code = t.city_code
WHERE t.pref || t.city || t.town >= :from AND t.pref || t.city || t.town < :to AND p.state = 'active'
ORDER BY t.pref || t.city || t.town, t.id LIMIT :limit;

-- name: address_by_city_text  rows: many
SELECT t.* FROM address_town t CROSS JOIN address_part p ON p.import = t.import AND p.city_code = t.city_code
WHERE t.city || t.town >= :from AND t.city || t.town < :to AND p.state = 'active'
ORDER BY t.city || t.town, t.id LIMIT :limit;

-- name: address_by_text  rows: many
SELECT t.* FROM address_town t CROSS JOIN address_part p ON p.import = t.import AND p.city_code = t.city_code
WHERE t.town >= :from AND t.town < :to AND p.state = 'active'
ORDER BY t.town, t.id LIMIT :limit;
