"""Intake 受理: owns petitions, petitioners' identities, imports, screening, first reading, the public portal.

service.py says what it publishes and handles; each folder is one mechanism.
"""
