-- How the last reading of every feed ended. One that was never read to its end, and has calls left or failed, leaves out nobody knows what.
SELECT feed, state, message, watermark IS NULL AND (coalesce(due, 0) > 0 OR state = 'failed') AS incomplete FROM meta.feeds
