"""M26: the monthly summary: numbered, frozen as issued, with a variant for outside."""
