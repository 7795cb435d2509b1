"""Which duties a petition's story brings, from when to when, and who held each (M17).

条例 22-23 (decision, receipt), 31-34 (handling), 检举控告工作规则 27 (reply); plan and instruction are the
county's own. A pure function of the story: events may arrive in any order and any number of times.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.supervision.matters.rules import DECISIONS, ROUTES, Happening, Kind, Round, Seats, Story, day_of
from services.supervision.terms.rules import About
from shared import clock
from shared.contracts.assignment import SEATS
from shared.county import township_unit


@dataclass(frozen=True)
class Holder:
    """A unit that had the duty from a day on."""

    unit: str
    since: date


@dataclass(frozen=True)
class Duty:
    """A duty: its possible starts by name, its holders in turn, and its end where it has one.

    known_on: when it came to be known; what is over by then was never announced as near. given_on: the
    date that the duty brings itself, first_given_on the first such; planned_on: the plan's.
    """

    about: About
    ref: str
    starts: Mapping[str, date]
    known_on: date
    holders: tuple[Holder, ...]
    first_given_on: date | None = None
    given_on: date | None = None
    planned_on: date | None = None
    stopped_on: date | None = None
    done: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.about.duty, self.ref


def course(story: Story, registry: str) -> list[Duty]:
    """All duties of a petition up to now. `registry`: the petition office, which screens."""
    found: list[Duty] = []
    if story.first(Kind.REGISTERED):
        found += [*_decisions(story, registry), *_receipts(story), *_instructions(story)]
    for each in story.rounds:
        found += [_handling(story, each, registry), *_reply(story, each)]
    return [*found, *_plans(story)]


def _about(story: Story, duty: str, *, later_round: bool = False) -> About:
    said = story.described
    return About(
        duty=duty,
        organ=said.get("organ"),
        category=said.get("category"),
        procedure=said.get("procedure"),
        signature=said.get("signature"),
        superior_assigned=bool(said.get("superior_assigned")),
        later_round=later_round,
    )


def _decisions(story: Story, registry: str) -> Iterator[Duty]:
    """From receipt to the first decision; again from each return by an agency to the next decision."""
    registered = story.first(Kind.REGISTERED)
    assert registered is not None
    said = registered.data
    about = About(
        duty="decision",
        organ=said["organ"],
        signature=said["signature"],
        superior_assigned=said["superior_assigned"],
    )
    own = said["organ"] == "township" and said.get("township")
    holder = township_unit(said["township"]) if own else registry
    for place, begun in enumerate([registered, *story.all(Kind.RETURNED)], 1):
        decided = story.first(*DECISIONS, after=begun.at if place > 1 else None)
        received_on = date.fromisoformat(said["received_on"]) if place == 1 else day_of(begun)
        yield Duty(
            about=about,
            ref=str(place),
            starts={"petition.received": received_on, "petition.registered": day_of(begun)},
            known_on=day_of(begun),
            holders=(Holder(holder, received_on),),
            stopped_on=day_of(decided) if decided else None,
            done=decided is not None,
        )


def _receipts(story: Story) -> Iterator[Duty]:
    for given in story.all(Kind.TRANSFERRED):
        answered = story.first(Kind.SIGNED, Kind.RETURNED, ref=given.ref)
        yield Duty(
            about=_about(story, "receipt"),
            ref=given.ref,
            starts={"petition.transferred": day_of(given)},
            known_on=day_of(given),
            holders=(Holder(given.data["to_agency"], day_of(given)),),
            stopped_on=day_of(answered) if answered else None,
            done=answered is not None,
        )


def _instructions(story: Story) -> Iterator[Duty]:
    """Until its addressee reports it done or the case is closed; one that is amended falls away."""
    all_signed = story.all(Kind.INSTRUCTED)
    for signed in all_signed:
        if not signed.data.get("due_on"):
            continue
        amended = [each for each in all_signed if each.data.get("amends") == signed.ref]
        done = story.first(Kind.COMPLETED, ref=signed.ref), story.first(Kind.CLOSED, after=signed.at)
        ends = sorted(filter(None, (*amended, *done)), key=lambda end: end.at)
        due_on = date.fromisoformat(signed.data["due_on"])
        yield Duty(
            about=_about(story, "instruction"),
            ref=signed.ref,
            starts={"instruction.signed": day_of(signed)},
            known_on=day_of(signed),
            holders=(Holder(signed.data["addressee"], day_of(signed)),),
            first_given_on=due_on,
            given_on=due_on,
            stopped_on=day_of(ends[0]) if ends else None,
            done=bool(ends) and ends[0].kind != Kind.INSTRUCTED,
        )


def _handling(story: Story, part: Round, registry: str) -> Duty:
    """From acceptance, or reopening, to closing. Until the case is opened the petition office has it."""
    starts = {"petition.accepted" if part.number == 1 else "case.reopened": day_of(part.began)}
    opened = story.first(Kind.OPENED)
    if part.number == 1 and opened:
        starts["case.opened"] = day_of(opened)
    given = [date.fromisoformat(plan.data["due_on"]) for plan in part.plans]
    if given:
        starts["plan.fixed"] = day_of(part.plans[0])
    end = part.closed or part.next_began
    held = _held(story.seats, "office", part.began.at, end.at if end else None)
    before = [Holder(registry, day_of(part.began))] if part.number == 1 else []
    return Duty(
        about=_about(story, "handling", later_round=part.number > 1),
        ref=str(part.number),
        starts=starts,
        known_on=day_of(part.began),
        holders=_in_turn([*before, *held]),
        first_given_on=given[0] if given else None,
        given_on=given[-1] if given else None,
        planned_on=given[-1] if given else None,
        stopped_on=day_of(part.closed) if part.closed else None,
        done=part.closed is not None,
    )


def _reply(story: Story, part: Round) -> Iterator[Duty]:
    """From closing to the reply; a reopening before it takes the duty away."""
    if part.closed is None:
        return
    replied = story.first(Kind.REPLIED, ref=str(part.number))
    reopened_on = day_of(part.next_began) if part.next_began else None
    replied_on = day_of(replied) if replied else None
    done = replied_on is not None and (reopened_on is None or replied_on <= reopened_on)
    end = part.next_began.at if part.next_began else None
    held = _held(story.seats, "office", part.closed.at, end)
    if not held:
        return  # its case has not been heard of yet
    yield Duty(
        about=_about(story, "reply", later_round=part.number > 1),
        ref=str(part.number),
        starts={"case.closed": day_of(part.closed)},
        known_on=day_of(part.closed),
        holders=_in_turn(held),
        stopped_on=replied_on if done else reopened_on,
        done=done,
    )


def _plans(story: Story) -> Iterator[Duty]:
    """Each time a case comes to somebody without a plan: opened, reopened, or others after a recusal."""
    if story.accepted is None or story.first(Kind.OPENED) is None:
        return
    for place, (begun, end, done) in enumerate(_without_plan(story), 1):
        yield Duty(
            about=_about(story, "plan"),
            ref=str(place),
            starts={"case.opened": day_of(begun)},
            known_on=day_of(begun),
            holders=_in_turn(_held(story.seats, "leader", begun.at, end.at if end else None)),
            stopped_on=day_of(end) if end else None,
            done=done,
        )


def _without_plan(story: Story) -> Iterator[tuple[Happening, Happening | None, bool]]:
    """From what left the case without a plan to its end, and whether a plan was that end."""
    begun: Happening | None = None
    closed = False
    before: tuple[str, ...] | None = None
    for fact in story.all(Kind.OPENED, Kind.REROUTED, Kind.PLANNED, Kind.CLOSED, Kind.REOPENED):
        closed = fact.kind == Kind.CLOSED or (closed and fact.kind != Kind.REOPENED)
        if begun and fact.kind in (Kind.PLANNED, Kind.REOPENED):
            yield begun, fact, fact.kind == Kind.PLANNED
            begun = None
        if fact.kind in ROUTES:
            seats = tuple(fact.data[seat] for seat in SEATS)
            lost = fact.kind != Kind.REROUTED or _takes_plan_away(fact, seats, before)
            begun, before = begun or (fact if lost and not closed else None), seats
    if begun:
        yield begun, None, False


def _takes_plan_away(fact: Happening, seats: tuple[str, ...], before: tuple[str, ...] | None) -> bool:
    return fact.data["reason"] == "recusal" and before is not None and seats != before


def _held(seats: Iterable[Seats], seat: str, since: datetime, until: datetime | None) -> list[Holder]:
    """Who had a seat in a stretch of time, each from when on; who had it before has it from its start."""
    found: list[Holder] = []
    for each in seats:
        unit = getattr(each, seat)
        if each.since <= since:
            found = [Holder(unit, clock.local_date(since))]
        elif until is None or each.since < until:
            found.append(Holder(unit, clock.local_date(each.since)))
    return found


def _in_turn(holders: Iterable[Holder]) -> tuple[Holder, ...]:
    turns: list[Holder] = []
    for each in holders:
        if not turns or turns[-1].unit != each.unit:
            turns.append(each)
    return tuple(turns)
