"""Clerks who register and accept petitions without a pause, and remember what was acknowledged to them."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tests.factories import petition_body

# method, path, body -> status and JSON of the answer; it may raise AssertionError after its patience
Ask = Callable[[str, str, dict[str, Any]], tuple[int, Any]]


class Load:
    """Several clerks at once, each in a thread of its own, from entering to leaving the block."""

    def __init__(self, clerks: list[Ask]) -> None:
        self.registered: dict[str, str] = {}  # id -> number, as acknowledged
        self.accepted: set[str] = set()
        self.failed: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(ask,)) for ask in clerks]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, _e: Any, _t: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def acknowledged(self) -> tuple[dict[str, str], set[str]]:
        """What was acknowledged up to now."""
        return dict(self.registered), set(self.accepted)

    def _work(self, ask: Ask) -> None:
        try:
            while not self._stop.is_set():
                self._one(ask)
        except AssertionError as error:
            self.failed.append(str(error))

    def _one(self, ask: Ask) -> None:
        status, answer = ask("POST", "/api/petitions", petition_body())
        if status != 201:
            self.failed.append(f"registering answered {status}")
            return
        petition = answer["petition"]
        self.registered[petition["id"]] = petition["number"]
        if len(self.registered) % 3 == 0:
            decision = {"version": petition["version"], "category": "suggestion"}
            status, _answer = ask("POST", f"/api/petitions/{petition['id']}/accept", decision)
            if status == 200:
                self.accepted.add(petition["id"])
            else:
                self.failed.append(f"accepting answered {status}")
