"""Figures for Prometheus: who may read them, what they say; alarms and dashboard ask for nothing else."""

import dataclasses
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from shared import clock
from shared.bus.work import Work
from shared.contracts.envelope import Envelope
from shared.db.inbox import Arrival, receive
from shared.runtime.service import Instance
from shared.runtime.settings import Settings
from shared.watching.figures import exposition
from shared.watching.port import open_port
from tests.factories import accept, new_petition
from tests.ground import Ground, one_process

DEPLOY = Path(__file__).parents[2] / "deploy"
TOKEN = "a token of the tests for metrics"
NAME = re.compile(r"\bhuajie_[a-z_]+")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return one_process(settings.data_dir, metrics_token=TOKEN)


def figures(instance: Instance) -> dict[str, float]:
    """Each sample, named as `name{label,label}` without the service."""
    found = {}
    for family in text_string_to_metric_families(exposition(instance).decode()):
        for sample in family.samples:
            assert sample.labels.pop("service") == instance.service.name
            found[",".join((sample.name, *sample.labels.values()))] = sample.value
    return found


class TestPermission:
    def test_with_the_token(self, stepped: Ground) -> None:
        answer = stepped.client("intake", None).get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer.mimetype == "text/plain"
        assert 'huajie_parked{service="intake"} 0.0' in answer.text

    @pytest.mark.parametrize("header", ["", "Bearer ", "Bearer x", TOKEN, f"Basic {TOKEN}", "Bearer \xe4"])
    def test_without_it(self, stepped: Ground, header: str) -> None:
        assert (
            stepped.client("intake", None).get("/metrics", headers={"Authorization": header}).status_code
            == 404
        )

    def test_a_post_is_no_permission(self, stepped: Ground) -> None:
        assert stepped.client("intake", "operator-1").get("/metrics").status_code == 404

    def test_closed_where_none_is_set(self, prepared: Path, tmp_path: Path) -> None:
        shutil.copytree(prepared, tmp_path / "other")
        with Ground(one_process(tmp_path / "other")) as ground:
            for header in ("Bearer None", "Bearer "):
                client = ground.client("intake", None)
                assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


class TestFigures:
    def test_what_waits(self, stepped: Ground) -> None:
        intake, supervision = stepped.instance("intake"), stepped.instance("supervision")
        assert figures(intake)["huajie_outbox_waiting"] == 0
        with clock.travel(clock.now()) as move:
            new_petition(stepped)
            move(timedelta(seconds=90))
            assert figures(intake)["huajie_outbox_oldest_seconds"] == 90
            waiting = figures(intake)["huajie_outbox_waiting"]
            assert waiting >= 1
            (event, *_rest) = stepped.outbox("intake")
            _deliver(supervision, event)
            move(timedelta(seconds=30))
            assert figures(supervision)["huajie_inbox_waiting"] == 1
            assert figures(supervision)["huajie_inbox_oldest_seconds"] == 30
        stepped.carry()
        assert figures(intake)["huajie_outbox_waiting"] == 0
        assert figures(supervision)["huajie_inbox_waiting"] == 0

    def test_parked_and_failed(self, stepped: Ground) -> None:
        notify = stepped.instance("notify")
        with notify.db.write() as session:
            receive(session, [Arrival(b"no event")], set())
        assert figures(notify)["huajie_parked"] == 1

    def test_handlers_are_timed(self, stepped: Ground) -> None:
        name = "huajie_handler_seconds_count,intake.petition.registered.v1"
        reporting = stepped.instance("reporting")
        before = figures(reporting).get(name, 0)
        new_petition(stepped)
        stepped.carry()
        assert figures(reporting)[name] == before + 1

    def test_a_failing_handler_is_counted(self, stepped: Ground) -> None:
        supervision = stepped.instance("supervision")
        new_petition(stepped)
        event = dataclasses.replace(stepped.outbox("intake")[0], data={})
        name = f"huajie_handler_failures_total,{event.contract.key},unreadable"
        before = figures(supervision).get(name, 0)
        _deliver(supervision, event)
        Work(
            supervision.db, supervision.service.handlers, supervision.work_wake, service="supervision"
        ).step()
        assert figures(supervision)[name] == before + 1
        assert figures(supervision)["huajie_parked"] == 1

    def test_clocks_by_light(self, stepped: Ground) -> None:
        supervision = stepped.instance("supervision")
        with clock.travel(clock.now()) as move:
            new_petition(stepped)
            stepped.carry()
            running = figures(supervision)
            assert running["huajie_clocks,green"] >= 1
            assert running["huajie_clocks,red"] == 0
            move(timedelta(days=400))
            late = figures(supervision)
            assert (late["huajie_clocks,green"], late["huajie_clocks,red"]) == (
                0,
                running["huajie_clocks,green"],
            )

    def test_peers_and_loops(self, together: Ground) -> None:
        new_petition(together)
        together.settle()
        told = figures(together.instance("supervision"))
        assert told["huajie_catch_up_failing,intake"] == 0
        assert told["huajie_loop_failing,relay"] == 0
        assert told["huajie_loop_seen_seconds,work"] < 60

    def test_without_a_database_it_says_so(self, tmp_path: Path) -> None:
        with Ground(one_process(tmp_path / "empty")) as ground:
            told = figures(ground.instance("intake"))
            assert {name for name in told if "handler" not in name} == {"huajie_database_up"}
            assert told["huajie_database_up"] == 0


