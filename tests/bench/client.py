"""The client that sends petitions in the benchmarks: threads that each keep one connection open.

The same for every server: what the client takes of the machine is alike in all readings.
"""

import json
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from typing import Any
from uuid import UUID, uuid4

HOST = "127.0.0.1"
THREADS = 8


def petition(id_: UUID) -> dict[str, Any]:
    """A petition as a clerk enters it, of a person who can be reached."""
    return {
        "petition_id": str(id_),
        "channel": "letter",
        "received_on": "2026-03-05",
        "title": "村道硬化没有完工",
        "text": "反映村里道路多年失修，雨天不能通行，请求修缮。" * 8,
        "township": "420324100",
        "place": "桥头村3组",
        "content_class": "05",
        "person": {"name": "张三", "phone": "13800000000", "address": "桥头村3组12号"},
    }


class Sender:
    """Posts petitions to one address; `sent` says of each when (by the monotonic clock)."""

    def __init__(self, port: int, path: str, token: str = "") -> None:
        self._port, self._path = port, path
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self.sent: dict[UUID, float] = {}
        self.took: list[float] = []  # ms until the answer
        self._turns: Iterator[float] = iter(())
        self._taking = threading.Lock()
        self._errors: list[str] = []

    def for_seconds(self, seconds: float) -> float:
        """As many as are answered in so many seconds; returns how many a second."""
        began = time.monotonic()
        self._run(_now_until(began + seconds))
        return len(self.took) / (time.monotonic() - began)

    def at_rate(self, a_second: float, seconds: float) -> float:
        """So many a second, as far as eight threads bring them in, each of which waits for its answer.

        Returns how many a second were sent.
        """
        began = time.monotonic()
        wanted = iter(began + number / a_second for number in range(round(a_second * seconds)))
        self._run(moment for moment in wanted if time.monotonic() < began + seconds)
        return len(self.sent) / max(seconds, time.monotonic() - began)

    def _run(self, turns: Iterator[float]) -> None:
        self._turns = turns
        threads = [threading.Thread(target=self._send_in_turn) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._errors:
            raise RuntimeError(f"{len(self._errors)} threads gave up: {self._errors[0]}")

    def _send_in_turn(self) -> None:
        connection = HTTPConnection(HOST, self._port, timeout=30)
        try:
            while (moment := self._next()) is not None:
                time.sleep(max(0.0, moment - time.monotonic()))
                self._send(connection)
        except (OSError, HTTPException, AssertionError) as error:
            self._errors.append(repr(error))
        finally:
            connection.close()

    def _next(self) -> float | None:
        with self._taking:
            return next(self._turns, None)

    def _send(self, connection: HTTPConnection) -> None:
        id_ = uuid4()
        body = json.dumps(petition(id_))
        self.sent[id_] = began = time.monotonic()
        connection.request("POST", self._path, body, self._headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 201, f"{answer.status}: {text[:300]!r}"
        self.took.append(1000 * (time.monotonic() - began))


def _now_until(end: float) -> Iterator[float]:
    while (now := time.monotonic()) < end:
        yield now
