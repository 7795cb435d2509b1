"""`huajie check` names what an operator would otherwise find out from the people who wait."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from services import all_services
from shared import clock
from shared.db.inbox import Inbox, State
from shared.db.migrate import FOREIGN, upgrade
from shared.errors import SettingError
from shared.runtime.check import check_service
from shared.runtime.service import Instance
from shared.runtime.settings import Settings
from tests.factories import new_petition
from tests.ground import Ground

pytestmark = pytest.mark.slow

SERVICES = {service.name: service for service in all_services()}


def amiss(instance: Instance) -> list[str]:
    return [line for ok, line in check_service(instance) if not ok]


def test_nothing_is_amiss_where_all_is_well(stepped: Ground) -> None:
    assert [amiss(instance) for instance in stepped.composed.instances.values()] == [[]] * 5


def test_events_that_nobody_publishes_are_told(stepped: Ground) -> None:
    new_petition(stepped)
    assert amiss(stepped.instance("intake")) == []
    with clock.travel(clock.now() + timedelta(minutes=2)):
        [line] = amiss(stepped.instance("intake"))
    assert line.startswith("1 events wait to be published and 0 to be handled")
    assert "`huajie run`" in line
    apart = replace(stepped.instance("intake").settings, bus_url="amqp://guest:guest@127.0.0.1:1//")
    with clock.travel(clock.now() + timedelta(minutes=2)):
        assert any("`huajie worker intake`" in line for line in amiss(Instance(SERVICES["intake"], apart)))


def test_parked_messages_are_told(stepped: Ground) -> None:
    new_petition(stepped)
    stepped.carry()
    with stepped.instance("notify").db.write() as session:
        session.execute(update(Inbox).values(state=State.PARKED))
    assert amiss(stepped.instance("notify")) == ["1 messages are parked: `huajie parked notify` shows why"]


def test_the_database_of_another_service_is_left_alone(settings: Settings) -> None:
    wrong = replace(settings, database_url=settings.database_url_for("intake"))
    instance = Instance(SERVICES["notify"], wrong)
    with pytest.raises(SettingError, match="a database of its own"):
        upgrade(instance.service, instance.db)
    assert FOREIGN in amiss(instance)
