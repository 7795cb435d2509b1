"""TLS with client certificates, on a real RabbitMQ and between `huajie web` and who asks it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from kombu.exceptions import OperationalError

from services import all_services
from shared.bus.confirms import PikaPublisher
from shared.bus.connection import connect
from shared.bus.publisher import BrokerDown, Outgoing
from shared.errors import SettingError
from shared.identity.authority import issue, make_authority
from shared.runtime.check import CERTIFICATE, check_service
from shared.runtime.peers import peer_client
from shared.runtime.service import Instance
from shared.runtime.settings import Settings, load_settings
from shared.runtime.tls import Tls
from tests.bus.station import Station, until
from tests.ground import settings_for
from tests.processes import HOST, free_port
from tests.servers import RabbitMQ

WRONG = ("none", "of another authority", "expired")
every_wrong = pytest.mark.parametrize("wrong", WRONG)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("tls") / "ca"
    make_authority(directory)
    for name in ("rabbitmq", "intake", "notify"):
        issue(directory, name, [HOST, "localhost"])
    issue(directory, "expired", [HOST], days=-1)
    make_authority(directory / "other")
    issue(directory / "other", "stranger", [HOST])
    return directory


@pytest.fixture(scope="module")
def rabbit_tls(authority: Path) -> Iterator[RabbitMQ]:
    with RabbitMQ(tls=authority) as server:
        yield server


def shown(authority: Path, certificate: str | Path | None) -> Tls:
    """What one shows, who believes the authority."""
    path = authority / f"{certificate}.pem" if certificate else None
    return Tls(authority / "ca.pem", path, path and path.with_suffix(".key"))


def wrong_one(authority: Path, wrong: str) -> Tls:
    return shown(
        authority, {"none": None, "of another authority": "other/stranger", "expired": "expired"}[wrong]
    )


def amqps(server: RabbitMQ) -> str:
    return f"amqps://guest:guest@{HOST}:{server.tls_port}//"


@pytest.mark.rabbitmq
class TestBus:
    def test_events_flow(self, rabbit_tls: RabbitMQ, authority: Path, tmp_path: Path) -> None:
        listener = Station(tmp_path, amqps(rabbit_tls), tls=shown(authority, "notify")).listen()
        sender = Station(tmp_path, amqps(rabbit_tls), service="intake", tls=shown(authority, "intake"))
        ids = sender.publish(times=20)
        listener.wait_for(20)
        assert listener.work_off() == ids
        listener.leave()
        sender.relay.close()

    @every_wrong
    def test_who_shows_no_good_certificate_is_refused(
        self, rabbit_tls: RabbitMQ, authority: Path, wrong: str
    ) -> None:
        tls = wrong_one(authority, wrong)
        with pytest.raises(OperationalError), connect(amqps(rabbit_tls), tls) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
        with pytest.raises(BrokerDown):
            PikaPublisher(amqps(rabbit_tls), tls=tls).publish([Outgoing("id", "a.b.c.d.v1", "{}")])

    def test_a_bus_of_another_authority_is_not_believed(
        self, rabbit_tls: RabbitMQ, authority: Path, tmp_path: Path
    ) -> None:
        other = replace(shown(authority, "intake"), ca=authority / "other" / "ca.pem")
        with pytest.raises(BrokerDown, match=r"SSL|AMQPConnection"):
            PikaPublisher(amqps(rabbit_tls), tls=other).publish([Outgoing("id", "a.b.c.d.v1", "{}")])
        settings = settings_for(tmp_path, bus_url=amqps(rabbit_tls), tls_ca_file=other.ca)
        lines = [line for ok, line in check_service(Instance(all_services()[0], settings)) if not ok]
        assert f"bus: {CERTIFICATE}" in lines

    def test_without_files_of_ours_the_system_decides(self, rabbit_tls: RabbitMQ) -> None:
        with pytest.raises(OperationalError, match="verify failed"), connect(amqps(rabbit_tls)) as connection:
            connection.ensure_connection(max_retries=1, timeout=5)
        with pytest.raises(BrokerDown):
            PikaPublisher(amqps(rabbit_tls)).publish([Outgoing("id", "a.b.c.d.v1", "{}")])


class TestFiles:
    def test_what_is_good_has_no_problem(self, authority: Path) -> None:
        assert shown(authority, "intake").problem() is None
        assert shown(authority, None).problem() is None

    @pytest.mark.parametrize(
        ("certificate", "key", "complaint"),
        [
            ("missing.pem", "intake.key", "TLS_CERT_FILE cannot be read"),
            ("intake.key", "intake.key", "TLS_CERT_FILE cannot be read"),
            ("intake.pem", "missing.key", "TLS_KEY_FILE cannot be read"),
            ("intake.pem", "notify.key", "not the key of TLS_CERT_FILE"),
            ("expired.pem", "expired.key", "issue a new one"),
            ("other/stranger.pem", "other/stranger.key", "not issued by the authority"),
        ],
    )
    def test_what_is_wrong_is_named(
        self, authority: Path, certificate: str, key: str, complaint: str, tmp_path: Path
    ) -> None:
        tls = Tls(authority / "ca.pem", authority / certificate, authority / key)
        assert complaint in str(tls.problem())
        settings = settings_for(
            tmp_path, tls_ca_file=tls.ca, tls_cert_file=tls.certificate, tls_key_file=tls.key
        )
        lines = [line for ok, line in check_service(Instance(all_services()[0], settings)) if not ok]
        assert tls.problem() in lines

    def test_the_end_of_a_certificate_is_told_a_month_before(self, authority: Path, tmp_path: Path) -> None:
        certificate = issue(authority, f"soon-{tmp_path.name.replace('_', '-')}", [HOST], days=20)
        settings = settings_for(
            tmp_path,
            tls_ca_file=authority / "ca.pem",
            tls_cert_file=certificate,
            tls_key_file=certificate.with_suffix(".key"),
        )
        lines = [line for ok, line in check_service(Instance(all_services()[0], settings)) if not ok]
        assert any("issue a new one" in line for line in lines)

    def test_a_certificate_comes_with_key_and_authority(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TLS_CERT_FILE", "intake.pem")
        with pytest.raises(SettingError, match="belong together"):
            load_settings()

    def test_no_authority_to_read(self, tmp_path: Path) -> None:
        with pytest.raises(SettingError, match="TLS_CA_FILE cannot be read"):
            Tls(tmp_path / "none.pem").client_context()


@pytest.mark.slow
class TestWeb:
    @pytest.fixture
    def web(self, authority: Path, settings: Settings) -> Iterator[tuple[int, Path]]:
        """`huajie web intake` over TLS: its port, and its log."""
        port, log = free_port(), settings.data_dir / "web.log"
        certificate = authority / "intake.pem"
        environment = os.environ | {
            "DATA_DIR": str(settings.data_dir),
            "KEYS_DIR": str(settings.signing_keys),
            "SECRET_KEY": settings.secret_key,
            "MASTER_KEY_FILE": str(settings.master_keyring),
            "TLS_CA_FILE": str(authority / "ca.pem"),
            "TLS_CERT_FILE": str(certificate),
            "TLS_KEY_FILE": str(certificate.with_suffix(".key")),
        }
        command = [sys.executable, "-m", "shared.runtime", "web", "intake", "--port", str(port)]
        with log.open("wb") as out:
            process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            until(lambda: _answers(port, shown(authority, "notify")), "the web process", 60)
            yield port, log
        finally:
            process.terminate()
            process.wait(30)

    def test_who_shows_a_certificate_is_answered_and_nobody_else(
        self, web: tuple[int, Path], authority: Path, settings: Settings
    ) -> None:
        port, log = web
        files = shown(authority, "notify")
        asking = replace(
            settings,
            peers={"intake": f"https://{HOST}:{port}"},
            tls_ca_file=files.ca,
            tls_cert_file=files.certificate,
            tls_key_file=files.key,
        )
        notify = next(service for service in all_services() if service.name == "notify")
        with closing(peer_client(Instance(notify, asking), "intake")) as client:
            assert client.get("/events").status_code == 200
        for wrong in WRONG:
            assert not _answers(port, wrong_one(authority, wrong))
            strange = wrong_one(authority, wrong)
            refused = replace(asking, tls_cert_file=strange.certificate, tls_key_file=strange.key)
            lines = [line for ok, line in check_service(Instance(notify, refused)) if not ok]
            assert any(line.startswith("peer intake") for line in lines)
        until(lambda: log.read_text().count("a client without a good certificate was refused") >= 6, "log")
        assert "CERTIFICATE" in log.read_text().upper()
        assert HOST not in log.read_text(), "no address of anyone is written down"

    def test_plain_http_gets_no_answer(self, web: tuple[int, Path]) -> None:
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://{HOST}:{web[0]}/health/live", timeout=5)


def _answers(port: int, tls: Tls) -> bool:
    try:
        answer = httpx.get(f"https://{HOST}:{port}/health/live", verify=tls.client_context(), timeout=5)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200
