"""What the agency may do with a transfer: sign for it or send it back, once.

条例 23: objections come within 5 working days with reasons; that clock is supervision's.
"""

from enum import StrEnum

from shared.errors import N_, OutOfOrder


class TransferState(StrEnum):
    WAITING = "waiting"
    SIGNED = "signed"
    RETURNED = "returned"
    ENDED = "ended"  # the petition left by the sealed route meanwhile


WHY_ANSWERED = {
    TransferState.SIGNED: N_("Your agency has signed for this petition already."),
    TransferState.RETURNED: N_("Your agency has sent this petition back already."),
    TransferState.ENDED: N_("This petition was taken back; there is nothing left to do."),
}


def check_waiting(state: str) -> None:
    """Raises OutOfOrder where the agency has answered already."""
    if (now := TransferState(state)) is not TransferState.WAITING:
        raise OutOfOrder(WHY_ANSWERED[now])
