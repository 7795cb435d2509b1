"""Intake's part of a petition's page: where it stands, what happened, the original, and the steps."""
