-- name: PutPersonnel :exec
INSERT INTO clinical.personnel (agency_id, subject, update_time) VALUES (@agency_id, @subject, @update_time)
ON CONFLICT (agency_id, subject) DO UPDATE SET update_time = excluded.update_time;

-- name: CrewIDsOf :many
SELECT crew_id FROM clinical.personnel_crew_id WHERE agency_id = @agency_id AND subject = @subject ORDER BY crew_id;

-- name: DropCrewIDs :exec
DELETE FROM clinical.personnel_crew_id
WHERE agency_id = @agency_id AND subject = @subject AND crew_id <> ALL (@keep::text[]);

-- name: AddCrewIDs :exec
INSERT INTO clinical.personnel_crew_id (agency_id, crew_id, subject)
SELECT @agency_id, unnest(@crew_ids::text[]), @subject;

-- name: ListPersonnel :many
SELECT p.subject, p.update_time,
    ARRAY(SELECT c.crew_id FROM clinical.personnel_crew_id c
        WHERE c.agency_id = p.agency_id AND c.subject = p.subject ORDER BY c.crew_id)::text[] AS crew_ids
FROM clinical.personnel p
WHERE p.agency_id = @agency_id AND p.subject > @after
ORDER BY p.subject
LIMIT @row_limit;
