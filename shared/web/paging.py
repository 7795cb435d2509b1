"""Lists are paged by key, so that the millionth row comes as fast as the first."""

from typing import Any

from flask import request
from marshmallow import Schema, fields
from marshmallow.validate import Range, Regexp
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.errors import N_

NOT_A_NEXT = N_("Give back the `next` of the page before, as it is.")


class PageArguments(Schema):
    """What every list takes in its address."""

    after = fields.String(
        load_default=None,
        validate=Regexp(r"^[A-Za-z0-9_.:-]{1,100}\Z", error=NOT_A_NEXT),
        metadata={"description": "`next` of the page before"},
    )
    limit = fields.Integer(load_default=50, validate=Range(1, 200))


def chosen_by(schema: Schema) -> dict[str, Any]:
    """What the address chooses; what the schema does not take is left out."""
    given = {name: value for name, value in request.args.items() if name in schema.fields and value.strip()}
    wrong = schema.validate(given)
    loaded: dict[str, Any] = schema.load({k: v for k, v in given.items() if k not in wrong})
    return loaded


def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of items: `items`, and `next` where there are more."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item)),
            "next": fields.String(allow_none=True, metadata={"description": "Give it back as `after`"}),
        },
        name=f"{item.__name__}Page",
    )


def page(
    session: Session,
    statement: Select[Any],
    key: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    arguments: dict[str, Any],
    *,
    newest_first: bool = False,
) -> dict[str, Any]:
    """One page of a query over one entity, in the order of a unique text column."""
    if arguments.get("after"):
        statement = statement.where(key < arguments["after"] if newest_first else key > arguments["after"])
    ordered = statement.order_by(key.desc() if newest_first else key).limit(arguments["limit"] + 1)
    rows = session.scalars(ordered).all()
    items = rows[: arguments["limit"]]
    more = len(rows) > len(items)
    return {"items": items, "next": getattr(items[-1], key.key) if more else None}
