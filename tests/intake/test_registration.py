"""M1: what is registered by which channel, with which number, and what bad input is told."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from services.intake.identities.models import Identity
from services.intake.identities.rules import Person
from services.intake.identities.vault import vault_of
from services.intake.registration.commands import register, register_many
from services.intake.registration.models import Petition
from services.intake.registration.rules import MOST_REPRESENTATIVES, NewPetition, faults
from services.intake.service import SERVICE
from shared import clock
from shared.contracts.intake import CHANNELS
from shared.county import load_county
from shared.db.engine import Database
from shared.db.migrate import upgrade
from shared.db.numbers import next_numbers
from tests.factories import accept, new_petition, petition_body
from tests.ground import Ground

TODAY = date(2026, 11, 24)


def a_petition(**changes: Any) -> NewPetition:
    values: dict[str, Any] = {"channel": "letter", "text": "路灯坏了", "received_on": TODAY}
    return NewPetition(**(values | changes))


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_is_registered_and_announced(stepped: Ground, channel: str) -> None:
    answer = stepped.client("intake", "clerk-1").post("/api/petitions", json=petition_body(channel=channel))
    assert answer.status_code == 201
    petition = answer.json["petition"]
    [event] = stepped.outbox("intake", "intake.petition.registered.v1")
    assert event.data["number"] == petition["number"]
    assert event.data["channel"] == channel
    assert event.data["superior_assigned"] is (channel == "assigned")
    assert len(answer.json["code"].replace("-", "")) == 16


def test_numbers_follow_each_other_and_begin_anew_each_year(stepped: Ground) -> None:
    with clock.travel(datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) as move:  # 23:59 in the county
        numbers = [new_petition(stepped)["number"], new_petition(stepped)["number"]]
        move(timedelta(minutes=2))
        numbers.append(new_petition(stepped)["number"])
    assert numbers == ["ZX2026-000001", "ZX2026-000002", "ZX2027-000001"]


def test_what_is_refused_leaves_no_gap(stepped: Ground) -> None:
    first = new_petition(stepped)["number"]
    refused = stepped.client("intake", "clerk-1").post("/api/petitions", json=petition_body(township="1"))
    assert refused.status_code == 422
    assert [first, new_petition(stepped)["number"]] == [
        f"ZX{clock.today().year}-000001",
        f"ZX{clock.today().year}-000002",
    ]


@pytest.mark.postgres
def test_threads_get_numbers_without_gap_or_double(fresh_database: Callable[[], str]) -> None:
    db = Database(fresh_database(), agency="local")
    upgrade(SERVICE, db)
    taken: list[str] = []
    start = threading.Barrier(8)

    def take(thread: int) -> None:
        start.wait()
        for turn in range(25):
            with db.session() as session:
                numbers = next_numbers(session, "ZX", 2026, 1 + turn % 3)
                if (thread + turn) % 4:
                    session.commit()
                    taken.extend(numbers)
                else:
                    session.rollback()

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.close()
    assert sorted(taken) == [f"ZX2026-{n:06d}" for n in range(1, len(taken) + 1)]
    assert len(taken) > 100


def test_the_same_petition_id_registers_once(stepped: Ground) -> None:
    body = petition_body(petition_id=str(uuid4()))
    client = stepped.client("intake", "clerk-1")
    first, second = (client.post("/api/petitions", json=body).json for _ in range(2))
    assert first["petition"] == second["petition"]
    assert first["code"] and second["code"] is None
    assert len(stepped.outbox("intake", "intake.petition.registered.v1")) == 1


def test_an_id_of_somebody_else_shows_nothing(stepped: Ground) -> None:
    body = petition_body(petition_id=str(uuid4()))
    stepped.client("intake", "clerk-1").post("/api/petitions", json=body)
    answer = stepped.client("intake", "liaison-police").post("/api/petitions", json=body)
    assert answer.status_code == 409
    assert "ZX" not in answer.text and body["text"] not in answer.text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": " \n\u200b "}, "text"),
        ({"text": "长" * 100_000}, "text"),
        ({"title": "题" * 301}, "title"),
        ({"received_on": "2126-01-01"}, "received_on"),
        ({"received_on": "1989-12-31"}, "received_on"),
        ({"received_on": "yesterday"}, "received_on"),
        ({"channel": "pigeon"}, "channel"),
        ({"organ": "court"}, "organ"),
        ({"township": "999999999"}, "township"),
        ({"content_class": "zz"}, "content_class"),
        ({"petitioner_count": 0}, "petitioner_count"),
        ({"petitioner_count": 10**30}, "petitioner_count"),
        ({"joint": True, "petitioner_count": 4}, "petitioner_count"),
        ({"representatives": [{"name": "乙"}]}, "representatives"),
        ({"complained_of_units": ["nobody"]}, "complained_of_units"),
        ({"complained_of_units": ["head"]}, "complained_of_units"),
        ({"place": "地" * 201}, "place"),
        ({"person": {"name": "名" * 101}}, "person.name"),
        ({"threat_level": 3}, "threat_level"),
    ],
)
def test_bad_input_is_named_and_registers_nothing(stepped: Ground, wrong: dict[str, Any], field: str) -> None:
    answer = stepped.client("intake", "clerk-1").post("/api/petitions", json=petition_body() | wrong)
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    assert stepped.rows("intake", Petition) == []
    assert stepped.outbox("intake") == []


def test_rare_characters_stay_and_what_no_database_takes_goes(stepped: Ground) -> None:
    body = petition_body(text="村民𠮷田反映🏚\x00路\ud800坏了", title="\x00𠀀")
    client = stepped.client("intake", "clerk-1")
    answer = client.post("/api/petitions", data=json.dumps(body), content_type="application/json")
    petition = answer.json["petition"]
    assert petition["text"] == "村民𠮷田反映🏚路坏了"
    assert petition["title"] == "𠀀"


def test_a_joint_petition_keeps_its_representatives_sealed(stepped: Ground) -> None:
    people = [{"name": f"代表{n}", "phone": f"1380000000{n}"} for n in range(1, 5)]
    petition = new_petition(stepped, petitioner_count=30, representatives=people)
    assert (petition["signature"], petition["representative_count"]) == ("joint", 5)
    assert len(stepped.rows("intake", Identity)) == MOST_REPRESENTATIVES
    too_many = petition_body(petitioner_count=30, representatives=[*people, {"name": "多一人"}])
    answer = stepped.client("intake", "clerk-1").post("/api/petitions", json=too_many)
    assert answer.status_code == 422 and "representatives" in answer.json["errors"]


@given(
    name=st.sampled_from([None, "甲某"]),
    phone=st.sampled_from([None, "13800000000"]),
    address=st.sampled_from([None, "某村"]),
    joint=st.booleans(),
    count=st.integers(-1, 12),
)
def test_signature_and_joint_follow_the_rules(
    name: str | None, phone: str | None, address: str | None, joint: bool, count: int
) -> None:
    person = Person(name, phone, None, address)
    new = a_petition(person=person, joint=joint, petitioner_count=count)
    found = faults(new, load_county(), TODAY)
    assert ("petitioner_count" in found) == (count < 1 or (joint and count < 5))
    if count >= 5:
        assert new.signature == "joint"
    elif not joint:
        assert new.signature == ("real_name" if name and (phone or address) else "anonymous")


def test_a_code_is_issued_later_once(stepped: Ground) -> None:
    with stepped.instance("intake").db.write() as session:
        done = register(
            session,
            a_petition(),
            by="clerk-1",
            county=load_county(),
            vault=vault_of(stepped.instance("intake")),
            with_code=False,
        )
    assert done.code is None
    client = stepped.client("intake", "clerk-2")
    code = client.post(f"/api/petitions/{done.petition.id}/code").json["code"]
    found = stepped.client("intake", None).post("/api/portal/lookup", json={"code": code})
    assert found.json["number"] == done.petition.number
    assert client.post(f"/api/petitions/{done.petition.id}/code").status_code == 409


def test_many_are_registered_in_their_order(stepped: Ground) -> None:
    news = [a_petition(text=f"第{n}件") for n in range(300)]
    with stepped.instance("intake").db.write() as session:
        done = register_many(
            session,
            news,
            by="clerk-1",
            county=load_county(),
            vault=vault_of(stepped.instance("intake")),
            with_code=False,
        )
        assert [d.petition.text for d in done] == [n.text for n in news]
        assert [d.petition.number[-6:] for d in done] == [f"{n:06d}" for n in range(1, 301)]
        assert session.scalar(select(func.count()).select_from(Petition)) == 300
    assert len(stepped.outbox("intake")) == 300


def test_assigned_ones_come_first_in_the_register(stepped: Ground) -> None:
    plain, assigned, last = (
        new_petition(stepped),
        new_petition(stepped, channel="assigned"),
        new_petition(stepped),
    )
    client = stepped.client("intake", "clerk-1")
    first = client.get("/api/petitions?limit=2").json
    rest = client.get(f"/api/petitions?limit=2&after={first['next']}").json
    numbers = [p["number"] for p in (*first["items"], *rest["items"])]
    assert numbers == [assigned["number"], last["number"], plain["number"]]
    assert rest["next"] is None


def test_who_sees_what_before_screening(stepped: Ground) -> None:
    petition = new_petition(stepped)
    for post, status in {
        "clerk-2": 200,
        "head": 200,
        "supervisor-1": 200,
        "township-420324100": 404,
        "leader-1": 404,
        "office-1-a": 404,
        "team-1": 404,
        "liaison-police": 403,
        "operator-1": 403,
    }.items():
        answer = stepped.client("intake", post).get(f"/api/petitions/{petition['id']}")
        assert answer.status_code == status, post


def test_a_township_sees_what_it_registered_itself(stepped: Ground) -> None:
    petition = new_petition(stepped, by="township-420324100", organ="township")
    path = f"/api/petitions/{petition['id']}"
    assert stepped.client("intake", "township-420324100").get(path).status_code == 200
    assert stepped.client("intake", "township-420324101").get(path).status_code == 404


def test_who_is_complained_of_sees_nothing_from_the_first_moment(stepped: Ground) -> None:
    petition = new_petition(stepped, complained_of_units=["supervision-office"])
    client = stepped.client("intake", "supervisor-1")
    assert client.get(f"/api/petitions/{petition['id']}").status_code == 404
    assert client.get("/api/petitions").json["items"] == []


@pytest.mark.parametrize(
    ("said", "units"),
    [
        ("龙坝镇纪委", ["township-420324107"]),
        ("竹溪县纪委监委第五纪检监察室", ["office-5"]),
        ("某村委会、县公安局和县教育局", ["agency-education", "agency-police"]),
        ("龙坝镇纪委书记", ["township-420324107"]),
        ("班子成员(二)", ["leader-2"]),
        ("case supervision office", ["supervision-office"]),
        ("县公安局信访室", None),  # not the commission's own 信访室
        ("某村主要负责人", None),
        ("龙坝镇林业站", None),
    ],
)
def test_a_unit_that_is_named_in_words_is_excluded_from_the_first(
    stepped: Ground, said: str, units: list[str] | None
) -> None:
    new_petition(stepped, complained_of=said)
    (event,) = stepped.outbox("intake", "intake.petition.registered.v1")
    assert event.data.get("excluded") == units


@pytest.mark.parametrize("said", ["县纪委监委主要负责人", "某局、竹溪县纪委监委主要负责人"])
def test_the_head_is_not_entered_in_words_either(stepped: Ground, said: str) -> None:
    body = petition_body(complained_of=said)
    answer = stepped.client("intake", "clerk-1").post("/api/petitions", json=body)
    assert answer.status_code == 422
    assert "sealed register" in answer.json["errors"]["complained_of"][0]
    assert stepped.outbox("intake") == []


def test_who_was_excluded_since_learns_nothing_by_registering_again(stepped: Ground) -> None:
    post = "township-420324100"
    body = petition_body(organ="township", petition_id=str(uuid4()))
    register = stepped.client("intake", post).post
    petition = register("/api/petitions", json=body).json["petition"]
    assert register("/api/petitions", json=body).json["petition"]["number"] == petition["number"]
    accept(stepped, petition, complained_of_units=[post])
    again = register("/api/petitions", json=body)
    assert again.status_code == 404
    assert petition["number"] not in again.text
