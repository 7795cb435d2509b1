"""M17: how long each duty may take, as data with its source."""
