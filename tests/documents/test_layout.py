"""The Word files say what GB/T 9704—2012 asks, measured in their XML."""

import re
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml import etree
from openxml_audit import OpenXmlValidator

from shared.documents import OrdinaryDocument
from shared.documents.body import Body
from shared.documents.measures import cells, document_number, said_day
from tests.documents.samples import DAY, ISSUER, TEXT, letter, ordinary

MM = 36_000  # EMU
FONTS = {
    "发文机关标志": ("方正小标宋简体", 36, "FF0000"),
    "公文标题": ("方正小标宋简体", 22, None),
    "发文字号": ("仿宋_GB2312", 16, None),
    "主送机关": ("仿宋_GB2312", 16, None),
    "公文正文": ("仿宋_GB2312", 16, None),
    "一级标题": ("黑体", 16, None),
    "二级标题": ("楷体_GB2312", 16, None),
    "发文机关署名": ("仿宋_GB2312", 16, None),
    "成文日期": ("仿宋_GB2312", 16, None),
    "版记": ("仿宋_GB2312", 14, None),
    "页码": ("宋体", 14, None),
}


def read(document: Body) -> WordDocument:
    return Document(BytesIO(document.to_bytes()))


both = pytest.mark.parametrize("document", [ordinary(), letter()], ids=["ordinary", "letter"])


@both
def test_page_margins_and_lines(document: Body) -> None:
    section = read(document).sections[0]
    measures = {
        "page_width": 210,
        "page_height": 297,
        "top_margin": 37,
        "bottom_margin": 35,
        "left_margin": 28,
        "right_margin": 26,
    }
    for name, millimetres in measures.items():
        assert getattr(section, name) / MM == pytest.approx(millimetres, abs=0.02), name
    grid = section._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")
    assert 22 * 579 <= 225 / 25.4 * 1440 < 23 * 579  # 22 lines, and no more


@pytest.mark.parametrize("style", FONTS)
def test_fonts_and_sizes_by_style(style: str) -> None:
    found = read(ordinary()).styles[style]
    font, size, colour = FONTS[style]
    said = found.element.rPr.find(qn("w:rFonts"))
    assert {said.get(qn(f"w:{kind}")) for kind in ("ascii", "hAnsi", "eastAsia", "cs")} == {font}
    assert found.font.size.pt == size
    assert (str(found.font.color.rgb) if found.font.color.rgb else None) == colour
    assert not found.font.bold
    assert found.element.pPr.find(qn("w:spacing")).get(qn("w:lineRule")) == "exact"


def test_the_text_has_exact_lines_and_28_characters() -> None:
    style = read(ordinary()).styles["公文正文"]
    assert style.paragraph_format.line_spacing.pt == pytest.approx(28.95)
    closed_up = int(style.element.rPr.find(qn("w:spacing")).get(qn("w:val"))) / 20
    pitch = 16 + closed_up
    width = 156 / 25.4 * 72
    assert 28 * pitch <= width < 29 * pitch
    assert style.element.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
    assert style.paragraph_format.first_line_indent.pt == pytest.approx(2 * pitch, abs=0.05)


def test_a_second_level_goes_on_in_its_paragraph() -> None:
    paragraph = next(p for p in read(ordinary()).paragraphs if p.text.startswith("（一）"))
    first, rest = paragraph.runs
    assert first._r.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "楷体_GB2312"
    assert rest._r.rPr is None and rest.text == TEXT
    assert paragraph.style.name == "公文正文"


def test_the_fonts_have_alternatives_where_they_are_missing() -> None:
    with ZipFile(BytesIO(ordinary().to_bytes())) as package:
        table = package.read("word/fontTable.xml").decode()
    named = dict(re.findall(r'<w:font w:name="([^"]+)"><w:altName w:val="([^"]+)"', table))
    assert set(named) == {font for font, _size, _colour in FONTS.values()}
    assert "embed" not in table


