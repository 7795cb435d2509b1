"""The one row that every peer writes for a message, and how it is sent to each: run by their own Python."""

import os
import time
from typing import Any
from uuid import uuid4

import psycopg

INSERT = "INSERT INTO bench_row (id, sent_at) VALUES (%s, to_timestamp(%s))"
COUNT, RATE = int(os.environ.get("COUNT", "0")), float(os.environ.get("RATE", "0"))


def connect() -> psycopg.Connection[Any]:
    """A connection that commits each statement."""
    return psycopg.connect(os.environ["DATABASE"], autocommit=True)


def send_all(send: Any) -> None:
    """Send COUNT messages: at once, or RATE of them a second."""
    begun = time.time()
    for number in range(COUNT):
        if RATE:
            time.sleep(max(0.0, begun + number / RATE - time.time()))
        send(str(uuid4()), time.time())
