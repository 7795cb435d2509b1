"""What the commands of `huajie` share: which service is meant, with its settings from the environment."""

import click

from services import all_services
from shared.errors import SettingError
from shared.runtime.service import Instance, Service
from shared.runtime.settings import Settings, load_settings


def service_named(name: str) -> Service:
    """The service of that name. Raises click.BadParameter listing the names."""
    services = {s.name: s for s in all_services()}
    if name not in services:
        raise click.BadParameter(f"{name!r} is none of {', '.join(services)}")
    return services[name]


def instance_named(name: str) -> Instance:
    """A service with its settings from the environment."""
    return Instance(service_named(name), load_settings())


def all_instances(settings: Settings) -> list[Instance]:
    """All five services."""
    return [Instance(service, settings) for service in all_services()]


SERVICE = click.argument(
    "service", metavar="SERVICE", type=click.Choice([service.name for service in all_services()])
)


def need_peers(instance: Instance) -> None:
    """Raises SettingError where PEERS lacks a service whose events this one handles."""
    from shared.runtime.check import missing_peers

    if complaint := missing_peers(instance):
        raise SettingError(complaint)


def need_ready(instance: Instance) -> None:
    """Raises SettingError where a service may not start; a database that is away is no reason not to."""
    from sqlalchemy.exc import DBAPIError

    verify = instance.service.verify
    try:
        if verify:
            verify(instance)
    except DBAPIError:
        return  # it comes, and until then every request says so
    finally:
        instance.db.close()
