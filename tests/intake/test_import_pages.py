"""The pages of an import, as a clerk with a browser and without scripts walks through them."""

import io
import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.intake.imports import tasks
from shared.runtime.compose import DEMO_PASSWORD
from tests.ground import Ground
from tests.intake.import_ground import begin, damaged, imported, row, work, workbook


class Browser:
    """A signed-in person: follows redirects and sends the token of the last form."""

    def __init__(self, client: FlaskClient, post: str) -> None:
        self.client = client
        self.page = client.get("/sign-in")
        self.send("/sign-in", post=post, password=DEMO_PASSWORD)

    def open(self, path: str) -> str:
        self.page = self.client.get(path)
        return self.text

    def send(self, path: str, **form: Any) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page.text)
        assert found
        data = form | {"csrf_token": found[1]}
        self.page: TestResponse = self.client.post(
            path, data=data, content_type="multipart/form-data", follow_redirects=True
        )
        return self.text

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", unescape(self.page.text))

    @property
    def path(self) -> str:
        return self.page.request.path


@pytest.fixture
def clerk(stepped: Ground) -> Browser:
    browser = Browser(stepped.client("intake", None), "clerk-1")
    browser.send("/language", language="en")
    return browser


def upload(clerk: Browser, content: bytes, name: str = "p.xlsx") -> str:
    clerk.open("/imports")
    return clerk.send("/imports", file=(io.BytesIO(content), name))


def test_a_file_is_uploaded_confirmed_and_done(stepped: Ground, clerk: Browser) -> None:
    said = upload(clerk, workbook(row(1), row(2, 乡镇="无此镇")))
    assert "Which column is what?" in said
    assert "A 编号" in said
    assert "T00001" in said
    job = clerk.path
    chosen = dict(re.findall(r'<select id="(column-\d+)".*?value="(\w+)" selected', clerk.page.text, re.S))
    form = chosen | {"version": "1", "channel": "web", "organ": "commission", "default_received_on": ""}
    said = clerk.send(f"{job}/mapping", **form)
    assert "Under way" in said
    assert 'http-equiv="refresh"' in said
    work(stepped)
    said = clerk.open(job)
    assert 'http-equiv="refresh"' not in said
    assert "no township of the county" in said
    assert clerk.client.get(f"{job}/refused.xlsx").status_code == 200
    assert "no township" not in clerk.open(f"{job}?severity=warning")
    said = clerk.send(f"{job}/remove")
    assert "The file was removed" in said
    assert "File removed" in said


def test_what_was_chosen_stands_when_something_is_wrong(clerk: Browser) -> None:
    upload(clerk, workbook(row(1)))
    job = clerk.path
    common = {"version": "1", "channel": "visit", "organ": "police"}
    said = clerk.send(f"{job}/mapping", **common, **{"column-6": "text", "column-7": "text"})
    assert clerk.page.status_code == 422
    assert "G 标题 and H 反映内容 are both chosen" in said
    assert said.count('<option value="text" selected') == 2
    assert '<option value="visit" selected' in said
    said = clerk.send(f"{job}/mapping", **common, **{"column-7": "text"})
    assert "one day for all rows" in said
    said = clerk.send(f"{job}/mapping", **common, **{"column-7": "text"}, default_received_on="gestern")
    assert "Write the day as" in said
    said = clerk.send(f"{job}/mapping", **common, **{"column-6": "title"}, default_received_on="2026-01-01")
    assert "column that holds the text" in said


def test_a_wrong_file_is_told_on_the_same_page(clerk: Browser) -> None:
    said = upload(clerk, b"%PDF-1.7", "a.pdf")
    assert clerk.page.status_code == 422
    assert "This is not a spreadsheet" in said
    assert 'type="file"' in said


def test_a_returned_files_own_columns_cannot_be_chosen(stepped: Ground, clerk: Browser) -> None:
    client = stepped.client("intake", "clerk-1")
    job = imported(stepped, workbook(row(1, 乡镇="无此镇")))
    returned = client.get(f"/api/imports/{job['id']}/refused.xlsx").data
    said = upload(clerk, returned)
    assert "Added by the returned file" in said
    assert 'name="column-9"' not in said


def test_the_same_file_is_recognised_at_once(stepped: Ground, clerk: Browser) -> None:
    content = workbook(row(1))
    imported(stepped, content)
    assert "This very file was imported on" in upload(clerk, content)


def test_an_import_that_stopped_says_why_and_goes_on(stepped: Ground, clerk: Browser) -> None:
    job = begin(stepped.client("intake", "clerk-1"), damaged(tasks.PORTION + 2))
    work(stepped)
    said = clerk.open(f"/imports/{job['id']}")
    assert "Stopped after row" in said
    assert "damaged" in said
    assert "Under way" in clerk.send(f"/imports/{job['id']}/go-on")


def test_others_do_not_get_there(stepped: Ground) -> None:
    head = Browser(stepped.client("intake", None), "head")
    head.open("/imports")
    assert head.page.status_code == 403
