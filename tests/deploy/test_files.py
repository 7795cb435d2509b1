"""The files that containers are made from: their own rules, and what a compose file must never do."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.compose_file import DEPLOY, ROOT, read_compose

PROGRAMS = Path(sys.executable).parent
SCRIPTS = sorted([*ROOT.glob("deploy/*/*.sh"), *ROOT.glob("deploy/*.sh")])


def complaints(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_containerfile_keeps_to_the_rules_of_hadolint() -> None:
    assert not complaints(PROGRAMS / "hadolint", DEPLOY / "Containerfile")


def test_the_containerfile_ends_as_nobody_and_can_say_whether_it_is_well() -> None:
    final = (DEPLOY / "Containerfile").read_text().split("\nFROM ")[-1]
    assert "USER 10001:10001" in final
    assert "HEALTHCHECK" in final
    assert "RUN" not in final  # nothing is installed where it runs: no package list, no compiler, no pip
    assert ":latest" not in final


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_keep_to_the_rules_of_shellcheck(script: Path) -> None:
    assert not complaints(PROGRAMS / "shellcheck", "--severity=warning", script)


def test_the_compose_file_is_one() -> None:
    assert not complaints(
        PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml"
    )


CONTAINERS: dict[str, dict[str, Any]] = read_compose("compose.yaml", PUBLIC_URL="https://x.example")[
    "services"
]


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_is_kept_small(name: str) -> None:
    each = CONTAINERS[name]
    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    assert each["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in each
    assert "stop_grace_period" in each
    assert each.get("user", "10001:10001") != "0:0"
    assert "healthcheck" in each
    tag = each["image"].rpartition(":")[2]
    assert tag != "latest" and tag[0].isdigit()


@pytest.mark.parametrize("name", CONTAINERS)
def test_only_the_proxy_is_reached_from_outside(name: str) -> None:
    each = CONTAINERS[name]
    assert ("ports" in each) == (name == "proxy")
    assert ("edge" in each["networks"]) == (name == "proxy")


@pytest.mark.parametrize("name", CONTAINERS)
def test_secrets_come_as_files_and_to_nobody_else(name: str) -> None:
    each = CONTAINERS[name]
    service = name.removesuffix("-migrate").removesuffix("-worker")
    mounted = [volume for volume in each["volumes"] if "secrets" in volume]
    assert mounted == [f"./secrets/{service}:/run/secrets/huajie:ro"]
    for key, value in each.get("environment", {}).items():
        assert not any(word in key for word in ("SECRET", "PASSWORD", "TOKEN", "_URL")) or (
            key.endswith("_FILE") or key in ("PUBLIC_URL", "HEALTH_URL")
        ), key
        assert "@" not in str(value)
    assert ("MASTER_KEY_FILE" in each.get("environment", {})) == (service == "intake")
