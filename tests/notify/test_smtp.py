"""Handing over one e-mail: to servers that hang, die, offer no TLS, or fail after they took it."""

import dataclasses
from email.message import EmailMessage
from uuid import UUID

import pytest

from services.notify.delivery.rules import compose
from services.notify.delivery.smtp import MailServer, NoEncryption
from shared.errors import SettingError
from tests.notify.mail import Mailbox, mail_server, scripted_server
from tests.story import at

MORNING = at("2026-03-02 09:00")


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def message_to(address: str = "leader-3@zhuxi.example") -> EmailMessage:
    return compose(UUID(int=7), to=address, sender="huajie@zhuxi.example", link="http://x/", now=MORNING)


def quick(url: str) -> MailServer:
    return dataclasses.replace(MailServer.from_url(url), seconds=0.3)


def test_a_server_that_hangs_is_left() -> None:
    with scripted_server([b"220 hello\r\n", None]) as (url, _heard), pytest.raises(OSError):
        quick(url).send(message_to())


def test_a_server_that_dies_in_the_middle_raises() -> None:
    answers: list[bytes | None] = [b"220 hello\r\n", b"250 me\r\n", b"250 sender\r\n"]
    with scripted_server(answers) as (url, _heard), pytest.raises(OSError):
        quick(url).send(message_to())


@pytest.mark.parametrize("last", [b"500 what?\r\n", b"", None])
def test_once_it_was_taken_nothing_makes_it_fail(last: bytes | None) -> None:
    answers: list[bytes | None] = [
        b"220 hello\r\n",
        b"250 me\r\n",
        b"250 sender\r\n",
        b"250 recipient\r\n",
        b"354 go on\r\n",
        b"250 taken\r\n",
        *([last] if last != b"" else []),
    ]
    with scripted_server(answers) as (url, heard):
        quick(url).send(message_to())
    assert b"ehlo zhuxi.example\r\n" in heard  # not the name of this machine


def test_a_password_never_goes_out_in_the_clear(mailbox: Mailbox) -> None:
    with mail_server(mailbox) as url, pytest.raises(NoEncryption):
        MailServer.from_url(url.replace("//", "//clerk:secret@")).send(message_to())
    assert mailbox.messages == []


def test_a_second_try_carries_the_same_message_id() -> None:
    assert message_to()["Message-ID"] == message_to()["Message-ID"]


@pytest.mark.parametrize("url", ["localhost:25", "http://host", "smtp://", "smtp://host:port", "smtp://[::1"])
def test_a_wrong_address_says_what_to_set_without_quoting_it(url: str) -> None:
    with pytest.raises(SettingError, match="SMTP_URL must look like") as error:
        MailServer.from_url(url)
    assert "host:port" not in str(error.value)


def test_an_address_is_read_with_its_escapes() -> None:
    server = MailServer.from_url("smtps://clerk%40zhuxi:p%2Fw@mail.example")
    assert (server.host, server.port, server.always_tls) == ("mail.example", 465, True)
    assert (server.user, server.password) == ("clerk@zhuxi", "p/w")
    assert "p/w" not in repr(server)
