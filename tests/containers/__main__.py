"""`make containers`: the images are built and compose.yaml's containers run once, as root, with podman.

Where no registry is reached, base images are made with debootstrap and stand in for the official ones: what
is shown is our Containerfile and compose file at work, not PostgreSQL 17 or RabbitMQ 4.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from shared.runtime.secrets import make_secrets
from tests.containers.engine import Engine
from tests.containers.walk import walk
from tests.deploy.compose_file import DEPLOY, ROOT, read_compose
from tests.processes import free_port, wait_until

STANDINS = Path(__file__).parent / "standins"
BASES = ("python", "postgres", "rabbitmq", "nginx")
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
NAME = "petitions.example"


def main() -> int:
    """Everything, with a line for each thing seen; cleans up whatever happens."""
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    directory = Path(tempfile.mkdtemp(prefix="huajie-containers-"))
    project = directory / "project"
    engine = Engine(directory / "engine", project)
    ports = {"HTTP_PORT": str(free_port()), "HTTPS_PORT": str(free_port())}
    address = f"https://{NAME}:{ports['HTTPS_PORT']}"
    try:
        file = _project(project, {"PUBLIC_URL": address, "DEMO": "1", **ports})
        _images(engine, file, say)
        start(engine, file["services"], say)
        walk(engine, address, project / "secrets", say)
        _figures(engine, file["services"], say)
        _stop(engine, file["services"], say)
        return 0
    finally:
        _remove(engine, directory)


def start(engine: Engine, services: dict[str, Any], say: Any) -> None:
    """Start the containers in the order that they depend on each other, as `up` of newer engines does."""
    waiting = dict(services)
    while waiting:
        ready = [n for n, each in waiting.items() if not set(each.get("depends_on", {})) & set(waiting)]
        for name in ready:
            engine.compose("up", "--detach", "--no-build", "--no-deps", name)
        for name in ready:
            each = waiting.pop(name)
            if each["command"][0] == "migrate" if "command" in each else False:
                _ended(engine, name)
            else:
                _healthy(engine, name)
            say(f"{name}: {'done' if name.endswith('-migrate') else 'healthy'}")


def container(name: str) -> str:
    return f"huajie_{name}_1"


def _ended(engine: Engine, name: str) -> None:
    engine.podman("wait", container(name))
    if engine.state(container(name))["ExitCode"]:
        raise RuntimeError(f"{name}: {engine.podman('logs', container(name))}")


def _healthy(engine: Engine, name: str) -> None:
    if not wait_until(lambda: engine.is_healthy(container(name)), 120):
        raise RuntimeError(
            f"{name} is not healthy:\n{engine.podman('logs', '--tail', '30', container(name))}"
        )


def _stop(engine: Engine, services: dict[str, Any], say: Any) -> None:
    """Each ends by itself when told to, within its time; it need not be killed."""
    for name in reversed([name for name in services if not name.endswith("-migrate")]):
        engine.podman(
            "stop", "--time", services[name]["stop_grace_period"].removesuffix("s"), container(name)
        )
        code = engine.state(container(name))["ExitCode"]
        say(f"{name}: stopped, exit status {code}")
        if code:
            raise RuntimeError(
                f"{name} ended with {code}: {engine.podman('logs', '--tail', '30', container(name))}"
            )
    engine.compose("down", "--volumes")


def _project(project: Path, variables: dict[str, str]) -> dict[str, Any]:
    """The files that an operator has, with secrets made for this run."""
    shutil.copytree(DEPLOY, project, ignore=shutil.ignore_patterns("secrets", ".env"))
    # podman 4.3 of Debian 12 does not know how often to look while a container starts
    lines = (DEPLOY / "compose.yaml").read_text().splitlines(keepends=True)
    (project / "compose.yaml").write_text("".join(line for line in lines if "start_interval" not in line))
    (project / ".env").write_text("".join(f"{key}={value}\n" for key, value in variables.items()))
    make_secrets(project / "secrets", "local", NAME)
    return read_compose("compose.yaml", **variables)


def _images(engine: Engine, file: dict[str, Any], say: Any) -> None:
    root = engine.directory / "rootfs"
    engine.run("debootstrap", "--variant=minbase", "bookworm", root)
    archive = engine.directory / "rootfs.tar"
    engine.run("tar", "-C", root, "-cf", archive, ".")
    engine.podman("import", str(archive), "localhost/bookworm:base")
    say("base system made")
    context = engine.directory / "standins"
    shutil.copytree(STANDINS, context)
    shutil.copy(AUTHORITIES, context / "authorities.crt")
    for base in BASES:
        engine.build(_image_of(file, base), context / f"{base}.Containerfile", context)
        say(f"{base}: stand-in built")
    image = file["services"]["intake"]["image"]
    engine.build(image, DEPLOY / "Containerfile", ROOT)
    sizes = [int(engine.podman("image", "inspect", "--format", "{{.Size}}", name)) for name in
             (image, _image_of(file, "python"))]  # fmt: skip
    say(f"image built: {(sizes[0] - sizes[1]) / 1e6:.0f} MB on a base of {sizes[1] / 1e6:.0f} MB")


def _image_of(file: dict[str, Any], base: str) -> str:
    if base == "python":
        lines = (DEPLOY / "Containerfile").read_text().splitlines()
        return next(line.split()[1] for line in lines if line.startswith("FROM"))
    return next(each["image"] for each in file["services"].values() if f"/{base}:" in each["image"])


def _figures(engine: Engine, services: dict[str, Any], say: Any) -> None:
    names = [container(name) for name in services if not name.endswith("-migrate")]
    for name, used in engine.memory(names).items():
        say(f"memory {name}: {used}")


def _remove(engine: Engine, directory: Path) -> None:
    try:
        engine.podman("rm", "--all", "--force", "--time", "5")
        engine.podman("network", "prune", "--force")
        engine.podman("system", "reset", "--force")
    except (RuntimeError, OSError) as error:
        print(f"not all could be removed: {error}", file=sys.stderr)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(str(error))
