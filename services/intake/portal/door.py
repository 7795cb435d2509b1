"""From a query code to its petition. Whatever is no code is answered alike, and slowed down (limiter.py)."""

from typing import NoReturn, cast
from uuid import UUID

from flask import current_app

from services.intake.identities.vault import vault_of
from services.intake.portal.limiter import Limiter
from services.intake.registration.codes import find_by_code, plain_code
from services.intake.registration.models import Petition
from shared.errors import N_, NotFound
from shared.web.request import current_instance, current_session

NO_SUCH_CODE = N_("No petition belongs to this code. Compare it with your receipt, sign by sign.")


def id_of(code: str) -> UUID:
    """The petition of a code. Raises NotFound.

    Looked up without a lock and outside the request's transaction, so that wrong codes keep nobody waiting.
    """
    with current_instance().db.read() as session:
        found = find_by_code(session, code, vault_of(current_instance()).hashes(session))
        if found:
            return found.id
    _answer_wrong(code)


def petition_of(code: str) -> Petition:
    """The petition of a code in the request's transaction. Raises NotFound."""
    return current_session().get_one(Petition, id_of(code))


def _answer_wrong(code: str) -> NoReturn:
    limiter = current_app.extensions.setdefault("huajie-portal-limiter", Limiter())
    cast(Limiter, limiter).wrong(plain_code(code))
    raise NotFound(NO_SUCH_CODE)
