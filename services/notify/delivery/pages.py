"""The page of what could not be delivered: for whom and why, not about what."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from services.notify.delivery import commands, queries
from services.notify.delivery.api import failed_page
from shared.identity.roles import Role
from shared.web.access import access
from shared.web.forms import Form, step
from shared.web.paging import PageArguments
from shared.web.request import current_instance, current_session

pages = Blueprint("failed", __name__, url_prefix="/failed")


@pages.get("")
@access(Role.OPERATOR, Role.SUPERVISOR)
def show() -> ResponseReturnValue:
    return _page()


@pages.post("/<uuid:digest_id>/resend")
@access(Role.OPERATOR, Role.SUPERVISOR)
def resend(digest_id: UUID) -> ResponseReturnValue:
    return step(
        lambda: commands.resend(current_session(), digest_id),
        again=_page,
        then=lambda _digest: url_for("failed.show"),
        say=_("It is tried again."),
    )


def _page(form: Form | None = None) -> str:
    known = {name: value for name, value in request.args.items() if name in PageArguments().fields}
    found = failed_page(PageArguments().load(known))
    return render_template(
        "notify/failed.html",
        title=_("Undelivered e-mails"),
        failed=found["items"],
        next=found["next"],
        counts=queries.counts(current_session()),
        mail_is_on=bool(current_instance().settings.smtp_url),
        form=form,
    )
