"""What a scanner has not passed is not given out; tested with the real clamd and a sign of our own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake.attachments import scan
from services.intake.attachments.models import Attachment
from shared import clock
from shared.runtime.check import check_service
from shared.runtime.settings import Settings
from tests.ground import Ground, clear_memory_bus
from tests.intake.files import PDF
from tests.intake.test_attachments import add, download, listed
from tests.intake.test_portal import look, submitted
from tests.processes import free_port
from tests.scanner import LARGEST, SIGN, ClamAV


def with_scanner(settings: Settings, url: str | None) -> Ground:
    clear_memory_bus()
    return Ground(replace(settings, scanner_url=url))


def scanned(ground: Ground) -> list[str]:
    """Run the scan until nothing waits; what is said of the files in their order."""
    while scan.run(ground.instance("intake")):
        pass
    return [file.scan for file in ground.rows("intake", Attachment)]


def check_lines(ground: Ground) -> list[str]:
    return [f"{ok} {line}" for ok, line in check_service(ground.instance("intake")) if "scanner" in line]


@pytest.mark.parametrize("way", ["url", "unix_url"])
def test_what_it_finds_is_locked_away_and_the_rest_given_out(
    settings: Settings, scanner: ClamAV, way: str
) -> None:
    with with_scanner(settings, getattr(scanner, way)) as ground:
        petition, code = submitted(ground)
        add(ground, code, ("a.pdf", PDF), ("b.txt", b"text " + SIGN), ("c.txt", b"x" * (LARGEST * 2**20 + 9)))
        for place in (1, 2, 3):
            answer = download(ground, petition["id"], place=place)
            assert answer.status_code == 409 and "waits for the virus scan" in answer.json["detail"]
        assert scanned(ground) == ["clean", "infected", "failed"]
        assert [download(ground, petition["id"], place=n).status_code for n in (1, 2, 3)] == [200, 409, 409]
        clerk = ground.client("intake", "clerk-1")
        clerk.set_cookie("huajie-language", "en")
        page = clerk.get(f"/petitions/{petition['id']}").text
        assert "virus found: locked away" in page and "could not be scanned" in page
        assert [file["scan"] for file in look(ground, code).json["attachments"]] == [
            "clean",
            "infected",
            "failed",
        ]
        assert check_lines(ground) == ["True virus scanner answers"]
    with with_scanner(settings, None) as ground:  # what was found stays locked away without a scanner, too
        assert [download(ground, petition["id"], place=n).status_code for n in (1, 2, 3)] == [200, 409, 200]


def test_while_the_scanner_is_away_files_are_kept_and_wait(settings: Settings, scanner: ClamAV) -> None:
    with with_scanner(settings, scanner.url) as ground:
        petition, code = submitted(ground)
        scanner.kill()
        add(ground, code, ("a.txt", b"text"))
        assert scanned(ground) == ["waiting"]
        assert download(ground, petition["id"]).status_code == 409
        (line,) = check_lines(ground)
        assert line.startswith("False the virus scanner does not answer")
        scanner.start()
        assert scanned(ground) == ["clean"]
        assert download(ground, petition["id"]).status_code == 200


def test_what_it_could_not_read_is_tried_again_after_an_hour(settings: Settings, scanner: ClamAV) -> None:
    with with_scanner(settings, scanner.url) as ground, clock.travel(clock.now()) as move:
        _petition, code = submitted(ground)
        add(ground, code, ("c.txt", b"x" * (LARGEST * 2**20 + 9)))
        assert scanned(ground) == ["failed"]
        (first,) = ground.rows("intake", Attachment)
        move(timedelta(minutes=61))
        scanned(ground)
        (second,) = ground.rows("intake", Attachment)
        assert first.scanned_at and second.scanned_at and second.scanned_at > first.scanned_at


def test_without_a_scanner_the_operator_is_told(stepped: Ground) -> None:
    petition, code = submitted(stepped)
    add(stepped, code, ("a.txt", b"text"))
    assert scanned(stepped) == ["waiting"]
    assert download(stepped, petition["id"]).status_code == 200
    assert listed(stepped, petition["id"]).json[0]["scan"] == "waiting"
    assert check_lines(stepped) == [f"True {scan.NO_SCANNER}"]


def test_an_address_where_nothing_listens_is_no_scanner(settings: Settings) -> None:
    with with_scanner(settings, f"tcp://127.0.0.1:{free_port()}") as ground:
        _petition, code = submitted(ground)
        add(ground, code, ("a.txt", b"text"))
        assert scanned(ground) == ["waiting"]
