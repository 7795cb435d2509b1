"""The paragraph styles of an official document, so that whoever edits the file in Word keeps the layout.

Fonts by the names that offices have them under; where one is missing Word takes the alternative named in
the font table (方正小标宋简体 is a commercial font, which few machines outside offices have).
"""

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr  # nosec B406 # writes, parses nothing

from shared.documents import measures as m

SONG_TITLE, FANG_SONG, HEI, KAI, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
ALTERNATIVES = {
    SONG_TITLE: "方正小标宋_GBK,FZXiaoBiaoSong-B05S,华文中宋",
    FANG_SONG: "仿宋,FangSong,方正仿宋简体,华文仿宋",
    HEI: "SimHei,微软雅黑",
    KAI: "楷体,KaiTi,方正楷体简体,华文楷体",
    SONG: "SimSun,新宋体",
}
FAMILIES = {SONG_TITLE: "roman", FANG_SONG: "modern", HEI: "modern", KAI: "modern", SONG: "roman"}
RED = "FF0000"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@dataclass(frozen=True)
class Style:
    """One paragraph style. Lengths in points; first and right in characters of the grid; outline from 1."""

    id: str
    name: str
    font: str = FANG_SONG
    size: float = m.SIZE_3
    line: float = m.LINE
    align: str = "both"
    before: float = 0
    first: float = 0
    right: float = 0
    colour: str | None = None
    outline: int | None = None
    keep_next: bool = False

    @property
    def xml(self) -> str:
        """The w:style element."""
        keep = "<w:keepNext/>" if self.keep_next else ""
        grid = "" if self.line == m.LINE else '<w:snapToGrid w:val="0"/>'
        outline = f'<w:outlineLvl w:val="{self.outline - 1}"/>' if self.outline else ""
        colour = f'<w:color w:val="{self.colour}"/>' if self.colour else ""
        closed_up = f'<w:spacing w:val="{m.twips(-m.CLOSED_UP)}"/>' if self.size == m.SIZE_3 else ""
        half_points = round(self.size * 2)
        return (
            f'<w:style {W} w:type="paragraph" w:customStyle="1" w:styleId="{self.id}">'
            f'<w:name w:val="{self.name}"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{keep}{grid}'
            f'<w:spacing w:before="{m.twips(self.before)}" w:after="0" w:line="{m.twips(self.line)}"'
            f' w:lineRule="exact"/>{self._indents}<w:jc w:val="{self.align}"/>{outline}</w:pPr>'
            f"<w:rPr>{fonts(self.font)}{colour}{closed_up}"
            f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr></w:style>'
        )

    @property
    def _indents(self) -> str:
        said = [
            f'w:{side}Chars="{round(length * 100)}" w:{side}="{m.twips(length * m.PITCH)}"'
            for side, length in (("right", self.right), ("firstLine", self.first))
            if length
        ]
        return f"<w:ind {' '.join(said)}/>" if said else ""


HEAD = Style("Head", "发文机关标志", SONG_TITLE, m.HEAD_SIZE, m.HEAD_LINE, "center", colour=RED)
NUMBER = Style("Number", "发文字号", line=m.SIZE_3, align="center", before=2 * m.LINE)
LETTER_NUMBER = Style("LetterNumber", "信函发文字号", line=m.SIZE_3, align="right", before=m.BODY_GAP)
TITLE = Style("Title", "公文标题", SONG_TITLE, m.SIZE_2, m.TITLE_LINE, "center", keep_next=True)
ADDRESSEE = Style("Addressee", "主送机关", before=m.LINE, align="left")
BODY = Style("BodyText", "公文正文", first=2)
LEVEL_1 = Style("Level1", "一级标题", HEI, first=2, outline=1, keep_next=True)
LEVEL_2 = Style("Level2", "二级标题", KAI, first=2, outline=2, keep_next=True)
CAPTION = Style("TableCaption", "表题", HEI, m.SIZE_4, align="center", keep_next=True)
CELL = Style("TableText", "表格文字", size=m.SIZE_SMALL_4, line=20, align="center")
CELL_HEAD = Style("TableHead", "表头文字", HEI, m.SIZE_SMALL_4, 20, "center")
NOTE = Style("TableNote", "表注", size=m.SIZE_SMALL_4, line=20)
SIGNATURE = Style("Signature", "发文机关署名", align="right", keep_next=True)
DAY = Style("Day", "成文日期", align="right", right=4, keep_next=True)
IMPRINT = Style("Imprint", "版记", size=m.SIZE_4, line=24, align="left")
PAGE_NUMBER = Style("PageNumber", "页码", SONG, m.SIZE_4, m.SIZE_4)
HAIR = Style("Hair", "线", size=1, line=1, align="left")
STYLES = (
    *(HEAD, NUMBER, LETTER_NUMBER, TITLE, ADDRESSEE, BODY, LEVEL_1, LEVEL_2, CAPTION, CELL, CELL_HEAD, NOTE),
    *(SIGNATURE, DAY, IMPRINT, PAGE_NUMBER, HAIR),
)


def fonts(name: str) -> str:
    """The w:rFonts element: one font for every kind of character, digits too."""
    return "<w:rFonts " + " ".join(f"w:{kind}={quoteattr(name)}" for kind in _KINDS) + "/>"


_KINDS = ("ascii", "hAnsi", "eastAsia", "cs")

DEFAULTS = (
    f"<w:docDefaults {W}><w:rPrDefault><w:rPr>{fonts(FANG_SONG)}"
    f'<w:sz w:val="{m.SIZE_3 * 2}"/><w:szCs w:val="{m.SIZE_3 * 2}"/>'
    '<w:lang w:val="zh-CN" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
    "<w:pPrDefault/></w:docDefaults>"
)
# No punctuation hangs into the margin: 28 characters are the width of the text.
NORMAL = (
    f'<w:style {W} w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
    '<w:pPr><w:overflowPunct w:val="0"/><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
    f'<w:spacing w:before="0" w:after="0" w:line="{m.twips(m.LINE)}" w:lineRule="exact"/></w:pPr></w:style>'
)
NO_TABLE = (
    f'<w:style {W} w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
    '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="57" w:type="dxa"/>'
    '<w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
)
FONT_TABLE = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {W}>'
    + "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{ALTERNATIVES[name]}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{family}"/><w:pitch w:val="variable"/></w:font>'
        for name, family in FAMILIES.items()
    )
    + "</w:fonts>"
)
