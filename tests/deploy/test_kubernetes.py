"""The Kubernetes manifests: their schemas, what every pod keeps to, and that they agree with compose.yaml."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from shared.runtime.secrets import make_secrets
from tests.deploy.compose_file import ROOT, read_compose
from tests.deploy.operators import SPECS

KUBERNETES = ROOT / "deploy" / "kubernetes"
BASE, EXAMPLE = KUBERNETES / "base", KUBERNETES / "overlays" / "example"
SERVICES = ("intake", "assignment", "supervision", "notify", "reporting")


def documents(*files: Path) -> list[dict[str, Any]]:
    return [
        document for file in files for document in yaml.safe_load_all(file.read_text("utf-8")) if document
    ]


FILES = sorted(file for file in BASE.glob("*.yaml") if file.name != "kustomization.yaml")
OBJECTS = documents(*FILES, EXAMPLE / "monitoring.yaml")
PODS = {
    each["metadata"]["name"]: each["spec"]["template"]["spec"]
    for each in OBJECTS
    if each["kind"] == "Deployment"
}


@pytest.mark.parametrize("made", OBJECTS, ids=lambda made: f"{made['kind']}-{made['metadata']['name']}")
def test_each_object_is_one_by_its_schema(made: dict[str, Any]) -> None:
    own = SPECS.get((made["apiVersion"], made["kind"]))
    if own:
        jsonschema.validate(made["spec"], own)
    else:
        kubernetes_validate.validate(made, "1.37", strict=True)


def test_every_file_is_taken_in_and_every_patch_has_something_to_change() -> None:
    (base,) = documents(BASE / "kustomization.yaml")
    assert {name for name in base["resources"] if not name.startswith("..")} == {f.name for f in FILES}
    assert (BASE / "../../proxy/kustomization.yaml").exists()
    (proxy,) = documents(ROOT / "deploy" / "proxy" / "kustomization.yaml")
    assert all((ROOT / "deploy/proxy" / f).exists() for f in proxy["configMapGenerator"][0]["files"])
    (example,) = documents(EXAMPLE / "kustomization.yaml")
    names = {(each["kind"], each["metadata"]["name"]) for each in OBJECTS}
    for patch in example["patches"]:
        for change in documents(EXAMPLE / patch["path"]):
            assert (change["kind"], change["metadata"]["name"]) in names


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=["base", "example"])
def test_kustomize_puts_them_together(folder: Path) -> None:
    program = shutil.which("kustomize") or shutil.which("kubectl")
    if program is None:
        pytest.skip("neither kustomize nor kubectl is here")
    words = [program, "build"] if program.endswith("kustomize") else [program, "kustomize"]
    done = subprocess.run([*words, str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = [each for each in yaml.safe_load_all(done.stdout) if each]
    assert {each["metadata"].get("namespace", "huajie") for each in made} == {"huajie"}
    assert "image: huajie\n" not in done.stdout
    assert len([each for each in made if each["kind"] == "Deployment"]) == len(PODS)


@pytest.mark.parametrize("name", PODS)
def test_every_pod_keeps_to_the_restricted_profile(name: str) -> None:
    pod = PODS[name]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["terminationGracePeriodSeconds"] >= 30
    for container in [*pod["containers"], *pod.get("initContainers", [])]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"requests", "limits"} <= set(container["resources"])
    for container in pod["containers"]:
        assert "livenessProbe" in container


@pytest.mark.parametrize("name", SERVICES[1:])
def test_the_services_differ_in_the_name_alone(name: str) -> None:
    first = (BASE / "intake.yaml").read_text()
    without = re.sub(r"(\n +env:)?\n +- \{name: MASTER_KEY_FILE.*(?=\n +resources)", "", first)
    without = re.sub(r"\n +- \{name: MASTER_KEY_FILE.*", "", without)
    assert (BASE / f"{name}.yaml").read_text() == without.replace("intake.yaml", "").replace(
        "intake's master key", "INTAKE"
    ).replace("intake", name).replace("INTAKE", "intake's master key")


@pytest.mark.parametrize("name", [*SERVICES, *(f"{service}-worker" for service in SERVICES)])
def test_what_runs_is_what_compose_runs(name: str) -> None:
    compose = read_compose("compose.yaml", PUBLIC_URL="https://petitions.example")["services"][name]
    (container,) = PODS[name]["containers"]
    assert container["args"] == compose["command"]
    (settings,) = (each["data"] for each in OBJECTS if each["kind"] == "ConfigMap")
    ours = settings | {variable["name"]: variable["value"] for variable in container["env"]}
    theirs = {k: str(v) for k, v in compose["environment"].items() if k not in ("HEALTH_URL", "DEMO")}
    if name.endswith("-worker"):
        del theirs["SCRIPT_NAME"]
    assert ours == theirs


def test_a_secret_is_mounted_by_its_own_service_alone() -> None:
    for name, pod in PODS.items():
        mounted = [volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume]
        assert mounted == [name.removesuffix("-worker")]
        for container in pod["containers"]:
            for variable in container.get("env", []):
                assert "@" not in variable["value"]


def test_nothing_is_open_that_no_rule_opens() -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in OBJECTS if each["kind"] == "NetworkPolicy"}
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    open_to_all = [
        name for name, spec in policies.items() if any("from" not in rule for rule in spec.get("ingress", []))
    ]
    assert open_to_all == ["proxy"]


def test_the_secrets_are_those_that_the_manifests_name(tmp_path: Path) -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not here")
    make_secrets(tmp_path / "s", "local", "petitions.example", database="postgres-rw:5432")
    script = ["sh", str(KUBERNETES / "secrets.sh"), str(tmp_path / "s")]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    made = {each["metadata"]["name"]: each for each in yaml.safe_load_all(done.stdout) if each}
    named = set(re.findall(r"(?:secretName|passwordSecret: \{name): ([a-z-]+)", "".join(
        file.read_text() for file in FILES
    )))  # fmt: skip
    assert set(made) == named
    assert "master-key" in made["intake"]["data"]
    assert made["postgres-notify"]["type"] == "kubernetes.io/basic-auth"
