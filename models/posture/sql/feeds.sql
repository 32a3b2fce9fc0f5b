SELECT feed, state, message FROM meta.feeds
