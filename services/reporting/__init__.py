"""Reporting 报告: owns read models, the board and the monthly summary.

service.py says what it publishes and handles; each folder is one mechanism.
"""
