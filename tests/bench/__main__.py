"""`python -m tests.bench [PART...]`: measure and write RESULTS.md; what else is in it stays as it is.

`BENCH_QUICK=1` only shows that the parts work: little is measured, and nothing is written.
"""

import importlib
import json
import platform
import re
import signal
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.figures import QUICK, table

PARTS = ("start", "relay", "work", "consume", "crowd", "post", "board", "imports", "pages", "growth")
RESULTS = Path(__file__).parent / "RESULTS.md"
PACKAGES = ("kombu", "pika", "sqlalchemy", "flask", "gunicorn", "psycopg")


def main(wanted: list[str]) -> None:
    unknown = set(wanted) - set(PARTS)
    if unknown:
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what a part has started ends with it
    sections = _sections()
    for part in wanted or PARTS:
        module = importlib.import_module(f"tests.bench.{part}")
        print(f"{part} …", flush=True)
        began = time.monotonic()
        figures = module.measure()
        print(f"{table(figures)}\nin {time.monotonic() - began:.0f} s", flush=True)
        sections[part] = f"## {part}\n{(module.__doc__ or '').strip()}\n\n{table(figures)}\n"
    if not QUICK:
        by_hand = [name for name in sections if name not in PARTS]  # what was mended, and what it gained
        order = [name for name in (*PARTS, *by_hand) if name in sections]
        RESULTS.write_text(_head() + "\n".join(sections[name] for name in order), "utf-8")


def _head() -> str:
    machine = {"cores": _cores(), "machine": platform.machine(), "python": platform.python_version()}
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        "# What was measured\n\n"
        f"By `make bench` on {datetime.now(UTC):%Y-%m-%d}; {json.dumps(machine)}; {versions}.\n"
        "Client, broker and database share the cores. Medians with the lowest and highest reading.\n\n"
    )


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def _sections() -> dict[str, str]:
    if not RESULTS.exists():
        return {}
    parts = re.split(r"^## ", RESULTS.read_text("utf-8"), flags=re.M)[1:]
    return {part.split("\n", 1)[0]: f"## {part.rstrip()}\n" for part in parts}


main(sys.argv[1:])