@pytest.mark.parametrize("signers", [(ISSUER,), (ISSUER, "竹溪县监察委员会"), ("竹溪县纪委",)])
def test_the_date_is_four_characters_from_the_right_and_the_signature_in_the_middle_above(
    signers: tuple[str, ...],
) -> None:
    document = OrdinaryDocument(head="样例", number="样〔2026〕1号", title="样例", issuer=ISSUER, day=DAY)
    document.paragraph(TEXT)
    document.signed(*signers)
    paragraphs = read(document).paragraphs
    assert paragraphs[-1].text == "2026年4月3日"
    assert paragraphs[-1].style.element.pPr.find(qn("w:ind")).get(qn("w:rightChars")) == "400"
    middle = (4 + cells("2026年4月3日") / 2) * 15.75
    for paragraph, signer in zip(paragraphs[-1 - len(signers) : -1], signers, strict=True):
        right = paragraph.paragraph_format.right_indent.pt
        assert right + cells(signer) * 15.75 / 2 == pytest.approx(middle, abs=0.1)
    # the seal, 42 mm across, needs two lines of white above; all of it stays with the end of the text
    assert paragraphs[-1 - len(signers)].paragraph_format.space_before.pt == pytest.approx(57.9)
    assert paragraphs[-2 - len(signers)].paragraph_format.keep_with_next


def test_the_red_rule_is_as_wide_as_the_text() -> None:
    number = next(p for p in read(ordinary()).paragraphs if p.style.name == "发文字号")
    assert number.text == "竹纪通报〔2026〕3号"
    rule = number._p.pPr.find(f"{qn('w:pBdr')}/{qn('w:bottom')}")
    assert (rule.get(qn("w:color")), rule.get(qn("w:val"))) == ("FF0000", "single")
    assert number._p.pPr.find(qn("w:ind")) is None
    assert number.alignment is None and number.style.paragraph_format.alignment == 1


def test_a_long_head_is_made_narrower() -> None:
    document = OrdinaryDocument(head="长" * 20, number="样〔2026〕1号", title="样", issuer=ISSUER, day=DAY)
    run = read(document).paragraphs[0].runs[0]
    scale = int(run._r.rPr.find(qn("w:w")).get(qn("w:val")))
    assert 20 * 36 * scale / 100 < 156 / 25.4 * 72


def test_page_numbers_are_outside() -> None:
    word = read(ordinary())
    section = word.sections[0]
    assert word.settings.odd_and_even_pages_header_footer
    assert not section.different_first_page_header_footer
    for footer, align, side in ((section.footer, 2, "right"), (section.even_page_footer, 0, "left")):
        (paragraph,) = footer.paragraphs
        assert paragraph.alignment == align
        assert getattr(paragraph.paragraph_format, f"{side}_indent").pt == 14  # one character of 4号
        assert "".join(t.text for t in paragraph._p.iter(qn("w:t"))) == "— 1 —"
        assert paragraph._p.find(qn("w:fldSimple")).get(qn("w:instr")).strip() == "PAGE"
    dash = section.footer_distance / MM + 7 / 72 * 25.4
    assert 35 - dash == pytest.approx(7, abs=0.1)


def test_the_imprint_lies_on_the_lower_edge_between_its_rules() -> None:
    box = read(ordinary()).paragraphs[-1]._p
    sizes = [
        (border.tag.rpartition("}")[2], int(border.get(qn("w:sz"))) / 8 / 72 * 25.4)
        for borders in box.iter(qn("w:tcBorders"))
        for border in borders
    ]
    assert [side for side, _ in sizes] == ["top", "bottom", "top", "bottom"]
    assert [size for _, size in sizes] == pytest.approx([0.35, 0.25, 0.25, 0.35], abs=0.03)
    assert "".join(t.text for t in box.iter(qn("w:t"))) == (
        f"抄送：市纪委监委，县委办公室。{ISSUER}办公室2026年4月3日印发"
    )


