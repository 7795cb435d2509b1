"""Which event concerns whom (M24), and what a notice of it says.

A unit is told what others did that it must act on or know, not what it did itself. Nobody gets one
notice per registered petition: an import brings thousands, so they are counted by day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

from shared.errors import N_


class Who(StrEnum):
    """A part in the case, or (with its kind of unit in the county) an office of the commission."""

    LEADER = "case-leader"
    OFFICE = "case-office"
    TEAM = "case-team"
    TOWNSHIP = "case-township"
    HEAD = "head"
    EVERY_LEADER = "leader"
    PETITION_OFFICE = "petition-office"
    SUPERVISION_OFFICE = "supervision-office"
    TRIAL_OFFICE = "trial-office"


IN_CASE = frozenset({Who.LEADER, Who.OFFICE, Who.TEAM, Who.TOWNSHIP})


@dataclass(frozen=True)
class Rule:
    """To whom a kind of notice goes, besides units that its event names, and its text (a msgid).

    `page`: the service and the path where one reads on, for what is about no petition.
    """

    text: str
    to: tuple[Who, ...] = ()
    page: tuple[str, str] | None = None


ARRIVALS = "petition.registered"
RULES: Mapping[str, Rule] = {
    ARRIVALS: Rule(
        N_("%(day)s: %(count)s petitions registered. They wait to be screened and read."),
        (Who.HEAD, Who.PETITION_OFFICE),
        ("intake", "/register"),
    ),
    # 条例 23: the agency signs for it or sends it back within 5 working days.
    "petition.transferred": Rule(
        N_("Petition %(reference)s was passed to you. Sign for it, or send it back with reasons.")
    ),
    "transfer.signed": Rule(N_("The agency has signed for petition %(reference)s."), (Who.PETITION_OFFICE,)),
    "transfer.returned": Rule(
        N_("The agency has sent petition %(reference)s back. Screen it again."), (Who.PETITION_OFFICE,)
    ),
    "instruction.signed": Rule(N_("The head has signed an instruction to you on petition %(reference)s.")),
    "petition.rated": Rule(
        N_("The petitioner has rated how petition %(reference)s was handled."), (Who.LEADER, Who.OFFICE)
    ),
    "message.received": Rule(
        N_("The petitioner of %(reference)s has written a message. Read it and answer."),
        (Who.PETITION_OFFICE, Who.OFFICE),
    ),
    # 检举控告工作规则 27, 条例 35: whose reply it is about explains it; a review is others' to do.
    "request.objection": Rule(
        N_("The petitioner of %(reference)s objects to the reply. Explain it, or look into what is new."),
        (Who.PETITION_OFFICE, Who.LEADER, Who.OFFICE),
    ),
    "request.review": Rule(
        N_("The petitioner of %(reference)s asks for review. Pass it to the next higher organ."),
        (Who.PETITION_OFFICE, Who.HEAD, Who.SUPERVISION_OFFICE),
    ),
    "request.withdraw_consent": Rule(
        N_("The petitioner of %(reference)s no longer consents to publicity. Make nothing of it public."),
        (Who.PETITION_OFFICE, Who.LEADER, Who.OFFICE, Who.TEAM, Who.TOWNSHIP),
    ),
    "case.opened": Rule(
        N_("Petition %(reference)s has become a case in your charge."),
        (Who.LEADER, Who.OFFICE, Who.TEAM, Who.TOWNSHIP),
    ),
    "case.rerouted": Rule(
        N_("The case of petition %(reference)s has changed hands. See who is in charge of it now."),
        (Who.LEADER, Who.OFFICE, Who.TEAM),
    ),
    "case.reopened": Rule(
        N_("The case of petition %(reference)s is open again, for a new round by others."),
        (Who.LEADER, Who.OFFICE, Who.TEAM, Who.TOWNSHIP, Who.SUPERVISION_OFFICE),
    ),
    "plan.fixed": Rule(
        N_("The plan for petition %(reference)s is fixed."), (Who.LEADER, Who.OFFICE, Who.TEAM)
    ),
    "closing.proposed": Rule(
        N_("It is proposed to close the case of petition %(reference)s. Somebody else must check it."),
        (Who.OFFICE, Who.TRIAL_OFFICE),
    ),
    "closing.passed": Rule(
        N_("The closing of petition %(reference)s has passed the first check. Yours is the second."),
        (Who.LEADER,),
    ),
    "closing.sent_back": Rule(
        N_("The closing of petition %(reference)s was sent back. Read the reasons and go on."),
        (Who.OFFICE, Who.TEAM),
    ),
    "case.closed": Rule(
        N_("The case of petition %(reference)s is closed."), (Who.PETITION_OFFICE, Who.TOWNSHIP)
    ),
    "reply.given": Rule(
        N_("The reply on petition %(reference)s has been given."), (Who.LEADER, Who.PETITION_OFFICE)
    ),
    "clock.moved": Rule(N_("The last day of a duty on petition %(reference)s has changed.")),
    "clock.warned": Rule(N_("A duty on petition %(reference)s is due soon."), (Who.LEADER,)),
    "clock.expired": Rule(
        N_("A duty on petition %(reference)s is overdue."), (Who.LEADER, Who.SUPERVISION_OFFICE)
    ),
    "roster.changed": Rule(
        N_("The roster of township %(reference)s changes. See from when on who answers for it."),
        page=("assignment", "/roster"),
    ),
    "extract.issued": Rule(
        N_("An extract of a matter is there for your agency. Confirm that you read it, and answer."),
        page=("notify", "/network"),
    ),
    "extract.answered": Rule(N_("An agency has answered the extract of petition %(reference)s.")),
    "letter.issued": Rule(
        N_("Supervision letter %(reference)s has been issued to you. Read it, and answer in time."),
        page=("supervision", "/letters"),
    ),
    "bulletin.issued": Rule(
        N_("The monthly bulletin %(reference)s has been issued."),
        (Who.HEAD, Who.EVERY_LEADER),
        ("reporting", "/bulletins"),
    ),
    "summary.issued": Rule(
        N_("The monthly summary of %(reference)s has been issued."), (Who.HEAD, Who.EVERY_LEADER)
    ),
}
BY_DATE = N_("%(text)s By %(due_on)s.")
READ, UNREAD = "0", "1"  # with which the list_key of a notice begins


@dataclass(frozen=True)
class Parties:
    """The units in the case of a petition, as far as they are known."""

    leader: str | None = None
    office: str | None = None
    team: str | None = None
    township: str | None = None  # the township's unit

    def unit(self, who: Who) -> str | None:
        """The unit that has this part."""
        return {
            Who.LEADER: self.leader,
            Who.OFFICE: self.office,
            Who.TEAM: self.team,
            Who.TOWNSHIP: self.township,
        }[who]


def recipients(
    rule: Rule, parties: Parties, offices: Mapping[str, Iterable[str]], named: Iterable[str] = ()
) -> set[str]:
    """The units that a rule tells. `offices`: kind -> units of the county; `named`: by the event itself."""
    told = set(named)
    for who in rule.to:
        if who in IN_CASE:
            told |= {unit for unit in (parties.unit(who),) if unit}
        else:
            told |= set(offices.get(who, ()))
    return told


def list_key(occurred_at: datetime, notice_id: UUID, *, unread: bool) -> str:
    """Sorts, read backwards, unread before read and the newest first; unique by the id."""
    moment = occurred_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return f"{UNREAD if unread else READ}-{moment}-{notice_id.hex}"


def event_of_day(day: date) -> str:
    """What stands for the event in the notice that counts a day's arrivals."""
    return f"arrivals-{day.isoformat()}"
