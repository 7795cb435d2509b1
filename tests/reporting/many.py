"""Many petitions at once on a board, made up by chance: what thousands of events would leave there."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from services.reporting.board.counts import following
from services.reporting.board.models import BoardPetition
from shared import clock
from shared.county import load_county
from shared.db.engine import Database

AT_ONCE = 1000
OUTCOMES = ("upheld", "partly_upheld", "not_upheld", "explained", "settled")
RATINGS = ("satisfied", "satisfied", "partly", "dissatisfied", None)


def fill_board(db: Database, many: int, *, seed: int = 1) -> None:
    """Put petitions of the last two years on the board, counted as if their events had come."""
    made = _petitions(random.Random(seed), many)
    while some := list(islice(made, AT_ONCE)):
        with db.write() as session:
            for values in some:
                petition = BoardPetition(**values | {"registered_on": None})
                with following(session, petition):
                    petition.registered_on = values["registered_on"]
                session.add(petition)


def _petitions(rng: random.Random, many: int) -> Iterator[dict[str, Any]]:
    county, today = load_county(), clock.today()
    classes = [None, *(each.code for each in county.content_classes)]
    for number in range(1, many + 1):
        received = today - timedelta(days=rng.randrange(700))
        entry = rng.choice(county.roster)
        state = rng.choice(("registered", "declined", "transferred", *["in_charge"] * 4, *["closed"] * 9))
        has_case = state in ("in_charge", "closed")
        yield {
            **_register(number, UUID(int=rng.getrandbits(128)), received, state),
            **_end(rng, received, state),
            "township": entry.township,
            "content_class": rng.choice(classes),
            "leader": entry.leader if has_case else None,
            "office": entry.office if has_case else None,
            "team": entry.team if has_case else None,
            "accepted_on": received if has_case else None,
            "due_on": today + timedelta(days=rng.choice((-12, -2, 0, 3, 9, 30)))
            if state in ("registered", "in_charge")
            else None,
            "was_late": rng.random() < 0.1,
            "reopened_round": 2 if has_case and rng.random() < 0.05 else 0,
        }


def _register(number: int, petition_id: UUID, received: date, state: str) -> dict[str, Any]:
    text = f"ZX{received.year}-{number:06d}"
    return {
        "petition_id": petition_id,
        "number": text,
        "list_key": f"{text}-{petition_id.hex}",
        "state": state,
        "withdrawn": False,
        "superior_assigned": False,
        "routed_rank": 0,
        "registered_on": received,
        "received_on": received,
        "month": f"{received:%Y-%m}",
        "described_at": datetime(received.year, received.month, received.day, tzinfo=UTC),
        "channel": "letter",
        "organ": "commission",
        "signature": "real_name",
        "category": "appeal",
    }


def _end(rng: random.Random, received: date, state: str) -> dict[str, Any]:
    closed = state == "closed"
    rating = rng.choice(RATINGS) if closed else None
    return {
        "closed_round": int(closed),
        "closed_on": received + timedelta(days=rng.randrange(5, 60)) if closed else None,
        "outcome": rng.choice(OUTCOMES) if closed else None,
        "rated_round": int(rating is not None),
        "rating": rating,
    }
