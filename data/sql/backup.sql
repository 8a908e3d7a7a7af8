-- What a copy is compared by with the store it was made of.

-- name: backup_counts  rows: one  scan: ok
SELECT (SELECT count(*) FROM operator) AS operators, (SELECT count(*) FROM login_attempt) AS logins,
       (SELECT count(*) FROM resident_history) AS residents, (SELECT count(*) FROM restriction) AS restrictions,
       (SELECT count(*) FROM notice) AS notices, (SELECT count(*) FROM notice_event) AS notice_events,
       (SELECT count(*) FROM cert_issue) AS certificates, (SELECT count(*) FROM print_event) AS print_events,
       (SELECT count(*) FROM outbox) AS operations;
