"""The service's start page."""
