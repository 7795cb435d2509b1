"""A form's flat names become the nested data that the API's schema loads; what was typed is never lost."""

import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields
from marshmallow.validate import Length

from shared.errors import Changed, Invalid
from shared.web.forms import Form, read_form
from tests.ground import Ground


class Member(Schema):
    post = fields.String(required=True)
    duty = fields.String()


class Plan(Schema):
    version = fields.Integer(required=True)
    due_on = fields.Date()
    joint = fields.Boolean()
    units = fields.List(fields.String())
    lead = fields.Nested(Member)
    members = fields.List(fields.Nested(Member), validate=Length(min=1))


def read(data: list[tuple[str, str]]) -> dict:
    from werkzeug.datastructures import MultiDict

    with Flask(__name__).test_request_context(method="POST", data=MultiDict(data)):
        return read_form(Plan)


def test_names_with_dots_lie_inside() -> None:
    found = read(
        [
            ("version", "3"),
            ("joint", "true"),
            ("units", "office-1"),
            ("units", "team-2"),
            ("lead.post", "office-1-a"),
            ("members.2.post", "team-1-a"),
            ("members.10.post", "team-1-b"),
            ("members.10.duty", "asks"),
            ("members.11.post", " "),
            ("csrf_token", "x"),
        ]
    )
    assert found == {
        "version": 3,
        "joint": True,
        "units": ["office-1", "team-2"],
        "lead": {"post": "office-1-a"},
        "members": [{"post": "team-1-a"}, {"post": "team-1-b", "duty": "asks"}],
    }


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [("due_on", "yesterday", "due_on"), ("lead.duty", "only this", "lead.post"), ("version", "", "version")],
)
def test_a_mistake_is_told_by_the_name_that_the_field_has_on_the_page(
    name: str, value: str, field: str
) -> None:
    given_ = [("version", "1")] if name != "version" else []
    with pytest.raises(Invalid) as told:
        read([*given_, (name, value)])
    assert list(told.value.fields) == [field]


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20)), max_size=8))
def test_no_name_and_no_value_breaks_it(data: list[tuple[str, str]]) -> None:
    try:
        read(data)
    except Invalid as told:
        assert told.fields


def test_where_another_changed_it_the_field_says_how_it_stands_now() -> None:
    form = Form({"due_on": "2026-03-05"}, Changed("x"), current={"due_on": "2026-04-01", "text": "same"})
    assert form.stands("due_on") == "2026-04-01"
    assert Form({"text": "same"}, Changed("x"), current={"text": "same"}).stands("text") is None
    assert Form({"due_on": "x"}, Invalid("x"), current={"due_on": "y"}).stands("due_on") is None


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def test_what_was_typed_over_an_expired_session_is_sent_after_signing_in(stepped: Ground) -> None:
    browser = stepped.composed.app("intake").test_client()
    typed = {"text": "三月起的水费无人答复", "title": "水费"}
    host = {"Origin": "http://localhost"}
    answer = browser.post("/imports", data=typed, headers=host)
    assert answer.status_code == 401
    carried = hidden(answer.text)
    assert carried["carried.text"] == typed["text"]
    entered = browser.post(
        "/sign-in", data=carried | {"post": "clerk-1", "password": "zhuxi-demo"}, headers=host
    )
    assert entered.status_code == 200
    again = hidden(entered.text)
    assert {name: again[name] for name in typed} == typed
    assert 'action="/imports"' in entered.text
    # Sent again it is judged as any other: here the file is missing.
    assert browser.post("/imports", data=again).status_code == 422


def test_a_wrong_password_keeps_what_is_carried(stepped: Ground) -> None:
    browser = stepped.composed.app("intake").test_client()
    carried = hidden(browser.get("/sign-in").text) | {"carried.text": "三月起的水费"}
    answer = browser.post("/sign-in", data=carried | {"post": "clerk-1", "password": "wrong"})
    assert answer.status_code == 401
    assert hidden(answer.text)["carried.text"] == "三月起的水费"


def test_what_another_site_sends_is_not_carried(stepped: Ground) -> None:
    browser = stepped.composed.app("intake").test_client()
    answer = browser.post(
        "/imports", data={"text": "planted"}, headers={"Origin": "http://elsewhere.example"}
    )
    assert answer.status_code == 401
    assert "planted" not in answer.text


def test_a_page_whose_token_is_out_of_date_offers_to_send_it_again(stepped: Ground) -> None:
    browser = stepped.composed.app("intake").test_client()
    page = hidden(browser.get("/sign-in").text)
    browser.post("/sign-in", data=page | {"post": "clerk-1", "password": "zhuxi-demo"})
    answer = browser.post(
        "/imports", data={"text": "typed", "csrf_token": "old"}, headers={"Origin": "http://localhost"}
    )
    assert answer.status_code == 400
    assert hidden(answer.text)["text"] == "typed"
