"""Puts services together: one alone with its peers elsewhere, or all five in one process."""

import threading
from collections.abc import Sequence

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from shared.bus import topology
from shared.bus.connection import connect
from shared.county import load_county
from shared.db.engine import Database
from shared.db.migrate import upgrade
from shared.identity.accounts import load_posts
from shared.identity.credentials import load_demo_passwords
from shared.runtime.loops import Loops
from shared.runtime.service import Instance, Service
from shared.runtime.settings import Settings
from shared.watching import tracing
from shared.web.app import create_app
from shared.web.headers import protect

DEMO_PASSWORD = "zhuxi-demo"  # noqa: S105 # nosec B105 # printed at every start of a demo


def subscriptions(services: Sequence[Service]) -> dict[str, set[str]]:
    """Which events each service may fetch from the others."""
    return {s.name: set(s.keys) for s in services}


def web_app(instance: Instance, services: Sequence[Service]) -> Flask:
    """The web application of one service."""
    tracing.start(instance.settings, instance.service.name)
    return create_app(instance, subscriptions(services))


def prepare(instance: Instance) -> None:
    """Migrate and load the county's posts and the service's own starting data. Safe to repeat."""
    upgrade(instance.service, instance.db)
    county = load_county(instance.settings.county_dir)
    with instance.db.write() as session:
        load_posts(session, county)
        if instance.settings.demo and instance.keeps_sign_in:
            load_demo_passwords(session, [post.code for post in county.posts], DEMO_PASSWORD)
        if instance.service.load_county:
            instance.service.load_county(session, county)
    if instance.service.prepare:
        instance.service.prepare(instance)


class Together:
    """All services in one process: web applications under /<name>, loops, and peers without a network."""

    def __init__(self, services: Sequence[Service], settings: Settings) -> None:
        self.services = services
        self.instances = {s.name: Instance(s, settings) for s in services}
        self._apps: dict[str, Flask] = {}
        self._making = threading.Lock()
        for instance in self.instances.values():
            instance.local_peer = self.app
        self.loops = {name: Loops(instance) for name, instance in self.instances.items()}

    def app(self, service: str) -> Flask:
        """The web application of a service, made when it is first asked for."""
        with self._making:
            if service not in self._apps:
                self._apps[service] = web_app(self.instances[service], self.services)
            return self._apps[service]

    def database(self, service: str) -> Database:
        return self.instances[service].db

    def prepare(self) -> None:
        for instance in self.instances.values():
            prepare(instance)

    def start(self) -> None:
        """Declare all queues before anyone publishes, then start every loop."""
        for instance in self.instances.values():
            with connect(instance.settings.bus_url, instance.settings.tls) as connection:
                settings, service = instance.settings, instance.service
                topology.declare(connection, settings.agency, service.name, service.bindings(settings.agency))
        for loops in self.loops.values():
            loops.start()

    def stop(self) -> None:
        for loops in self.loops.values():
            loops.ask_to_stop()
        for loops in self.loops.values():
            loops.stop()
        for instance in self.instances.values():
            instance.db.close()

    @property
    def wsgi(self) -> DispatcherMiddleware:
        """Each service under /<name>; the bare address leads to the first."""
        return DispatcherMiddleware(_to_first, {f"/{name}": self.app(name) for name in self.instances})


@Request.application
def _to_first(request: Request) -> Response:
    answer = redirect("/intake/") if request.path in ("", "/") else Response("404 Not Found", 404)
    protect(answer.headers)
    return answer
