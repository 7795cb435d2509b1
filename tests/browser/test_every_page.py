"""Every page of every service: no barrier, no complaint in the console, no sideways scrolling, one language.

The pages are the services' own routes (tests/pages.py): a new one is walked by itself, by the roles that may
see it. Languages, widths and looks are combined so that each page is seen in all of them.
PICTURES=folder keeps a picture of each.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from services import all_services
from shared.identity.roles import Role
from tests.browser.conftest import Desk, served
from tests.browser.faults import AXE, barriers, foreign_words
from tests.browser.tale import Tale, known, tell
from tests.ground import Ground, clear_memory_bus, one_process
from tests.pages import POSTS, Page, ids_for, pages_of

pytestmark = pytest.mark.browser
# Each page in all of these, by turns for its roles.
VARIANTS = (("zh", "light", 1280), ("zh", "dark", 360), ("en", "light", 360), ("en", "dark", 1280))
FILES = re.compile(r"\.(xlsx|docx|pdf|csv|svg|json)$|/attachments/|/file$")
PARTS = re.compile(r"/(part|now)$")  # fetched into pages, where they are looked at


@dataclass(frozen=True)
class Visit:
    """An address to be looked at by a role, or by nobody who is signed in."""

    name: str
    path: str
    role: Role | None


@dataclass
class Walk:
    """The story's services, and the pages that are open in a variant, by role."""

    ground: Ground
    address: str
    browser: Browser
    tale: Tale
    known: list[str] = field(default_factory=known)
    desks: dict[tuple[int, Role | None], Desk] = field(default_factory=dict)

    def desk(self, variant: int, role: Role | None) -> Desk:
        """The page in which a role is signed in, in the language, look and width of a variant."""
        if (variant, role) not in self.desks:
            language, look, width = VARIANTS[variant]
            context = self.browser.new_context(
                viewport={"width": width, "height": 900},
                locale="zh-CN",
                color_scheme="dark" if look == "dark" else "light",
            )
            context.add_init_script(path=AXE)
            desk = self.desks[variant, role] = Desk(context.new_page(), self.address)
            desk.go("/intake/sign-in")
            desk.speak(language)
            if role:
                desk.sign_in(POSTS[role])
            else:  # a petitioner with a receipt
                desk.look_up(self.tale.codes["rated" if variant % 2 else "planned"])
        return self.desks[variant, role]


@pytest.fixture(scope="module")
def walk(prepared: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Walk]:
    directory = tmp_path_factory.mktemp("pages") / "var"
    shutil.copytree(prepared, directory)
    clear_memory_bus()
    with Ground(one_process(directory)) as ground:
        tale = tell(ground)
        with served(ground) as address:
            walk = Walk(ground, address, browser, tale)
            yield walk
            for desk in walk.desks.values():
                desk.page.context.close()


@pytest.mark.parametrize("variant", range(len(VARIANTS)), ids=["-".join(map(str, v)) for v in VARIANTS])
@pytest.mark.parametrize("service", [service.name for service in all_services()])
def test_every_page(walk: Walk, service: str, variant: int) -> None:
    faults = []
    for turn, visit in enumerate(_visits(walk, service)):
        if turn % len(VARIANTS) == variant:
            faults += _look(walk, visit, variant)
    assert not faults, "\n".join(faults)


def _visits(walk: Walk, service: str) -> Iterator[Visit]:
    """All pages of a service so that each comes up in every variant, and for every role where it matters."""
    for rule, group in groupby(pages_of(walk.ground, service), key=lambda page: page.rule):
        if rule.startswith(("/api", "/health")) or FILES.search(rule) or PARTS.search(rule):
            continue
        found = [visit for page in group for visit in _visits_of(walk, page)]
        assert found, f"{service} {rule}: nothing to be seen there by anybody; let the tale bring it about"
        if None in {visit.role for visit in found} and rule != "/":
            found = [visit for visit in found if visit.role is None]  # alike for all
        times = max(len(VARIANTS), len(found) if service == "intake" else 0)
        rounds = -(-times // len(VARIANTS)) * len(VARIANTS)
        yield from (found[turn % len(found)] for turn in range(rounds))


def _visits_of(walk: Walk, page: Page) -> Iterator[Visit]:
    name = f"{page.service}-{page.rule.strip('/').replace('/', '-') or 'desk'}-{page.role or 'nobody'}"
    name = re.sub(r"<[^>]*>", "id", name)
    if page.service == "intake" and page.names == ("petition_id",) and page.rule.startswith("/petitions/"):
        for stage, petition_id in walk.tale.petitions_of(page.role).items():
            yield Visit(f"{name}-{stage}", f"/{page.service}{page.at([petition_id])}", page.role)
        return
    if page.rule == "/" and page.role is None:
        return  # leads to the sign-in
    if page.rule.startswith("/reading") and page.role is Role.LEADER:
        return  # only of the deputy, and only on a delegation
    for ids in ids_for(walk.ground, page):
        yield Visit(name, f"/{page.service}{page.at(ids)}", page.role)


def _look(walk: Walk, visit: Visit, variant: int) -> list[str]:
    language, look, width = VARIANTS[variant]
    desk = walk.desk(variant, visit.role)
    desk.complaints.clear()
    answer = desk.page.goto(desk.address + visit.path)
    desk.loaded()
    faults = []
    if answer is None or answer.status != 200:
        faults.append(f"answers {answer and answer.status}")
    faults += [f"console: {said}" for said in desk.complaints]
    faults += foreign_words(desk.page, language, walk.known)
    faults += ["wider than its window"] if desk.is_too_wide else []
    faults += barriers(desk.page)
    faults += ["wider than its window with all steps open"] if desk.is_too_wide else []
    name = f"{visit.name}-{language}-{look}-{width}"
    if folder := os.environ.get("PICTURES"):
        desk.page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    return [f"{name} ({visit.path}): {fault}" for fault in faults]
