"""What codes are called in official documents, which are written in Chinese whoever reads them."""

from collections.abc import Mapping

DUTIES: Mapping[str, str] = {  # shared.contracts.supervision.DUTIES: what is to be done
    "decision": "作出受理或者转送决定",
    "receipt": "签收转送件",
    "plan": "制定五定方案",
    "handling": "办理并办结",
    "reply": "答复信访人",
    "instruction": "落实批示要求",
}
