-- Domains that Zoom still lists.
SELECT kind, domain, status
FROM ingest.domains
WHERE removed_at IS NULL
ORDER BY kind, domain
