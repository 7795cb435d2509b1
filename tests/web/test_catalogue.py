"""Every text that a person may see is in the Chinese catalogue, whole and with the same places.

Texts are found three ways: as they are extracted, as the code calls gettext, and as pages really ask for
them while every address of the five services is opened.
"""

import ast
import gettext
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask_babel import get_domain
from jinja2 import Environment, nodes

from services import all_services
from shared import errors
from tests.factories import new_petition
from tests.ground import Ground

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "shared/web/translations/zh/LC_MESSAGES/huajie.po"
PLACE = re.compile(r"%\(\w+\)s")
PLURAL_PLACE = re.compile(r"%\(\w+\)[sd]")
POSTS = (None, "clerk-1", "head", "leader-1", "supervisor-1", "operator-1")
GETTEXT = {"_", "gettext", "ngettext"}
PROBLEMS = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.Problem)
}
# What is not a literal where it is translated: each of these holds a msgid that N_ has marked.
MARKED_ELSEWHERE = {
    "services/assignment/templates/assignment/case.html": {"what_next"},
    "services/assignment/templates/assignment/case_rows.html": {"next_step"},
    "services/assignment/templates/assignment/desk_cases.html": {"next_step"},
    "services/assignment/templates/assignment/steps.html": {"can.not_check", "can.not_propose"},
    "services/intake/imports/pages.py": {"FIELD_NAMES[field]"},
    "services/intake/portal/words.py": {"words[code]"},
    "services/intake/templates/intake/imports/result.html": {"name", "severities[finding.severity]", "state"},
    "services/intake/templates/intake/imports/upload.html": {"states[job.state]"},
    "services/notify/inbox/queries.py": {"BY_DATE", "RULES[notice.kind].text"},
    "services/reporting/board/words.py": {"FILTERS[name]", "GROUPS[group]", "MEASURES[name]", "text"},
    "services/reporting/templates/reporting/bulletin.html": {"measures[row.measure]"},
    "shared/web/errors.py": {"message", "problem.title"},
    "shared/web/names.py": {"known"},
    "shared/web/operation.py": {"LOOPS[name]", "SERVICE_NAMES[peer.service]", "each.failing"},
    "shared/web/templates/_operation.html": {"service_names[peer.service]"},
    "shared/web/templates/forms.html": {"problem.title"},
    "shared/web/templates/layout.html": {"entry.title", "service_names[name]"},
    "shared/web/templates/operation.html": {
        "other.check.problem",
        "other.problem",
        "service_names[service.name]",
        "state.failing",
    },
    "shared/web/templates/operation_card.html": {"service_names[service.name]"},
    "shared/web/templates/problem.html": {"problem.title"},
    "shared/web/templates/ui.html": {"service_names[place.service]"},
}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The msgids in the code now, gathered as `make translations` gathers them."""
    found = tmp_path_factory.mktemp("texts") / "huajie.pot"
    mapping = str(ROOT / "shared/web/babel.cfg")
    folders = [str(ROOT / "shared"), str(ROOT / "services")]
    CommandLineInterface().run(
        ["pybabel", "-q", "extract", "-F", mapping, "-k", "N_", "-o", str(found), *folders]
    )
    with found.open("rb") as file:
        return read_po(file)


def msgids(texts: Catalog) -> set[Any]:
    return {message.id for message in texts if message.id}


def said(message: Any) -> tuple[str, ...]:
    """The translations of a message: one, or one for each plural form."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_every_text_of_the_code_is_translated_and_no_other(catalogue: Catalog, extracted: Catalog) -> None:
    assert len(extracted) > 400
    assert msgids(extracted) - msgids(catalogue) == set(), "run `make translations` and translate these"
    assert msgids(catalogue) - msgids(extracted) == set(), "run `make translations`: these are gone"
    assert [m.id for m in catalogue if m.id and not all(text and text.strip() for text in said(m))] == []
    assert [m.id for m in catalogue if m.fuzzy] == []
    assert list(catalogue.obsolete) == []


def test_places_are_the_same_in_both_languages(catalogue: Catalog) -> None:
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        pattern = PLURAL_PLACE if isinstance(message.id, tuple) or "%(num)d" in message.id else PLACE
        for text in said(message) if message.id else ():
            assert set(pattern.findall(text)) == set(pattern.findall(ids[-1])), ids
            assert "%" not in pattern.sub("", text), ids


def test_translations_are_written_in_chinese(catalogue: Catalog) -> None:
    for message in catalogue:
        for text in said(message) if message.id else ():
            assert re.search(r"[\u3000-\u303f\u4e00-\u9fff]", text), message.id
            assert not re.search(r"[\u4e00-\u9fff] ?[,;:!?()]|[\u4e00-\u9fff]\.(?![a-z])", text), message.id
            assert not re.search(r"[\u4e00-\u9fff] [A-Za-z\u4e00-\u9fff]", text), message.id


def test_the_catalogue_compiles_with_its_header(catalogue: Catalog) -> None:
    assert (str(catalogue.locale), catalogue.charset, catalogue.num_plurals) == ("zh", "utf-8", 1)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    read = gettext.GNUTranslations(compiled)
    assert read.gettext("Sign in") == "登录"
    assert read.ngettext("%(num)d unread notice", "%(num)d unread notices", 3) == "%(num)d条未读通知"


