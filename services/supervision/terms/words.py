"""How terms are said to people: how long, by which article, and for whom."""

import re

from flask_babel import gettext as _
from flask_babel import ngettext

from services.supervision.terms.models import DutyTerm
from services.supervision.terms.rules import CALENDAR_DAYS, GIVEN_DATE, MONTHS, NTH_OF_TERM
from shared.web.language import choose_language
from shared.web.names import label

NUMERALS = "一二三四五六七八九十"
# As 34, 21-22, 23 ¶2 or 22(三).
_ARTICLE = re.compile(rf"([0-9]+(?:-[0-9]+)?)(?: ¶([0-9]+)|\(([{NUMERALS}])\))?")


def length_of(unit: str, length: int | None) -> str:
    """A length in words. `unit`: of a term, or of when a light turns."""
    if unit == GIVEN_DATE or length is None:
        return _("the date that was set")
    if unit == NTH_OF_TERM:
        return _("one part in %(num)d of the term", num=length)
    if unit == MONTHS:
        return ngettext("%(num)d month", "%(num)d months", length)
    if unit == CALENDAR_DAYS:
        return ngettext("%(num)d day", "%(num)d days", length)
    return ngettext("%(num)d working day", "%(num)d working days", length)


def source_of(term: DutyTerm) -> str:
    """The rule and its article; of a setting that has no article the plan or practice that it belongs to."""
    found = _ARTICLE.fullmatch(term.article)
    rule = label(term.source, "rule")
    if found is None:
        return rule
    article, paragraph, item = found.groups()
    said = {"source": rule, "article": article}
    if paragraph:
        return _("%(source)s, article %(article)s, paragraph %(paragraph)s", paragraph=paragraph, **said)
    if item:
        number = item if choose_language() == "zh" else NUMERALS.index(item) + 1
        return _("%(source)s, article %(article)s, item %(item)s", item=number, **said)
    return _("%(source)s, article %(article)s", **said)


def for_whom(term: DutyTerm) -> str:
    """What a term is chosen by: organ, category, procedure, signature, round."""
    chosen_by = (
        (term.organs, "organ"),
        (term.categories, "category"),
        (term.procedures, "procedure"),
        (term.signatures, "signature"),
    )
    comma = _(", ")
    said = [comma.join(label(code, vocabulary) for code in codes) for codes, vocabulary in chosen_by if codes]
    if term.superior_assigned:
        said.append(_("Assigned from above"))
    if term.rounds:
        said.append(_("first handling") if term.rounds == "first" else _("after reopening"))
    return " · ".join(said) or _("all")
