"""schemathesis asks each operation of each OpenAPI document what it allows: no 5xx, answers as described.

Ids in paths are made to fit something that exists, half of the time; else all would end at 404.
"""

from typing import Any
from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Uuid, select

from services import all_services
from tests.factories import new_petition
from tests.ground import Ground

POSTS = (None, "clerk-1", "head", "leader-1", "office-1-a", "supervisor-1", "operator-1")
CONFORMING = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 8  # of each operation and mode


def operations(ground: Ground, name: str) -> list[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", ground.composed.app(name))
    return [result.ok() for result in schema.get_all_operations()]


def ids_of(ground: Ground, name: str) -> list[UUID]:
    """Ids of things that exist in a service."""
    instance, found = ground.instance(name), []
    with instance.db.read() as session:
        for table in instance.service.metadata.tables.values():
            keys = [c for c in table.primary_key if isinstance(c.type, Uuid)]
            found += [value for c in keys for value in session.scalars(select(c).limit(3))]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("name", [service.name for service in all_services()])
def test_nothing_breaks_and_answers_are_as_described(
    together: Ground, name: str, mode: GenerationMode
) -> None:
    for _ in range(3):
        new_petition(together)
    together.settle()
    clients = {post: together.client(name, post) for post in POSTS}
    headers = {
        post: {"Authorization": c.environ_base.get("HTTP_AUTHORIZATION", "")} for post, c in clients.items()
    }
    for operation in operations(together, name):
        _ask(operation, mode, headers, ids_of(together, name))


def _ask(operation: Any, mode: GenerationMode, headers: dict[str | None, Any], ids: list[UUID]) -> None:
    @given(
        case=operation.as_strategy(generation_mode=mode),
        post=st.sampled_from(POSTS),
        known=st.sampled_from(ids) if ids else st.none(),
    )
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any, post: str | None, known: UUID | None) -> None:
        if known is not None and known.int % 2 == 0:
            case.path_parameters = {
                name: str(known) if name.endswith("_id") else value
                for name, value in (case.path_parameters or {}).items()
            }
        answer = case.call(headers=headers[post])
        case.validate_response(answer, checks=CONFORMING)

    ask()
