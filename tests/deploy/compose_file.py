"""compose.yaml as an engine reads it: variables filled in, one mapping per container."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")


def read_compose(name: str, **variables: str) -> dict[str, Any]:
    """A compose file of the project. Raises KeyError for a variable that must be given."""

    def fill(match: re.Match[str]) -> str:
        key, kind, default = match.groups()
        return variables[key] if key in variables or kind == "?" else default or ""

    return dict(yaml.safe_load(_VARIABLE.sub(fill, (DEPLOY / name).read_text("utf-8"))))
