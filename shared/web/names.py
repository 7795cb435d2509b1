"""What codes are called in the reader's language: the county's units and places, and every vocabulary.

On pages these are filters: `{{ case.office|unit }}`, `{{ petition.channel|label('channel') }}`.
"""

from collections.abc import Iterable
from typing import Any

from flask import Flask
from flask_babel import gettext

from shared.county import County, load_county
from shared.errors import N_
from shared.web.language import choose_language
from shared.web.request import current_instance

NOTHING = "—"

LABELS: dict[str, dict[str, str]] = {
    "channel": {
        "letter": N_("Letter"),
        "visit": N_("Visit"),
        "call": N_("Call"),
        "web": N_("Web"),
        "assigned": N_("Assigned from above"),
        "passed_on": N_("Passed on by another agency"),
    },
    "signature": {
        "real_name": N_("Real name"),
        "anonymous": N_("Anonymous"),
        "joint": N_("Joint"),
    },
    "category": {
        "accusation": N_("Accusation"),
        "appeal": N_("Appeal"),
        "suggestion": N_("Criticism or suggestion"),
        "out_of_scope": N_("Out of scope"),
    },
    "procedure": {
        "petition": N_("Petition procedure"),
        "discipline": N_("Rules of the commission"),
        "suggestion": N_("Procedure for suggestions"),
        "other_statutory": N_("Another statutory procedure"),
    },
    "organ": {
        "commission": N_("Discipline inspection commission"),
        "petition_bureau": N_("Petition bureau"),
        "police": N_("Public security organ"),
        "township": N_("Township"),
        "department": N_("Government department"),
    },
    "state": {
        "registered": N_("Registered"),
        "accepted": N_("Accepted"),
        "declined": N_("Declined"),
        "transferred": N_("Transferred"),
        "sent_back": N_("Sent back by the agency"),
        "returned": N_("Sent back by the agency"),
        "in_charge": N_("In charge of a leader"),
        "handled": N_("Being handled"),
        "closed": N_("Closed"),
        "replied": N_("Answered"),
    },
    "duty": {
        "decision": N_("Decide on acceptance"),
        "receipt": N_("Sign for the transfer"),
        "plan": N_("Five-fixed plan"),
        "handling": N_("Handle and close"),
        "reply": N_("Reply to the petitioner"),
        "instruction": N_("Carry out the instruction"),
    },
    "happened": {
        "registered": N_("Registered"),
        "accepted": N_("Accepted"),
        "declined": N_("Declined"),
        "transferred": N_("Transferred to another agency"),
        "signed": N_("Signed for by the agency"),
        "sent_back": N_("Sent back by the agency"),
        "read": N_("First reading"),
        "instructed": N_("Instruction signed"),
        "amended": N_("Instruction amended"),
        "opened": N_("A leader took charge"),
        "rerouted": N_("Handed on to others in charge"),
        "planned": N_("Five-fixed plan made"),
        "handled": N_("Work on the matter"),
        "extended": N_("Time limit extended"),
        "closed": N_("Closed"),
        "replied": N_("Petitioner was told the result"),
        "reopened": N_("Handled again"),
        "rated": N_("Rated by the petitioner"),
        "code_issued": N_("Query code issued"),
    },
    "light": {
        "green": N_("In time"),
        "yellow": N_("Due soon"),
        "orange": N_("Due very soon"),
        "red": N_("Overdue"),
        "paused": N_("Paused"),
        "done": N_("Done"),
    },
    "handling_kind": {
        "contact": N_("Contact with the petitioner"),
        "visit": N_("Visit on site"),
        "inquiry": N_("Inquiry"),
        "evidence": N_("Evidence taken"),
        "mediation": N_("Mediation"),
        "meeting": N_("Meeting"),
        "other": N_("Other"),
    },
    "outcome": {
        "upheld": N_("Upheld"),
        "partly_upheld": N_("Partly upheld"),
        "explained": N_("Explained"),
        "not_upheld": N_("Not upheld"),
        "settled": N_("Settled"),
        "not_proven": N_("Not proven"),
        "withdrawn": N_("Withdrawn by the petitioner"),
    },
    "reply_means": {
        "in_person": N_("In person"),
        "letter": N_("By letter"),
        "call": N_("By telephone"),
        "portal": N_("In the portal"),
        "declined": N_("The petitioner wants no reply"),
        "unreachable": N_("The petitioner cannot be reached"),
    },
    "reopen_reason": {
        "dissatisfied": N_("The petitioner is dissatisfied"),
        "new_evidence": N_("New evidence"),
        "ordered": N_("Ordered from above"),
    },
    "reroute_reason": {
        "recusal": N_("Recusal"),
        "roster_change": N_("Change of the roster"),
        "stand_in": N_("Stand-in for an absence"),
    },
    "decline_reason": {
        "statutory_procedure": N_("Belongs to a court, an arbitration or a review procedure"),
        "no_substance": N_("Names nothing that could be looked into"),
        "repeat_in_progress": N_("The same matter is being handled"),
        "review_exhausted": N_("Review and re-examination are over"),
    },
    "return_reason": {
        "not_competent": N_("Not competent for it"),
        "incomplete": N_("Incomplete"),
        "other_agency": N_("Another agency is competent"),
    },
    "rating": {
        "satisfied": N_("Satisfied"),
        "partly": N_("Partly satisfied"),
        "dissatisfied": N_("Dissatisfied"),
    },
    "role": {
        "clerk": N_("Petition clerk"),
        "head": N_("Head of the commission"),
        "leader": N_("Leader in charge"),
        "office": N_("Counterpart office"),
        "team": N_("Cooperating team"),
        "township": N_("Township commission"),
        "liaison": N_("Agency liaison"),
        "supervisor": N_("Supervisor"),
        "operator": N_("Operator"),
    },
}


