"""1,900 rows to import: the real messages where they lie beside the project, else as many made here."""

from pathlib import Path

from openpyxl import Workbook

ROWS = 1900
REAL = Path(__file__).parents[3] / "shared" / "data" / "messages-replied.xlsx"
HEADER = ("编号", "来件日期", "标题", "反映内容", "乡镇")
TOWNSHIPS = ("城关镇", "蒋家堰镇", "中峰镇", "水坪镇", "县河镇")


def sheet_of_1900(directory: Path) -> Path:
    """The file to be imported."""
    return REAL if REAL.exists() else made_sheet(directory, ROWS)


def made_sheet(directory: Path, rows: int) -> Path:
    """A spreadsheet of so many different petitions, all of them good."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for n in range(rows):
        text = f"第{n}号示例：村道、水渠和路灯的第{n}处还没有修好，请派人来看。"
        sheet.append((f"YL{n:06d}", "2026-03-02", f"示例{n}", text, TOWNSHIPS[n % len(TOWNSHIPS)]))
    path = directory / f"rows-{rows}.xlsx"
    book.save(path)
    return path
