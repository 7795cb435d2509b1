"""What one would write by hand with kombu: a consumer with 50 messages prefetched, a transaction for each."""

import os
import sys

import row
from kombu import Connection, Producer, Queue
from kombu.mixins import ConsumerMixin

QUEUE = Queue("bench-kombu", durable=True, queue_arguments={"x-queue-type": "quorum"})


class Loop(ConsumerMixin):
    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.database = row.connect()

    def get_consumers(self, Consumer, channel):
        return [Consumer([QUEUE], callbacks=[self.write], prefetch_count=50)]

    def write(self, body, message) -> None:
        self.database.execute(row.INSERT, (body["id"], body["sent_at"]))
        message.ack()


if __name__ == "__main__":
    with Connection(os.environ["BROKER"]) as connection:
        if sys.argv[1:] == ["work"]:
            Loop(connection).run()
        producer = Producer(connection.channel())
        routing = {"routing_key": QUEUE.name, "declare": [QUEUE], "delivery_mode": 2}
        row.send_all(lambda id_, at: producer.publish({"id": id_, "sent_at": at}, **routing))
