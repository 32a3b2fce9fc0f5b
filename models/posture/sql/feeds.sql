SELECT feed, state, message, watermark IS NULL AND coalesce(due, 0) > 0 AS incomplete FROM meta.feeds
