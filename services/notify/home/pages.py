"""The start page of notify: the inbox of whoever is signed in."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from services.notify.inbox.pages import inbox_page
from shared.web.access import public, viewer_or_none

pages = Blueprint("home", __name__)


@pages.get("/")
@public
def start() -> ResponseReturnValue:
    return inbox_page() if viewer_or_none() else render_template("start.html")
