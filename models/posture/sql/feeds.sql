SELECT feed, state, message FROM meta.feeds WHERE feed IN ('settings', 'users')
