"""On every date each township has exactly one leader, office and team, and each leader a township (M6).

条例 18 ¶2: leaders answer in person for hard matters (包案); so nobody may be left without one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shared.calendar import ONE_DAY
from shared.errors import N_, Invalid


@dataclass(frozen=True)
class Span:
    """One line of the roster: unit codes, first day, last day (None: open)."""

    township: str
    leader: str
    office: str
    team: str
    valid_from: date
    valid_until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


def changed(
    current: Sequence[Span], new: Sequence[Span], *, leaders: Collection[str], today: date
) -> list[Span]:
    """The roster after a change. A new line ends the one that runs on its first day.

    A new line that begins on the same day as a known one takes its place. Raises Invalid that names the
    gap, the overlap or the leader without a township, with its days, at the new line that brings it about.
    """
    for place, span in enumerate(new):
        if span.valid_from < today:
            raise Invalid(
                N_("A change takes effect today or later. Give another day."),
                field=f"entries.{place}.valid_from",
            )
        if span.valid_until and span.valid_until < span.valid_from:
            raise Invalid(
                N_("The last day lies before the first. Correct one of them."),
                field=f"entries.{place}.valid_until",
            )
    result = list(current)
    for span in sorted(new, key=lambda s: s.valid_from):
        result = [*_make_room(result, span), span]
    _check_townships(result, {span.township: place for place, span in enumerate(new)})
    brought_about = {  # who had a township before that a new line gives away
        span.leader: place
        for place, line in enumerate(new)
        for span in current
        if span.township == line.township
    }
    first = min((span.valid_from for span in new), default=today)
    _check_leaders(result, leaders, first, brought_about)
    return result


def _make_room(spans: Iterable[Span], new: Span) -> Iterable[Span]:
    for span in spans:
        if span.township != new.township:
            yield span
        elif span.valid_from < new.valid_from and span.covers(new.valid_from):
            yield replace(span, valid_until=new.valid_from - ONE_DAY)
        elif span.valid_from != new.valid_from:
            yield span


def _check_townships(spans: Sequence[Span], places: Mapping[str, int]) -> None:
    for township in sorted({span.township for span in spans}):
        own = sorted((s for s in spans if s.township == township), key=lambda s: s.valid_from)
        for span, following in zip(own, [*own[1:], None], strict=True):
            _check_pair(span, following, f"entries.{places.get(township, 0)}.valid_until")


def _check_pair(span: Span, following: Span | None, field: str) -> None:
    if span.valid_until is None and following is None:
        return
    if following is None:
        assert span.valid_until is not None
        raise _gap(field, span.township, span.valid_until + ONE_DAY, None)
    if span.valid_until is None or span.valid_until >= following.valid_from:
        raise Invalid(
            N_(
                "Township %(township)s would have two leaders from %(first)s on: a later line begins then. "
                "End the new line the day before, or change the later one too."
            ),
            field=field,
            township=span.township,
            first=following.valid_from.isoformat(),
        )
    if span.valid_until + ONE_DAY < following.valid_from:
        raise _gap(field, span.township, span.valid_until + ONE_DAY, following.valid_from - ONE_DAY)


def _gap(field: str, township: str, first: date, last: date | None) -> Invalid:
    if last is None:
        return Invalid(
            N_("Township %(township)s would have nobody from %(first)s on. Add a line that begins then."),
            field=field,
            township=township,
            first=first.isoformat(),
        )
    return Invalid(
        N_("Township %(township)s would have nobody from %(first)s to %(last)s. Add a line for these days."),
        field=field,
        township=township,
        first=first.isoformat(),
        last=last.isoformat(),
    )


def _check_leaders(
    spans: Sequence[Span], leaders: Collection[str], first: date, places: Mapping[str, int]
) -> None:
    days = sorted({first} | {span.valid_from for span in spans if span.valid_from > first})
    for leader in sorted(leaders):
        idle = [d for d in days if not any(s.leader == leader and s.covers(d) for s in spans)]
        if not idle:
            continue
        field = f"entries.{places.get(leader, 0)}.leader"
        back = [d for d in days if d > idle[0] and d not in idle]
        if back:
            raise Invalid(
                N_(
                    "%(leader)s would answer for no township from %(first)s to %(last)s. "
                    "Give them one in the same change."
                ),
                field=field,
                leader=leader,
                first=idle[0].isoformat(),
                last=(back[0] - ONE_DAY).isoformat(),
            )
        raise Invalid(
            N_(
                "%(leader)s would answer for no township from %(first)s on. Give them one in the same change."
            ),
            field=field,
            leader=leader,
            first=idle[0].isoformat(),
        )


@dataclass(frozen=True)
class Absence:
    """A leader is away from a first to a last day, and another stands in."""

    leader: str
    stand_in: str
    valid_from: date
    valid_until: date

    def meets(self, other: "Absence") -> bool:
        """Whether the two have a day in common."""
        return self.valid_from <= other.valid_until and other.valid_from <= self.valid_until


def check_absence(new: Absence, known: Iterable[Absence], today: date) -> None:
    """Raises Invalid where the days are wrong, the absence is known, or the stand-in is away too."""
    if new.leader == new.stand_in:
        raise Invalid(N_("A leader cannot stand in for themselves. Choose another."), field="stand_in")
    if new.valid_from < today:
        raise Invalid(N_("Record a stand-in from today or later."), field="valid_from")
    if new.valid_until < new.valid_from:
        raise Invalid(N_("The last day lies before the first. Correct one of them."), field="valid_until")
    for other in known:
        if not new.meets(other):
            continue
        if other.leader == new.leader:
            raise Invalid(
                N_("Somebody stands in on some of these days already. End that first."), field="valid_from"
            )
        if other.leader == new.stand_in:
            raise Invalid(
                N_("They are away themselves on some of these days. Choose somebody else."), field="stand_in"
            )
        if other.stand_in == new.leader:
            raise Invalid(
                N_("On some of these days they stand in for somebody. Choose another for that first."),
                field="leader",
            )
