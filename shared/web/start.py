"""The start page of a service that has none of its own: its menu, or where to sign in."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from shared.web.access import public


def start_pages() -> Blueprint:
    blueprint = Blueprint("home", __name__)

    @blueprint.get("/")
    @public
    def start() -> ResponseReturnValue:
        return render_template("start.html")

    return blueprint
