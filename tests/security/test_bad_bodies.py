"""What no form of ours sends, at every route: an answer that says what is wrong, never a stack trace."""

import re
from dataclasses import replace
from io import BytesIO

import pytest

from shared.identity.roles import Role
from shared.runtime.settings import Settings
from shared.web.access_table import REFUSED, Row
from tests.ground import Ground
from tests.security.asking import SERVICES, listed
from tests.security.objects import POSTS

NO_ID = "00000000-0000-4000-8000-000000000000"
DEEP = 5_000  # levels
JSON = {
    "a list that is too deep": b"[" * DEEP,
    "one that is closed again": b"[" * DEEP + b"]" * DEEP,
    "an object that is too deep": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a number of too many digits": b'{"version":' + b"9" * 5000 + b"}",
    "no number": b'{"version":NaN,"round":Infinity,"level":1e999}',
    "a number beyond any column": b'{"version":99999999999999999999,"round":-99999999999999999999}',
    "NUL": b'{"text":"aaaa\\u0000b","code":"a\\u0000b","reason":"aa\\u0000b","title":"\\u0000"}',
    "half a character": b'{"text":"\\ud800aaaa","code":"\\ud800","reason":"\\ud800aaaa"}',
    "no UTF-8": b'{"text":"\xff\xfe"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"x"',
    "a name twice": b'{"code":"a","code":"b"}',
    "other types": b'{"code":{"a":[]},"text":[1],"version":"x","reason":{},"members":"x","entries":{"a":1}}',
}
FORMS = {
    "application/x-www-form-urlencoded": [
        b"&".join(b"a%d=1" % i for i in range(5_000)),
        b"version=1%00&text=%ff%fe&code=%00&reason=%ed%a0%80aaaa&post=%00&password=%00&month=%00",
        b"version=1&version=2&text=a&text=b",
    ],
    "multipart/form-data; boundary=x": [b"--x\r\n" * 2_000, b"--x\r\nContent-Disposition: form-data"],
    "multipart/form-data": [b"x"],
    f"multipart/form-data; boundary={'x' * 5000}": [b"--x"],
    "application/json; charset=utf-7": [b"{}"],
    "application/xml": [b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"],
}
QUERIES = [
    *("after=%00", "after=%ff", "after=%E2%80%AE", f"after={'9' * 5000}", f"limit={'9' * 5000}", "limit=-1"),
    *("limit=1e9", "q=%ed%a0%80", "q=%00", "q=%F0%9F%92%A9", f"q={'a' * 50_000}", "state=%00&state=b"),
    *("township=%27;--", "month=9999-99", "on=9999-12-31", "on=0001-01-01", "since=0000-00&until=9999-99"),
    *("next=//elsewhere", "unit=a&unit=b", "number=%25%5F%00"),
]


def whole(row: Row) -> str:
    return re.sub(r"<[^>]+>", "x", re.sub(r"<uuid:[^>]+>", NO_ID, row.route))


def post_of(row: Row) -> str | None:
    return next((POSTS[role] for role in Role if row.cell(role) != REFUSED), None)


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVICES)
def test_no_body_breaks_a_route(stepped: Ground, name: str) -> None:
    wrong = {}
    for row in (row for row in listed(name) if row.method != "GET" and post_of(row)):
        client = stepped.client(name, post_of(row))
        kinds = {"application/json": JSON.values()} if row.route.startswith("/api/") else FORMS
        for kind, bodies in kinds.items():
            for body in bodies:
                answer = client.open(whole(row), method=row.method, data=body, content_type=kind)
                if answer.status_code >= 500 or b"Traceback" in answer.data:
                    wrong[f"{row.method} {row.route} {body[:20]!r}"] = answer.status_code
    assert not wrong, wrong


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVICES)
def test_no_query_breaks_a_route(stepped: Ground, name: str) -> None:
    wrong = {}
    for row in (row for row in listed(name) if row.method == "GET" and post_of(row)):
        client = stepped.client(name, post_of(row))
        for query in QUERIES:
            answer = client.get(f"{whole(row)}?{query}")
            if answer.status_code >= 500 or b"Traceback" in answer.data:
                wrong[f"{row.route}?{query[:20]}"] = answer.status_code
    assert not wrong, wrong


@pytest.mark.parametrize(
    "body", ["a list that is too deep", "one that is closed again", "a number of too many digits"]
)
def test_what_is_wrong_is_said(stepped: Ground, body: str) -> None:
    answer = stepped.client("intake", "clerk-1").post(
        "/api/petitions", data=JSON[body], content_type="application/json"
    )
    assert answer.status_code == 422
    assert "nested too deeply" in answer.text or "too many digits" in answer.text


def test_a_body_is_not_read_of_who_may_not_send_it(stepped: Ground) -> None:
    answer = stepped.client("intake", None).post(
        "/api/petitions", data=JSON["a list that is too deep"], content_type="application/json"
    )
    assert answer.status_code == 401


def test_what_is_too_large_is_refused(settings: Settings) -> None:
    """2 MB where no file is taken, MAX_UPLOAD_MB where one is."""
    body = b"x" * (2 * 2**20 + 1)
    with Ground(replace(settings, max_upload_bytes=3 * 2**20)) as ground:
        client = ground.client("intake", "clerk-1")
        for path, status in (("/api/petitions", 413), ("/api/imports", 422)):
            answer = client.post(path, data=body, content_type="application/json")
            assert answer.status_code == status, path
        form = {"file": (BytesIO(body + body), "a.csv")}
        assert client.post("/api/imports", data=form, content_type="multipart/form-data").status_code == 413


def test_a_form_of_too_many_parts_is_refused(stepped: Ground) -> None:
    parts = b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(1_500))
    kind = "multipart/form-data; boundary=x"
    client = stepped.client("intake", "clerk-1")
    assert client.post("/register/new", data=parts + b"--x--", content_type=kind).status_code == 413
