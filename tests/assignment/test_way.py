"""Whatever steps are tried in whatever order by whomever, what may never happen does not happen."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.assignment.cases.rules import TRANSITIONS, State, Step, after
from shared import clock
from shared.contracts.intake import PetitionRatedV1
from shared.errors import OutOfOrder
from tests.assignment.desk import NOON, Desk, entry, plan, proposal

OFFICES = [f"office-{n}" for n in range(1, 7)]
UNIT = {f"{office}-{place}": office for office in OFFICES for place in "ab"}
WHO = st.sampled_from(
    ["a", "b", "leader", "team", "trial-a", "clerk-1", "head", "township-420324100", "office-6-a", "leader-9"]
)


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", State)
def test_each_step_is_possible_or_says_what_is(state, step):
    if state in TRANSITIONS[step]:
        assert after(state, step) == TRANSITIONS[step][state]
    else:
        with pytest.raises(OutOfOrder) as refused:
            after(state, step)
        assert refused.value.message


class Way(RuleBasedStateMachine):
    """One case, and posts that try everything; the insider rules make sure that it also gets on."""

    prepared: Path

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.travel = clock.travel(NOON)
        self.travel.__enter__()
        self.desk = Desk(self.directory, self.prepared)
        self.case = self.desk.open()
        self.seen = self.desk.case(self.case)
        self.log: list[tuple[str, str, dict[str, Any]]] = []  # accepted: post, step, body
        self.recused: set[str] = set()

    def teardown(self) -> None:
        self.desk.close()
        self.travel.__exit__(None, None, None)
        shutil.rmtree(self.directory)

    @initialize()
    def begin(self) -> None:
        self.attempt("leader-1", "plan", **plan())

    def attempt(self, post: str, step: str, **body: Any) -> bool:
        """Try a step; what is refused leaves no trace."""
        answer = self.desk.client(post).post(
            f"/api/cases/{self.case['id']}/{step}", json={"version": self.seen["version"], **body}
        )
        assert answer.status_code in (200, 201, 204, 403, 404, 409, 422), answer.text
        before, self.seen = self.seen, self.desk.case(self.case)
        if answer.status_code >= 400:
            assert self.seen == before
            return False
        assert UNIT.get(post, post) not in self.recused
        assert self.seen["version"] > before["version"]
        self.log.append((post, step, body))
        return True

    def post_of(self, who: str) -> str:
        """A post by what it is in the case now, so that many tries come near."""
        seats = {"a": f"{self.seen['office']}-a", "b": f"{self.seen['office']}-b"}
        return seats.get(who) or self.seen.get(who) or who

    @rule(proposer=st.sampled_from("ab"), first=st.sampled_from(["a", "b", "trial-a"]), n=st.integers(1, 6))
    def get_on(self, proposer: str, first: str, n: int) -> None:
        """The next steps as they should be taken, unless the first checker is the proposer."""
        for _ in range(n):
            match self.seen["state"]:
                case "open":
                    self.anyone_fixes_a_plan("leader", "调整")
                case "handling" if not self.in_contact:
                    self.anyone_records(proposer, "contact")
                case "handling":
                    self.anyone_proposes(proposer)
                case "proposed":
                    self.anyone_checks(first, 1, True)
                case "checked":
                    self.anyone_checks("leader", 2, True)

    @property
    def in_contact(self) -> bool:
        entries = self.seen["handling"]
        return any(e["round"] == self.seen["round"] and e["kind"] == "contact" for e in entries)

    @rule(who=WHO, reason=st.sampled_from([None, "调整"]))
    def anyone_fixes_a_plan(self, who: str, reason: str | None) -> None:
        members = [{"post": self.post_of("a"), "duty": "牵头", "responsible": True}]
        self.attempt(self.post_of(who), "plan", **plan(members=members, reason=reason))

    @rule(who=WHO, kind=st.sampled_from(["contact", "evidence"]))
    def anyone_records(self, who: str, kind: str) -> None:
        self.attempt(self.post_of(who), "handling", **entry(kind=kind))

    @rule(who=WHO)
    def anyone_proposes(self, who: str) -> None:
        self.attempt(self.post_of(who), "closing", **proposal())

    @rule(who=WHO, level=st.sampled_from([1, 2]), passed=st.booleans())
    def anyone_checks(self, who: str, level: int, passed: bool) -> None:
        self.attempt(self.post_of(who), "checks", level=level, passed=passed, reasons="理由")

    @rule(who=WHO, round=st.integers(1, 3))
    def anyone_replies(self, who: str, round: int) -> None:
        self.attempt(self.post_of(who), "replies", round=round, means="letter", replied_on="2026-03-10")

    @rule(who=WHO)
    def anyone_recuses(self, who: str) -> None:
        post = self.post_of(who)
        if len(self.recused) < 2 and self.attempt(post, "recusal", reason="有利害关系"):
            self.recused.add(UNIT.get(post, post))

    @rule(ago=st.integers(0, 1))
    def the_petitioner_is_dissatisfied(self, ago: int) -> None:
        if self.seen["round"] > 3:
            return  # each round uses up an office
        self.desk.feed(
            PetitionRatedV1,
            petition_id=self.case["petition_id"],
            number=self.case["number"],
            rating="dissatisfied",
            round=max(1, self.seen["round"] - ago),
            rated_at=NOON,
        )
        before, self.seen = self.seen, self.desk.case(self.case)
        assert (self.seen["round"] > before["round"]) <= (before["state"] == "closed")

    @invariant()
    def every_closing_passed_two_who_did_not_propose_it(self) -> None:
        closed = [c for c in self.seen["closings"] if c["closed_at"]]
        for closing in closed:
            first, second = closing["checks"]
            assert (first["level"], first["passed"], second["level"], second["passed"]) == (1, True, 2, True)
            assert len({closing["by"], first["by"], second["by"]}) == 3
        rounds = [e["round"] for e in self.desk.events("case.closed")]
        assert rounds == [c["round"] for c in closed] == list(range(1, len(rounds) + 1))

    @invariant()
    def a_closing_has_a_plan_and_a_contact_of_its_round(self) -> None:
        for closing in self.seen["closings"]:
            assert any(p["round"] == closing["round"] for p in self.seen["plans"])
            assert any(
                e["round"] == closing["round"] and e["kind"] == "contact" for e in self.seen["handling"]
            )

    @invariant()
    def there_is_a_plan_wherever_there_must_be(self) -> None:
        assert (self.seen["plan_version"] is None) == (self.seen["state"] == "open")

    @invariant()
    def nobody_handles_two_rounds(self) -> None:
        rounds: dict[str, set[int]] = {}
        for closing in self.seen["closings"]:
            if closing["closed_at"]:
                rounds.setdefault(UNIT[closing["by"]], set()).add(closing["round"])
        assert all(len(own) == 1 for own in rounds.values())

    @invariant()
    def the_recused_hold_nothing(self) -> None:
        assert not self.recused & {self.seen[seat] for seat in ("leader", "office", "team")}
        for unit in self.recused:
            post = f"{unit}-a" if unit.startswith("office") else unit
            assert self.desk.cases(post) == []

    @invariant()
    def each_round_is_replied_to_once_and_after_its_closing(self) -> None:
        replied = [r["round"] for r in self.seen["replies"]]
        assert len(set(replied)) == len(replied)
        assert set(replied) <= {c["round"] for c in self.seen["closings"] if c["closed_at"]}


@pytest.mark.slow
def test_random_ways(prepared_desk: Path) -> None:
    class Prepared(Way):
        prepared = prepared_desk

    run_state_machine_as_test(
        Prepared,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
