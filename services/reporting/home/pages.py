"""The start page of reporting: the board, or for operators how far it has got."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from services.reporting.board.pages import board_page
from services.reporting.progress.queries import progress
from shared.identity.roles import CASEWORK, Role
from shared.web.access import public, viewer_or_none
from shared.web.request import current_session

pages = Blueprint("home", __name__)


@pages.get("/")
@public
def start() -> ResponseReturnValue:
    viewer = viewer_or_none()
    if viewer and viewer.role in CASEWORK:
        return board_page()
    if viewer and viewer.role is Role.OPERATOR:
        return render_template("reporting/start.html", progress=progress(current_session()))
    return render_template("start.html")
