"""The web server itself, spoken to in bytes: what has two readings, headers without end, its own name."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.runtime.settings import Settings
from tests.ground import SECRET, keys_for
from tests.processes import HOST, free_port

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture
def port(settings: Settings) -> Iterator[int]:
    """Where `huajie web intake` listens."""
    port = free_port()
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(settings.data_dir),
        "KEYS_DIR": str(keys_for("local")),
        "SECRET_KEY": SECRET,
        "MASTER_KEY_FILE": str(settings.master_keyring),
    }
    command = [sys.executable, "-m", "shared.runtime", "web", "intake", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 90
        while not _listens(port):
            assert process.poll() is None and time.monotonic() < until, "it did not start"
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def answer(port: int, sent: bytes) -> bytes:
    """All that the server says until it hangs up."""
    with socket.create_connection((HOST, port), timeout=60) as connection:
        connection.sendall(sent)
        said = b""
        while piece := connection.recv(65536):
            said += piece
        return said


def test_what_comes_in_is_read_in_one_way_or_refused(port: int) -> None:
    head = b"POST /api/tokens HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    both = (
        head
        + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\n\r\n"
    )
    twice = head + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}"
    odd = head + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"
    signed = head + b"Content-Length: +2\r\n\r\n{}"
    for sent in (both, twice, odd, signed):
        said = answer(port, sent)
        assert said.count(b"HTTP/1.1 ") == 1, said
        assert said.split(b" ")[1] in (b"400", b"501"), said[:100]


def test_headers_have_limits(port: int) -> None:
    first = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    for sent in (
        first + b"X-Long: " + b"a" * 20_000 + b"\r\n\r\n",
        first + b"".join(b"X-%d: a\r\n" % number for number in range(500)) + b"\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        first + b"Bad Name : a\r\n\r\n",
    ):
        assert answer(port, sent).split(b" ")[1] in (b"400", b"414", b"431")


def test_it_does_not_say_what_it_is(port: int) -> None:
    said = answer(port, b"GET /portal HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head = said.partition(b"\r\n\r\n")[0].lower()
    assert b"200 ok" in head and b"server: huajie\r\n" in head
    assert not [word for word in (b"gunicorn", b"werkzeug", b"python", b"flask") if word in head]