def install(app: Flask) -> None:
    """Make the filters known to the templates."""
    app.jinja_env.filters |= {
        "label": label,
        "unit": unit_name,
        "post": post_name,
        "township": township_name,
        "content_class": class_name,
    }
    app.jinja_env.globals |= {"labels": labels, "county": county}


def county() -> County:
    """The county of this installation."""
    return load_county(current_instance().settings.county_dir)


def label(code: str | None, vocabulary: str) -> str:
    """What a code of a vocabulary (a key of LABELS) is called; the code itself where it is new."""
    if not code:
        return NOTHING
    known = LABELS[vocabulary].get(str(code))
    return gettext(known) if known else str(code)


def labels(vocabulary: str, codes: Iterable[str] | None = None) -> list[tuple[str, str]]:
    """(code, name) of a vocabulary, all or those asked for, as a select field shows them."""
    chosen = LABELS[vocabulary] if codes is None else codes
    return [(str(code), label(str(code), vocabulary)) for code in chosen]


def unit_name(code: str | None) -> str:
    """A unit by its code."""
    return named(county().units, code)


def post_name(code: str | None) -> str:
    """A post by its code."""
    return named(county().posts, code)


def township_name(code: str | None) -> str:
    """A township by its division code."""
    return named(county().townships, code)


def class_name(code: str | None) -> str:
    """A content class by its two-digit code."""
    return named(county().content_classes, code)


def named(entries: Iterable[Any], code: str | None) -> str:
    """An entry of the county in the reader's language; the code itself where the county has none such."""
    if not code:
        return NOTHING
    chinese = choose_language() == "zh"
    for entry in entries:
        if entry.code == code:
            return str(entry.name if chinese else entry.name_en)
    return code


def choices(entries: Iterable[Any]) -> list[tuple[str, str]]:
    """(code, name) of the county's entries, as a select field shows them."""
    listed = list(entries)
    return [(entry.code, named([entry], entry.code)) for entry in listed]
