"""M1: messages between a petitioner, also an anonymous one, and the offices; they stay in intake."""