def python_files() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("shared", "services"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The name that each call in a module ends in, and its first argument."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Name):
            yield node.func.id, node.args[0]


def template_calls() -> Iterator[tuple[str, str | None, str]]:
    """Each call of gettext in a template: the file, its literal msgid or None, and what stands there."""
    for folder in ("shared", "services"):
        for path in sorted((ROOT / folder).rglob("templates/**/*.html")):
            tree = Environment(extensions=["jinja2.ext.do"], autoescape=True).parse(
                path.read_text(encoding="utf-8")
            )
            for call in tree.find_all(nodes.Call):
                if isinstance(call.node, nodes.Name) and call.node.name in GETTEXT:
                    first = call.args[0]
                    literal = first.value if isinstance(first, nodes.Const) else None
                    yield str(path.relative_to(ROOT)), literal, written(first)


def written(node: nodes.Node) -> str:
    """A name, attribute or item of a template as it is written; of anything else, its kind."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Getattr():
            return f"{written(node.node)}.{node.attr}"
        case nodes.Getitem():
            return f"{written(node.node)}[{written(node.arg)}]"
    return type(node).__name__


def test_what_is_translated_is_a_literal_or_known_to_be_marked() -> None:
    """A msgid that is put together, or chosen within the call, would never be extracted."""
    found: dict[str, set[str]] = {}
    for path, tree in python_files():
        for name, first in calls(tree):
            if isinstance(first, ast.Constant):
                continue
            assert name != "N_", f"{path}: N_({ast.unparse(first)})"
            if name in GETTEXT:
                found.setdefault(path, set()).add(ast.unparse(first))
    for path, literal, text in template_calls():
        if literal is None:
            found.setdefault(path, set()).add(text)
    assert found == MARKED_ELSEWHERE, "mark the values with N_ where they are written, and name them here"


def test_literals_in_code_and_templates_are_extracted(extracted: Catalog) -> None:
    singular = {m.id[0] if isinstance(m.id, tuple) else m.id for m in extracted}
    used = {literal for _path, literal, _text in template_calls() if literal}
    for _path, tree in python_files():
        used |= {a.value for name, a in calls(tree) if name in GETTEXT and isinstance(a, ast.Constant)}
    assert len(used) > 50
    assert used - singular == set()


def test_every_problem_is_marked_for_translation() -> None:
    unmarked = [
        f"{path}: {ast.unparse(first)}"
        for path, tree in python_files()
        if not path.startswith("shared/contracts/")  # of events: read by programs
        for name, first in calls(tree)
        if name in problems_named_in(tree)
        and isinstance(first, ast.Constant | ast.JoinedStr | ast.BinOp | ast.IfExp)
    ]
    assert unmarked == []


def problems_named_in(tree: ast.Module) -> set[str]:
    """The errors that people read which a module imports."""
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in ("shared.errors", "marshmallow")
        for alias in node.names
        if alias.name in PROBLEMS | {"ValidationError"}
    }


class Missed(gettext.NullTranslations):
    """Falls in where the catalogue has nothing, and remembers what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.msgids: set[str] = set()

    def gettext(self, message: str) -> str:
        self.msgids.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.msgids.add(msgid1)
        return msgid1


def pages(ground: Ground, service: str, post: str | None) -> Iterator[tuple[str, str]]:
    """The path and the HTML of each page, ids that do not exist included, as a browser sees it."""
    client = ground.client(service, post)
    client.environ_base.pop("HTTP_ACCEPT_LANGUAGE")
    for rule in ground.composed.app(service).url_map.iter_rules():
        if "GET" in (rule.methods or set()) and not rule.endpoint.startswith("docs."):
            path = re.sub(r"<uuid:[^>]+>", "00000000-0000-4000-8000-000000000000", rule.rule)
            path = re.sub(r"<int:[^>]+>", "1", re.sub(r"<(?!int:)[^>]+>", "x", path))
            answer = client.get(path, headers={"Accept": "text/html"})
            if answer.mimetype == "text/html" and answer.status_code not in (302, 303):
                yield path, answer.text


def visible(html: str) -> list[str]:
    """The texts of a page, and of the attributes that are shown or read out."""
    named = re.findall(r'\b(?:aria-label|placeholder|title|alt)="([^"]*)"', html)
    bare = re.sub(r"<(script|style|code)\b.*?</\1>", "", html, flags=re.DOTALL)
    return [*named, *(text.strip() for text in re.split(r"<[^>]*>", bare))]


@pytest.mark.parametrize("service", [service.name for service in all_services()])
def test_pages_in_chinese_leave_nothing_in_english(stepped: Ground, service: str) -> None:
    new_petition(stepped)
    stepped.carry()
    missed = Missed()
    with stepped.composed.app(service).test_request_context():
        get_domain().get_translations().add_fallback(missed)
    for post in POSTS:
        found = dict(pages(stepped, service, post))
        assert len(found) > 2
        for path, html in found.items():
            assert 'lang="zh-Hans"' in html or "<html" not in html  # a part of a page
            assert [text for text in visible(html) if re.search(r"[A-Za-z]{2,} [a-z]{2,}", text)] == [], path
    assert missed.msgids == set()
