""" "My sign-in": one's own password, one-time codes and open sessions; at the sign-in service alone.

A session is shown by when it began, when it was last used and by what: by no address and no device.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import N_, Invalid, Problem
from shared.identity import second_factor
from shared.identity.credentials import Credential
from shared.identity.sessions import end_sessions, sessions_of, token_hash
from shared.identity.signing_in import change_password, try_password
from shared.web.access import current_token, current_viewer, everyone_signed_in
from shared.web.cookies import drop_token
from shared.web.forms import Form
from shared.web.parts import StepForms
from shared.web.qr import qr_code
from shared.web.request import current_instance
from shared.web.sign_in import new_password_typed, sign_in_address

WRONG_PASSWORD = N_(
    "This is not your password, or too many tries went wrong. Wait a little and type it again."
)
WRONG_CODE = N_(
    "This code does not fit. Type the one that the app shows now, and look at the clock of the phone."
)


def account_pages() -> Blueprint:
    blueprint = Blueprint("account", __name__, url_prefix="/account")

    @blueprint.get("")
    @everyone_signed_in
    def show() -> ResponseReturnValue:
        if not current_instance().keeps_sign_in:
            return redirect(sign_in_address("/account"))
        return _page()

    @blueprint.post("/password")
    @everyone_signed_in
    def password() -> ResponseReturnValue:
        return _step("password", _change_password)

    @blueprint.post("/codes")
    @everyone_signed_in
    def begin_codes() -> ResponseReturnValue:
        return _step("codes", _begin_codes)

    @blueprint.post("/codes/confirm")
    @everyone_signed_in
    def confirm_codes() -> ResponseReturnValue:
        return _step("confirm", _confirm_codes)

    @blueprint.post("/codes/off")
    @everyone_signed_in
    def end_codes() -> ResponseReturnValue:
        return _step("off", _end_codes)

    @blueprint.post("/sessions")
    @everyone_signed_in
    def end() -> ResponseReturnValue:
        return _step("sessions", _end_sessions)

    return blueprint


def _step(name: str, act: Callable[[str], ResponseReturnValue | None]) -> ResponseReturnValue:
    """Do a step; a problem shows the page again, with its message at that form."""
    if not current_instance().keeps_sign_in:
        return redirect(sign_in_address("/account"), 303)
    try:
        answer = act(current_viewer().post)
    except Problem as problem:
        return _page({name: Form(problem=problem)}), problem.status
    return answer or redirect(url_for("account.show"), 303)


def _page(forms: dict[str, Form] | None = None, recovery_codes: list[str] | None = None) -> str:
    instance, post = current_instance(), current_viewer().post
    key, own = instance.settings.secret_key, token_hash(current_token())
    with instance.db.read() as reading:
        credential, sessions = reading.get(Credential, post), sessions_of(reading, post)
    waits = credential is not None and credential.sealed_secret is not None and not credential.asks_for_code
    return render_template(
        "account.html",
        title=_("My sign-in"),
        forms=StepForms(forms or {}),
        credential=credential,
        qr=qr_code(second_factor.uri_of(credential, key)) if credential and waits else None,
        secret=second_factor.secret_of(credential, key) if credential and waits else None,
        recovery_codes=recovery_codes,
        sessions=sessions,
        own=own,
    )


def _need_password(post: str) -> None:
    instance = current_instance()
    given = request.form.get("password", "")[:200]
    if not try_password(instance.db, instance.settings.secret_key, post, given):
        raise Invalid(WRONG_PASSWORD, field="password")


def _change_password(post: str) -> None:
    _need_password(post)
    change_password(current_instance().db, post, new_password_typed(), but=token_hash(current_token()))
    flash(_("Your password is changed; your other sessions are over."))


def _begin_codes(post: str) -> None:
    _need_password(post)
    with current_instance().db.write() as writing:
        credential = _locked(writing, post)
        if not credential.asks_for_code:
            second_factor.begin(credential, current_instance().settings.secret_key)


def _confirm_codes(post: str) -> ResponseReturnValue:
    with current_instance().db.write() as writing:
        credential = _locked(writing, post)
        key, code = current_instance().settings.secret_key, request.form.get("code", "")[:40]
        codes = None if credential.asks_for_code else second_factor.confirm(credential, key, code)
    if codes is None:
        raise Invalid(WRONG_CODE, field="code")
    return _page(recovery_codes=codes)


def _end_codes(post: str) -> None:
    _need_password(post)
    with current_instance().db.write() as writing:
        second_factor.end(_locked(writing, post))
    flash(_("You are asked for no more codes."))


def _end_sessions(post: str) -> ResponseReturnValue | None:
    own, handle = token_hash(current_token()), request.form.get("session", "")[:16]
    with current_instance().db.write() as writing:
        if handle:
            end_sessions(writing, post, handle=handle)
        else:
            end_sessions(writing, post, but=own)
    if own and handle and own.startswith(handle):
        session.clear()
        response = make_response(redirect(url_for("session.form"), 303))
        drop_token(current_instance().settings, response)
        return response
    flash(_("Ended."))
    return None


def _locked(writing: Session, post: str) -> Credential:
    """The credential, to be changed. Raises Invalid where the identity provider vouches for the post."""
    query: Any = select(Credential).where(Credential.post == post).with_for_update()
    found: Credential | None = writing.scalars(query).one_or_none()
    if found is None:
        raise Invalid(N_("This post has no password here: it signs in at the county's identity provider."))
    return found
