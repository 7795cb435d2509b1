"""检举控告工作规则 15: only number, date and post are kept, and what was registered by mistake is gone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from services.intake.attachments.models import Attachment, AttachmentContent
from services.intake.first_reading.models import Instruction, Reading
from services.intake.identities.models import Identity, IdentityAccess
from services.intake.imports.models import Import, ImportPiece
from services.intake.imports.rules import State as ImportState
from services.intake.messages.models import Message
from services.intake.petitioner_requests.models import PetitionerRequest
from services.intake.progress.models import Progress, ProgressStep
from services.intake.registration.models import Petition, QueryCode
from services.intake.sealed_route.models import SealedMatter
from shared import clock
from shared.contracts.assignment import CaseOpenedV1
from tests.factories import look, petition_body
from tests.ground import Ground
from tests.intake.files import PDF, form
from tests.intake.import_ground import counts, imported, row, workbook
from tests.intake.steps import accepted, at, case_data, in_charge, step, tell

MARK = "标记"


def entry(**changes: Any) -> dict[str, Any]:
    return {"handed_over_on": clock.today().isoformat(), "handed_over_by": "clerk-1"} | changes


def test_the_register_has_room_for_nothing_else(stepped: Ground) -> None:
    assert set(SealedMatter.__table__.columns.keys()) == {"number", "handed_over_on", "handed_over_by"}
    client = stepped.client("intake", "clerk-1")
    answer = client.post("/api/sealed-matters", json=entry())
    assert answer.status_code == 201
    assert answer.json["number"] == f"JS{clock.today().year}-000001"
    assert [m["number"] for m in client.get("/api/sealed-matters").json["items"]] == [answer.json["number"]]
    assert stepped.outbox("intake") == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": "内容"}, "text"),
        ({"handed_over_by": "nobody"}, "handed_over_by"),
        ({"handed_over_on": (clock.today() + timedelta(days=2)).isoformat()}, "handed_over_on"),
    ],
)
def test_what_does_not_belong_there_is_refused(stepped: Ground, wrong: dict[str, Any], field: str) -> None:
    answer = stepped.client("intake", "clerk-1").post("/api/sealed-matters", json=entry(**wrong))
    assert answer.status_code == 422 and field in answer.json["errors"]
    assert "内容" not in answer.text
    assert stepped.rows("intake", SealedMatter) == []


@pytest.mark.parametrize("post", ["head", "leader-1", "supervisor-1", "operator-1", "liaison-police"])
def test_only_the_petition_office_sees_the_register(stepped: Ground, post: str) -> None:
    assert stepped.client("intake", post).get("/api/sealed-matters").status_code == 403


def full_petition(ground: Ground) -> tuple[dict[str, Any], str]:
    """A petition of which everything is known that can be, every text of it marked; with its code."""
    body = petition_body(
        title=MARK,
        text=MARK,
        complained_of=MARK,
        place=MARK,
        source_number=MARK,
        content_class="09",
        publicity_consent=True,
        person={"name": MARK, "phone": "13800000000"},
        complained_of_units=["office-2"],
    )
    made = ground.client("intake", "clerk-1").post("/api/petitions", json=body).json
    petition, id_ = made["petition"], made["petition"]["id"]
    transfer = step(ground, petition, "transfer", to_agency="agency-police")
    assert transfer.status_code == 200, transfer.text
    police = ground.client("intake", "liaison-police")
    [row] = police.get("/api/transfers").json["items"]
    returned = {"version": row["version"], "reason": "not_competent", "note": f"{MARK}不属本局"}
    assert police.post(f"/api/transfers/{row['id']}/return", json=returned).status_code == 200
    clerk, head = ground.client("intake", "clerk-1"), ground.client("intake", "head")
    now = clerk.get(f"/api/petitions/{id_}").json
    petition = step(ground, now, "accept", category="accusation").json
    signed = head.post(
        f"/api/petitions/{id_}/instructions", json={"text": f"{MARK}请核实", "addressee": "office-1"}
    )
    assert signed.status_code == 201
    look(ground, id_, f"{MARK}核实")
    tell(
        ground.instance("intake").db,
        CaseOpenedV1,
        **case_data(id_, petition["number"], **in_charge()),
        township="420324100",
        superior_assigned=False,
        opened_at=at(10),
    )
    _correspond(ground, made["code"])
    return petition, made["code"]


def _correspond(ground: Ground, code: str) -> None:
    portal = ground.client("intake", None)
    file = form((f"{MARK}.pdf", PDF), code=code)
    sent = [
        portal.post("/api/portal/messages", json={"code": code, "text": MARK}),
        portal.post("/api/portal/requests", json={"code": code, "kind": "retaliation", "text": MARK}),
        portal.post("/api/portal/attachments", data=file, content_type="multipart/form-data"),
    ]
    assert [answer.status_code for answer in sent] == [201, 201, 201]


def test_sealing_away_leaves_number_and_date(stepped: Ground) -> None:
    petition, code = full_petition(stepped)
    answer = step(stepped, petition, "seal-away")
    assert answer.status_code == 200, answer.text
    assert answer.json["number"] == petition["number"]
    [event] = stepped.outbox("intake", "intake.petition.withdrawn.v1")
    assert set(event.data) == {"petition_id", "number", "withdrawn_at"}
    corresponded = (Attachment, AttachmentContent, Message, PetitionerRequest)
    for table in (Identity, QueryCode, Instruction, Reading, Progress, ProgressStep, *corresponded):
        assert stepped.rows("intake", table) == []
    [kept] = stepped.rows("intake", Petition)
    assert not kept.publicity_consent
    assert (kept.number, kept.received_on.isoformat()) == (petition["number"], petition["received_on"])
    assert [log.post for log in stepped.rows("intake", IdentityAccess)] == ["clerk-1", "head", "clerk-1"]
    assert MARK not in everything_in(stepped)
    assert stepped.client("intake", None).post("/api/portal/lookup", json={"code": code}).status_code == 404


def everything_in(ground: Ground) -> str:
    """Every value of every row of intake's database."""
    with ground.instance("intake").db.read() as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        found = [session.execute(text(f'SELECT * FROM "{name}"')).all() for name in tables]
    return str(found)


