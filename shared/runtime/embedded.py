"""`huajie run`: a county on a bare machine, all five services in one process, ready in seconds."""

import dataclasses
import fcntl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from services import all_services
from shared.errors import SettingError
from shared.identity.keys import make_keys
from shared.runtime.compose import DEMO_PASSWORD, Together
from shared.runtime.serve import check_port, serve
from shared.runtime.settings import Settings
from shared.web.app import SERVICE_NAMES
from shared.web.parts import PORTAL

HOST = "127.0.0.1"
_held: list[IO[str]] = []
DEMO_POSTS = ("clerk-1", "head", "leader-1", "office-1-a", "supervisor-1", "operator-1")


def run(settings: Settings, *, fresh: bool, say: Callable[[str], None]) -> None:
    """Serve until a signal comes. `fresh` begins anew: the data under DATA_DIR are removed first."""
    began = time.monotonic()
    check_port(HOST, settings.port)
    hold(settings.data_dir)
    if fresh:
        _remove_data(settings)
    names = tuple(SERVICE_NAMES)
    make_keys(settings.signing_keys, settings.agency, names)
    settings = dataclasses.replace(settings, nav_links={name: f"/{name}" for name in names})
    say("准备数据库 Preparing the databases …")
    preparing = Together(all_services(), settings)
    preparing.prepare()
    preparing.stop()
    together: list[Together] = []

    def make_app() -> Any:
        together.append(Together(all_services(), settings))
        return together[0].wsgi

    def started(_worker: Any) -> None:
        together[0].start()
        say(f"就绪 Ready in {time.monotonic() - began:.1f} s")
        _greet(settings, say)
        threading.Thread(target=_demo, args=(together[0], say), name="demo", daemon=True).start()

    def stopped(_server: Any, _worker: Any) -> None:
        for each in together:
            each.stop()

    serve(make_app, host=HOST, port=settings.port, post_worker_init=started, worker_exit=stopped)


def _demo(together: Together, say: Callable[[str], None]) -> None:
    for instance in together.instances.values():
        if instance.settings.demo and instance.service.demo:
            instance.service.demo(instance, say)


def _greet(settings: Settings, say: Callable[[str], None]) -> None:
    say("")
    say(f"  打开 Open     {settings.public_url}/")
    say(f"  门户 Portal   {settings.address_of(PORTAL[0])}{PORTAL[1]}")
    for name, title in SERVICE_NAMES.items():
        address = f"{settings.public_url}/{name}/"
        say(f"    {name:<12} {address}   API: {address}api/   ({title})")
    if settings.demo:
        say(f"  登录 Sign in  {', '.join(DEMO_POSTS)} …   密码 password: {DEMO_PASSWORD}")
    say(f"  数据 Data     {settings.data_dir.resolve()}   重新开始 begin anew: make run FRESH=1")
    say("  停止 Stop     Ctrl-C")
    say("")


def hold(data_dir: Path) -> None:
    """Keep the data to this process until it ends: the queues between the services are in its memory.

    Raises SettingError where another process has them.
    """
    held = (data_dir / "running").open("w")  # stays open: closing it would give the data free
    try:
        fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise SettingError(
            "these data are in use: another `huajie run` has them open. "
            "Stop it, or set DATA_DIR to another folder"
        ) from error
    _held.append(held)


def _remove_data(settings: Settings) -> None:
    if not settings.data_dir.exists():
        return
    known = [f"{service.name}.db" for service in all_services()]
    for name in known:
        for suffix in ("", "-wal", "-shm"):
            (settings.data_dir / f"{name}{suffix}").unlink(missing_ok=True)
    for name in ("secret-key", "master-key"):
        (settings.data_dir / name).unlink(missing_ok=True)
