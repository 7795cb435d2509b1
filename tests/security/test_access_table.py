"""Every route of every service, asked as every role: what deploy/access.csv says is what happens.

Refused by role is 403 and by nobody 401. What a role does not reach, what is kept from its unit (M8) and
what never was are answered alike, word for word.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.identity.roles import SEES_ALL, Role
from shared.identity.tokens import make_peer_token
from shared.runtime.cli import main
from shared.runtime.compose import Together
from shared.web.access_table import ANONYMOUS, NONE, OPEN, PEER, REFUSED, Row, as_csv, table
from tests.ground import Ground
from tests.journeys.answers import said
from tests.security.asking import SERVICES, TABLE, ask, ids_at, listed, names_in
from tests.security.objects import (
    EXCLUDED,
    NEVER,
    OUTSIDE,
    POSTS,
    UNITS,
    WITHIN,
    Objects,
)

every_service = pytest.mark.parametrize("name", SERVICES)
# The head comes last, who erases what the others are to see.
every_role = pytest.mark.parametrize("role", sorted(Role, key=lambda role: role is Role.HEAD))
SIGN_IN = (  # where 401 or 404 answers what was typed
    "/sign-",
    "/api/tokens",
    "/portal/standing",
    "/api/portal",
    "/metrics",  # without its token it does not exist
)
DEPUTY = "deputy"  # a leader, to whom the head has delegated the reading


def words(answer: TestResponse, ids: dict[str, str]) -> str:
    text = said(answer)
    for id_ in ids.values():
        text = text.replace(id_, "<id>")
    return text


def is_out_of_reach(answer: TestResponse) -> bool:
    """404; or a part of a page that is simply empty."""
    return answer.status_code == 404 or (answer.status_code == 200 and not answer.data)


def wrong_with(objects: Objects, service: str, row: Row, role: Role, post: str) -> str | None:
    """What is amiss with how a post of a role is answered at a route; None where the table is right."""
    objects.ground.tokens.forget(post)  # among the routes are those that end it
    client, cell = objects.ground.client(service, post), row.cell(role)
    never = ids_at(objects, service, row, NEVER, role)[0]
    within = ids_at(objects, service, row, WITHIN, role)
    if cell == REFUSED:
        refused = {ask(client, row, ids).status_code for ids in (never, *within)}
        return None if refused == {401 if row.cell(PEER) == OPEN else 403} else f"refused: {refused}"
    reaches = set(cell.split("+"))
    if "delegation" in reaches and post != DEPUTY:
        reaches.discard("delegation")
        if not reaches:
            answers = {ask(client, row, ids).status_code for ids in (never, *within)}
            return None if answers == {403} else f"no delegation: {answers}"
    may_hide = names_in(row) and row.about
    if may_hide and (complaint := wrong_out_of_reach(objects, service, row, role, client, reaches, never)):
        return complaint
    if cell == NONE:
        return None
    return wrong_within(client, row, cell, within)


def wrong_within(client: FlaskClient, row: Row, cell: str, within: Sequence[dict[str, str]]) -> str | None:
    """Whether nothing is reached; the step's own rules may still say 403, or that it does not fit (409)."""
    refusing = {401, 404, *({403} if cell == OPEN else ())}
    statuses = []
    for ids in within:
        statuses.append(ask(client, row, ids).status_code)
        if statuses[-1] >= 500:
            break
        if statuses[-1] not in refusing:
            return None
    return f"within reach: {statuses}"


def wrong_out_of_reach(
    objects: Objects, service: str, row: Row, role: Role, client: FlaskClient, reaches: set[str], never: Any
) -> str | None:
    """Whether what lies out of reach is told from what never was."""
    reference = ask(client, row, never)
    if not is_out_of_reach(reference):
        return f"never: {reference.status_code} {reference.text[:200]}"
    hidden = []
    if role in UNITS and row.about not in ("imports", "notices"):
        hidden.append(EXCLUDED)
    if reaches.isdisjoint({"all", "delegation"}):
        hidden.append(OUTSIDE)
    if reaches == {NONE}:
        hidden.append(WITHIN)
    for where in hidden:
        for ids in ids_at(objects, service, row, where, role):
            answer = ask(client, row, ids)
            same = (answer.status_code, words(answer, ids)) == (
                reference.status_code,
                words(reference, never),
            )
            if not same:
                return f"{where}: {answer.status_code} and not {reference.status_code}"
    return None


