-- name: cert_request_add  rows: none
INSERT INTO cert_request (no, made_ms, operator, kind, requester, name, address, relation, basis, purpose, reason_holds,
                          proof, id_document, id_tail, photo_id, in_person, by_post, items, copies, exempt, outage_no, keep_until, state,
                          refusal)
VALUES (:no, :made_ms, :operator, :kind, :requester, :name, :address, :relation, :basis, :purpose, :reason_holds,
        :proof, :id_document, :id_tail, :photo_id, :in_person, :by_post, :items, :copies, :exempt, :outage_no, :keep_until, :state, :refusal);

-- name: cert_request_person_add  rows: none
INSERT INTO cert_request_person (request, n, person) VALUES (:request, :n, :person);

-- name: cert_request_get  rows: one
SELECT * FROM cert_request WHERE no = :no;

-- name: cert_request_persons  rows: many
SELECT person FROM cert_request_person WHERE request = :request ORDER BY n;

-- name: cert_requests_open  rows: many
SELECT no, made_ms, operator, kind, requester, name, copies, outage_no, refusal FROM cert_request INDEXED BY cert_request_open
WHERE state = 'open' AND made_ms >= :since ORDER BY made_ms LIMIT :max;

-- name: cert_request_state  rows: none
UPDATE cert_request SET state = :state, refusal = :refusal WHERE no = :no;

-- name: cert_request_preview  rows: none
UPDATE cert_request SET preview = :preview WHERE no = :no;

-- name: cert_request_last_copy  rows: one
SELECT coalesce(max(copy), 0) AS copy FROM cert_issue WHERE request = :request;

-- name: cert_issue_add  rows: none
INSERT INTO cert_issue (no, request, copy, office, terminal, year, serial, kind, issued_ms, issued_on, operator,
                        approver, fee, exempt, content_hash, key_id, my_number, seal, outage_no, copy_as_of_ms,
                        contact_no)
VALUES (:no, :request, :copy, :office, :terminal, :year, :serial, :kind, :issued_ms, :issued_on, :operator, :approver,
        :fee, :exempt, :content_hash, :key_id, :my_number, :seal, :outage_no, :copy_as_of_ms, :contact_no);

-- name: cert_issue_person_add  rows: none
INSERT INTO cert_issue_person (issue, person, rev) VALUES (:issue, :person, :rev);

-- name: cert_issue_get  rows: one
SELECT cert_issue.*, print_job.id AS job, print_job.state, print_job.pages, print_job.printer,
       cert_void.at_ms AS void_ms, cert_void.reason AS void_reason
FROM cert_issue JOIN print_job ON print_job.issue = cert_issue.no LEFT JOIN cert_void ON cert_void.no = cert_issue.no
WHERE cert_issue.no = :no;

-- name: cert_issues_by_request  rows: many
SELECT cert_issue.*, print_job.id AS job, print_job.state, print_job.pages, print_job.printer,
       cert_void.at_ms AS void_ms, cert_void.reason AS void_reason
FROM cert_issue JOIN print_job ON print_job.issue = cert_issue.no LEFT JOIN cert_void ON cert_void.no = cert_issue.no
WHERE cert_issue.request = :key ORDER BY cert_issue.copy LIMIT :max;

-- name: cert_issues_by_day  rows: many
SELECT cert_issue.*, print_job.id AS job, print_job.state, print_job.pages, print_job.printer,
       cert_void.at_ms AS void_ms, cert_void.reason AS void_reason
FROM cert_issue CROSS JOIN print_job ON print_job.issue = cert_issue.no
     LEFT JOIN cert_void ON cert_void.no = cert_issue.no
WHERE cert_issue.issued_on = :key ORDER BY cert_issue.issued_ms DESC LIMIT :max;

-- name: cert_issues_by_person  rows: many
SELECT cert_issue.*, print_job.id AS job, print_job.state, print_job.pages, print_job.printer,
       cert_void.at_ms AS void_ms, cert_void.reason AS void_reason
FROM cert_issue_person CROSS JOIN cert_issue ON cert_issue.no = cert_issue_person.issue
     CROSS JOIN print_job ON print_job.issue = cert_issue.no LEFT JOIN cert_void ON cert_void.no = cert_issue.no
WHERE cert_issue_person.person = :key ORDER BY cert_issue.issued_ms DESC LIMIT :max;

-- name: cert_issue_persons  rows: many
SELECT person, rev FROM cert_issue_person WHERE issue = :issue ORDER BY person;

-- name: cert_void_add  rows: none
INSERT INTO cert_void (no, at_ms, operator, reason, fee_back) VALUES (:no, :at_ms, :operator, :reason, :fee_back);

-- name: cert_day_sums  rows: one
SELECT count(DISTINCT cert_issue.request) AS requests, count(*) AS copies,
       coalesce(sum(CASE WHEN coalesce(cert_void.fee_back, 0) = 0 AND print_job.state = 'printed'
                    THEN cert_issue.fee ELSE 0 END), 0) AS fees,
       coalesce(sum(print_job.state = 'printed' AND cert_void.no IS NULL), 0) AS handed,
       coalesce(sum(print_job.state = 'spoiled'), 0) AS spoiled,
       coalesce(sum(cert_void.no IS NOT NULL), 0) AS voided,
       coalesce(sum(print_job.pages), 0) AS sheets,
       coalesce(sum(CASE WHEN print_job.state = 'printed' AND cert_void.no IS NULL THEN print_job.pages ELSE 0 END), 0)
           AS sheets_good
FROM cert_issue CROSS JOIN print_job ON print_job.issue = cert_issue.no
     LEFT JOIN cert_void ON cert_void.no = cert_issue.no
WHERE cert_issue.issued_on = :day;

-- name: cert_outage_sums  rows: one
SELECT count(DISTINCT cert_issue.request) AS requests, count(*) AS copies,
       coalesce(sum(CASE WHEN coalesce(cert_void.fee_back, 0) = 0 AND print_job.state = 'printed'
                    THEN cert_issue.fee ELSE 0 END), 0) AS fees,
       coalesce(sum(print_job.state = 'printed' AND cert_void.no IS NULL), 0) AS handed,
       coalesce(sum(print_job.state = 'spoiled'), 0) AS spoiled,
       coalesce(sum(cert_void.no IS NOT NULL AND print_job.state <> 'spoiled'), 0) AS voided,
       coalesce(sum(print_job.pages), 0) AS sheets,
       coalesce(sum(CASE WHEN print_job.state = 'printed' AND cert_void.no IS NULL THEN print_job.pages ELSE 0 END), 0)
           AS sheets_good
FROM cert_issue CROSS JOIN print_job ON print_job.issue = cert_issue.no
     LEFT JOIN cert_void ON cert_void.no = cert_issue.no
WHERE cert_issue.outage_no = :outage AND cert_issue.outage_no <> '';
