"""Events of reporting 报告: what was issued."""

from shared.contracts import fields as f
from shared.contracts.ledger import ledger_signed
from shared.contracts.registry import EventSchema, event


@event("summary.issued", version=1, owner="reporting")
class SummaryIssuedV1(EventSchema):
    """The monthly summary was issued and is frozen."""

    summary_id = f.uuid("The summary")
    month = f.month()
    issued_at = f.moment("When")


@event("bulletin.issued", version=1, owner="reporting")
class BulletinIssuedV1(EventSchema):
    """The monthly bulletin was issued and is frozen."""

    bulletin_id = f.uuid("The bulletin")
    document_number = f.document_number()
    month = f.month()
    issued_at = f.moment("When")


LedgerSignedV1 = ledger_signed("reporting")
