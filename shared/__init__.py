"""What all five services stand on: contracts, the bus, the database plumbing, sign-in, the web shell.

No business rule, no table of one service and no import of a service belongs here.
"""
