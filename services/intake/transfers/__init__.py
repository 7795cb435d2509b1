"""M3: a petition goes to the competent agency, which signs for it or sends it back with a reason."""
