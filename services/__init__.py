"""The five services. The only place that lists them."""

from shared.runtime.service import Service


def all_services() -> tuple[Service, ...]:
    """Every service, in the order in which a petition passes them."""
    from services.assignment.service import SERVICE as ASSIGNMENT
    from services.intake.service import SERVICE as INTAKE
    from services.notify.service import SERVICE as NOTIFY
    from services.reporting.service import SERVICE as REPORTING
    from services.supervision.service import SERVICE as SUPERVISION

    return (INTAKE, ASSIGNMENT, SUPERVISION, NOTIFY, REPORTING)
