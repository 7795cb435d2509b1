"""What may be wrong with any page: barriers (axe-core), sideways scrolling, words in the wrong language."""

import re
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "shared/web/node_modules/axe-core/axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN_AXE = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"]}).then(found =>
  found.violations.flatMap(v => v.nodes.slice(0, 3).map(
    n => `${v.id}: ${n.target.join(" ")} ${n.failureSummary}`)))"""
# What a person reads: texts and the names that screen readers speak; not codes, nor what says its language.
READ_ALL = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
  const apart = "code, kbd, samp, pre, textarea, script, style, #swagger, body [lang]"
  const spoken = ["aria-label", "placeholder", "title", "alt"], found = [document.title]
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node
    if (element.closest(apart)) continue
    if (node.nodeType === Node.TEXT_NODE) found.push(node.data)
    else for (const name of spoken) found.push(element.getAttribute(name))
  }
  return found.filter(text => text && text.trim())
}"""
CODE = re.compile(
    r"https?://\S+|\S+@\S+|\b[0-9a-f]{8}-[0-9a-f-]{20,}\b|\b[a-z]+(?:-[a-z]+)*-\d+(?:-[a-z])?\b|\.\w+\b"
    r"|\b[A-Z]+(?:_[A-Z]+)+\b|\b[\w-]+\.(?:xlsx|csv|docx|pdf|txt)\b|\b[0-9a-f]{32,}\b",
    re.ASCII,  # a code may stand right beside a Chinese word
)
LATIN = re.compile(r"[A-Za-z][A-Za-z'’]{2,}")
HAN = re.compile(r"[㐀-鿿]+")
# The same word in both languages.
NAMES = {
    "Huajie",
    "English",
    "Word",
    "Excel",
    "PDF",
    "API",
    "RabbitMQ",
    "SQLite",
    "PostgreSQL",
    "Ctrl",
    "Esc",
    "Enter",
}


def barriers(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and good practice, also in steps that are still closed."""
    page.evaluate("for (const step of document.querySelectorAll('main details')) step.open = true")
    found: list[str] = page.evaluate(RUN_AXE, STANDARDS)
    return found


def foreign_words(page: Page, language: str, known: Iterable[str]) -> list[str]:
    """Texts that are not in the page's language; `known`: data that stand there as somebody wrote them."""
    strangers = LATIN if language == "zh" else HAN
    found = []
    for text in page.evaluate(READ_ALL):
        left = text
        for data in known:
            left = left.replace(data, " ")
        words = set(strangers.findall(CODE.sub(" ", left))) - NAMES
        if words:
            found.append(f"not in {language}: {' '.join(text.split())[:120]}")
    return found
