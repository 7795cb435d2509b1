"""The loops that a running service consists of, each in a thread of its own that never just dies."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from shared import clock
from shared.bus.catch_up import CatchUp
from shared.bus.consumer import BusConsumer
from shared.bus.relay import Relay
from shared.bus.work import Work
from shared.db.listen import listen_until
from shared.db.watch import note_loops
from shared.ledger.acting import act_as
from shared.ledger.loop import LedgerLoop
from shared.ledger.watch import watch_ledgers
from shared.runtime.service import Instance, Task
from shared.watching import tracing
from shared.watching.tracing import span

log = logging.getLogger(__name__)
WATCHDOG = timedelta(seconds=60)
HEARTBEAT = timedelta(seconds=20)  # how often the loops are noted as living, for the operator


class Loops:
    """Relay, consumer, work, catch-up and tasks of one service, until stopped."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._names: list[str] = []
        self._broken: dict[str, tuple[str, datetime]] = {}  # loop -> the error that broke it off, and when
        settings, service = instance.settings, instance.service
        instance.db.has_relay = True
        self.relay = Relay(instance.db, settings.bus_url, service.name, instance.relay_wake, tls=settings.tls)
        self.catch_up = CatchUp(instance)
        self.ledger = LedgerLoop(instance.db, instance.digests, service.name)
        self.consumer = BusConsumer(
            settings.bus_url,
            instance.db,
            agency=settings.agency,
            service=service.name,
            bindings=service.bindings(settings.agency),
            received=instance.work_wake.set,
            revived=instance.catch_up_wake.set,
            believes=instance.keys.public_of,
            tls=settings.tls,
        )
        self.work = Work(
            instance.db,
            service.handlers,
            instance.work_wake,
            instance.keys.public_of,
            service.name,
            service.holds,
            gives_way=lambda: self.consumer.is_flooded,
        )

    def start(self) -> None:
        tracing.start(self._instance.settings, self._instance.service.name)
        poll = self._instance.settings.poll_seconds
        runs: dict[str, Callable[[], None]] = {
            "relay": lambda: self.relay.run_until(self._stop, poll),
            "work": lambda: self.work.run_until(self._stop, poll),
        }
        if not self._instance.db.is_sqlite:
            wake = self._instance.relay_wake
            runs["listen"] = lambda: listen_until(self._instance.db.engine, self._stop, wake.set)
        if self._instance.service.handlers:
            runs["consumer"] = lambda: self.consumer.run_until(self._stop)
            runs["catch-up"] = lambda: self.catch_up.run_until(self._stop)
        runs["ledger"] = lambda: self.ledger.run_until(self._stop)
        runs["ledger-watch"] = lambda: watch_ledgers(self._instance, self._stop)
        for task in self._instance.service.tasks:
            runs[task.name] = _task_loop(task, self._instance, self._stop)
        self._names = list(runs)
        runs["heartbeat"] = self._beat
        for name, run in runs.items():
            thread = threading.Thread(
                target=self._keep, args=(name, run), name=f"{self._instance.service.name}-{name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def ask_to_stop(self) -> None:
        """Ask all loops to finish what they have in hand."""
        self._stop.set()
        for event in (self._instance.relay_wake, self._instance.work_wake, self._instance.catch_up_wake):
            event.set()

    def stop(self, seconds: float = 10.0) -> None:
        """Ask, and wait for them."""
        self.ask_to_stop()
        for thread in self._threads:
            thread.join(seconds)

    @property
    def is_stuck(self) -> bool:
        """The consumer has not drained for a minute: better to be started anew than to hang."""
        consuming = bool(self._instance.service.handlers)
        return consuming and clock.now() - self.consumer.last_drained_at > WATCHDOG

    def failing(self) -> dict[str, str | None]:
        """Each loop, and in a word what keeps it from its work: what broke it off just now, if anything."""
        own = {"relay": self.relay.failing, "consumer": self.consumer.failing}
        broken = {name: error for name, (error, at) in self._broken.items() if clock.now() - at < WATCHDOG}
        return {name: broken.get(name, own.get(name)) for name in self._names}

    def _beat(self) -> None:
        while not self._stop.is_set():
            with self._instance.db.write() as session:
                note_loops(session, self.failing())
            self._stop.wait(HEARTBEAT.total_seconds())

    def _keep(self, name: str, run: Callable[[], None]) -> None:
        pause = 0.5
        while not self._stop.is_set():
            began = clock.now()
            try:
                run()
                return
            except Exception as error:
                log.error("a loop failed, starting it again", extra={"loop": name}, exc_info=error)
                self._broken[name] = type(error).__name__, clock.now()
                ran_well = clock.now() - began > WATCHDOG
                pause = 0.5 if ran_well else min(pause * 2, 10)
                self._stop.wait(pause)


def _task_loop(task: Task, instance: Instance, stop: threading.Event) -> Callable[[], None]:
    def loop() -> None:
        act_as("timer", task.name)
        while not stop.is_set():
            with span(f"task {task.name}", service=instance.service.name):
                while task.run(instance) and not stop.is_set():
                    pass
            stop.wait(task.every_seconds)

    return loop
