"""Signing in with a browser, at the one service that keeps passwords and sessions; the others lead there.

After the password a code or a new password may be asked for: until then the service's own cookie remembers
for ten minutes who is entering. What a form held whose session was over is carried through all steps.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from shared import clock
from shared.errors import N_, Invalid, Problem, SignInNeeded, Unavailable
from shared.identity.accounts import viewer_of
from shared.identity.sessions import How, end_session, find_session, token_hash
from shared.identity.signing_in import Step, change_password, enter, steps_left, try_code, try_password
from shared.web.access import (
    bind_cookie,
    csrf,
    current_token,
    public,
    without_token,
)
from shared.web.cookies import drop_token, keep_choice, keep_token
from shared.web.forms import Form
from shared.web.language import LANGUAGES, THEMES
from shared.web.parts import portal_url
from shared.web.request import current_instance
from shared.web.sign_in_api import WRONG

ENTERING_LASTS = timedelta(minutes=10)
NOWHERE = N_(
    "This service does not know where one signs in. Tell the operator: NAV_LINKS must name the address "
    "of %(service)s."
)


def sign_in_pages() -> Blueprint:
    blueprint = Blueprint("session", __name__)

    @blueprint.get("/sign-in")
    @public
    def form() -> ResponseReturnValue:
        target = local_path(request.args.get("next"))
        if current_instance().keeps_sign_in:
            return sign_in_page(target)
        return redirect(sign_in_address("/sign-in", target or _home()))

    @blueprint.post("/sign-in")
    @public
    @without_token
    def password() -> ResponseReturnValue:
        _need_our_page()
        return _password_step()

    @blueprint.post("/sign-in/code")
    @public
    def code() -> ResponseReturnValue:
        return _code_step()

    @blueprint.post("/sign-in/password")
    @public
    def new_password() -> ResponseReturnValue:
        return _new_password_step()

    @blueprint.post("/sign-out")
    @public
    @without_token
    def leave() -> ResponseReturnValue:
        _need_our_page()
        return _leave()

    _add_choices(blueprint)
    return blueprint


def _add_choices(blueprint: Blueprint) -> None:
    @blueprint.post("/language")
    @public
    def language() -> ResponseReturnValue:
        return _chosen("language", request.form.get("language", ""), tuple(LANGUAGES))

    @blueprint.post("/theme")
    @public
    def theme() -> ResponseReturnValue:
        return _chosen("theme", request.form.get("theme", ""), THEMES)


def sign_in_page(
    target: str | None, form: Form | None = None, carried: Sequence[tuple[str, str]] = ()
) -> str:
    """The sign-in form. `carried`: fields of a form that came after the session was over."""
    return render_template(
        "sign_in.html",
        next=target,
        form=form,
        carried=carried,
        portal=portal_url(),
        base=_sign_in_base() or request.script_root,
        has_left="left" in request.args,
    )


def resume_page(target: str, carried: Sequence[tuple[str, str]], problem: Problem | None = None) -> str:
    """Offers to send again what a form held whose session was over, or that could not be taken just now."""
    is_ours = _is_under(target, request.script_root)
    return render_template("resume.html", next=target, carried=carried, is_ours=is_ours, problem=problem)


def typed_fields() -> list[tuple[str, str]]:
    """What a form of our own page holds; nothing where it came from another site."""
    if not _is_our_page():
        return []
    return [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "password")]


def local_path(target: str | None) -> str | None:
    """An address at this service or at another one that it knows, or None: others would lead away."""
    if not target or "\\" in target or any(c.isspace() or not c.isprintable() for c in target):
        return None
    known = [request.script_root, *current_instance().settings.nav_links.values()]
    return target if any(_is_under(target, base) for base in known) else None


def sign_out_address() -> str:
    """Where the button to sign out leads."""
    return f"{_sign_in_base() or request.script_root}/sign-out"


def _is_under(target: str, base: str) -> bool:
    return target.startswith(f"{base}/") and not target.startswith("//")


def _sign_in_base() -> str | None:
    """Where the pages of the sign-in service are; None where nobody said so."""
    if current_instance().keeps_sign_in:
        return request.script_root
    settings = current_instance().settings
    return settings.nav_links.get(settings.sign_in_at)


def sign_in_address(path: str, target: str | None = None) -> str:
    """A page of the sign-in service. Raises Unavailable where nobody said where that is."""
    base = _sign_in_base()
    if base is None:
        raise Unavailable(NOWHERE, service=current_instance().settings.sign_in_at)
    return f"{base}{path}" + (f"?{urlencode({'next': target})}" if target else "")


def _is_our_page() -> bool:
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.host


def _need_our_page() -> None:
    """Pages of all services send these forms, and none has another's CSRF token: their origin shows it."""
    if not _is_our_page():
        csrf.protect()


