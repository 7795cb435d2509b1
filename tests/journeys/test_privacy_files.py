"""The same marked values, looked for in files: what is given out or mailed, unpacked to its last part.

And in the bytes of the other services' databases, where deleted rows may stand still.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from shared import clock
from shared.runtime.settings import Settings
from tests.bus.station import until
from tests.factories import step, whole_way
from tests.ground import Ground, clear_memory_bus
from tests.intake.files import picture
from tests.journeys.doors import DEVICE, EVIDENCE, FILE, MARKED, MARKS, PHOTO, SAID, other_doors, other_ways
from tests.notify.mail import Mailbox, mail_server
from tests.ways import let_timers_run

pytestmark = pytest.mark.slow

MORNING = datetime(2026, 11, 24, 2, tzinfo=UTC)  # a working day, no quiet hour for mail
NAMES = {DEVICE, "MARKED-COMMENT", PHOTO, EVIDENCE, FILE}  # what a file says beside its content
OTHERS = ("assignment", "supervision", "notify", "reporting")


def pieces(data: bytes) -> Iterator[bytes]:
    """A file, and where it is a zip (Word, Excel) all its parts and their names."""
    yield data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from pieces(archive.read(name))


def whole(message: Message) -> bytes:
    """A mail as its reader gets it: headers and parts decoded."""
    said = [f"{name}: {make_header(decode_header(value))}".encode() for name, value in message.items()]
    parts = [part.get_payload(decode=True) or b"" for part in message.walk()]
    return b"\n".join([*said, *(part for part in parts if isinstance(part, bytes))])


def found_in(data: bytes, marks: set[str]) -> set[str]:
    """The marks that stand in any piece of a file, in any writing that programs use."""
    found = set()
    for piece in pieces(data):
        for mark in marks:
            writings = (mark.encode(), mark.encode("unicode_escape"), mark.encode("utf-16-le"))
            if any(writing in piece for writing in writings):
                found.add(mark)
    return found


def given_out(ground: Ground) -> dict[str, bytes]:
    """Every document and export that the services hand out, by its address."""
    reply_by = (clock.today() + timedelta(days=30)).isoformat()
    supervisor = ground.client("supervision", "supervisor-1")
    for row in supervisor.get("/api/letters/late-units").json:
        late = supervisor.get(f"/api/letters/late-matters?unit={row['unit']}").json
        body = {"addressee": row["unit"], "clock_ids": [c["id"] for c in late], "reply_by": reply_by}
        drafted = step(ground, "supervision", "supervisor-1", "/api/letters", **body)
        path = f"/api/letters/{drafted['id']}/issue"
        step(ground, "supervision", "supervisor-1", path, version=drafted["version"])
    step(ground, "reporting", "clerk-1", "/api/bulletins", month="2026-11")
    ground.settle()
    files: dict[str, bytes] = {}
    reporting = ground.client("reporting", "supervisor-1")
    for path in ("/board/petitions.xlsx", "/board/tables.xlsx"):
        files[path] = _file(reporting, path)
    for bulletin in reporting.get("/api/bulletins").json["items"]:
        files[f"bulletin {bulletin['month']}"] = _file(reporting, f"/api/bulletins/{bulletin['id']}/file")
    for summary in reporting.get("/api/summaries").json:
        files["public figures"] = _file(reporting, f"/api/summaries/{summary['id']}/public")
    for letter in supervisor.get("/api/letters").json["items"]:
        files[f"letter to {letter['addressee']}"] = _file(supervisor, f"/api/letters/{letter['id']}/file")
    return files


def attachments(ground: Ground) -> list[bytes]:
    """The files of petitions as people get them, and the headers that name them."""
    clerk = ground.client("intake", "clerk-1")
    files = []
    for petition in clerk.get("/api/petitions?limit=200").json["items"]:
        base = f"/api/petitions/{petition['id']}/attachments"
        for each in clerk.get(base).json:
            answer = clerk.get(f"{base}/{each['id']}/file")
            assert answer.status_code == 200
            files += [str(answer.headers).encode(), answer.data]
    return files


def _file(client: FlaskClient, path: str) -> bytes:
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert found_in(str(answer.headers).encode(), set(MARKS)) == set()
    return answer.data


@pytest.fixture
def ground(settings: Settings) -> Iterator[tuple[Ground, Mailbox]]:
    clear_memory_bus()
    box = Mailbox()
    with mail_server(box) as url, Ground(replace(settings, smtp_url=url)) as made:
        yield made, box


def test_no_marked_value_is_in_a_file(ground: tuple[Ground, Mailbox]) -> None:
    services, box = ground
    with clock.travel(MORNING) as move:
        services.start()

        def a_minute_later() -> None:
            services.settle()
            move(timedelta(minutes=1))

        petition = whole_way(services, said=SAID, settle=a_minute_later, **MARKED)
        marks = {*MARKS, *other_doors(services, petition["id"])}
        other_ways(services)
        services.settle()
        move(timedelta(minutes=20))  # past the pause between two mails
        until(lambda: box.messages, "a mail")
        move(timedelta(days=75))
        services.settle()
        let_timers_run(services)
        services.settle()
        given, kept = given_out(services), attachments(services)
    services.stop()
    assert len([name for name in given if name.startswith("letter")]) > 0 and len(given) > 4
    found = {f"{name}: {mark}" for name, data in given.items() for mark in found_in(data, marks)}
    found |= {f"mail: {mark}" for message in box.messages for mark in found_in(whole(message), marks)}
    # What a petitioner sent is given out as it is, but for what the file says of its maker.
    assert len(kept) > 4
    found |= {f"attachment: {mark}" for data in kept for mark in found_in(data, NAMES)}
    assert found == set()
    _databases_of_the_others(Path(services.settings.data_dir), marks)


def _databases_of_the_others(directory: Path, marks: set[str]) -> None:
    written_there = {SAID, "印记"}  # what the offices wrote into their own records
    for name in OTHERS:
        allowed = written_there if name in ("assignment", "supervision") else set()
        files = list(directory.glob(f"{name}.db*"))
        assert files
        for path in files:
            assert found_in(path.read_bytes(), marks - allowed) == set(), path.name


def test_marks_would_be_found() -> None:
    """In a part of a package, in a picture's EXIF and in a mail's encoded body."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:t>{SAID}</w:t>")
    assert found_in(inner.getvalue(), {SAID}) == {SAID}
    assert found_in(picture("JPEG", exif=True), NAMES) == {DEVICE, "MARKED-COMMENT"}
    message = Message()
    message["Subject"] = "=?utf-8?b?5Y2w6K6w?="
    message.set_payload("标题", "utf-8")
    assert found_in(whole(message), {"印记", "标题"}) == {"印记", "标题"}
