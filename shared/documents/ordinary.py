"""The ordinary format: red head, document number, red rule, text, imprint at the foot of the last page.

The imprint is a text box that lies on the lower edge of the text; the last, empty paragraph is as tall as
it, so that what is written never runs into it and both stand on one page.
"""

from datetime import date
from math import ceil

from docx.shared import Mm, Pt

from shared.documents import measures as m
from shared.documents import styles
from shared.documents.body import Body, add, number_pages, write_head
from shared.documents.frame import imprint_box, rule_below

DASH_TO_EDGE = m.BOTTOM - m.PAGE_NUMBER_BELOW  # of the page, mm
OVER_HEAD = m.HEAD_LINE - m.HEAD_SIZE  # white in its line
LINE_OF_IMPRINT = styles.IMPRINT.line


class OrdinaryDocument(Body):
    """A document in the ordinary format, from its red head on.

    head: what stands in red, e.g. the issuer with 文件; number: as measures.document_number writes it.
    """

    def __init__(self, *, head: str, number: str, title: str, issuer: str, day: date) -> None:
        super().__init__(title, issuer, day)
        section = self.word.sections[0]
        section.footer_distance = Mm(DASH_TO_EDGE) - Pt(m.SIZE_4 / 2)
        number_pages(section.footer, odd=True)
        number_pages(section.even_page_footer, odd=False)
        self._head(head)
        rule_below(self._add(styles.NUMBER, number), m.gap_below(m.RED_RULE_GAP, m.SIZE_3))
        self.title(title)

    def _head(self, text: str) -> None:
        """7.2.4: its upper edge 35 mm below that of the text; closed up where it is too long for a line."""
        found = self._add(styles.HEAD)
        found.paragraph_format.space_before = Pt(m.points(m.HEAD_TOP) - OVER_HEAD)
        write_head(found, text, m.points(m.TEXT_WIDTH))

    def imprint(self, *, copies_to: str, printed_by: str) -> None:
        """Ends the document with its imprint (7.4): who gets a copy, who printed it and when."""
        copies = f"抄送：{copies_to}。"
        in_line = (m.points(m.TEXT_WIDTH) - 2 * m.SIZE_4) / m.SIZE_4
        lines = 1 + ceil(m.cells(copies) / (in_line - 3))
        height = (lines + 1) * LINE_OF_IMPRINT
        anchor = add(self.word, styles.HAIR)
        anchor.paragraph_format.line_spacing = Pt(height)
        printed_on = f"{m.said_day(self.day)}印发"
        anchor._p.append(imprint_box(height, copies, printed_by, printed_on))
