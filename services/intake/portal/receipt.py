"""The receipt: number, code, and a QR code that a camera reads.

The QR holds the address of the look-up with the code behind `#`: a browser never sends that part to a
server, so no log can have it.
"""

from dataclasses import dataclass

from markupsafe import Markup

from shared.web.qr import qr_code
from shared.web.request import current_instance

LOOK_UP = "/portal/look-up"


@dataclass(frozen=True)
class Receipt:
    number: str
    code: str
    address: str  # of the look-up, as it is typed
    qr: Markup

    def __repr__(self) -> str:
        return "Receipt(sealed)"


def receipt_of(number: str, code: str) -> Receipt:
    """What is shown of a petition's new code, this once."""
    address = current_instance().settings.address_of("intake") + LOOK_UP
    return Receipt(number, code, address, qr_code(f"{address}#code={code}"))
