"""The authority for trials: what it issues opens a TLS connection both ways, and nothing else does."""

import ssl
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.errors import SettingError
from shared.identity.authority import issue, make_authority
from shared.runtime.cli import main


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    directory = tmp_path / "ca"
    make_authority(directory)
    return directory


def context(purpose: ssl.Purpose, authority: Path, certificate: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(purpose, cafile=str(authority / "ca.pem"))
    made.load_cert_chain(certificate, certificate.with_suffix(".key"))
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def greet(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> str:
    """Shake hands without a network; gives the client's name as the server saw it. Raises SSLError."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    waiting = True
    while waiting:
        waiting = False
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                waiting = True
    shown = ends[1].getpeercert()
    assert shown
    names: dict[str, str] = dict(part[0] for part in shown["subject"])  # type: ignore[misc]
    return names["commonName"]


@pytest.mark.parametrize(
    ("host", "names"), [("intake", ("intake",)), ("127.0.0.1", ("intake", "127.0.0.1")), ("::1", ("::1",))]
)
def test_a_certificate_is_good_for_server_and_client(
    authority: Path, host: str, names: tuple[str, ...]
) -> None:
    server = context(ssl.Purpose.CLIENT_AUTH, authority, issue(authority, "zhuxi.intake", names))
    client = context(ssl.Purpose.SERVER_AUTH, authority, issue(authority, "zhuxi.notify", ["notify"]))
    assert greet(server, client, host) == "zhuxi.notify"


@pytest.mark.parametrize("wrong", ["of another authority", "expired", "under another name"])
def test_what_is_not_good_is_refused(authority: Path, tmp_path: Path, wrong: str) -> None:
    make_authority(tmp_path / "other")
    good = context(ssl.Purpose.CLIENT_AUTH, authority, issue(authority, "good", ["intake"]))
    bad = {
        "of another authority": lambda: issue(tmp_path / "other", "bad", ["intake"]),
        "expired": lambda: issue(authority, "bad", ["intake"], days=-1),
        "under another name": lambda: issue(authority, "bad", ["intake"]),
    }[wrong]()
    client = context(ssl.Purpose.SERVER_AUTH, authority, bad)
    with pytest.raises(ssl.SSLError, match="verify failed"):
        greet(good, client, "notify" if wrong == "under another name" else "intake")


def test_keys_are_their_owners_and_never_written_over(authority: Path) -> None:
    certificate = issue(authority, "intake", ["intake"])
    keys = [certificate.with_suffix(".key"), authority / "ca.key"]
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    before = [path.read_bytes() for path in sorted(authority.iterdir())]
    with pytest.raises(SettingError, match=r"intake\.key is there already"):
        issue(authority, "intake", ["intake"])
    with pytest.raises(SettingError, match=r"ca\.key is there already"):
        make_authority(authority)
    assert [path.read_bytes() for path in sorted(authority.iterdir())] == before


@pytest.mark.parametrize(
    ("name", "hosts", "complaint"),
    [
        ("ca", ["intake"], "cannot name"),
        ("../intake", ["intake"], "cannot name"),
        ("intake", [], "at least one host"),
        ("intake", ["in take"], "neither the name of a host"),
        ("intake", ["https://intake"], "neither the name of a host"),
    ],
)
def test_odd_names_are_refused(authority: Path, name: str, hosts: list[str], complaint: str) -> None:
    before = sorted(authority.iterdir())
    with pytest.raises(SettingError, match=complaint):
        issue(authority, name, hosts)
    assert sorted(authority.iterdir()) == before


def test_on_the_command_line(tmp_path: Path) -> None:
    directory = tmp_path / "ca"
    run = CliRunner().invoke
    missing = run(main, ["ca", "issue", str(directory), "intake", "--host", "intake"])
    assert missing.exit_code == 1
    assert "make one with `huajie ca init`" in missing.output
    assert run(main, ["ca", "init", str(directory)]).exit_code == 0
    issued = run(main, ["ca", "issue", str(directory), "intake", "--host", "intake", "--host", "127.0.0.1"])
    assert f"TLS_KEY_FILE={directory / 'intake.key'}" in issued.output
    assert "PRIVATE" not in issued.output
    again = run(main, ["ca", "init", str(directory)])
    assert (again.exit_code, "never written over" in again.output) == (1, True)
