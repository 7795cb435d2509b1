"""The letter format (信函格式, 10.1): the issuer in red 30 mm below the edge of the page, a red double rule
below it and one 20 mm above the lower edge; no number on the first page.

What stands outside the text is in the first page's own header and footer.
"""

from datetime import date

from docx.shared import Mm, Pt

from shared.documents import measures as m
from shared.documents import styles
from shared.documents.body import Body, add, empty, number_pages, write_head
from shared.documents.frame import double_rule

# The rules are wider than the text and in the middle of the page.
OVER_LEFT = m.LEFT - (m.PAGE_WIDTH - m.LETTER_RULE_WIDTH) / 2
OVER_RIGHT = m.RIGHT - (m.PAGE_WIDTH - m.LETTER_RULE_WIDTH) / 2


class Letter(Body):
    """A document in the letter format, up to its title; number: as measures.document_number writes it."""

    def __init__(self, *, number: str, title: str, issuer: str, day: date) -> None:
        super().__init__(title, issuer, day)
        section = self.word.sections[0]
        section.different_first_page_header_footer = True
        section.header_distance = Mm(m.LETTER_HEAD_TOP) - Pt(m.HEAD_LINE - m.HEAD_SIZE)
        section.footer_distance = Mm(m.LETTER_RULE_ABOVE_EDGE)
        empty(section.first_page_header)
        head = add(section.first_page_header, styles.HEAD)
        write_head(head, issuer, m.points(m.LETTER_RULE_WIDTH))
        rule = add(section.first_page_header, styles.HAIR)
        rule.paragraph_format.space_before = Pt(m.gap_below(m.LETTER_RULE_GAP, m.HEAD_SIZE))
        double_rule(rule, thick_above=True)
        empty(section.first_page_footer)
        lower = add(section.first_page_footer, styles.HAIR)
        double_rule(lower, thick_above=False)
        for each in (head, rule, lower):
            each.paragraph_format.left_indent = Mm(-OVER_LEFT)
            each.paragraph_format.right_indent = Mm(-OVER_RIGHT)
        dash = m.points(m.BOTTOM - m.PAGE_NUMBER_BELOW - m.LETTER_RULE_ABOVE_EDGE) - m.SIZE_4 / 2
        number_pages(section.footer, odd=True, below=dash)
        number_pages(section.even_page_footer, odd=False, below=dash)
        self._add(styles.LETTER_NUMBER, number)
        self.title(title)
