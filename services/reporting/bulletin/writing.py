"""The bulletin as an official document in Chinese (GB/T 9704—2012), from what `rules.contents` says."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.reporting.bulletin.rules import LEADERS, SHARES
from services.reporting.summary.rules import SMALLEST
from shared.county import County
from shared.documents import OrdinaryDocument
from shared.documents.measures import said_day
from shared.documents.words import DUTIES

NOTHING = "—"
ADDRESSEES = "各乡镇党委、纪委，县纪委监委机关各室，各派驻纪检监察组"
NAMES: Mapping[str, str] = {
    "registered": "登记信访举报（件）",
    "accepted": "受理（件）",
    "transferred": "转送（件）",
    "resolved": "办结（件）",
    "on_time_share": "按期办结率（%）",
    "upheld_share": "属实和部分属实率（%）",
    "satisfied_share": "评价满意率（%）",
    "open": "在办（件）",
    "late": "超期未办结（件）",
    "repeated": "办结后再次反映（件）",
}
HIDDEN = (
    f"注：“{NOTHING}”表示没有可比数据，或者数字不足{SMALLEST}件、可据以推算出不足{SMALLEST}件的数字，"
    "不予列示；按规定应当回避的信访举报不在统计之内。"
)


def write(contents: Mapping[str, Any], number: str, county: County) -> bytes:
    """The Word file of a bulletin."""
    letterhead = county.letterhead
    issued_on = date.fromisoformat(contents["issued_on"])
    month = said_month(contents["month"])
    document = OrdinaryDocument(
        head=f"{letterhead.issuer}文件",
        number=number,
        title=f"关于{month}信访举报办理情况的通报",
        issuer=letterhead.issuer,
        day=issued_on,
    )
    document.addressee(ADDRESSEES)
    document.paragraph(
        f"为压实信访举报办理责任，推动群众合理诉求及时就地解决，现将{month}全县信访举报办理情况通报如下。"
    )
    _overall(document, contents, month)
    _townships(document, contents["townships"], county, month)
    _reminders(document, contents["late"], county, issued_on)
    _ahead(document, contents["ahead"], issued_on)
    document.signed(letterhead.issuer)
    document.imprint(copies_to=letterhead.copies_to, printed_by=letterhead.printed_by)
    return document.to_bytes()


def said_month(month: str) -> str:
    """2026年3月 for 2026-03."""
    return f"{int(month[:4])}年{int(month[5:])}月"


def _overall(document: OrdinaryDocument, contents: Mapping[str, Any], month: str) -> None:
    totals = contents["totals"]
    by_name = {row["measure"]: row for row in contents["comparison"]}
    document.level_1("一、总体情况")
    document.level_2(
        "（一）受理情况。",
        _sentence(
            _counted("本月登记信访举报", totals["registered"], _moved(by_name["registered"])),
            _counted("受理", totals["accepted"]),
            _counted("转送有权处理的机关", totals["transferred"] or None),
            _counted("告知不予受理并指明途径", totals["declined"] or None),
        ),
    )
    document.level_2(
        "（二）办结情况。",
        _sentence(
            _counted("本月办结", totals["resolved"], _moved(by_name["resolved"])),
            _shared("按期办结率", totals["on_time_share"]),
            _shared("属实和部分属实率", totals["upheld_share"]),
            _shared("信访人评价满意率", totals["satisfied_share"]),
        ),
    )
    document.level_2(
        "（三）在办情况。",
        _sentence(
            _counted(f"截至{said_day(date.fromisoformat(contents['counted_on']))}在办", totals["open"]),
            _counted("超过办理期限未办结", totals["late"] or None),
            _counted("办结后再次反映", totals["repeated"] or None),
        ),
    )
    document.table(
        f"表1　{month}主要指标",
        ("指标", "本月", "上月", "环比", "上年同月", "同比"),
        [_compared(row) for row in contents["comparison"]],
        (4.4, 1.5, 1.5, 1.8, 1.8, 1.8),
    )
    document.note(f"{HIDDEN}比率的环比、同比为百分点。")


def _townships(
    document: OrdinaryDocument, townships: Sequence[Mapping[str, Any]], county: County, month: str
) -> None:
    document.level_1("二、各乡镇办理情况")
    if not townships:
        document.paragraph("本月没有可以按乡镇列示的数据。")
        return
    document.paragraph(
        "各乡镇按行政区划代码排列，不分先后。信访举报数量多少不作为评价依据，"
        "畅通渠道、依规受理、按期办结、群众满意才是要求。"
    )
    names = {township.code: township.name for township in county.townships}
    document.table(
        f"表2　{month}各乡镇办理情况",
        ("乡镇", "办结", "按期办结率", "满意率", "在办", "超期未办结", "再次反映"),
        [
            (
                names.get(row["code"], row["code"]),
                _number(row["resolved"]),
                _percent(row["on_time_share"]),
                _percent(row["satisfied_share"]),
                _number(row["open"]),
                _number(row["late"]),
                _number(row["repeated"]),
            )
            for row in townships
        ],
        (2, 1.2, 2, 1.5, 1.2, 2, 1.7),
    )
    document.note(HIDDEN)


def _reminders(
    document: OrdinaryDocument, late: Sequence[Mapping[str, Any]], county: County, issued_on: date
) -> None:
    document.level_1("三、超期事项提醒")
    if not late:
        document.paragraph(f"截至{said_day(issued_on)}，纳入统计的事项没有超过办理期限的。")
        return
    document.paragraph(
        f"截至{said_day(issued_on)}，下列单位有超过期限尚未完成的事项。请主要负责同志亲自过问，"
        "逐件查明原因、明确时限，完成情况随时报告。"
    )
    names = {unit.code: unit.name for unit in county.units} | {LEADERS: "包案领导（合计）"}
    document.table(
        "表3　超过期限尚未完成的事项",
        ("责任单位", "事项"),
        [(names.get(each["unit"], each["unit"]), _duties(each["duties"])) for each in late],
        (1, 2.5),
    )
    document.note(f"注：不足{SMALLEST}件的不列件数；单位不分先后。")


def _ahead(document: OrdinaryDocument, ahead: Sequence[Mapping[str, Any]], issued_on: date) -> None:
    document.level_1("四、下步工作")
    due = f"{issued_on.month}月底前到期的事项有：{_duties(ahead)}。" if ahead else ""
    document.level_2(
        "（一）盯紧到期事项。", f"{due}各责任单位要对照期限提前安排，确需延长的，在到期前按规定报批。"
    )
    document.level_2(
        "（二）清理超期事项。", "对已经超期的，包案领导要亲自协调推动，不得以延期、退件等方式掩盖超期。"
    )
    document.level_2(
        "（三）提高办理质量。",
        "受理、办理情况要按规定告知信访人；对评价不满意的，由未参与前次办理的人员重新复核。",
    )
    document.level_2(
        "（四）严守保密和回避规定。",
        "不得将检举、揭发材料以及有关情况透露或者转给被检举、揭发的人员或者单位，"
        "不得以任何方式限制、打击报复信访人。",
    )


def _sentence(*parts: str) -> str:
    said = [part for part in parts if part]
    return f"{'，'.join(said)}。" if said else "本月各项数字较小，不予列示。"


def _counted(label: str, count: int | None, more: str = "") -> str:
    return "" if count is None else f"{label}{count}件{more}"


def _shared(label: str, share: float | None) -> str:
    return "" if share is None else f"{label}{share}%"


def _moved(row: Mapping[str, Any]) -> str:
    """（环比上升5.0%，同比下降3.2%）, as far as known."""
    said = [
        f"{name}{_way(value)}"
        for name, value in (("环比", row["change"]), ("同比", row["year_change"]))
        if value is not None
    ]
    return f"（{'，'.join(said)}）" if said else ""


def _way(change: float) -> str:
    if change == 0:
        return "持平"
    return f"{'上升' if change > 0 else '下降'}{abs(change)}%"


def _compared(row: Mapping[str, Any]) -> tuple[str, ...]:
    unit = "" if row["measure"] in SHARES else "%"
    values = (row["now"], row["before"], row["change"], row["last_year"], row["year_change"])
    now, before, change, last_year, year_change = values
    return (
        NAMES[row["measure"]],
        _number(now),
        _number(before),
        _signed(change, unit),
        _number(last_year),
        _signed(year_change, unit),
    )


def _duties(duties: Sequence[Mapping[str, Any]]) -> str:
    return "、".join(
        DUTIES[each["duty"]] + (f"（{each['count']}件）" if each["count"] is not None else "")
        for each in duties
    )


def _number(value: float | None) -> str:
    return NOTHING if value is None else str(value)


def _percent(value: float | None) -> str:
    return NOTHING if value is None else f"{value}%"


def _signed(value: float | None, unit: str) -> str:
    return NOTHING if value is None else f"{value:+}{unit}"
