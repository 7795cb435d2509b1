"""What an import can fill, and the names that offices give to those columns.

A clerk confirms the mapping; this only proposes it, and says what is wrong with one.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from openpyxl.utils import get_column_letter

from shared.errors import N_, Invalid

# Usual names per field, the surer ones first. A column counts only as the first that it matches.
_SYNONYMS: dict[str, str] = {
    "source_number": "信访编号 信访件编号 信访件号 信访号 信件编号 来信编号 来访编号 留言编号 举报编号 "
    "件号 受理编号 登记编号 登记号 案件编号 工单编号 工单号 编号 原编号 流水号 number no id 序号",
    "received_on": "来件日期 来件时间 收件日期 收到日期 收信日期 来信日期 来信时间 来访日期 来访时间 "
    "来电日期 来电时间 信访日期 信访时间 举报时间 举报日期 留言时间 留言日期 提交时间 受理日期 受理时间 "
    "登记日期 登记时间 接收日期 接收时间 日期 时间 date received",
    "channel": "信访形式 信访方式 信访渠道 信访途径 来件方式 来件渠道 来源渠道 反映渠道 反映方式 受理渠道 "
    "渠道 形式 方式 来源 件别",
    "petitioner_name": "信访人姓名 信访人 反映人姓名 反映人 举报人姓名 举报人 来访人姓名 来访人 来信人 "
    "来电人 投诉人 留言用户 留言人 申请人 当事人 用户 姓名 name",
    "petitioner_phone": "联系电话 信访人电话 信访人联系电话 信访人联系方式 反映人电话 举报人电话 联系方式 "
    "手机号码 手机号 手机 电话号码 电话 phone tel",
    "petitioner_id_number": "身份证号码 身份证号 身份证 信访人身份证号 信访人身份证号码 证件号码 证件号 "
    "公民身份号码",
    "petitioner_address": "信访人住址 信访人地址 住址 家庭住址 家庭地址 联系地址 通讯地址 通信地址 现住址 "
    "户籍地址 地址 address",
    "township": "所属乡镇 乡镇 所在乡镇 属地乡镇 涉及乡镇 问题属地 属地 乡镇街道 镇街 乡 镇",
    "place": "问题发生地 事发地 事发地点 发生地 发生地点 地点 所在村 村社区 村 村组",
    "title": "留言主题 信访主题 主题 标题 信访标题 题目 事由 概况 问题概述 subject",
    "text": "留言详情 留言内容 信访内容 信访件内容 反映内容 反映问题 反映的主要问题 反映主要问题 主要内容 "
    "主要问题 信访诉求 主要诉求 诉求内容 投诉内容 举报内容 问题描述 内容摘要 内容 正文 详情 诉求 content",
    "complained_of": "被反映人 被反映人姓名 被反映单位 被反映对象 被举报人 被举报单位 被举报对象 被投诉人 "
    "被投诉单位 被检举人 被检举控告人",
    "joint": "是否联名 联名 联名信 是否联名信 是否集体访 集体访",
    "petitioner_count": "信访人数 人数 联名人数 来访人数 参与人数 涉及人数 count",
    "superior_assigned": "是否上级交办 上级交办 是否交办 上级转办 是否上级转办 是否上级交办件 上级交办件",
    "content_class": "一级标签 一级分类 一级类别 内容分类 内容类别 问题类别 问题分类 信访分类 问题类型 "
    "分类 class",
}

FIELDS: tuple[str, ...] = tuple(_SYNONYMS)
"""The fields that an import can fill, in the order in which the mapping shows them."""

REQUIRED = ("text",)
ROW_COLUMN, REASON_COLUMN = "原行号 Row", "退回原因 Reason"
"""The columns that the report adds; they are known again and left out when the file comes back."""


def _normalised(name: str) -> str:
    """Width, case, spaces, punctuation and notes in brackets do not matter in a column's name."""
    name = unicodedata.normalize("NFKC", name).casefold()
    without_notes = re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】|〔[^〕]*〕", "", name)
    return re.sub(r"[\W_]+", "", without_notes or name)


_FIELD_OF = {
    _normalised(name): (field, rank)
    for field, names in _SYNONYMS.items()
    for rank, name in enumerate([field, *names.split()])
}
_REPORT_NAMES = frozenset(map(_normalised, (ROW_COLUMN, REASON_COLUMN)))


def recognised(name: str) -> str | None:
    """The field that a column of this name usually holds, or None."""
    found = _FIELD_OF.get(_normalised(name)) if len(name) <= 60 else None
    return found[0] if found else None


def is_report_column(name: str) -> bool:
    """Whether the report added this column to a returned file."""
    return _normalised(name) in _REPORT_NAMES


def column_label(header: Sequence[str], index: int) -> str:
    """How a column is named to the clerk: `D 留言时间`; `index` counts from 0."""
    name = header[index] if index < len(header) else ""
    return f"{get_column_letter(index + 1)} {name[:60]}".rstrip()


def suggest_mapping(header: Sequence[str]) -> dict[str, int]:
    """Field to column index (from 0) for the columns with usual names; the surest name wins."""
    best: dict[str, tuple[int, int]] = {}
    for index, name in enumerate(header):
        if recognised(name):
            field, rank = _FIELD_OF[_normalised(name)]
            best[field] = min(best.get(field, (rank, index)), (rank, index))
    return {field: best[field][1] for field in FIELDS if field in best}


def not_imported(header: Sequence[str], mapping: Mapping[str, int]) -> list[str]:
    """The labels of the columns that stay out; those that the report added are not mentioned."""
    taken = set(mapping.values())
    return [
        column_label(header, index)
        for index, name in enumerate(header)
        if index not in taken and not is_report_column(name)
    ]


def check_mapping(header: Sequence[str], mapping: Mapping[str, int]) -> None:
    """Check a confirmed mapping of field to column index (from 0).

    Raises:
        Invalid: a field is unknown or missing, or a column does not exist, is mapped twice, or is the
            report's own; `fields` names the field of the mapping.
    """
    for field in REQUIRED:
        if field not in mapping:
            raise Invalid(N_("Choose the column that holds the text of the petition."), field=field)
    first_use: dict[int, str] = {}
    for field, index in mapping.items():
        _check_one(header, field, index)
        if index in first_use:
            raise Invalid(
                N_("Column %(column)s is chosen for two fields, %(first)s and %(second)s. Choose one."),
                field=field,
                column=column_label(header, index),
                first=first_use[index],
                second=field,
            )
        first_use[index] = field


def _check_one(header: Sequence[str], field: str, index: int) -> None:
    if field not in FIELDS:
        raise Invalid(
            N_("There is no such field to import into. Use one of: %(fields_known)s."),
            field="mapping",
            fields_known=", ".join(FIELDS),
        )
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(header):
        raise Invalid(
            N_("The column chosen for %(target)s is not in the file. Choose one of its %(count)s columns."),
            field=field,
            target=field,
            count=len(header),
        )
    if is_report_column(header[index]):
        raise Invalid(
            N_("Column %(column)s was added by the returned file and is not imported. Choose another."),
            field=field,
            column=column_label(header, index),
        )
