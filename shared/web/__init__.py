"""The web shell around each service: application factory, guard, errors, health, operator's pages."""
