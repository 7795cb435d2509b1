"""How many clocks show which light, for the machines that watch: a county's sums, of nobody in particular."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.supervision.clocks.models import Clock
from services.supervision.clocks.queries import has_light, unfinished
from services.supervision.clocks.rules import Light
from shared.runtime.service import Figure


def figures(session: Session) -> Iterator[Figure]:
    """`huajie_clocks` by light; red ones are late."""
    for light in Light:
        counted = session.scalar(
            unfinished(select(Clock).where(has_light(light))).with_only_columns(func.count())
        )
        yield Figure("clocks", "Clocks that run or pause, by light.", counted or 0, {"light": light.value})
