"""Backup and restore of all services to one moment, so that none knows of an event which another has lost."""
