"""The supervision letter as an official document in Chinese, in the letter format (GB/T 9704—2012, 10.1).

It names petitions by their numbers, what is due and since when it is late: no petitioner, no title, no text.
"""

from datetime import date

from services.supervision.letters.models import Letter
from services.supervision.letters.rules import late_since
from shared import documents
from shared.county import County
from shared.documents.measures import said_day
from shared.documents.words import DUTIES

TITLE = "关于督促办理超期信访举报事项的函"


def write(letter: Letter, number: str, issued_on: date, county: County) -> bytes:
    """The Word file of a letter."""
    document = documents.Letter(number=number, title=TITLE, issuer=county.letterhead.issuer, day=issued_on)
    document.addressee(addressed(letter.addressee, county))
    document.paragraph(
        f"经核对，截至{said_day(issued_on)}，由你单位负责的下列{len(letter.items)}项信访举报事项"
        "超过规定期限尚未完成："
    )
    document.table(
        "超过期限尚未完成的事项",
        ("序号", "信访件编号", "未完成事项", "办理期限", "超期起始日"),
        [
            (
                str(place),
                item.number,
                DUTIES[item.duty],
                said_day(item.due_on),
                said_day(late_since(item.due_on)),
            )
            for place, item in enumerate(letter.items, 1)
        ],
        (0.75, 2.15, 1.85, 2.45, 2.45),
    )
    document.paragraph(
        "请你单位主要负责同志亲自过问，对照清单逐项查明超期原因，明确责任人和完成时限，抓紧办理。"
        f"办理情况和超期原因请于{said_day(letter.reply_by)}前书面报我委。"
    )
    for line in filter(None, (letter.demand or "").split("\n")):
        document.paragraph(line)
    document.paragraph(
        "办理中要严守保密和回避规定，不得将检举、揭发材料以及有关情况透露或者转给被检举、揭发的人员或者单位。"
        "逾期未报或者仍未完成的，将按规定联合协办、调卷审查。"
    )
    document.paragraph("特此函告。")
    document.signed(county.letterhead.issuer)
    return document.to_bytes()


def addressed(unit: str, county: County) -> str:
    """Whom a letter to a unit is for: of a township its party committee (乡镇党委), else the unit itself."""
    for township in county.townships:
        if township.unit == unit:
            return f"中共{township.name}委员会"
    return county.unit(unit).name
