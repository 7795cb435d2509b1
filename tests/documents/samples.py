"""Two documents to be measured: one in each format, long enough for several pages."""

from datetime import date

from shared.documents import Letter, OrdinaryDocument
from shared.documents.measures import document_number

DAY = date(2026, 4, 3)
ISSUER = "中共竹溪县纪律检查委员会"
TEXT = (
    "各乡镇党委、纪委要切实扛起信访举报工作责任，坚持以人民为中心的发展思想，"
    "把解决群众合理诉求作为检验工作成效的重要标准，按照规定期限办理每一件信访举报。"
)
GRID = "测"  # stands in every place of the grid
HEADS = ("乡镇", "办结", "按期办结率")


def ordinary(paragraphs: int = 3, rows: int = 30) -> OrdinaryDocument:
    """An ordinary document with levels, full pages of the grid, a long table, signature and imprint."""
    document = OrdinaryDocument(
        head=f"{ISSUER}文件",
        number=document_number("竹纪通报", 2026, 3),
        title="关于2026年3月信访举报办理情况的通报",
        issuer=ISSUER,
        day=DAY,
    )
    document.addressee("各乡镇党委、纪委，县纪委监委机关各室")
    document.level_1("一、总体情况")
    document.level_2("（一）受理情况。", TEXT)
    document.level_2("（二）办理情况")
    document.paragraph(GRID * 28 * 60)
    document.table(
        "表1　各乡镇办理情况", HEADS, [(f"第{n}乡镇", "12", "91.7%") for n in range(rows)], (3, 2, 3)
    )
    document.note("注：样例。")
    for _ in range(paragraphs):
        document.paragraph(TEXT)
    document.signed(ISSUER)
    document.imprint(copies_to="市纪委监委，县委办公室", printed_by=f"{ISSUER}办公室")
    return document


def letter(paragraphs: int = 12) -> Letter:
    """A letter of several pages."""
    document = Letter(
        number=document_number("竹纪督函", 2026, 1),
        title="关于督促办理超期信访举报事项的函",
        issuer=ISSUER,
        day=DAY,
    )
    document.addressee("中共城关镇委员会")
    for _ in range(paragraphs):
        document.paragraph(TEXT)
    document.signed(ISSUER)
    return document
