"""The database plumbing that every service has: engine, sessions, outbox, inbox, migrations."""
