"""A Word file with nothing in it but our page, styles and fonts; and its bytes, the same each time.

python-docx starts from a template that names its maker, carries a picture and a thousand styles: all of
that goes.
"""

from datetime import UTC, date, datetime, time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.shared import Mm, Twips

from shared.documents import measures as m
from shared.documents.styles import DEFAULTS, FONT_TABLE, NO_TABLE, NORMAL, STYLES, W

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# The earliest day that a zip can say: a file says by itself when it was issued.
NO_TIME = (1980, 1, 1, 0, 0, 0)
UNWANTED = ("stylesWithEffects", "webSettings", "customXml", "numbering", "thumbnail")
APPLICATION = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    '"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>Huajie</Application></Properties>"
)
SETTINGS = (
    f"<w:settings {W}>"
    '<w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>'
    '<w:characterSpacingControl w:val="doNotCompress"/>'
    "<w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/>"
    "<w:ulTrailSpace/><w:doNotExpandShiftReturn/><w:useFELayout/>"
    '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word"'
    ' w:val="15"/></w:compat><w:themeFontLang w:val="zh-CN" w:eastAsia="zh-CN"/>'
    '<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
)


def blank(title: str, issuer: str, day: date) -> WordDocument:
    """An empty document of one A4 section. title, issuer and day are all that its properties say."""
    document = Document()
    _strip(document)
    _style(document)
    _lay_out(document)
    said = document.core_properties
    for name in ("comments", "keywords", "subject", "category", "last_modified_by"):
        setattr(said, name, "")
    said.title, said.author, said.language, said.revision = title, issuer, "zh-CN", 1
    said.created = said.modified = datetime.combine(day, time(), UTC)
    return document


def to_bytes(document: WordDocument) -> bytes:
    """The file. The same document gives the same bytes, whenever it is written."""
    written, fixed = BytesIO(), BytesIO()
    document.save(written)
    with ZipFile(written) as given, ZipFile(fixed, "w", ZIP_DEFLATED) as made:
        for name in given.namelist():
            info = ZipInfo(name, NO_TIME)
            info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, 0, 0
            made.writestr(info, given.read(name))
    return fixed.getvalue()


def _strip(document: WordDocument) -> None:
    part = document.part
    for rels in (part.rels, part.package.rels):
        for key, rel in list(rels.items()):
            kind = rel.reltype.rsplit("/", 1)[1]
            if kind in UNWANTED:
                del rels[key]
            elif kind == "fontTable":
                rel.target_part._blob = FONT_TABLE.encode()
            elif kind == "extended-properties":
                rel.target_part._blob = APPLICATION.encode()
    settings, wanted = document.settings.element, parse_xml(SETTINGS)
    for child in list(settings):
        settings.remove(child)
    settings.extend(list(wanted))


def _style(document: WordDocument) -> None:
    styles = document.styles.element
    for child in list(styles):
        styles.remove(child)
    styles.extend(parse_xml(xml) for xml in (DEFAULTS, NORMAL, NO_TABLE, *(s.xml for s in STYLES)))


def _lay_out(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(m.PAGE_WIDTH), Mm(m.PAGE_HEIGHT)
    section.top_margin, section.bottom_margin = Mm(m.TOP), Mm(m.BOTTOM)
    section.left_margin, section.right_margin = Mm(m.LEFT), Mm(m.RIGHT)
    section.gutter = Twips(0)
    page = section._sectPr
    for old in page.xpath("w:docGrid | w:cols"):
        page.remove(old)
    page.append(parse_xml(f'<w:cols {W} w:space="425"/>'))
    page.append(parse_xml(f'<w:docGrid {W} w:type="lines" w:linePitch="{m.twips(m.LINE)}"/>'))
