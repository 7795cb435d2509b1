"""Assignment 包案: owns the roster, cases and their plans, the handling record, closing and reply.

service.py says what it publishes and handles; each folder is one mechanism.
"""
