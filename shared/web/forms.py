"""Steps on pages: what a form sends is checked by the schema of the API and given to the same command.

Fields are named as the schema names them, with dots for what lies inside: `person.name`,
`members.0.post`. A problem shows the page again with its message beside the field and everything that
was typed; nothing is half done, because the request's transaction is rolled back first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields
from sqlalchemy.orm.exc import StaleDataError

from shared.errors import CHANGED, Changed, Forbidden, NotFound, Problem, SignInNeeded
from shared.web.errors import invalid
from shared.web.request import current_session

T = TypeVar("T")


@dataclass
class Form:
    """What a form shows: what was typed or is known, and what was wrong with it.

    current: how things stand now, by the fields' names; shown beside what was typed where another person
    changed it meanwhile. id: tells its fields from those of other forms on the same page.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    problem: Problem | None = None
    current: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""

    def value(self, name: str, default: Any = "") -> Any:
        """What the field holds."""
        found = self.values.get(name, default)
        return default if found is None else found

    def has(self, name: str, option: str) -> bool:
        """Whether an option of a field with several is chosen."""
        getlist = getattr(self.values, "getlist", None)
        chosen = getlist(name) if getlist else self.values.get(name) or ()
        return str(option) in [str(each) for each in ([chosen] if isinstance(chosen, str) else chosen)]

    def errors(self, name: str) -> list[str]:
        """The messages beside a field, as msgids."""
        return self.problem.fields.get(name, []) if self.problem else []

    def stands(self, name: str) -> Any:
        """How the field stands now, where that differs from what was typed."""
        if not isinstance(self.problem, Changed) or name not in self.current:
            return None
        now = self.current[name]
        return now if str(now) != str(self.value(name)) else None


def without_blank_rows(form: Form, name: str) -> Form:
    """The form with the rows of a list that were left blank dropped and the rest renumbered, as `read_form`
    numbers them: so the messages stand beside the rows that they are about."""
    rows: dict[int, dict[str, Any]] = {}
    kept: dict[str, Any] = {}
    for key, value in form.values.items():
        place = _place(key, name)
        if place is None:
            kept[key] = value
        elif str(value).strip():
            rows.setdefault(place, {})[key.partition(".")[2].partition(".")[2]] = value
    for number, place in enumerate(sorted(rows)):
        kept |= {f"{name}.{number}.{field_}": value for field_, value in rows[place].items()}
    return replace(form, values=kept)


def read_form(schema: Schema | type[Schema], **known: Any) -> Any:
    """What a form sent, loaded by a schema. `known`: what the form does not ask. Raises Invalid."""
    made = schema() if isinstance(schema, type) else schema
    try:
        return made.load(_nested(made) | known, unknown=EXCLUDE)
    except ValidationError as error:
        raise invalid(error) from error


def step(
    act: Callable[[], T],
    *,
    again: Callable[[Form], str],
    then: Callable[[T], str],
    say: str | None = None,
    shows: bool = False,
) -> ResponseReturnValue:
    """Do a step and lead on to `then(result)` with a word of success; a problem shows the page `again`.

    shows: `then` gives not an address but the page that answers, with what is to be seen this once.
    What may not be seen or done at all (404, 403, 401) is answered as everywhere.
    """
    try:
        done = act()
        current_session().flush()
        target = then(done)
    except (NotFound, Forbidden, SignInNeeded):
        raise
    except StaleDataError:
        return _shown_again(Changed(CHANGED), again)
    except Problem as problem:
        return _shown_again(problem, again)
    if shows:
        return target
    if say:
        flash(say)
    return redirect(target, 303)


def _shown_again(problem: Problem, again: Callable[[Form], str]) -> ResponseReturnValue:
    current_session().rollback()
    return again(Form(values=request.form, problem=problem)), problem.status


def _nested(schema: Schema) -> dict[str, Any]:
    """The form's flat names as the nested data that the schema loads; what is blank was not given."""
    found: dict[str, Any] = {}
    for name, field_ in schema.load_fields.items():
        value = _given(name, field_)
        if value is not None:
            found[field_.data_key or name] = value
    return found


def _given(name: str, field_: fields.Field[Any]) -> Any:
    if isinstance(field_, fields.Nested):
        return _part(name, field_) or None
    if isinstance(field_, fields.List) and isinstance(field_.inner, fields.Nested):
        places = sorted({int(p) for k in request.form if (p := _place(k, name)) is not None})
        rows = [_part(f"{name}.{place}", field_.inner) for place in places]
        return [row for row in rows if row] or None
    if isinstance(field_, fields.List):
        return [v for v in request.form.getlist(name) if v.strip()] if name in request.form else None
    if isinstance(field_, fields.Boolean):
        return request.form.get(name) or None
    value = request.form.get(name)
    return value if value and value.strip() else None


def _part(prefix: str, field_: fields.Nested) -> dict[str, Any]:
    part: dict[str, Any] = {}
    for name, inner in field_.schema.load_fields.items():
        value = _given(f"{prefix}.{name}", inner)
        if value is not None:
            part[name] = value
    return part


def _place(key: str, name: str) -> int | None:
    if not key.startswith(f"{name}."):
        return None
    place = key[len(name) + 1 :].partition(".")[0]
    return int(place) if place.isascii() and place.isdigit() and len(place) < 4 else None
