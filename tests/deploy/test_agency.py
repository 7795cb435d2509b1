"""Another agency with services of its own joins: compose.agency.yaml beside compose.yaml, step by step."""

import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.deploy.compose_file import ROOT
from tests.deploy.stack import NAME, Stack
from tests.servers import PostgreSQL

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres, pytest.mark.slow]
AGENCY = "petition-bureau"


def huajie(*arguments: str | Path, **environment: str) -> str:
    """What an operator's command prints. Raises CalledProcessError."""
    command = [sys.executable, "-m", "shared.runtime", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def admit(hub: Stack, agency: Stack) -> None:
    """What deploy/README.md says under "Another agency"."""
    made, folder = hub.secrets / "made", agency.secrets / "notify"
    environment = hub.environment("intake") | {"DATA_DIR": str(hub.directory)}
    loaded = hub.directory / "definitions.json"
    bus = f"amqps://{NAME}:{hub.rabbit.tls_port}"
    huajie(
        *("definitions", "--passwords", made / "bus", "--partner", f"{AGENCY}=notify"),
        *("--bus-address", bus, "--out", loaded),
        **environment,
    )
    hub.rabbit.ctl("import_definitions", str(loaded))
    huajie("ca", "issue", made / "authority", AGENCY, "--host", NAME, **environment)
    given = {
        made / "authority" / "ca.pem": "ca.pem",
        made / "authority" / f"{AGENCY}.pem": "cert.pem",
        made / "authority" / f"{AGENCY}.key": "key.pem",
        made / "bus" / f"{AGENCY}.notify.bus-url": "bus-url",
    }
    for file, name in given.items():
        shutil.copyfile(file, folder / name)
    for public in (made / "keys").glob("*.pub"):
        shutil.copyfile(public, folder / public.name)
    for service in ("intake", "assignment", "supervision", "notify", "reporting"):
        shutil.copyfile(folder / f"{AGENCY}.notify.pub", hub.secrets / service / f"{AGENCY}.notify.pub")


@pytest.fixture(scope="module")
def agency(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    partners = f"local.intake=https://{NAME}:{stack.proxy.partners_port}/intake"
    directory = tmp_path_factory.mktemp("agency")
    with PostgreSQL(fsync=False) as postgresql:
        joining = Stack(
            postgresql, directory, "compose.agency.yaml", AGENCY=AGENCY, PARTNERS=partners, DEMO="1"
        )
        admit(stack, joining)
        with joining as running:
            yield running


def test_the_agency_is_well_by_its_own_check(agency: Stack) -> None:
    said = huajie("check", "notify", **agency.environment("notify-worker"))
    assert "FAIL" not in said
    assert "bus answers" in said
    assert "peer /local/intake answers" in said


def test_it_has_its_own_door_and_accounts(agency: Stack) -> None:
    with agency.outside() as client:
        start = client.get("/", follow_redirects=False)
        assert start.headers["Location"].endswith("/notify/")
        made = client.post("/notify/api/tokens", json={"post": "liaison-police", "password": "zhuxi-demo"})
        assert made.status_code == 200, made.text


def test_the_partners_door_opens_by_certificate_alone_and_for_little(stack: Stack, agency: Stack) -> None:
    address = f"https://{NAME}:{stack.proxy.partners_port}"
    authority = str(agency.secrets / "notify" / "ca.pem")
    trusting, showing = (ssl.create_default_context(cafile=authority) for _ in range(2))
    showing.load_cert_chain(agency.secrets / "notify" / "cert.pem", agency.secrets / "notify" / "key.pem")
    with httpx.Client(base_url=address, verify=trusting) as stranger:
        assert stranger.get("/notify/events").status_code == 400
    with httpx.Client(base_url=address, verify=showing) as partner:
        assert partner.get("/notify/events").status_code == 401  # a certificate is no token
        for path in ("/intake/portal", "/notify/sign-in", "/notify/api/introspection", "/notify/metrics"):
            assert partner.get(path).status_code == 404
