"""M24: each unit's inbox. A notice says what happened to which number, never what the matter is."""
