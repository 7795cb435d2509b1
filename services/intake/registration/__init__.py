"""M1: a petition arrives by any channel, gets its number and its query code."""
