"""Mail servers for the tests: a real one that keeps what it takes, and ones that misbehave."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from tests.processes import free_port


class Mailbox(MessageHandler):
    """Takes every message, or answers `refusal` to each recipient or to each message."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []
        self.refuse_recipient: str | None = None
        self.refuse_message: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse_message:
            return self.refuse_message
        answer: str = await super().handle_DATA(server, session, envelope)
        return answer

    def handle_message(self, message: Message) -> None:
        self.messages.append(message)


@contextmanager
def mail_server(mailbox: Mailbox) -> Iterator[str]:
    """A mail server that hands over to `mailbox`; gives its URL."""
    port = free_port()  # the controller calls on itself to see that it is up, so 0 would not do
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


@contextmanager
def scripted_server(answers: list[bytes | None]) -> Iterator[tuple[str, list[bytes]]]:
    """Gives `answers` one by one, the first as greeting, then hangs up; None: never answers again.

    Yields its URL and what it was sent.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []
    done = threading.Event()

    def serve() -> None:
        try:
            connection, _address = listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as lines:
            for answer in answers:
                if answer is None:
                    done.wait()
                    return
                connection.sendall(answer)
                until = b".\r\n" if answer.startswith(b"354") else b"\n"
                while line := lines.readline():
                    heard.append(line)
                    if line.endswith(until) and (until == b"\n" or line == until):
                        break

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        done.set()
        listener.close()
        thread.join()


def closed_port() -> str:
    """The URL of a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"smtp://127.0.0.1:{listener.getsockname()[1]}"
