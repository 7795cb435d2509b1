"""The handling record: what was done in a case, day by day, never altered."""