def test_the_table_is_what_the_code_declares(objects: Objects) -> None:
    apps = [(name, objects.ground.composed.app(name)) for name in SERVICES]
    assert TABLE.read_text("utf-8") == as_csv(table(apps)), "run: huajie access > deploy/access.csv"


def test_the_command_prints_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    done = CliRunner().invoke(main, ["access"])
    assert done.output == TABLE.read_text("utf-8"), done.output[-500:]


@every_service
@every_role
def test_a_role_gets_what_the_table_says(objects: Objects, name: str, role: Role) -> None:
    wrong = {}
    posts = [POSTS[role], *([DEPUTY] if role is Role.LEADER else [])]
    for row in listed(name):
        if row.cell(ANONYMOUS) == OPEN:
            continue
        for post in posts:
            if complaint := wrong_with(objects, name, row, role, post):
                wrong[f"{row.method} {row.route} as {post} ({row.cell(role)})"] = complaint
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


@every_service
def test_nobody_and_another_service_get_what_the_table_says(objects: Objects, name: str) -> None:
    wrong, instance = {}, objects.ground.instance(name)
    peer = objects.ground.instance("reporting" if name != "reporting" else "notify")
    for row in listed(name):
        (ids,) = ids_at(objects, name, row, NEVER, Role.OPERATOR)
        nobody, other = objects.ground.client(name, None), objects.ground.client(name, None)
        token = make_peer_token(peer.keys, to=f"/{instance.settings.agency}/{name}")
        other.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        for who, client in ((ANONYMOUS, nobody), (PEER, other)):
            answer = ask(client, row, ids).status_code
            if row.cell(who) == REFUSED:
                good = answer == 401
            elif row.route.startswith(SIGN_IN):
                good = answer not in (403,) and answer < 500
            else:
                good = answer not in (401, 403, 404) and answer < 500
            if not good:
                wrong[f"{row.method} {row.route} as {who} ({row.cell(who)})"] = answer
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


@every_service
def test_an_open_door_answers_everybody_alike(objects: Objects, name: str) -> None:
    wrong = {}
    for row in listed(name):
        if row.cell(ANONYMOUS) == OPEN and row.route != "/":
            clients = [objects.ground.client(name, post) for post in (None, *POSTS.values())]
            answers = {ask(client, row, {}).status_code for client in clients}
            if row.method == "GET" and len(answers) > 1:
                wrong[f"{row.method} {row.route}"] = answers
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


@every_service
@every_role
def test_no_list_names_what_a_role_does_not_reach(objects: Objects, name: str, role: Role) -> None:
    """Nor does any page that is about no matter name one, whatever its role."""
    wrong = {}
    numbers = objects.ids["number"]
    for row in listed(name):
        is_list = (
            row.method == "GET" and not names_in(row) and row.route != "/"
        )  # that is put together of parts
        if not is_list or row.cell(role) == REFUSED:
            continue
        reaches = set(row.cell(role).split("+"))
        hidden = [numbers[EXCLUDED]] if role in UNITS else []
        if role not in SEES_ALL:
            hidden.append(numbers[OUTSIDE])
        if reaches <= {OPEN, NONE}:
            hidden.append(numbers[WITHIN])
        text = said(ask(objects.ground.client(name, POSTS[role]), row, {}))
        if told := [number for some in hidden for number in some if number in text]:
            wrong[row.route] = told
    assert not wrong, "\n".join(f"{where}: {what}" for where, what in wrong.items())


def test_a_number_within_reach_is_shown(objects: Objects) -> None:
    """That the test before looks at answers in which numbers stand at all."""
    for service, path in (("intake", "/register"), ("assignment", "/cases"), ("supervision", "/duties")):
        answer = objects.ground.client(service, "leader-1").get(path)
        assert objects.ids["number"][WITHIN][0] in answer.text


def test_a_route_that_names_no_role_or_reason_has_no_row(together: Ground) -> None:
    from flask import Blueprint

    from shared.errors import SettingError
    from shared.web.access import public
    from shared.web.access_table import rows_of

    assert isinstance(together.composed, Together)
    app = together.composed.app("notify")
    app._got_first_request = False
    for view, text in ((lambda: "", "names no role"), (public(lambda: ""), "open to anyone")):
        blueprint = Blueprint(text.replace(" ", "-"), __name__, url_prefix=f"/{text.replace(' ', '-')}")
        blueprint.get("")(view)
        app.register_blueprint(blueprint)
        with pytest.raises(SettingError, match=text):
            list(rows_of(app))
        app.view_functions[f"{blueprint.name}.<lambda>"].access = frozenset(Role)
