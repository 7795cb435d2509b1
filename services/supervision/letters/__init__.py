"""M18, M19: supervision letters (督办函): numbered, about what is late with a unit, and answered."""
