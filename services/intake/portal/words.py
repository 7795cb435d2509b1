"""The portal's plain words for what a petitioner reads there; names.py has the offices' own."""

from flask_babel import gettext

from shared.errors import N_

STATUS = {
    "registered": N_("Received; it is being looked at"),
    "declined": N_("Not accepted"),
    "transferred": N_("Passed to the agency that is competent"),
    "accepted": N_("Accepted"),
    "in_charge": N_("In the hands of a leader"),
    "handled": N_("Being handled"),
    "closed": N_("Handled and closed"),
    "replied": N_("Answered"),
}
NEXT = {
    "screening": N_("The petition office decides whether it is accepted, and tells you."),
    "agency_answer": N_("The agency signs for it, or sends it back with reasons."),
    "with_agency": N_("The agency handles it by its own rules and tells you."),
    "taking_charge": N_("A leader takes charge of it."),
    "handling": N_("The office in charge looks into it and closes it."),
    "closing": N_("The result is checked by two others, and the matter is closed."),
    "reply": N_("You are told the result."),
    "your_rating": N_("Say how it was handled."),
}
HAPPENED = {
    "registered": N_("We received it"),
    "accepted": N_("It was accepted"),
    "declined": N_("It was not accepted"),
    "transferred": N_("It was passed to the agency that is competent"),
    "sent_back": N_("The agency sent it back; it is being looked at again"),
    "opened": N_("A leader took charge of it"),
    "rerouted": N_("Others took charge of it"),
    "planned": N_("There is a plan: who does what, until when"),
    "handled": N_("Something was done about it"),
    "extended": N_("More time was granted"),
    "closed": N_("The matter was closed"),
    "replied": N_("You were told the result"),
    "reopened": N_("It is handled once more, by others"),
}
DUTY = {
    "decision": N_("Decision whether it is accepted"),
    "receipt": N_("Answer of the agency"),
    "handling": N_("End of the handling"),
    "reply": N_("Reply to you"),
}


def plain(code: str, words: dict[str, str]) -> str:
    """The plain words of a code; the code itself where it is new."""
    return gettext(words[code]) if code in words else code
