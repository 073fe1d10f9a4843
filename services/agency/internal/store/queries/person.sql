-- name: SeePerson :exec
-- Another replica may have seen the person within the same hour. Values are named again instead of excluded.*, which would need
-- the right to read them.
INSERT INTO agency.person (agency_id, subject, login, roles, first_seen, last_seen)
VALUES (@agency_id, @subject, @login, @roles, @first_seen, @last_seen)
ON CONFLICT (agency_id, subject) DO UPDATE
SET login = @login, roles = @roles, last_seen = @last_seen
WHERE person.last_seen < @last_seen;

-- name: ListPeople :many
SELECT agency_id, subject, login, roles, first_seen, last_seen FROM agency.person
WHERE agency_id = @agency_id AND (login, subject) > (@after_login::text, @after_subject::text)
  AND (@role::text = '' OR @role = ANY (roles))
ORDER BY login, subject LIMIT @row_limit;
