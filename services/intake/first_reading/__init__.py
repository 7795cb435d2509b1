"""M4: the head reads every petition and signs an instruction; a deputy does on a recorded delegation."""