@pytest.mark.parametrize("post", ["clerk-1", "head", "supervisor-1", "leader-1", "township-420324100"])
def test_nobody_finds_it_any_more(stepped: Ground, post: str) -> None:
    petition, _code = full_petition(stepped)
    step(stepped, petition, "seal-away")
    client = stepped.client("intake", post)
    assert client.get(f"/api/petitions/{petition['id']}").status_code == 404
    assert client.get("/api/petitions").json["items"] == []
    assert stepped.client("intake", "liaison-police").get("/api/transfers").json["items"] == []
    assert stepped.client("intake", "head").get("/api/reading-list").json["items"] == []


def test_an_event_that_comes_late_brings_nothing_back(stepped: Ground) -> None:
    petition, _code = full_petition(stepped)
    step(stepped, petition, "seal-away")
    data = case_data(petition["id"], petition["number"], **in_charge())
    more = {"township": "420324100", "superior_assigned": False, "opened_at": at(12)}
    tell(stepped.instance("intake").db, CaseOpenedV1, **data, **more)
    assert stepped.rows("intake", Progress) == []


def test_it_is_done_once_and_not_by_the_head(stepped: Ground) -> None:
    petition, _code = full_petition(stepped)
    assert step(stepped, petition, "seal-away", by="head").status_code == 403
    assert step(stepped, petition | {"version": 1}, "seal-away").status_code == 409
    assert step(stepped, petition, "seal-away").status_code == 200
    assert step(stepped, petition, "seal-away").status_code == 404
    assert len(stepped.rows("intake", SealedMatter)) == 1


def test_the_file_that_brought_it_goes_too(stepped: Ground) -> None:
    job = imported(stepped, workbook(row(1), row(2)))
    assert (job["state"], len(stepped.rows("intake", ImportPiece))) == ("done", 1)
    clerk = stepped.client("intake", "clerk-1")
    petition = clerk.get("/api/petitions").json["items"][0]
    assert step(stepped, petition, "seal-away").status_code == 200
    assert stepped.rows("intake", ImportPiece) == []
    again = imported(stepped, workbook(row(1), row(2)))
    assert counts(again) == {"known": 2}


def test_it_waits_for_an_import_that_is_running(stepped: Ground) -> None:
    imported(stepped, workbook(row(1)))
    clerk = stepped.client("intake", "clerk-1")
    petition = clerk.get("/api/petitions").json["items"][0]
    with stepped.instance("intake").db.write() as session:
        session.scalars(select(Import)).one().state = ImportState.RUNNING
    answer = step(stepped, petition, "seal-away")
    assert (answer.status_code, answer.json["type"]) == (409, "urn:huajie:problem:out-of-order")
    assert clerk.get(f"/api/petitions/{petition['id']}").json["title"] == petition["title"]


def test_every_service_drops_it(stepped: Ground) -> None:
    petition = accepted(stepped)
    stepped.carry()
    lists = {
        "assignment": ("clerk-1", "/api/cases"),
        "supervision": ("clerk-1", "/api/clocks"),
        "notify": ("leader-1", "/api/inbox"),
        "reporting": ("head", "/api/board/petitions"),
    }

    def shown() -> dict[str, bool]:
        return {
            name: petition["number"] in stepped.client(name, post).get(path).text
            for name, (post, path) in lists.items()
        }

    assert shown() == dict.fromkeys(lists, True)
    step(stepped, petition, "seal-away")
    stepped.carry()
    assert shown() == dict.fromkeys(lists, False)
