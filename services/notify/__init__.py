"""Notify 通知: owns inboxes of every post and unit, and outgoing e-mail.

service.py says what it publishes and handles; each folder is one mechanism.
"""
