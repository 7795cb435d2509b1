"""Every step leaves an entry that says who took it: a post, the public, an event, a timer, a command."""

import json
from collections.abc import Iterator

import pytest

from services import all_services
from shared.ledger.models import LedgerEntry
from shared.ledger.show import Act, acts
from shared.runtime.service import Instance
from tests.factories import TOWNSHIP, new_petition, whole_way
from tests.ground import Ground
from tests.journeys.doors import MARKED, MARKS, SAID, other_doors, other_ways
from tests.runtime.test_settings import huajie

SIGNING_IN = "signing_in.enter"  # by whichever door
NOBODY = "process"  # of tests.ground, which prepares the databases


def all_acts(instance: Instance) -> list[Act]:
    with instance.db.read() as session:
        return list(acts(session))


def routes(ground: Ground, service: str) -> set[str]:
    """The endpoints of a service that change something."""
    return {rule.endpoint for rule in ground.composed.app(service).url_map.iter_rules()}


def test_every_act_names_who_and_by_which_door(together: Ground) -> None:
    petition = whole_way(together, said=SAID, **MARKED)
    other_ways(together)
    codes = other_doors(together, petition["id"])
    together.settle()
    together.stop()
    county = {post.code for post in _posts(together)}
    timers = {task.name for service in all_services() for task in service.tasks}
    seen: set[str] = set()
    for name, instance in together.composed.instances.items():
        for act in all_acts(instance):
            if act.actor in county | {"public"}:
                assert act.action in routes(together, name) | {SIGNING_IN}, act
                seen.add("post" if act.actor in county else "public")
            elif act.actor == "timer":
                assert act.action in timers | {"ledger-watch"}, act
                seen.add("timer")
            elif act.actor.startswith("/local/"):
                assert act.action in {handler.contract.key for handler in instance.service.handlers}, act
                seen.add("event")
            else:
                assert act.actor == NOBODY and act.position and act.position <= 2, act
        for text in _texts(instance):
            assert not {mark for mark in {*MARKS, *codes} if mark in text}
            assert TOWNSHIP not in text
    assert seen == {"post", "public", "event", "timer"}


def test_who_did_what_with_a_petition(stepped: Ground) -> None:
    petition = whole_way(stepped, settle=stepped.carry)
    new_petition(stepped, by="clerk-2")
    with stepped.instance("intake").db.read() as session:
        about = list(acts(session, subject=petition["id"]))
        by_head = list(acts(session, actor="head"))
        by_event = list(acts(session, actor="/local/assignment"))
    assert [(act.actor, act.action.rpartition(".")[2]) for act in about[:3]] == [
        ("clerk-1", "register"),
        ("clerk-1", "accept"),
        ("head", "sign"),
    ]
    assert {act.actor for act in by_head} == {"head"}
    assert by_event and all(act.actor.startswith("/local/assignment#") for act in by_event)
    assert all(act.actor != "clerk-2" for act in about)


def test_sign_ins_and_documents_are_noted(stepped: Ground) -> None:
    given = {"post": "clerk-1", "password": "zhuxi-demo"}
    assert stepped.client("intake", None).post("/api/tokens", json=given).status_code == 200
    wrong = stepped.client("intake", None).post("/api/tokens", json=given | {"password": "wrong"})
    assert wrong.status_code == 401
    signed_in = [act for act in all_acts(stepped.instance("intake")) if act.actor == "clerk-1"]
    assert [act.notes for act in signed_in] == [[["signed.in", "clerk-1"]]]
    clerk = stepped.client("reporting", "clerk-1")
    issued = clerk.post("/api/bulletins", json={"month": "2026-01"})
    assert issued.status_code == 201, issued.text
    reader = stepped.client("reporting", "leader-1")
    assert reader.get(f"/api/bulletins/{issued.json['id']}/file").status_code == 200
    assert reader.get("/board/tables.xlsx").status_code == 200
    noted = [(act.actor, *note) for act in all_acts(stepped.instance("reporting")) for note in act.notes]
    assert noted == [
        ("clerk-1", "document.issued", noted[0][2]),
        ("clerk-1", "document.issued", issued.json["number"]),
        ("leader-1", "document.given", issued.json["number"]),
        ("leader-1", "table.given", "board"),
    ]


@pytest.mark.slow
def test_the_command_line(stepped: Ground) -> None:
    """As an operator uses it: verify, show, a command's own entry, a row that was altered."""
    new_petition(stepped)
    stepped.loops["intake"].ledger.finish()
    settings = stepped.settings
    keys = {"KEYS_DIR": str(settings.keys_dir)}

    def run(*arguments: str) -> tuple[int, str]:
        done = huajie(settings.data_dir, *arguments, **keys | {"DATA_DIR": str(settings.data_dir)})
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    assert run("ledger", "verify", "intake", "--rows")[0] == 0
    code, shown = run("ledger", "show", "intake", "--actor", "clerk-1")
    assert code == 0 and "insert petition " in shown and "clerk-1  " in shown
    assert "ZX" not in shown
    assert run("ledger", "compare", "intake") == (0, "intake: no head of another ledger was heard yet\n")
    code, said = run("ledger", "acknowledge", "intake", "/local/notify", "--reason", "none")
    assert code == 1 and "keeps no head of /local/notify" in said
    assert run("ledger", "restored", "intake")[0] == 0
    last = all_acts(stepped.instance("intake"))[-1]
    assert (last.actor, last.action, last.notes[0][0]) == ("command", "ledger", "ledger.restored")
    with stepped.instance("intake").db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE petition SET place = 'x'")
    code, said = run("ledger", "verify", "intake", "--rows")
    assert code == 1 and "was changed past the application" in said
    with stepped.instance("intake").db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger_entry SET acts = acts || ' ' WHERE position = 2")
    code, said = run("ledger", "verify", "intake")
    assert code == 1 and "broken. entry 2: was altered" in said


def _posts(ground: Ground):  # type: ignore[no-untyped-def]
    from shared.county import load_county

    return load_county(ground.settings.county_dir).posts


def _texts(instance: Instance) -> Iterator[str]:
    with instance.db.read() as session:
        for entry in session.query(LedgerEntry):
            yield json.dumps(json.loads(entry.acts), ensure_ascii=False)
