"""Marked values, and the doors and ways by which they go in besides a petition's straight way."""

import io
from typing import Any

from openpyxl import Workbook

from tests.bus.station import until
from tests.factories import accept, case_of, new_petition, petition_body, step
from tests.ground import Ground
from tests.intake.files import picture
from tests.intake.test_portal_pages import Phone

NAME, PHONE, ID_NUMBER = "欧阳印记", "13912345670", "420324198001010016"
ADDRESS, PLACE, UNIT = "印记街七百七十七号", "印记沟口", "印记镇财政所"
TITLE, TEXT, SAID = "印记标题不得外传", "印记正文说的是某处某事", "印记批示与记录的文字"
CODE_REASON, FILE = "印记打听缘由", "印记名单.xlsx"
MESSAGE, ASKED, ANSWERED = "印记留言里说了姓名", "印记不服与被威胁的经过", "印记给信访人的答复"
EVIDENCE, INSIDE = "印记本人照片.txt", "印记附件里的文字"
PHOTO, DEVICE = "印记家门口.jpg", "MARKED-DEVICE"  # as its EXIF says, see files.py
OF_THE_PERSON = {NAME, PHONE, ID_NUMBER, ADDRESS}
LETTERS = (MESSAGE, ASKED, ANSWERED, EVIDENCE, INSIDE, PHOTO, DEVICE)
MARKS = (*OF_THE_PERSON, PLACE, UNIT, TITLE, TEXT, SAID, CODE_REASON, FILE, *LETTERS, "印记")
PERSON = {"name": NAME, "phone": PHONE, "id_number": ID_NUMBER, "address": ADDRESS}
MARKED = {"title": TITLE, "text": TEXT, "place": PLACE, "complained_of": UNIT, "person": PERSON}


def other_doors(ground: Ground, petition_id: str) -> set[str]:
    """The portal, an import with good and bad rows, looks at an identity, and requests that fail.

    Gives what else may come out nowhere: a query code and a token.
    """
    clerk, portal = ground.client("intake", "clerk-1"), ground.client("intake", None)
    code = _submit(ground)
    _correspond(ground, code)
    form = {"file": (io.BytesIO(_sheet()), FILE)}
    job = clerk.post("/api/imports", data=form, content_type="multipart/form-data").json
    path = f"/api/imports/{job['id']}"
    choices = {"version": job["version"], "mapping": job["mapping"]}
    assert clerk.put(f"{path}/mapping", json=choices).status_code == 200
    until(lambda: clerk.get(path).json["state"] == "done", "the import")
    done = clerk.get(path).json
    assert (done["registered"], done["refused"]) == (2, 2)
    for page in (f"{path}/refused.xlsx", f"{path}/problems", f"/imports/{job['id']}", "/imports"):
        assert clerk.get(page).status_code == 200
    identity = f"/api/petitions/{petition_id}/identity"
    assert clerk.post(identity, json={"reason": CODE_REASON}).json["people"] == [PERSON]
    refused = ground.client("intake", "office-1-a").post(identity, json={"reason": CODE_REASON})
    assert refused.status_code != 200
    for wrong in ({"township": UNIT}, {"text": TEXT * 3000}):
        assert clerk.post("/api/petitions", json=petition_body(**MARKED | wrong)).status_code == 422
    assert clerk.post("/api/petitions", data=TEXT, content_type="application/json").status_code in (400, 422)
    assert portal.post("/api/portal/lookup", json={"code": NAME}).status_code == 404
    assert portal.post("/api/tokens", json={"post": NAME, "password": TEXT}).status_code == 401
    assert (
        portal.post("/sign-in", data={"post": NAME, "password": TEXT, "next": f"/{TEXT}"}).status_code >= 400
    )
    assert portal.get(f"/api/petitions/{NAME}?q={TEXT}").status_code == 404
    signed_in = portal.post("/api/tokens", json={"post": "clerk-1", "password": "zhuxi-demo"})
    codes = (code, _by_the_form(ground))
    return {*codes, *(code.replace("-", "") for code in codes), signed_in.json["token"]}


def _by_the_form(ground: Ground) -> str:
    """The portal's pages, with what is refused too; gives the code."""
    phone = Phone(ground)
    person = {"person.name": NAME, "person.phone": PHONE, "person.address": ADDRESS}
    named = {"how": "named", "text": TEXT, "place": PLACE, "complained_of": UNIT} | person
    photo = (io.BytesIO(picture("JPEG", exif=True)), PHOTO)
    assert phone.submit(**named | {"township": UNIT}).status_code == 422
    assert phone.submit(**named, files=photo).status_code == 200
    code = phone.code
    assert phone.look_up(NAME).status_code == 404
    assert phone.look_up(code).status_code == 303
    assert phone.send("/portal/standing/messages", text=MESSAGE).status_code == 303
    assert phone.send("/portal/standing/requests", kind="retaliation", text=ASKED).status_code == 303
    assert MESSAGE in phone.standing.text and phone.send("/portal/leave").status_code == 303
    return code


