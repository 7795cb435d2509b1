"""The words that the services say to each other: one file per owning service, frozen in published/.

A service imports from here, never from another service.
"""