def test_a_letter_has_double_rules_and_no_number_on_its_first_page() -> None:
    section = read(letter()).sections[0]
    assert section.different_first_page_header_footer
    head, upper = section.first_page_header.paragraphs
    (lower,) = section.first_page_footer.paragraphs
    assert head.text == ISSUER and head.style.name == "发文机关标志"
    assert "PAGE" not in etree.tostring(section.first_page_footer._element).decode()
    for rule, thick in ((upper, "top"), (lower, "bottom")):
        borders = rule._p.pPr.find(qn("w:pBdr"))
        sizes = {b.tag.rpartition("}")[2]: int(b.get(qn("w:sz"))) for b in borders}
        assert sizes.pop(thick) > 2 * sizes.popitem()[1]
        layout = rule.paragraph_format
        width = 156 - (layout.left_indent + layout.right_indent) / MM
        left = 28 + layout.left_indent / MM
        assert (width, left) == pytest.approx((170, 20), abs=0.05)
    assert section.footer_distance / MM == pytest.approx(20, abs=0.02)


@both
def test_word_finds_nothing_wrong_with_the_file(document: Body, tmp_path: object) -> None:
    path = f"{tmp_path}/document.docx"
    with open(path, "wb") as out:
        out.write(document.to_bytes())
    result = OpenXmlValidator().validate(path)
    assert list(result.errors) == []


@both
def test_the_file_holds_no_macro_no_link_outside_and_nobody(document: Body) -> None:
    with ZipFile(BytesIO(document.to_bytes())) as package:
        names = package.namelist()
        texts = {name: package.read(name).decode() for name in names}
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert all(name.endswith((".xml", ".rels")) for name in names)
    assert not [name for name in names if re.search("vba|embed|media|customXml|thumbnail", name, re.I)]
    assert not [name for name, text in texts.items() if "TargetMode" in text]
    for text in texts.values():
        etree.fromstring(text.encode())
    said = read(document).core_properties
    assert (said.author, said.last_modified_by, said.comments) == (ISSUER, "", "")
    assert said.created.date() == said.modified.date() == DAY


@pytest.mark.parametrize("make", [ordinary, letter])
def test_the_same_content_gives_the_same_bytes(make: object) -> None:
    assert make().to_bytes() == make().to_bytes()  # type: ignore[operator]


def test_signs_of_xml_are_only_text() -> None:
    document = OrdinaryDocument(head="样", number="样〔2026〕1号", title="样<例>", issuer=ISSUER, day=DAY)
    document.paragraph("甲 & 乙 < 丙 > 丁 \"戊\" '己'")
    document.table("表<1>", ("甲&乙",), [("<丙>",)], (1,))
    document.signed(ISSUER)
    document.imprint(copies_to="甲<乙>&丙", printed_by="丁&戊")
    word = read(document)
    assert "甲 & 乙 < 丙 > 丁 \"戊\" '己'" in [p.text for p in word.paragraphs]
    assert "抄送：甲<乙>&丙。" in [t.text for t in word.paragraphs[-1]._p.iter(qn("w:t"))]


def test_a_table_repeats_its_head_and_keeps_rows_whole() -> None:
    (table,) = read(ordinary()).tables
    properties = [row._tr.trPr for row in table.rows]
    assert properties[0].find(qn("w:tblHeader")) is not None
    assert all(p.find(qn("w:cantSplit")) is not None for p in properties)
    assert all(p.find(qn("w:tblHeader")) is None for p in properties[1:])
    width = int(table._tbl.tblPr.find(qn("w:tblW")).get(qn("w:w"))) / 1440 * 25.4
    assert width == pytest.approx(156, abs=0.1)


def test_numbers_and_dates_are_not_padded() -> None:
    assert document_number("竹纪通报", 2026, 3) == "竹纪通报〔2026〕3号"
    assert said_day(date(2026, 3, 5)) == "2026年3月5日"
