"""alembic's entry: the same for every service."""

from shared.db.migrate import run_env

run_env()
