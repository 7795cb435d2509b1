"""Nobody's network address is kept: not in a database, a log or a file, of no service, by no route."""

import logging
from pathlib import Path

import pytest

from shared.identity.roles import Role
from shared.web.access_table import REFUSED
from tests.ground import Ground
from tests.security.asking import SERVICES, ask, ids_at, listed
from tests.security.browser import Browser
from tests.security.objects import MORNING, NEVER, POSTS, WITHIN, Objects

ADDRESSES = ("203.0.113.77", "2001:db8::77:1")  # of documentation networks: nobody's
HEADERS = ("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CF_CONNECTING_IP")


def test_no_address_is_kept(stepped: Ground, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    from shared import clock

    with clock.travel(MORNING) as move:
        objects = Objects(stepped)
        objects.make(move)
        asked = 0
        for name in SERVICES:
            for row in listed(name):
                role = next((role for role in Role if row.cell(role) != REFUSED), Role.OPERATOR)
                for where, post in ((WITHIN, POSTS[role]), (NEVER, None)):
                    client = stepped.client(name, post)
                    client.environ_base.update(dict.fromkeys(HEADERS, ADDRESSES[asked % 2]))
                    ask(client, row, (ids_at(objects, name, row, where, role) or [{}])[0])
                    asked += 1
        browser = Browser(stepped)
        browser.client.open("/intake/sign-in", environ_base=dict.fromkeys(HEADERS, ADDRESSES[0]))
        stepped.carry()
    assert asked > 400
    assert not [address for address in ADDRESSES if address in caplog.text]
    directory = Path(stepped.settings.data_dir)
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".db"}
    kept = {
        f"{path.name}: {address}"
        for path in files
        for address in ADDRESSES
        if address.encode() in path.read_bytes()
    }
    assert kept == set()
