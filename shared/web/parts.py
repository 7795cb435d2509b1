"""Desks and petition pages: each service contributes its part, the browser puts them together.

A page stands at every service with its own part written out; the parts of the others are fetched from them
by htmx, with the reader's own session, so that each answers only what it may. Where a service does not
answer, or without script, a link to its page stands in the part's place.
"""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from shared.errors import NotFound
from shared.identity.roles import Role
from shared.identity.scopes import DESK
from shared.runtime.service import PetitionPart
from shared.web.access import (
    current_viewer,
    everyone_signed_in,
    public,
    viewer_or_none,
    within,
    within_service,
)
from shared.web.errors import HTTP_TEXTS
from shared.web.forms import Form
from shared.web.operation import operation_card
from shared.web.request import current_instance

DESK_ORDER = ("supervision", "intake", "assignment", "notify", "reporting")  # what is due comes first
PETITION_ORDER = ("intake", "assignment", "supervision", "notify")
PORTAL = ("intake", "/portal")  # whose pages are for the public, and where they begin


class StepForms(dict[str, Form]):
    """The forms of a page's steps by their names: what was typed, or an empty one with an id of its own."""

    def __init__(self, typed: Mapping[str, Form]) -> None:
        super().__init__({name: replace(form, id=name) for name, form in typed.items()})

    def __missing__(self, name: str) -> Form:
        return Form(id=name)

    def get(self, name: str, _default: object = None) -> Form:
        return self[name]


def parts_pages() -> Blueprint:
    """The desk, which is the start page, and the page of a petition, at every service."""
    blueprint = Blueprint("desk", __name__)

    @blueprint.get("/")
    @public
    def show() -> ResponseReturnValue:
        if viewer_or_none() is None:
            return redirect(url_for("session.form"))
        return render_template("desk.html", own=_desk(), places=_places(DESK_ORDER, "/", "/desk/part"))

    @blueprint.get("/desk/part")
    @everyone_signed_in
    @within(DESK)
    def part() -> ResponseReturnValue:
        return _desk()

    @blueprint.get("/petitions/<uuid:petition_id>")
    @everyone_signed_in
    @within_service
    def petition(petition_id: UUID) -> ResponseReturnValue:
        return petition_page(petition_id)

    @blueprint.get("/petitions/<uuid:petition_id>/part")
    @everyone_signed_in
    @within_service
    def petition_part(petition_id: UUID) -> ResponseReturnValue:
        try:
            found = _petition(petition_id, {})
        except NotFound:
            return ""  # nothing here for this reader: no word on whether there is anything
        return found.main + found.side

    return blueprint


def petition_page(petition_id: UUID, forms: Mapping[str, Form] | None = None) -> str:
    """A petition's page at this service; `forms`: what was typed into a step that has to be mended, by step.

    Raises NotFound alike where it does not exist and where the viewer may not see it.
    """
    found = _petition(petition_id, forms or {})
    address = f"/petitions/{petition_id}"
    places = _places(PETITION_ORDER, address, f"{address}/part")
    return render_template("petition.html", title=found.number, part=found, places=places)


def petition_url(petition_id: UUID) -> str:
    """Where a petition's page is: at intake, which has the original; else at this service."""
    return page_url("intake", f"/petitions/{petition_id}")


def page_url(service: str, path: str) -> str:
    """Where a page of a service is, as far as NAV_LINKS knows it; else at this service."""
    return current_instance().settings.nav_links.get(service, request.script_root) + path


def portal_url() -> str | None:
    """Where petitioners go; None where nobody here knows of a portal."""
    service, path = PORTAL
    instance = current_instance()
    is_known = service == instance.service.name or service in instance.settings.nav_links
    return page_url(service, path) if is_known else None


def _desk() -> str:
    show = current_instance().service.desk
    own = show() if show else ""
    if current_viewer().role is not Role.OPERATOR:
        return own
    return render_template("operation_live.html", card=operation_card(), own=own)


def _petition(petition_id: UUID, forms: Mapping[str, Form]) -> PetitionPart:
    current_viewer()
    show = current_instance().service.petition_part
    if show is None:
        raise NotFound(HTTP_TEXTS[404])
    return show(petition_id, StepForms(forms))


def _places(order: tuple[str, ...], address: str, part: str) -> list[dict[str, str | None]]:
    """In which order the parts stand: this service's own, and where to fetch the others'."""
    instance = current_instance()
    links = instance.settings.nav_links
    return [
        {
            "service": name,
            "page": links.get(name, "") + address,
            "part": None if name == instance.service.name else links[name] + part,
        }
        for name in order
        if name == instance.service.name or name in links
    ]
