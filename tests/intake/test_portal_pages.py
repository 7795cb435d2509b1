"""The portal's pages as forms: sent twice, too large, and for how long a code keeps a page open."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.intake.attachments.models import Attachment
from services.intake.identities.vault import vault_of
from services.intake.messages.models import Message
from services.intake.portal.commands import SENT_AGAIN_WITHIN
from services.intake.portal.receipt import LOOK_UP, receipt_of
from services.intake.portal.rules import VISIT_LASTS
from services.intake.registration.commands import issue_code_later
from services.intake.registration.models import Petition
from shared import clock
from tests.ground import Ground, clear_memory_bus, one_process
from tests.intake.files import EXE, PDF, form
from tests.intake.steps import step
from tests.intake.test_portal import submitted

SHEET = "0123456789abcdef0123456789abcdef"
TEXT = "村里的路修了一半就停了"


class Phone:
    """A browser without script that goes through the portal."""

    def __init__(self, ground: Ground) -> None:
        self.client: FlaskClient = ground.composed.app("intake").test_client()
        self.page: Any = self.client.get("/portal/look-up")
        self.token = found(r'name="csrf_token" value="([^"]+)"', self.page.text)

    def send(self, path: str, **fields: Any) -> Any:
        data = {"csrf_token": self.token} | fields
        self.page = self.client.post(path, data=data, content_type="multipart/form-data")
        return self.page

    def submit(self, **fields: Any) -> Any:
        return self.send("/portal/submit", **{"sheet": SHEET, "text": TEXT, "how": "anonymous"} | fields)

    def look_up(self, code: str, **fields: Any) -> Any:
        return self.send("/portal/look-up", code=code, **fields)

    @property
    def code(self) -> str:
        return "-".join(re.findall(r"<span>([2-9A-Z]{4})</span>", self.page.text))

    @property
    def standing(self) -> Any:
        return self.client.get("/portal/standing")


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, text
    return html.unescape(match[1])


@pytest.fixture
def phone(stepped: Ground) -> Phone:
    return Phone(stepped)


@pytest.fixture
def now() -> Iterator[Any]:
    with clock.travel(clock.now()) as move:
        yield move


def test_sent_twice_it_is_registered_once_and_only_the_last_code_opens(stepped: Ground, phone: Phone) -> None:
    phone.submit(**form(("a.pdf", PDF)))
    first = phone.code
    phone.submit(**form(("a.pdf", PDF)))
    second = phone.code
    assert len(stepped.rows("intake", Petition)) == len(stepped.rows("intake", Attachment)) == 1
    assert phone.look_up(first).status_code == 404
    assert phone.look_up(second).status_code == 303


def test_what_was_changed_before_it_was_sent_again_is_another_petition(stepped: Ground, phone: Phone) -> None:
    phone.submit()
    phone.submit(text="另一件事")
    assert len(stepped.rows("intake", Petition)) == 2


def test_sent_again_much_later_it_gives_no_code(stepped: Ground, phone: Phone, now: Any) -> None:
    phone.submit()
    first = phone.code
    now(SENT_AGAIN_WITHIN + timedelta(seconds=1))
    assert phone.submit().status_code == 409 and phone.code == ""
    assert phone.look_up(first).status_code == 303


def test_who_knows_the_id_of_a_petition_gets_no_code_by_it(stepped: Ground, phone: Phone) -> None:
    phone.submit()
    [petition] = stepped.rows("intake", Petition)
    for sheet in (petition.id.hex, str(petition.id)):
        phone.submit(sheet=sheet)
    assert len(stepped.rows("intake", Petition)) == 3


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"text": ""}, {"text"}),
        ({"how": ""}, {"how"}),
        ({"how": "named"}, {"person.name"}),
        ({"how": "named", "person.name": "甲某"}, {"person.phone"}),
        ({"how": "joint", "text": ""}, {"text", "person.name", "petitioner_count"}),
        ({"township": "000000000"}, {"township"}),
        (
            {"how": "joint", "person.name": "甲", "person.phone": "1", "petitioner_count": "3"},
            {"petitioner_count"},
        ),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(
    stepped: Ground, phone: Phone, fields: dict[str, str], wrong: set[str]
) -> None:
    answer = phone.submit(**{"place": "三组到小学"} | fields)
    assert answer.status_code == 422
    assert set(re.findall(r'id="([a-z._]+)-error"', answer.text)) == wrong
    assert 'value="三组到小学"' in answer.text
    assert stepped.rows("intake", Petition) == []


def test_each_way_keeps_only_what_belongs_to_it(stepped: Ground, phone: Phone) -> None:
    people = {
        "person.name": "甲某",
        "person.phone": "13800000000",
        "petitioner_count": "12",
        "representatives.2.name": "乙某",
        "representatives.2.phone": "13900000000",
    }
    for how in ("anonymous", "named", "joint"):
        assert phone.submit(text=how, how=how, **people).status_code == 200, phone.page.text
    found = {
        p.text: (p.signature, p.petitioner_count, p.representative_count)
        for p in stepped.rows("intake", Petition)
    }
    assert found == {
        "anonymous": ("anonymous", 1, 0),
        "named": ("real_name", 1, 0),
        "joint": ("joint", 12, 2),
    }


def test_a_file_that_is_not_taken_keeps_all_from_being_sent(stepped: Ground, phone: Phone) -> None:
    answer = phone.submit(**form(("a.pdf", PDF), ("照片.jpg", EXE)))
    assert answer.status_code == 422 and 'id="files-error"' in answer.text and TEXT in answer.text
    assert stepped.rows("intake", Petition) == []


def test_too_much_at_once_is_told_so(settings: Any) -> None:
    clear_memory_bus()
    with Ground(replace(settings, max_upload_bytes=2**20)) as ground:
        answer = Phone(ground).submit(**form(("a.pdf", PDF + b"x" * 2**20)))
        assert answer.status_code == 413 and "1 MB" in answer.text
        assert ground.rows("intake", Petition) == []


def test_the_code_is_in_no_address_and_no_cookie(phone: Phone) -> None:
    phone.submit()
    code = phone.code
    assert len(code) == 19
    answer = phone.look_up(code)
    headers = str(answer.headers) + str(phone.page.headers)
    assert code not in headers and code.replace("-", "") not in headers
    assert answer.headers["Location"].endswith("/portal/standing")
    cookie = phone.client.get_cookie("huajie-intake")
    assert cookie is not None and code not in cookie.decoded_value


def test_the_receipt_leads_to_the_look_up_with_the_code_behind_the_hash(tmp_path: Any) -> None:
    clear_memory_bus()
    settings = replace(one_process(tmp_path), public_url="https://petitions.example")
    with Ground(settings) as ground, ground.composed.app("intake").app_context():
        shown = receipt_of("ZX2026-000001", "ABCD-EFGH-JKMN-PQRS")
    assert shown.address == f"https://petitions.example/intake{LOOK_UP}"
    assert "<svg" in shown.qr and "style" not in shown.qr and "ABCD" not in repr(shown)


def test_a_visit_ends_half_an_hour_after_the_last_step(phone: Phone, now: Any) -> None:
    phone.submit()
    phone.look_up(phone.code)
    for _ in range(2):
        now(VISIT_LASTS - timedelta(minutes=1))
        assert phone.standing.status_code == 200
    now(VISIT_LASTS + timedelta(seconds=1))
    assert phone.standing.headers["Location"].endswith("/portal/look-up")


def test_what_was_typed_meanwhile_waits_for_the_code(stepped: Ground, phone: Phone, now: Any) -> None:
    phone.submit()
    code = phone.code
    phone.look_up(code)
    now(VISIT_LASTS + timedelta(minutes=5))
    answer = phone.send("/portal/standing/messages", text="打了很久的字")
    assert answer.status_code == 401 and stepped.rows("intake", Message) == []
    carried = dict(re.findall(r'name="(carried\.\w+)" value="([^"]*)"', answer.text))
    assert phone.look_up("2222", **carried).status_code == 404
    assert dict(re.findall(r'name="(carried\.\w+)" value="([^"]*)"', phone.page.text)) == carried
    answer = phone.look_up(code, **carried)
    assert answer.status_code == 200 and "打了很久的字</textarea>" in answer.text
    assert phone.send("/portal/standing/messages", text="打了很久的字").status_code == 303
    assert [message.text for message in stepped.rows("intake", Message)] == ["打了很久的字"]


def test_leaving_ends_it_at_once(phone: Phone) -> None:
    phone.submit()
    phone.look_up(phone.code)
    phone.send("/portal/leave")
    assert phone.standing.status_code == 303


def test_it_ends_where_another_code_was_issued_or_the_petition_is_gone(stepped: Ground, now: Any) -> None:
    for end in ("code", "seal-away"):
        petition, code = submitted(stepped)
        phone = Phone(stepped)
        phone.look_up(code)
        assert phone.standing.status_code == 200
        now(timedelta(seconds=1))
        if end == "code":
            with stepped.instance("intake").db.write() as session:
                found = session.get_one(Petition, UUID(petition["id"]))
                issue_code_later(session, found, vault_of(stepped.instance("intake")), lost=True)
        else:
            assert step(stepped, petition, "seal-away").status_code == 200
        assert phone.standing.status_code == 303
        assert phone.send("/portal/standing/messages", text="在吗").status_code == 401


def test_a_look_marks_the_answers_as_read(stepped: Ground, phone: Phone) -> None:
    petition, code = submitted(stepped)
    path = f"/api/petitions/{petition['id']}/messages"
    stepped.client("intake", "clerk-1").post(path, json={"text": "请补充照片"})
    phone.look_up(code)
    assert "请补充照片" in phone.standing.text
    [message] = stepped.rows("intake", Message)
    assert message.read_at is not None and message.read_by is None


@pytest.mark.parametrize("path", ["messages", "ratings", "requests"])
def test_without_a_code_nothing_is_done(stepped: Ground, phone: Phone, path: str) -> None:
    answer = phone.send(f"/portal/standing/{path}", text="在吗", kind="retaliation", rating="satisfied")
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["submit", "look-up", "standing/messages", "standing/requests", "leave"])
def test_a_form_of_another_site_is_refused(stepped: Ground, path: str) -> None:
    client = stepped.composed.app("intake").test_client()
    answer = client.post(f"/portal/{path}", data={"text": TEXT, "how": "anonymous"})
    assert answer.status_code == 400 and stepped.rows("intake", Petition) == []
