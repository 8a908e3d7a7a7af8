-- Restrictions and support measures.

-- name: restriction_apply  rows: none
INSERT INTO restriction (id, person, household, kind, entry, certificate, "view", list, export, phone, from_on,
                         until_on, released, detail, host_seq)
VALUES (:id, :person, :household, :kind, :entry, :certificate, :view, :list, :export, :phone, :from, :until,
        :released, :detail, :host_seq)
ON CONFLICT (id) DO UPDATE SET
    person = excluded.person, household = excluded.household, kind = excluded.kind, entry = excluded.entry,
    certificate = excluded.certificate, "view" = excluded."view", list = excluded.list, export = excluded.export,
    phone = excluded.phone, from_on = excluded.from_on, until_on = excluded.until_on, released = excluded.released,
    detail = excluded.detail, host_seq = excluded.host_seq
WHERE excluded.host_seq > host_seq;

-- name: restriction_add  rows: none
INSERT INTO restriction (id, person, household, kind, entry, certificate, "view", list, export, phone, from_on,
                         until_on, released, detail, host_seq)
VALUES (:id, :person, :household, :kind, :entry, :certificate, :view, :list, :export, :phone, :from, :until,
        :released, :detail, :host_seq);

-- name: restriction_release  rows: none
UPDATE restriction SET released = 1 WHERE id = :id AND released = 0;

-- name: restriction_temp  rows: none
UPDATE restriction SET temp_until_ms = :until, temp_request = :request, temp_by = :operator
WHERE id = :id AND released = 0;

-- name: restriction_temp_used  rows: none
UPDATE restriction SET temp_until_ms = 0, temp_request = '', temp_by = ''
WHERE temp_request = :request AND temp_request <> '';

-- name: restriction_get  rows: one
SELECT * FROM restriction WHERE id = :id;

-- name: restriction_of_person  rows: many
SELECT * FROM restriction WHERE person = :person AND released = 0;

-- name: restriction_of_household  rows: many
SELECT * FROM restriction WHERE household = :household AND released = 0;

-- name: restriction_of_members  rows: many
SELECT x.* FROM resident r CROSS JOIN restriction x ON x.person = r.id AND x.released = 0
WHERE r.household = :household AND r.living = 1 AND r.id <> :except;

-- name: restriction_page  rows: many
SELECT * FROM restriction WHERE id > :after AND released <= :with_released ORDER BY id LIMIT :max;

-- name: restriction_event_add  rows: none
INSERT INTO restriction_event (restriction, at_ms, what, operator, approver, reason)
VALUES (:restriction, :now, :what, :operator, :approver, :reason);

-- name: restriction_events  rows: many
SELECT * FROM restriction_event WHERE restriction = :restriction ORDER BY seq;
