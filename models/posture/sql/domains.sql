-- Domains that the account manages and that Zoom has verified.
SELECT domain FROM ingest.domains WHERE kind = 'managed' AND lower(status) = 'verified' AND removed_at IS NULL AND domain IS NOT NULL ORDER BY domain