def _submit(ground: Ground) -> str:
    left_out = ("channel", "organ", "received_on")
    body = {name: value for name, value in petition_body(**MARKED).items() if name not in left_out}
    portal = ground.client("intake", None)
    answer = portal.post("/api/portal/petitions", json=body)
    assert answer.status_code == 201
    code = str(answer.json["code"])
    assert portal.post("/api/portal/lookup", json={"code": code}).json["number"] == answer.json["number"]
    return code


def _correspond(ground: Ground, code: str) -> None:
    """A message, files, a report of retaliation, and the answers of the offices."""
    portal, clerk = ground.client("intake", None), ground.client("intake", "clerk-1")
    assert portal.post("/api/portal/messages", json={"code": code, "text": MESSAGE}).status_code == 201
    report = {"code": code, "kind": "retaliation", "text": ASKED}
    assert portal.post("/api/portal/requests", json=report).status_code == 201
    photo = (io.BytesIO(picture("JPEG", exif=True)), PHOTO)
    sent = {"code": code, "files": [(io.BytesIO(INSIDE.encode()), EVIDENCE), photo]}
    path = "/api/portal/attachments"
    assert portal.post(path, data=sent, content_type="multipart/form-data").status_code == 201
    program = {"code": code, "files": [(io.BytesIO(b"MZ\0" + INSIDE.encode()), EVIDENCE)]}
    assert portal.post(path, data=program, content_type="multipart/form-data").status_code == 422
    (unread,) = clerk.get("/api/messages/unread").json["items"]
    base = f"/api/petitions/{unread['petition_id']}"
    step(ground, "intake", "clerk-1", f"{base}/messages", text=ANSWERED)
    file, _photo = clerk.get(f"{base}/attachments").json
    assert clerk.get(f"{base}/attachments/{file['id']}/file").data == INSIDE.encode()
    supervisor = ground.client("intake", "supervisor-1")
    (request,) = supervisor.get("/api/petitioner-requests").json["items"]
    answer = {"version": request["version"], "text": ANSWERED}
    step(ground, "intake", "supervisor-1", f"/api/petitioner-requests/{request['id']}/answer", **answer)
    answers = portal.post("/api/portal/lookup", json={"code": code}).json["messages"]
    assert ANSWERED in {message["text"] for message in answers}


def other_ways(ground: Ground) -> None:
    """Declined; transferred and sent back; recused, paused, refused; sealed away: each with its free text."""
    declined, transferred, handled, sealed = (new_petition(ground, **MARKED) for _ in range(4))
    _decide(ground, declined, "decline", reason="no_substance", where_to_go=SAID)
    _decide(ground, transferred, "transfer", to_agency="agency-police")
    liaison = ground.client("intake", "liaison-police")
    (transfer,) = liaison.get("/api/transfers").json["items"]
    body = {"version": transfer["version"], "reason": "not_competent", "note": SAID}
    step(ground, "intake", "liaison-police", f"/api/transfers/{transfer['id']}/return", **body)
    _decide(ground, sealed, "seal-away")
    accept(ground, handled)
    ground.settle()
    case = case_of(ground, handled["id"])
    _ask_for_a_pause(ground, case)
    recusal = {"version": case["version"], "reason": SAID}
    path = f"/api/cases/{case['id']}/recusal"
    assert ground.client("assignment", case["office"] + "-a").post(path, json=recusal).status_code == 204


def _decide(ground: Ground, petition: dict[str, Any], what: str, **body: Any) -> None:
    path = f"/api/petitions/{petition['id']}/{what}"
    step(ground, "intake", "clerk-1", path, version=petition["version"], **body)


def _ask_for_a_pause(ground: Ground, case: dict[str, Any]) -> None:
    head = ground.client("supervision", "head")
    of_petition = head.get(f"/api/clocks?petition_id={case['petition_id']}&state=running").json["items"]
    clock = next(c for c in of_petition if c["duty"] == "plan")
    ask = {"version": clock["version"], "reason": "hearing", "reasons": SAID}
    asked = step(ground, "supervision", case["leader"], f"/api/clocks/{clock['id']}/pause-requests", **ask)
    refusal = {"version": asked["version"], "approved": False, "reasons": SAID}
    step(ground, "supervision", "head", f"/api/clock-requests/{asked['id']}/decision", **refusal)


def _sheet() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(
        (
            "编号",
            "来件日期",
            "信访人",
            "联系电话",
            "身份证号",
            "住址",
            "乡镇",
            "村",
            "标题",
            "反映内容",
            "被反映单位",
        )
    )
    good = ("XF-1", "2026-03-02", NAME, PHONE, ID_NUMBER, ADDRESS, "城关镇", PLACE, TITLE, TEXT, UNIT)
    sheet.append(good)
    sheet.append(("XF-2", *good[1:9], TEXT + "另一件", UNIT))
    sheet.append(("XF-3", *good[1:6], UNIT, *good[7:]))  # no such township
    sheet.append(("XF-4", "2099-01-01", *good[2:]))  # in the future
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
