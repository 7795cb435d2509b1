"""Who asks too often is told to wait; nobody else is kept waiting for it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared.runtime.settings import Settings
from tests.factories import petition_body
from tests.ground import Ground, clear_memory_bus
from tests.intake.test_portal_pages import Phone


@pytest.fixture
def limited(settings: Settings) -> Iterator[Callable[..., Ground]]:
    """Makes a ground with limits."""
    grounds: list[Ground] = []
    clear_memory_bus()

    def make(**limits: Any) -> Ground:
        grounds.append(Ground(replace(settings, **limits)))
        return grounds[-1]

    yield make
    for ground in grounds:
        ground.stop()


def test_a_post_has_its_own_budget_at_each_service(limited: Callable[..., Ground]) -> None:
    ground = limited(rate_per_post=5)
    clerk = ground.client("intake", "clerk-1")
    clerk.set_cookie("huajie-language", "en")
    assert [clerk.get("/api/me").status_code for _ in range(6)] == [200] * 5 + [429]
    refused = clerk.get("/register")
    assert refused.status_code == 429 and "Wait a minute" in refused.text
    problem = clerk.get("/api/me")
    assert problem.json["type"] == "urn:huajie:problem:too-many-requests"
    assert problem.headers["Retry-After"] == "60"
    assert ground.client("intake", "clerk-2").get("/api/me").status_code == 200
    assert ground.client("assignment", "clerk-1").get("/api/me").status_code == 200


def test_who_is_refused_anyway_costs_nobody_anything(limited: Callable[..., Ground]) -> None:
    ground = limited(rate_per_post=2, rate_submissions=2, rate_portal=2)
    nobody = ground.client("intake", None)
    assert {nobody.get("/api/me").status_code for _ in range(9)} == {401}
    assert {nobody.get("/portal").status_code for _ in range(9)} == {200}
    assert {nobody.get("/health/live").status_code for _ in range(9)} == {200}
    nobody.environ_base["HTTP_AUTHORIZATION"] = "Bearer forged"
    assert {nobody.get("/api/me").status_code for _ in range(9)} == {401}


def test_the_portal_takes_so_many_petitions_from_all_together(limited: Callable[..., Ground]) -> None:
    ground = limited(rate_submissions=2)
    left_out = ("channel", "organ", "received_on")
    body = {name: value for name, value in petition_body().items() if name not in left_out}
    api = ground.client("intake", None)
    assert api.post("/api/portal/petitions", json=body).status_code == 201
    phone = Phone(ground)
    assert phone.submit().status_code == 200
    code = phone.code
    refused = phone.submit(sheet="f" * 32)
    assert refused.status_code == 429 and refused.headers["Retry-After"] == "60"
    assert api.post("/api/portal/petitions", json=body).status_code == 429
    assert len(ground.client("intake", "clerk-1").get("/api/petitions").json["items"]) == 2
    # To look up, to write and to register at the window go on.
    assert phone.look_up(code).status_code == 303
    assert phone.send("/portal/standing/messages", text="请问进展如何").status_code == 303
    assert ground.client("intake", "clerk-1").post("/api/petitions", json=petition_body()).status_code == 201


def test_nothing_is_limited_where_the_setting_is_0(limited: Callable[..., Ground]) -> None:
    clerk = limited(rate_per_post=0).client("intake", "clerk-1")
    assert {clerk.get("/api/me").status_code for _ in range(50)} == {200}
