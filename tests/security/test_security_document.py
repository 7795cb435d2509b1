"""deploy/SECURITY.md goes through all of ASVS 5.0 levels 1 and 2, and every test that it names exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "deploy" / "SECURITY.md").read_text("utf-8")
STATES = {"holds", "n/a", "partly", "no", "site"}
# The requirements of levels 1 and 2: section, and the numbers in it.
REQUIREMENTS = """
V1.1:1-2 V1.2:1-9 V1.3:1-11 V1.4:1-3 V1.5:1-2 V2.1:1-3 V2.2:1-3 V2.3:1-4 V2.4:1-1 V3.2:1-2 V3.3:1-4 V3.4:1-6
V3.5:1-5 V3.7:1-2 V4.1:1-3 V4.2:1-1 V4.3:1-2 V4.4:1-4 V5.1:1-1 V5.2:1-3 V5.3:1-2 V5.4:1-3 V6.1:1-3 V6.2:1-12
V6.3:1-4 V6.4:1-4 V6.5:1-5 V6.6:1-3 V6.8:1-4 V7.1:1-3 V7.2:1-4 V7.3:1-2 V7.4:1-5 V7.5:1-2 V7.6:1-2 V8.1:1-2
V8.2:1-3 V8.3:1-1 V8.4:1-1 V9.1:1-3 V9.2:1-4 V10.1:1-2 V10.2:1-2 V10.3:1-4 V10.4:1-11 V10.5:1-5 V10.6:1-2
V10.7:1-3 V11.1:1-2 V11.2:1-3 V11.3:1-3 V11.4:1-4 V11.5:1-1 V11.6:1-1 V12.1:1-3 V12.2:1-2 V12.3:1-4 V13.1:1-1
V13.2:1-5 V13.3:1-2 V13.4:1-5 V14.1:1-2 V14.2:1-4 V14.3:1-3 V15.1:1-3 V15.2:1-3 V15.3:1-7 V16.1:1-1 V16.2:1-5
V16.3:1-4 V16.4:1-3 V16.5:1-3 V17.1:1-1 V17.2:1-4 V17.3:1-2
"""


def rows() -> list[list[str]]:
    """The cells of the lines about requirements."""
    lines = [line for line in DOCUMENT.splitlines() if line.startswith("| V")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_requirement_is_answered_once() -> None:
    wanted = []
    for section in REQUIREMENTS.split():
        name, span = section.split(":")
        first, last = map(int, span.split("-"))
        wanted += [f"{name}.{number}" for number in range(first, last + 1)]
    answered = [id_ for ids, *_ in rows() for id_ in ids.split()]
    assert len(wanted) == 253
    assert sorted(answered) == sorted(wanted)


def test_every_row_has_a_state_and_says_how() -> None:
    for ids, state, how, _test in rows():
        assert state in STATES and how, ids


def test_every_named_test_exists() -> None:
    named = set(re.findall(r"`([\w/]+\.py)::(?:(\w+)::)?(\w+)`", DOCUMENT))
    assert len(named) > 40
    missing = {"::".join(filter(None, each)) for each in named if not exists(*each)}
    assert missing == set()
    assert all("*" not in test for *_, test in rows()), "a test is still to be named"


def exists(path: str, inside: str, name: str) -> bool:
    """Whether a file has a test of this name, in a class of that name if one is given."""
    file = ROOT / "tests" / path
    if not file.exists():
        return False
    tree: ast.Module | ast.ClassDef = ast.parse(file.read_text("utf-8"))
    if inside:
        tree = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == inside)
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)