def _password_step() -> ResponseReturnValue:
    instance, post = current_instance(), request.form.get("post", "").strip()[:64]
    if not instance.keeps_sign_in:
        return redirect(sign_in_address("/sign-in", local_path(request.form.get("next"))), 303)
    password = request.form.get("password", "")[:200]
    if not try_password(instance.db, instance.settings.secret_key, post, password):
        form = Form(values={"post": post}, problem=SignInNeeded(WRONG))
        return sign_in_page(local_path(request.form.get("next")), form, _carried()), 401
    return go_on(post, steps_left(instance.db, post), How.PASSWORD)


def go_on(post: str, step: Step, how: How) -> ResponseReturnValue:
    """The next step of somebody who has shown who they are; the last one leads in."""
    if step is Step.NONE:
        return enter_browser(post, how, local_path(request.form.get("next")))
    until = clock.now() + ENTERING_LASTS
    session.clear()
    session["entering"] = {"post": post, "step": step, "until": until.isoformat()}
    return _step_page(step)


def _step_page(step: Step, form: Form | None = None) -> str:
    target = local_path(request.form.get("next"))
    return render_template("sign_in_step.html", step=step, next=target, carried=_carried(), form=form)


def _entering(step: Step) -> str:
    """Who is at this step. Raises SignInNeeded where it took too long."""
    kept = session.get("entering") or {}
    if kept.get("step") != step or datetime.fromisoformat(kept["until"]) < clock.now():
        raise SignInNeeded(N_("That took too long. Sign in once more."))
    return str(kept["post"])


def _code_step() -> ResponseReturnValue:
    instance, post = current_instance(), _entering(Step.CODE)
    code = request.form.get("code", "").strip()[:40]
    if not try_code(instance.db, instance.settings.secret_key, post, code):
        return _step_page(Step.CODE, Form(problem=SignInNeeded(WRONG))), 401
    return go_on(post, steps_left(instance.db, post, code_shown=True), How.PASSWORD)


def _new_password_step() -> ResponseReturnValue:
    instance, post = current_instance(), _entering(Step.NEW_PASSWORD)
    try:
        change_password(instance.db, post, new_password_typed())
    except Invalid as problem:
        return _step_page(Step.NEW_PASSWORD, Form(problem=problem)), problem.status
    return enter_browser(post, How.PASSWORD, local_path(request.form.get("next")))


def new_password_typed() -> str:
    """The password that was typed twice. Raises Invalid where the two differ."""
    new = request.form.get("new_password", "")[:1000]
    if new != request.form.get("again", "")[:1000]:
        raise Invalid(N_("The two passwords differ. Type both again."), field="again")
    return new


def enter_browser(post: str, how: How, target: str | None) -> Response:
    """Open a session for somebody who has shown who they are; leads on to `target`."""
    instance = current_instance()
    token, wrong = enter(instance.db, post, how)
    bind_cookie(token)
    if wrong:
        flash(
            ngettext(
                "%(num)d wrong try to sign in as this post since your last sign-in.",
                "%(num)d wrong tries to sign in as this post since your last sign-in.",
                wrong,
            )
        )
    target = target or _home()
    with instance.db.read() as reading:
        g.viewer = viewer_of(reading, post)
    carried = _carried()
    response = (
        make_response(resume_page(target, carried)) if carried else make_response(redirect(target, 303))
    )
    keep_token(instance.settings, response, token)
    return response


def _leave() -> ResponseReturnValue:
    instance = current_instance()
    if not instance.keeps_sign_in:
        return redirect(sign_in_address("/sign-out"), 307)
    hash_ = token_hash(current_token())
    with instance.db.write() as writing:
        found = find_session(writing, hash_) if hash_ else None
        has_provider = found is not None and found.how == How.OIDC
        end_session(writing, hash_)
    session.clear()
    # No redirect to the provider from here: form-action keeps a form's answer on our own address.
    response = make_response(redirect(url_for("session.form", left=1 if has_provider else None), 303))
    drop_token(instance.settings, response)
    return response


def _chosen(what: str, value: str, known: Sequence[str]) -> ResponseReturnValue:
    response = make_response(redirect(local_path(request.form.get("next")) or _home(), 303))
    keep_choice(current_instance().settings, response, what, value if value in known else known[0])
    return response


def _carried() -> list[tuple[str, str]]:
    prefix = "carried."
    return [(k[len(prefix) :], v) for k, v in request.form.items(multi=True) if k.startswith(prefix)]


def _home() -> str:
    return (request.script_root or "") + "/"
