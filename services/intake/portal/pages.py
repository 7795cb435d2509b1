"""The portal's pages, for anybody: submit, look up, and what a query code opens.

Nobody signs in and no address is kept. A code is in no address: it comes by form, and after that the signed
cookie says which petition may be seen (visit.py).
"""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from services.intake.attachments.commands import attach, prepare
from services.intake.attachments.models import PETITIONER
from services.intake.attachments.rules import Prepared
from services.intake.identities.vault import vault_of
from services.intake.messages.commands import mark_read, receive
from services.intake.messages.queries import has_news
from services.intake.messages.schemas import MessageIn
from services.intake.petitioner_requests.commands import make
from services.intake.portal import commands, queries, schemas, visit, words
from services.intake.portal.door import id_of
from services.intake.portal.receipt import receipt_of
from services.intake.registration.commands import Registered
from services.intake.registration.models import Petition
from services.intake.registration.rules import MOST_REPRESENTATIVES
from shared.errors import N_, NotFound, TooLarge
from shared.web.access import public, takes_upload
from shared.web.errors import answer
from shared.web.forms import Form, read_form, step, without_blank_rows
from shared.web.limits import PORTAL, SUBMISSIONS, counted
from shared.web.names import choices, county
from shared.web.parts import StepForms
from shared.web.request import current_instance, current_session

pages = Blueprint("portal", __name__, url_prefix="/portal")
ACCEPT = "image/*,audio/*,video/mp4,.pdf,.docx,.xlsx,.txt"  # what a telephone offers to choose from
FILES_TOO_LARGE = N_(
    "The files have more than %(limit)s MB together. Nothing was sent. Go back, where what you typed still "
    "stands, and choose fewer or smaller files."
)


@pages.errorhandler(413)
def on_too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    limit = current_instance().settings.max_upload_bytes // 2**20
    return answer(TooLarge(FILES_TOO_LARGE, limit=limit))


@pages.get("")
@public
def start() -> ResponseReturnValue:
    return render_template("intake/portal/start.html", title=_("Petition portal"))


@pages.get("/submit")
@public
def submit_form() -> ResponseReturnValue:
    return _submit_page(Form())


@pages.post("/submit")
@takes_upload
@public
@counted(SUBMISSIONS)
def submit() -> ResponseReturnValue:
    return step(_submit, again=_submit_page, then=_receipt_page, shows=True)


@pages.get("/look-up")
@public
def look_up() -> ResponseReturnValue:
    return _look_up_page(Form())


@pages.post("/look-up")
@public
def enter() -> ResponseReturnValue:
    try:
        found = id_of(request.form.get("code", "")[:200])
    except NotFound as problem:
        problem.fields = {"code": [problem.message]}
        return _look_up_page(Form(values=request.form, problem=problem)), problem.status
    visit.begin(found)
    typed = Form(values={name: text for name, text in _carried() if name != "step"})
    if typed.values:  # sent after the visit was over: shown again where it was typed
        return _standing_page(found, {dict(_carried()).get("step", ""): typed})
    return redirect(url_for("portal.standing"), 303)


@pages.get("/standing")
@public
def standing() -> ResponseReturnValue:
    with current_instance().db.read() as session:
        petition_id = visit.petition_id(session)
    if petition_id is None:
        return redirect(url_for("portal.look_up"), 303)
    visit.prolong()
    return _standing_page(petition_id)


@pages.post("/standing/messages")
@takes_upload
@public
@counted(PORTAL)
def write() -> ResponseReturnValue:
    def send(petition: Petition, files: list[Prepared]) -> None:
        made = receive(current_session(), petition, read_form(MessageIn)["text"])
        vault = vault_of(current_instance())
        attach(current_session(), petition, files, by=PETITIONER, vault=vault, message_id=made.id)

    return _step("message", send, say=_("Sent. You find the answer here."))


@pages.post("/standing/ratings")
@public
@counted(PORTAL)
def rate() -> ResponseReturnValue:
    def keep(petition: Petition, _files: list[Prepared]) -> None:
        said = read_form(schemas.RatingIn(exclude=("code",)))
        commands.rate(current_session(), petition, said["rating"], said["round"])

    return _step("rating", keep, say=_("Thank you. Your rating is kept."))


