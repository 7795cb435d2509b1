"""Red rules, and the imprint's box: what python-docx has no words for."""

from typing import Any
from xml.sax.saxutils import escape  # nosec B406 # writes, parses nothing

from docx.oxml import parse_xml
from docx.text.paragraph import Paragraph

from shared.documents import measures as m
from shared.documents.styles import HAIR, IMPRINT, RED, W

EMU = 12_700  # of a point
SPACES = (
    f"{W} "
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
THICK, THIN = round(m.points(m.THICK) * 8), round(m.points(m.THIN) * 8)  # eighths of a point


def rule_below(paragraph: Paragraph, gap: float, size: int = 12) -> None:
    """A red rule over the width of a paragraph, `gap` points below it; size in eighths of a point."""
    _border(paragraph, f'<w:bottom w:val="single" w:sz="{size}" w:space="{round(gap)}" w:color="{RED}"/>')


def double_rule(paragraph: Paragraph, *, thick_above: bool) -> None:
    """A thick and a thin red rule close together, above and below a paragraph that is a hair high (10.1)."""
    sizes = (18, 6) if thick_above else (6, 18)
    drawn = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{RED}"/>'
        for side, size in zip(("top", "bottom"), sizes, strict=True)
    )
    _border(paragraph, drawn)


def imprint_box(height: float, copies: str, printed_by: str, printed_on: str) -> Any:
    """The run with the box, its lower edge on that of the text; height in points."""
    width = m.points(m.TEXT_WIDTH)
    lower_edge = m.points(m.TOP + m.TEXT_HEIGHT) + HAIR.line  # below the table a paragraph has to stand
    return parse_xml(
        f'<w:r {SPACES}><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>'
        '<wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1"'
        ' behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="margin"><wp:align>left</wp:align></wp:positionH>'
        '<wp:positionV relativeFrom="page">'
        f"<wp:posOffset>{round((lower_edge - height) * EMU)}</wp:posOffset></wp:positionV>"
        f'<wp:extent cx="{round(width * EMU)}" cy="{round(height * EMU)}"/>'
        '<wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/><wp:docPr id="1" name="imprint"/>'
        "<wp:cNvGraphicFramePr/><a:graphic>"
        '<a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
        '<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="{round(width * EMU)}" cy="{round(height * EMU)}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr>'
        f"<wps:txbx><w:txbxContent>{_imprint(width, copies, printed_by, printed_on)}</w:txbxContent>"
        '</wps:txbx><wps:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="b"><a:noAutofit/></wps:bodyPr>'
        "</wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        "</mc:AlternateContent></w:r>"
    )


def _imprint(width: float, copies: str, printed_by: str, printed_on: str) -> str:
    """Two rows between rules (7.4.1): copies, closed up under the name; printed by, and at the right when."""
    side, all_over = m.twips(m.SIZE_4), m.twips(width)
    tab = m.twips(width - 2 * m.SIZE_4)
    hanging = m.twips(3 * m.SIZE_4)
    rows = (
        (THICK, THIN, f'<w:ind w:left="{hanging}" w:hanging="{hanging}"/>', _text(copies)),
        (
            THIN,
            THICK,
            f'<w:tabs><w:tab w:val="right" w:pos="{tab}"/></w:tabs>',
            f"{_text(printed_by)}<w:r><w:tab/></w:r>{_text(printed_on)}",
        ),
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{all_over}" w:type="dxa"/><w:tblInd w:w="0" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{side}" w:type="dxa"/>'
        f'<w:right w:w="{side}" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{all_over}"/></w:tblGrid>'
        + "".join(
            f'<w:tr><w:tc><w:tcPr><w:tcW w:w="{all_over}" w:type="dxa"/><w:tcBorders>'
            f'<w:top w:val="single" w:sz="{top}" w:space="0" w:color="000000"/>'
            f'<w:bottom w:val="single" w:sz="{bottom}" w:space="0" w:color="000000"/></w:tcBorders></w:tcPr>'
            f'<w:p><w:pPr><w:pStyle w:val="{IMPRINT.id}"/>{shape}</w:pPr>{text}</w:p></w:tc></w:tr>'
            for top, bottom, shape, text in rows
        )
        + f'</w:tbl><w:p><w:pPr><w:pStyle w:val="{HAIR.id}"/></w:pPr></w:p>'
    )


def _text(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _border(paragraph: Paragraph, drawn: str) -> None:
    style = paragraph._p.get_or_add_pPr().pStyle
    assert style is not None  # the schema wants borders right after it
    style.addnext(parse_xml(f"<w:pBdr {W}>{drawn}</w:pBdr>"))