def _deliver(instance: Instance, event: Envelope) -> None:
    with instance.db.write() as session:
        receive(session, [Arrival(event.to_json().encode())], {event.contract.key})


class TestPort:
    @pytest.fixture
    def well(self) -> list[bool]:
        return [True]

    @pytest.fixture
    def url(self, stepped: Ground, well: list[bool]) -> str:
        return f"http://127.0.0.1:{open_port(stepped.instance('intake'), '127.0.0.1', 0, lambda: well[0])}"

    def ask(self, url: str, **headers: str) -> tuple[int, str]:
        answer = httpx.get(url, headers=headers)
        return answer.status_code, answer.text

    def test_figures_with_the_token_only(self, url: str) -> None:
        status, text = self.ask(f"{url}/metrics", Authorization=f"Bearer {TOKEN}")
        assert status == 200
        assert "huajie_parked" in text
        assert self.ask(f"{url}/metrics") == (404, "not found\n")
        assert self.ask(f"{url}/other", Authorization=f"Bearer {TOKEN}")[0] == 404

    def test_alive_or_stuck(self, url: str, well: list[bool]) -> None:
        assert self.ask(f"{url}/health/live") == (200, "ok\n")
        well[0] = False
        assert self.ask(f"{url}/health/live") == (503, "stuck\n")


def expressions() -> Iterator[tuple[str, str]]:
    """Where an expression stands, and the expression."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in json.loads((DEPLOY / "grafana" / "huajie.json").read_text("utf-8"))["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def rules() -> list[dict[str, dict[str, str] | str]]:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture
def told(together: Ground) -> set[str]:
    """All names of samples that the five services tell."""
    petition = new_petition(together)
    accept(together, petition)
    together.settle()
    names: set[str] = set()
    for instance in together.composed.instances.values():
        for family in text_string_to_metric_families(exposition(instance).decode()):
            names |= {sample.name for sample in family.samples}
    return names | {"huajie_handler_failures_total"}  # seen in TestFigures


def test_alarms_and_dashboard_ask_for_what_is_told(told: set[str]) -> None:
    asked = {(where, name) for where, text in expressions() for name in NAME.findall(text)}
    assert len(asked) > 20
    assert {(where, name) for where, name in asked if name not in told} == set()


def test_every_figure_is_on_the_dashboard_or_in_an_alarm(told: set[str]) -> None:
    asked = {name for _where, text in expressions() for name in NAME.findall(text)}
    known = {name for name in told if not name.endswith(("_sum", "_created"))}
    assert known - asked == set()


def test_every_alarm_is_explained() -> None:
    text = (DEPLOY / "README.md").read_text("utf-8")
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert rules()
    for rule in rules():
        annotations = rule["annotations"]
        assert isinstance(annotations, dict)
        assert annotations["runbook"].partition("#")[2] in anchors, rule["alert"]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not here")
def test_prometheus_takes_the_rules() -> None:
    done = subprocess.run(
        ["promtool", "check", "rules", str(DEPLOY / "prometheus" / "alerts.yaml")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
