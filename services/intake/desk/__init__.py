"""Intake's part of each role's desk: what is theirs to do, what is due first before the rest."""
