"""The start page of supervision."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from shared.web.access import public

pages = Blueprint("home", __name__)


@pages.get("/")
@public
def start() -> ResponseReturnValue:
    return render_template("supervision/start.html")
