"""M6: who answers for which township, from when to when, and who stands in for an absent leader."""
