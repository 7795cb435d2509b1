"""Workbooks put together part by part, as Excel writes them or as an attacker would."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def parts(sheet_data: str, strings: str = "", before: str = "") -> dict[str, str]:
    """The parts of a workbook with one sheet; `sheet_data` is what stands in <sheetData>."""
    return {
        "[Content_Types].xml": f"""{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
            <Default Extension="xml" ContentType="application/xml"/>
            <Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>
            <Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPES}.sharedStrings+xml"/>
            </Types>""",
        "xl/workbook.xml": f"""{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}">
            <sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>""",
        "xl/_rels/workbook.xml.rels": f"""{HEAD}<Relationships
            xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
            <Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>
            </Relationships>""",
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": f'{HEAD}{before}<worksheet xmlns="{MAIN}">'
        f"<sheetData>{sheet_data}</sheetData></worksheet>",
    }


def write_parts(path: Path, contents: dict[str, str]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def inline(*texts: str) -> str:
    """The cells of a row with these texts."""
    return "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{escape(t)}</t></is></c>' for t in texts)


def write_like_excel(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    """A workbook whose texts are shared strings and whose rows have heights, as Excel writes them."""
    texts: list[str] = []

    def lines() -> Iterator[str]:
        for number, row in enumerate(rows, 1):
            cells = "".join(f'<c t="s"><v>{len(texts) + i}</v></c>' for i in range(len(row)))
            texts.extend(row)
            yield f'<row r="{number}" ht="15" customHeight="1">{cells}</row>'

    sheet_data = "".join(lines())
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    return write_parts(path, parts(sheet_data, strings))
