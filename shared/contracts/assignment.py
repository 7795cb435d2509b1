"""Events of assignment 包案: the case from the leader's hand to the petitioner's."""

from shared.contracts import fields as f
from shared.contracts.intake import PetitionEvent
from shared.contracts.ledger import ledger_signed
from shared.contracts.registry import EventSchema, event

SEATS = ("leader", "office", "team")  # the units that have a case, each in a field of this name
REROUTE_REASONS = ("recusal", "roster_change", "stand_in")
HANDLING_KINDS = ("contact", "visit", "inquiry", "evidence", "mediation", "meeting", "other")
OUTCOMES = ("upheld", "partly_upheld", "explained", "not_upheld", "settled", "not_proven", "withdrawn")
REPLY_MEANS = ("in_person", "letter", "call", "portal", "declined", "unreachable")
REOPEN_REASONS = ("dissatisfied", "new_evidence", "ordered")


class CaseEvent(PetitionEvent):
    """What every event about a case carries."""

    case_id = f.uuid("The case")


@event("case.opened", version=1, owner="assignment")
class CaseOpenedV1(CaseEvent):
    """An accepted petition was routed by the roster to its leader, office and team."""

    township = f.code("Township code")
    leader = f.code("The leader in charge")
    office = f.code("The counterpart office")
    team = f.code("The cooperating team")
    superior_assigned = f.flag("Assigned by a superior organ, and so put first")
    excluded = f.codes("Units excluded from it: they may learn nothing of it", required=False)
    opened_at = f.moment("When")


@event("case.rerouted", version=1, owner="assignment")
class CaseReroutedV1(CaseEvent):
    """The case changed hands: a recusal, a stand-in or a change of the roster."""

    leader = f.code("The leader now in charge")
    office = f.code("The counterpart office now")
    team = f.code("The cooperating team now")
    reason = f.choice("Why", REROUTE_REASONS)
    excluded = f.codes("Units that are now excluded from it, with those before")
    rerouted_at = f.moment("When")


@event("plan.fixed", version=1, owner="assignment")
class PlanFixedV1(CaseEvent):
    """The five-fixed plan is complete: leader, team, time limit, duty, quality. Again for each version."""

    plan_version = f.count("From 1")
    due_on = f.day("The time limit")
    members = f.count("How many members the team has")
    fixed_at = f.moment("When")


@event("handling.recorded", version=1, owner="assignment")
class HandlingRecordedV1(CaseEvent):
    """An entry was added to the handling record."""

    entry_id = f.uuid("The entry; its text stays with assignment")
    kind = f.choice("What was done", HANDLING_KINDS)
    occurred_on = f.day("On which day")


@event("closing.proposed", version=1, owner="assignment")
class ClosingProposedV1(CaseEvent):
    """The office proposes to close the case; two levels check it."""

    round = f.count("Round of handling, from 1")
    outcome = f.choice("The proposed outcome", OUTCOMES)
    proposed_at = f.moment("When")


@event("closing.checked", version=1, owner="assignment")
class ClosingCheckedV1(CaseEvent):
    """One of the two levels checked the proposal: passed on, or sent back."""

    round = f.count("Round of handling, from 1")
    level = f.count("1: another post of the office, or the trial office; 2: the leader")
    passed = f.flag("Passed, or sent back")
    checked_at = f.moment("When")


@event("case.closed", version=1, owner="assignment")
class CaseClosedV1(CaseEvent):
    """Both levels passed the proposal and the case is closed."""

    round = f.count("Round of handling, from 1")
    outcome = f.choice("The outcome", OUTCOMES)
    closed_at = f.moment("When")


@event("reply.given", version=1, owner="assignment")
class ReplyGivenV1(CaseEvent):
    """The petitioner was told the result, or declined to hear it, or could not be reached."""

    round = f.count("Round of handling, from 1")
    means = f.choice("How", REPLY_MEANS)
    replied_on = f.day("On which day")


@event("case.reopened", version=1, owner="assignment")
class CaseReopenedV1(CaseEvent):
    """A closed case is handled again by somebody who has not handled it (re-review)."""

    round = f.count("The round that begins, from 2")
    reason = f.choice("Why", REOPEN_REASONS)
    leader = f.code("The leader in charge")
    office = f.code("The office of the new round")
    team = f.code("The cooperating team")
    excluded = f.codes("Units excluded from it: they may learn nothing of it", required=False)
    reopened_at = f.moment("When")


@event("roster.changed", version=1, owner="assignment")
class RosterChangedV1(EventSchema):
    """From a date on, a township has this leader, office and team."""

    township = f.code("Township code")
    leader = f.code("The leader")
    office = f.code("The counterpart office")
    team = f.code("The cooperating team")
    valid_from = f.day("First day")


LedgerSignedV1 = ledger_signed("assignment")
