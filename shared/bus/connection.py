"""How a connection to the bus is opened."""

from typing import Any

from kombu import Connection, compression

from shared.runtime.tls import Tls


def connect(url: str, tls: Tls | None = None) -> Connection:
    """A connection as all of Huajie opens it; of its own thread, never shared."""
    options: dict[str, Any] = {"polling_interval": None} if url.startswith("memory") else {}  # see memory.py
    # Without files of ours an amqps:// bus must still have a certificate that the system believes.
    secure = (tls.for_bus() if tls else {"server_hostname": None}) if url.startswith("amqps") else False
    return Connection(url, heartbeat=20, connect_timeout=5, transport_options=options, ssl=secure)


def _take_nothing_compressed(_body: bytes) -> bytes:
    raise ValueError("compressed")


# kombu unpacks whatever a header names before anyone can look at its size; events are not compressed.
for _kind in compression.encoders():
    compression.register(compression.get_encoder(_kind)[0], _take_nothing_compressed, _kind)
