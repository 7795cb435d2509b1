"""The sealed register in the browser: what left unopened, with number, day and post, and nothing else."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from services.intake.sealed_route import schemas, views
from services.intake.sealed_route.models import SealedMatter
from shared import clock
from shared.identity.roles import Role
from shared.identity.scopes import PETITIONS
from shared.web.access import access, current_viewer, within
from shared.web.forms import Form, read_form, step
from shared.web.names import choices, county
from shared.web.paging import PageArguments, page
from shared.web.parts import petition_page
from shared.web.request import current_session
from shared.web.versions import StepSchema

pages = Blueprint("sealed", __name__)


@pages.get("/sealed")
@access(Role.CLERK)
def listing() -> ResponseReturnValue:
    given = request.args.get("after", "")
    after = given if given and not PageArguments().validate({"after": given}) else None
    arguments = {"after": after, "limit": 50}
    found = page(current_session(), select(SealedMatter), SealedMatter.number, arguments, newest_first=True)
    return render_template("intake/sealed/list.html", title=_("Sealed register"), found=found)


@pages.get("/sealed/new")
@access(Role.CLERK)
def new() -> ResponseReturnValue:
    today = clock.today().isoformat()
    return _form_page(Form(values={"handed_over_on": today, "handed_over_by": current_viewer().post}))


@pages.post("/sealed/new")
@access(Role.CLERK)
def enter() -> ResponseReturnValue:
    return step(
        lambda: views.enter(read_form(schemas.SealedMatterIn)),
        again=_form_page,
        then=lambda _matter: url_for("sealed.listing"),
        say=_("Entered. Write its number on the envelope."),
    )


@pages.post("/petitions/<uuid:petition_id>/seal-away")
@access(Role.CLERK)
@within(PETITIONS)
def seal_away(petition_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: views.seal_away(petition_id, read_form(StepSchema)),
        again=lambda form: petition_page(petition_id, {"seal-away": form}),
        then=lambda _matter: url_for("sealed.listing"),
        say=_("Sealed away: nothing of the matter is kept here any more."),
    )


def _form_page(form: Form) -> str:
    return render_template(
        "intake/sealed/new.html",
        title=_("Enter a sealed matter"),
        form=form,
        posts=choices(post for post in county().posts if post.role == Role.CLERK),
    )
