"""M3: a registered petition is accepted, declined or transferred, and why stays on file."""
