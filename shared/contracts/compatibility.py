"""Says what would break a partner if one published schema replaced another.

Events are replayed from outboxes years later, and consumers are upgraded when their agency can: so new
messages must fit the old schema, and old messages the new one. Only what is optional may be added.
"""

from collections.abc import Iterable, Iterator
from typing import Any

_ANNOTATIONS = {"title", "description", "deprecated", "examples", "$comment"}
_WALKED = {"properties", "required", "items", "enum"}
REMEDY = "make a v2"


def breaking_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a partner's program could stumble over, one line each; empty where `new` may replace `old`.

    Each line names the field, what happened to it and the way out. Allowed are a new optional field
    and another title, description or deprecation.
    """
    return [f"{what}: {REMEDY}" for what in _compare(old, new, "")]


def _compare(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[str]:
    yield from _rule_changes(old, new, path)
    yield from _enum_changes(old, new, path)
    yield from _field_changes(old, new, path)
    if "items" in old and "items" in new:
        yield from _compare(old["items"], new["items"], f"{path}[]")
    elif "items" in old or "items" in new:
        yield f"{_name(path)} changed its items"


def _rule_changes(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[str]:
    """Every keyword that is not an annotation counts, also one that nobody has used yet."""
    for keyword in sorted((old.keys() | new.keys()) - _ANNOTATIONS - _WALKED):
        before, after = old.get(keyword), new.get(keyword)
        if not _same(before, after):
            yield f"{_name(path)} changed its {keyword} from {_show(before)} to {_show(after)}"


def _enum_changes(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[str]:
    before, after = old.get("enum"), new.get("enum")
    if before is None or after is None:
        if not _same(before, after):
            yield f"{_name(path)} {'became' if before is None else 'is no longer'} one of a closed list"
        return
    if removed := [value for value in before if value not in after]:
        yield f"{_name(path)} no longer allows {_listed(removed)}"
    if added := [value for value in after if value not in before]:
        yield f"{_name(path)} also allows {_listed(added)}, which no consumer of now knows"


def _field_changes(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
    for name in before:
        field = f"{path}.{name}" if path else name
        if name not in after:
            yield f"{field} was removed or renamed"
            continue
        if name in is_required - was_required:
            yield f"{field} was optional and became required, but older messages lack it"
        if name in was_required - is_required:
            yield f"{field} was required and became optional, but consumers rely on it"
        yield from _compare(before[name], after[name], field)
    for name in sorted(is_required - before.keys()):
        field = f"{path}.{name}" if path else name
        yield f"{field} is new and required, but older messages lack it"


def _same(before: Any, after: Any) -> bool:
    """Equality of JSON, where true is not 1."""
    return type(before) is type(after) and bool(before == after)


def _name(path: str) -> str:
    return path or "the message"


def _show(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(str(value) for value in values)
