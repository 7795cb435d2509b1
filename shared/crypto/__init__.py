"""Sealing data at rest: the two suites of ciphers, and the master keys that wrap all other keys."""
