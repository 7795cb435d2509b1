"""Events of intake 受理: a petition arrives, is screened, read by the head, and rated at the end."""

from shared.contracts import fields as f
from shared.contracts.ledger import ledger_signed
from shared.contracts.registry import EventSchema, event

CHANNELS = ("letter", "visit", "call", "web", "assigned", "passed_on")
SIGNATURES = ("real_name", "anonymous", "joint")
CATEGORIES = ("accusation", "appeal", "suggestion", "out_of_scope")
PROCEDURES = ("petition", "discipline", "suggestion", "other_statutory")
ORGANS = ("commission", "petition_bureau", "police", "township", "department")
DECLINE_REASONS = ("statutory_procedure", "no_substance", "repeat_in_progress", "review_exhausted")
RETURN_REASONS = ("not_competent", "incomplete", "other_agency")
REQUEST_KINDS = ("objection", "review", "withdraw_consent")  # of retaliation nothing is told anywhere
RATINGS = ("satisfied", "partly", "dissatisfied")


class PetitionEvent(EventSchema):
    """What every event about a petition carries."""

    petition_id = f.uuid("The petition, stable across agencies")
    number = f.number()


@event("petition.registered", version=1, owner="intake")
class PetitionRegisteredV1(PetitionEvent):
    """A petition was entered in the register. Sent once per petition."""

    channel = f.choice("How it arrived", CHANNELS)
    organ = f.choice("The kind of organ that received it: it decides which clocks apply", ORGANS)
    signature = f.choice("Real-name, anonymous or joint", SIGNATURES)
    township = f.code("Township code, where known", required=False)
    content_class = f.code("First-level content class, where known", required=False)
    superior_assigned = f.flag("Assigned by a superior organ, and so put first")
    excluded = f.codes(
        "Units that are complained of, as far as known: they may learn nothing of it", required=False
    )
    received_on = f.day("The day on which the organ received it")
    registered_at = f.moment("When it was entered")


@event("petition.accepted", version=1, owner="intake")
class PetitionAcceptedV1(PetitionEvent):
    """Screening accepted the petition; it goes to the leader who answers for its township."""

    category = f.choice("Category", CATEGORIES)
    procedure = f.choice("The procedure that governs it, and so its clocks", PROCEDURES)
    organ = f.choice("The kind of organ that handles it", ORGANS)
    signature = f.choice("Real-name, anonymous or joint", SIGNATURES)
    township = f.code("Township code")
    content_class = f.code("First-level content class", required=False)
    excluded = f.codes("Units that are complained of: they may learn nothing of it (recusal)")
    superior_assigned = f.flag("Assigned by a superior organ, and so put first")
    received_on = f.day("The day on which the organ received it")
    accepted_at = f.moment("When it was accepted")


@event("petition.declined", version=1, owner="intake")
class PetitionDeclinedV1(PetitionEvent):
    """Screening declined the petition; the petitioner is told why and where to go."""

    reason = f.choice("Why", DECLINE_REASONS)
    declined_at = f.moment("When")


@event("petition.transferred", version=1, owner="intake")
class PetitionTransferredV1(PetitionEvent):
    """The petition was passed to the competent agency, which must sign for it or send it back."""

    transfer_id = f.uuid("This transfer")
    to_agency = f.code("The unit code of the competent agency")
    excluded = f.codes(
        "Units that are complained of, as far as known: they may learn nothing of it", required=False
    )
    transferred_at = f.moment("When")


@event("petition.withdrawn", version=1, owner="intake")
class PetitionWithdrawnV1(PetitionEvent):
    """The petition left by the sealed route: everyone drops what they hold of it, and counts it no more."""

    withdrawn_at = f.moment("When")


@event("transfer.signed", version=1, owner="intake")
class TransferSignedV1(PetitionEvent):
    """The agency signed for a transferred petition."""

    transfer_id = f.uuid("The transfer")
    agency = f.code("The agency that signed")
    signed_at = f.moment("When")


@event("transfer.returned", version=1, owner="intake")
class TransferReturnedV1(PetitionEvent):
    """The agency sent a transferred petition back with reasons; it is to be screened again."""

    transfer_id = f.uuid("The transfer")
    agency = f.code("The agency that returned it")
    reason = f.choice("Why", RETURN_REASONS)
    returned_at = f.moment("When")


@event("instruction.signed", version=1, owner="intake")
class InstructionSignedV1(PetitionEvent):
    """The head, or the deputy on delegation, read the petition and signed an instruction."""

    instruction_id = f.uuid("The instruction; its text is fetched from intake by those entitled")
    addressee = f.code("The unit that it is addressed to")
    due_on = f.day("By when", required=False)
    signed_by = f.code("The post that signed")
    on_delegation = f.flag("Signed by a deputy on a recorded delegation")
    amends = f.uuid("The instruction that this one amends", required=False)
    signed_at = f.moment("When")


@event("petition.rated", version=1, owner="intake")
class PetitionRatedV1(PetitionEvent):
    """The petitioner rated how the matter was handled."""

    rating = f.choice("The rating", RATINGS)
    round = f.count("Which round of handling is rated, from 1")
    rated_at = f.moment("When")


@event("message.received", version=1, owner="intake")
class MessageReceivedV1(PetitionEvent):
    """The petitioner wrote a message; who is entitled to it reads it at intake."""

    message_id = f.uuid("The message")
    received_at = f.moment("When")


@event("request.made", version=1, owner="intake")
class RequestMadeV1(PetitionEvent):
    """The petitioner objects, asks for review, or withdraws the consent to publicity."""

    request_id = f.uuid("The request; its text is read at intake by those entitled")
    kind = f.choice("What is asked", REQUEST_KINDS)
    made_at = f.moment("When")


LedgerSignedV1 = ledger_signed("intake")
