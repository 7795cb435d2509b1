"""Dramatiq with its default middleware and RabbitMQ broker; a connection for each of its threads."""

import os
import threading

import dramatiq
import row
from dramatiq.brokers.rabbitmq import RabbitmqBroker

dramatiq.set_broker(RabbitmqBroker(url=os.environ["BROKER"]))
local = threading.local()


@dramatiq.actor(queue_name="bench-dramatiq")
def write(id_: str, sent_at: float) -> None:
    if not hasattr(local, "connection"):
        local.connection = row.connect()
    local.connection.execute(row.INSERT, (id_, sent_at))


if __name__ == "__main__":
    row.send_all(write.send)
