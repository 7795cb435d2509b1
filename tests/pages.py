"""Every address that a browser or a program may read, with the roles that may, and ids of what they may see.

The walk is made from the services' own routes: a new page is in it by itself, and where it takes an id that
IDS does not know, whoever walks is told so.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import session as cookie
from flask.testing import FlaskClient
from sqlalchemy import Select, func, literal, select

from services.assignment.cases.models import Case
from services.assignment.cases.queries import cases_for
from services.assignment.roster.models import RosterEntry
from services.intake.attachments.models import Attachment
from services.intake.imports.models import Import
from services.intake.portal import visit
from services.intake.registration.models import Petition
from services.intake.registration.queries import petitions_for
from services.intake.transfers.models import Transfer
from services.intake.transfers.queries import transfers_for
from services.notify.network.models import Extract, Matter
from services.notify.network.queries import extracts_for, matters_for
from services.reporting.bulletin.models import Bulletin
from services.reporting.summary.models import Summary
from services.supervision.clocks.models import Clock
from services.supervision.clocks.queries import clocks_for
from services.supervision.letters.models import Letter
from services.supervision.letters.queries import letters_for
from services.supervision.letters.rules import DRAFT
from shared.county import load_county
from shared.identity.roles import EVERY_ROLE, Role, Viewer
from shared.web.access import PUBLIC
from tests.ground import Ground

TOWNSHIP = "420324100"
POSTS = {  # the posts that have to do with that township, by role
    Role.CLERK: "clerk-1",
    Role.HEAD: "head",
    Role.LEADER: "leader-1",
    Role.OFFICE: "office-1-a",
    Role.TEAM: "team-1",
    Role.TOWNSHIP: f"township-{TOWNSHIP}",
    Role.LIAISON: "liaison-police",
    Role.SUPERVISOR: "supervisor-1",
    Role.OPERATOR: "operator-1",
}
# Files, what the other services ask for, and what is not there unless it is set up (tests/operation and
# test_identity_provider.py have it).
LEFT_OUT = (
    *("/static", "/api/assets", "/events", "/ledger/hashes", "/api/openapi.json"),
    *("/metrics", "/sign-in/provider", "/sign-out/provider"),
)
Ids = Callable[[Viewer], Select[Any]]


def _issued_letters(viewer: Viewer) -> Select[Any]:
    return letters_for(viewer, {}).where(Letter.state != DRAFT).with_only_columns(Letter.id)


# An address, or the names of its ids, at one service or at all: a query for those that a viewer may see.
IDS: dict[str, Ids] = {
    "intake petition_id": lambda viewer: petitions_for(viewer, {}).with_only_columns(Petition.id),
    "assignment petition_id": lambda viewer: cases_for(viewer, {}).with_only_columns(Case.petition_id),
    "supervision petition_id": lambda viewer: clocks_for(viewer, {}).with_only_columns(Clock.petition_id),
    "petition_id attachment_id": lambda viewer: (
        petitions_for(viewer, {})
        .join(Attachment, Attachment.petition_id == Petition.id)
        .with_only_columns(Petition.id, Attachment.id.label("attachment"))
    ),
    "case_id": lambda viewer: cases_for(viewer, {}).with_only_columns(Case.id),
    "clock_id": lambda viewer: clocks_for(viewer, {}).with_only_columns(Clock.id),
    "transfer_id": lambda viewer: transfers_for(viewer).with_only_columns(Transfer.id),
    "notify petition_id": lambda viewer: matters_for(viewer).with_only_columns(Matter.petition_id),
    "extract_id": lambda viewer: extracts_for(viewer, {}).with_only_columns(Extract.id),
    "import_id": lambda viewer: select(Import.id).where(Import.by == viewer.post),
    "summary_id": lambda _viewer: select(Summary.id),
    "bulletin_id": lambda _viewer: select(Bulletin.id),
    "letter_id": lambda viewer: letters_for(viewer, {}).with_only_columns(Letter.id),
    "supervision /letters/<uuid:letter_id>/file": _issued_letters,
    "supervision /api/letters/<uuid:letter_id>/file": _issued_letters,
    "assignment code": lambda _viewer: select(RosterEntry.township),
    "reporting /board/townships/<code>": lambda _viewer: select(literal(TOWNSHIP)),
    "reporting /board/leaders/<code>": lambda _viewer: select(literal("leader-1")),
}
ASKED = {  # what an address must be asked for
    "supervision /api/letters/late-matters": "unit=office-1",
}
NOTHING_THERE = {"reporting petition_id"}  # no part of a petition's page there


@dataclass(frozen=True)
class Page:
    """A readable address of a service for one role (None: nobody signed in); `names` of the ids in it."""

    service: str
    rule: str  # as Flask writes it
    names: tuple[str, ...]
    role: Role | None

    @property
    def post(self) -> str | None:
        return POSTS[self.role] if self.role else None

    def at(self, ids: Sequence[Any]) -> str:
        """The address with ids in it."""
        path = self.rule
        for name, id_ in zip(self.names, ids, strict=True):
            path = re.sub(rf"<(?:[a-z]+:)?{name}>", str(id_), path)
        asked = ASKED.get(f"{self.service} {self.rule}")
        return f"{path}?{asked}" if asked else path


def pages_of(ground: Ground, service: str) -> Iterator[Page]:
    """Each readable address once for each role that may read it."""
    app = ground.composed.app(service)
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        names = tuple(sorted(rule.arguments, key=rule.rule.index))
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(LEFT_OUT):
            continue
        if any(f"{service} {name}" in NOTHING_THERE for name in names):
            continue
        roles = getattr(app.view_functions[rule.endpoint], "access", PUBLIC)
        for role in sorted(roles) if roles else (None, *sorted(EVERY_ROLE)):
            yield Page(service, rule.rule, names, role)


def ids_for(ground: Ground, page: Page, count: int = 1) -> list[tuple[UUID, ...]]:
    """Some ids (at random) that make the page's address whole for its reader; none where nothing is to see.

    Raises KeyError for the name of an id that IDS does not know.
    """
    if not page.names:
        return [()] * count
    viewer = viewer_of(ground, page)
    names = " ".join(page.names)
    finder = IDS.get(f"{page.service} {page.rule}") or IDS.get(f"{page.service} {names}") or IDS[names]
    with ground.instance(page.service).db.read() as session:
        found = finder(viewer).distinct().subquery()
        rows = session.execute(select(*found.columns).order_by(func.random()).limit(count))
        return [tuple(row) for row in rows]


def viewer_of(ground: Ground, page: Page) -> Viewer:
    """Who reads the page."""
    assert page.post and page.role
    post = load_county(ground.settings.county_dir).post(page.post)
    return Viewer(post.code, page.role, post.unit)


def petitioner(ground: Ground, petition_id: UUID) -> FlaskClient:
    """A browser in which the code of a petition was given: it may look at /portal/standing."""
    client = ground.client("intake", None)
    with ground.composed.app("intake").test_request_context():
        visit.begin(petition_id)
        given = dict(cookie)
    with client.session_transaction() as kept:
        kept.update(given)
    return client
