"""M17: the clock of each duty, from its start to its end."""
