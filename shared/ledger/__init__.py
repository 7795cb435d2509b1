"""A ledger whose tampering shows: who changed what and when, who read an identity, what was issued."""
