"""podman and buildah from Debian, as they work on a machine without systemd and without a registry.

All of it in a storage of its own, so that nothing of the machine's is touched. Health checks are asked for
here, because podman leaves that to systemd.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CONFIGURATION = """[containers]
default_ulimits = ["nofile=4096:4096", "nproc=2000:2000"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
STORAGE = """[storage]
driver = "vfs"
graphroot = "{directory}/storage"
runroot = "{directory}/run"
"""


class Engine:
    """The programs with their settings, in a directory that is removed with all that is in it."""

    def __init__(self, directory: Path, project: Path) -> None:
        self.directory, self.project = directory, project
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "containers.conf").write_text(CONFIGURATION)
        (directory / "storage.conf").write_text(STORAGE.format(directory=directory))
        self._environment = os.environ | {
            "CONTAINERS_CONF": str(directory / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(directory / "storage.conf"),
        }

    def run(self, *command: str | Path, patience: int = 900) -> str:
        """What a command prints. Raises RuntimeError with its complaint."""
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.project,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=patience,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done.stdout.strip()

    def podman(self, *arguments: str) -> str:
        return self.run("podman", *arguments)

    def build(self, name: str, file: Path, context: Path) -> None:
        """An image. Each step sees the network, for packages."""
        ignored = file.with_name(f"{file.name}.dockerignore")
        ignore = ["--ignorefile", ignored] if ignored.exists() else []
        self.run("buildah", "bud", "--isolation=chroot", *ignore, "--tag", name, "--file", file, context)

    def compose(self, *arguments: str) -> str:
        return self.run(sys.executable, "-m", "podman_compose", *arguments)

    def is_healthy(self, container: str) -> bool:
        """By the container's own health check."""
        command = ["podman", "healthcheck", "run", container]
        return not subprocess.run(command, env=self._environment, capture_output=True, timeout=60).returncode

    def state(self, container: str) -> dict[str, Any]:
        """What podman knows of a container's process."""
        return dict(json.loads(self.podman("inspect", container))[0]["State"])

    def memory(self, containers: Sequence[str]) -> dict[str, str]:
        """What each takes now."""
        lines = self.podman("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *containers)
        return dict(line.split(" ", 1) for line in lines.splitlines())