@pages.post("/standing/requests")
@public
@counted(PORTAL)
def ask() -> ResponseReturnValue:
    def put(petition: Petition, _files: list[Prepared]) -> None:
        asked = read_form(schemas.PortalRequestIn(exclude=("code",)))
        make(current_session(), petition, asked["kind"], asked["text"])

    return _step(request.form.get("kind", "")[:20], put, say=_("Done. You see below what becomes of it."))


@pages.post("/leave")
@public
def leave() -> ResponseReturnValue:
    visit.end()
    return redirect(url_for("portal.start"), 303)


def _submit() -> Registered:
    # The files first: no transaction waits while they are judged.
    files = _files()
    return commands.submit(
        current_session(),
        read_form(schemas.PortalFormIn),
        files,
        sheet=request.form.get("sheet", "")[:100],
        county=county(),
        vault=vault_of(current_instance()),
    )


def _step(name: str, act: Callable[[Petition, list[Prepared]], None], *, say: str) -> ResponseReturnValue:
    """A step on the petition of this visit; where the visit is over, the code is asked for first."""
    with current_instance().db.read() as session:
        petition_id = visit.petition_id(session)
    if petition_id is None:
        typed = [(k, v) for k, v in request.form.items() if k != "csrf_token"]
        page = _look_up_page(Form(), over=visit.is_under_way(), carried=[*typed, ("step", name)])
        return make_response(page, 401)
    visit.prolong()
    return step(
        lambda: act(current_session().get_one(Petition, petition_id), _files()),
        again=lambda form: _standing_page(petition_id, {name: form}),
        then=lambda _none: url_for("portal.standing"),
        say=say,
    )


def _files() -> list[Prepared]:
    return prepare(request.files.getlist("files"), current_instance().settings.max_attachment_bytes)


def _carried() -> list[tuple[str, str]]:
    prefix = "carried."
    return [(k.removeprefix(prefix), v) for k, v in request.form.items() if k.startswith(prefix)]


def _submit_page(form: Form) -> str:
    form = without_blank_rows(form, "representatives")
    return render_template(
        "intake/portal/submit.html",
        title=_("Bring a petition"),
        form=form,
        sheet=form.value("sheet") or uuid4().hex,
        townships=choices(county().townships),
        further=range(MOST_REPRESENTATIVES - 1),
        accept=ACCEPT,
        limit=current_instance().settings.max_attachment_bytes // 2**20,
    )


def _receipt_page(done: Registered) -> str:
    assert done.code is not None
    receipt = receipt_of(done.petition.number, done.code)
    return render_template("intake/portal/receipt.html", title=_("Receipt"), receipt=receipt)


def _look_up_page(form: Form, *, over: bool = False, carried: list[tuple[str, str]] | None = None) -> str:
    return render_template(
        "intake/portal/look_up.html",
        title=_("See how it stands"),
        form=form,
        over=over,
        carried=carried if carried is not None else _carried(),
    )


def _standing_page(petition_id: UUID, forms: dict[str, Form] | None = None) -> str:
    with current_instance().db.read() as session:
        shown: dict[str, Any] = queries.standing(session, session.get_one(Petition, petition_id), county())
        news = has_news(session, petition_id)
    page = render_template(
        "intake/portal/standing.html",
        title=_("Petition %(number)s", number=shown["number"]),
        shown=shown,
        forms=StepForms(forms or {}),
        next_words=partial(words.plain, words=words.NEXT),
        status_words=partial(words.plain, words=words.STATUS),
        duty_words=partial(words.plain, words=words.DUTY),
        happened=partial(words.plain, words=words.HAPPENED),
        accept=ACCEPT,
        limit=current_instance().settings.max_attachment_bytes // 2**20,
    )
    if news:  # what was shown counts as read; the page itself asks for nothing to be written
        with current_instance().db.write() as session:
            mark_read(session, petition_id, by=None)
    return page
