"""What both formats have in common: title, addressee, text by levels, tables, signature and page numbers.

7.3.3: 一、in 黑体, （一） in 楷体, the rest in 仿宋. 7.3.5: the seal is put on paper by hand, so its place is
left free above and around the signature.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.table import Table
from docx.text.paragraph import Paragraph

from shared.documents import measures as m
from shared.documents import package, styles
from shared.documents.styles import Style, W, fonts

TOP_RULE, INNER_RULE = 12, 6  # of a table with three rules, in eighths of a point


class Body:
    """A document being written, from top to bottom; `to_bytes` ends it."""

    def __init__(self, title: str, issuer: str, day: date) -> None:
        self.issuer, self.day = issuer, day
        self.word: WordDocument = package.blank(title, issuer, day)

    def title(self, *lines: str) -> None:
        """The title (7.3.1), each given line on its own: broken by sense, no mark at its end."""
        for place, line in enumerate(lines):
            found = self._add(styles.TITLE, line)
            if place == 0:
                found.paragraph_format.space_before = Pt(2 * m.LINE)

    def addressee(self, text: str) -> None:
        """Whom it is for (7.3.2); the colon is added."""
        self._add(styles.ADDRESSEE, f"{text}：")

    def paragraph(self, text: str) -> None:
        """A paragraph of the text."""
        self._add(styles.BODY, text)

    def level_1(self, text: str) -> None:
        """A heading such as 一、总体情况."""
        self._add(styles.LEVEL_1, text)

    def level_2(self, text: str, then: str = "") -> None:
        """A heading such as （一）受理情况。, with the text that goes on in its paragraph."""
        if not then:
            self._add(styles.LEVEL_2, text)
            return
        found = self._add(styles.BODY)
        heading = found.add_run(text)
        heading._r.get_or_add_rPr().insert(0, parse_xml(fonts(styles.KAI).replace("/>", f" {W}/>")))
        found.add_run(then)

    def table(
        self, caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]
    ) -> None:
        """A table of three rules over the width of the text, its head repeated on each page.

        widths: the columns' shares of the width.
        """
        self._add(styles.CAPTION, caption)
        table = self.word.add_table(0, len(heads))
        _shape(table, [share / sum(widths) * m.points(m.TEXT_WIDTH) for share in widths])
        for place, cells in enumerate((heads, *rows)):
            row = table.add_row()
            properties = row._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:cantSplit"))
            if place == 0:
                properties.append(OxmlElement("w:tblHeader"))
            for cell, text in zip(row.cells, cells, strict=True):
                dress(cell.paragraphs[0], styles.CELL if place else styles.CELL_HEAD)
                cell.paragraphs[0].add_run(text)
                if place == 0:
                    cell._tc.get_or_add_tcPr().append(_borders("tcBorders", bottom=INNER_RULE))

    def note(self, text: str) -> None:
        """A note below a table."""
        self._add(styles.NOTE, text)

    def signed(self, *signers: str) -> None:
        """Signature and date with room for a seal (7.3.5.1): the date four characters from the right, the
        signature in the middle above it. At least the end of the text stands on the same page."""
        if self.word.paragraphs:
            self.word.paragraphs[-1].paragraph_format.keep_with_next = True
        said = m.said_day(self.day)
        middle = 4 + m.cells(said) / 2
        for place, signer in enumerate(signers):
            found = self._add(styles.SIGNATURE, signer)
            right = max(middle - m.cells(signer) / 2, 0)
            found.paragraph_format.right_indent = Pt(right * m.PITCH)
            if place == 0:
                found.paragraph_format.space_before = Pt(2 * m.LINE)
        self._add(styles.DAY, said)

    def to_bytes(self) -> bytes:
        """The finished file."""
        return package.to_bytes(self.word)

    def _add(self, style: Style, text: str = "") -> Paragraph:
        return add(self.word, style, text)


def add(container: Any, style: Style, text: str = "") -> Paragraph:
    """A paragraph of a style at the end of a document, header, footer or cell."""
    found: Paragraph = container.add_paragraph()
    dress(found, style)
    if text:
        found.add_run(text)
    return found


def dress(paragraph: Paragraph, style: Style) -> None:
    """Give a paragraph a style."""
    paragraph._p.get_or_add_pPr().insert(0, parse_xml(f'<w:pStyle {W} w:val="{style.id}"/>'))


def write_head(paragraph: Paragraph, text: str, width: float) -> None:
    """Write the red head in one line: characters are made narrower where it is too long for it, in points."""
    run = paragraph.add_run(text)
    room = width / (m.cells(text) * m.HEAD_SIZE)
    if room < 1:
        scale = parse_xml(
            f'<w:w {W} w:val="{int(room * 96)}"/>'
        )  # in per cent, with a little left at its ends
        run._r.get_or_add_rPr().append(scale)


def number_pages(footer: Any, *, odd: bool, below: float = 0) -> None:
    """Page numbers (7.5): — 1 —, on odd pages one character from the right, on even ones from the left.

    below: points between the number and the lower edge of the footer.
    """
    empty(footer)
    found = add(footer, styles.PAGE_NUMBER)
    side = found.paragraph_format
    found.alignment = WD_ALIGN_PARAGRAPH.RIGHT if odd else WD_ALIGN_PARAGRAPH.LEFT
    if odd:
        side.right_indent = Pt(m.SIZE_4)
    else:
        side.left_indent = Pt(m.SIZE_4)
    found.add_run("— ")
    field = parse_xml(f'<w:fldSimple {W} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>')
    found._p.append(field)
    found.add_run(" —")
    if below:
        add(footer, styles.HAIR).paragraph_format.line_spacing = Pt(below)


def empty(part: Any) -> None:
    """Take out what a new header or footer comes with."""
    part.is_linked_to_previous = False
    for child in list(part._element):
        part._element.remove(child)


def _shape(table: Table, widths: Sequence[float]) -> None:
    table.autofit = False
    properties = table._tbl.tblPr
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Pt(width)
    total = m.twips(sum(widths))
    for old in properties.findall(qn("w:tblW")):
        properties.remove(old)
    width = parse_xml(f'<w:tblW {W} w:w="{total}" w:type="dxa"/>')
    properties.insert(0, width)
    width.addnext(_borders("tblBorders", top=TOP_RULE, bottom=TOP_RULE))


def _borders(kind: str, **sides: int) -> Any:
    drawn = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>'
        for side, size in sides.items()
    )
    return parse_xml(f"<w:{kind} {W}>{drawn}</w:{kind}>")
