"""How one service asks another: in this process or over the network, with a signed token each time."""

import ssl
from collections.abc import Generator

import httpx

from shared.identity.tokens import make_peer_token
from shared.runtime.service import Instance
from shared.runtime.settings import Settings

SECONDS = 10.0


class _Signed(httpx.Auth):
    """Puts a fresh token on every request, since each is good only once."""

    def __init__(self, instance: Instance, to: str) -> None:
        self._keys, self._to = instance.keys, to

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {make_peer_token(self._keys, to=self._to)}"
        yield request


def peer_client(instance: Instance, peer: str, seconds: float = SECONDS) -> httpx.Client:
    """A client for another service: `intake` of this installation, or `/<agency>/<service>` of a partner.

    Raises KeyError where PEERS or PARTNERS does not name it.
    """
    settings = instance.settings
    to = peer if peer.startswith("/") else f"/{settings.agency}/{peer}"
    _empty, agency, service = to.split("/")
    auth = _Signed(instance, to)
    if agency == settings.agency and instance.local_peer is not None:
        transport = httpx.WSGITransport(app=instance.local_peer(service))
        return httpx.Client(transport=transport, base_url="http://peer", auth=auth)
    url = settings.peers[service] if agency == settings.agency else settings.partners[f"{agency}.{service}"]
    return httpx.Client(base_url=url, auth=auth, timeout=seconds, verify=_tls_context(settings))


def _tls_context(settings: Settings) -> ssl.SSLContext | bool:
    return settings.tls.client_context() if settings.tls else True
