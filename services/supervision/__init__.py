"""Supervision 督办: owns the clocks of every duty, their extensions, warnings and lateness.

service.py says what it publishes and handles; each folder is one mechanism.
"""
