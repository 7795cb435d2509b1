"""alembic revisions of this service, oldest first by file name."""
