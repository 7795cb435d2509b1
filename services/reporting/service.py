"""Declares reporting 报告: what it publishes, handles, shows and keeps."""

from flask import Blueprint

from services.reporting.base import Base
from services.reporting.board import handlers as board
from services.reporting.board import models as _board
from services.reporting.board.counts import sum_up
from services.reporting.bulletin import models as _bulletin
from services.reporting.progress import handlers as progress
from services.reporting.progress import models as _progress
from services.reporting.summary import models as _summary
from shared.bus.handlers import handlers_in
from shared.contracts import reporting as events
from shared.errors import N_
from shared.identity.roles import CASEWORK
from shared.ledger.handlers import hear_ledgers
from shared.runtime.service import MenuEntry, Service, Task

TABLES = (_board, _bulletin, _progress, _summary)  # imported so that their tables are known


def _blueprints() -> tuple[Blueprint, ...]:
    from services.reporting.board.api import api as board_api
    from services.reporting.board.pages import pages as board_pages
    from services.reporting.bulletin.api import api as bulletins
    from services.reporting.bulletin.pages import pages as bulletin_pages
    from services.reporting.progress.api import api as progress_api
    from services.reporting.summary.api import api as summaries

    return (board_pages, board_api, summaries, bulletins, bulletin_pages, progress_api)


def _desk() -> str:
    from services.reporting.board.desk import part

    return part()


SERVICE = Service(
    name="reporting",
    title=N_("Reports"),
    package="services.reporting",
    publishes=(events.SummaryIssuedV1, events.BulletinIssuedV1, events.LedgerSignedV1),
    handlers=(*handlers_in(board, progress), *hear_ledgers("reporting")),
    holds=(_board.BoardPetition,),
    metadata=Base.metadata,
    tasks=(Task("sum-up", 15, sum_up),),
    menu=(
        MenuEntry("board.show", N_("Board"), CASEWORK),
        MenuEntry("bulletins.listing", N_("Monthly bulletins"), CASEWORK),
    ),
    blueprints=_blueprints,
    desk=_desk,
)
