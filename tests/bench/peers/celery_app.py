"""Celery as its documentation recommends for many short tasks: late acknowledgement, a larger prefetch, no
results, no events, neither gossip nor mingle. Sends when it is run by itself.
"""

import os

import row
from celery import Celery

app = Celery("bench", broker=os.environ["BROKER"])
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    task_default_queue="bench-celery",
    task_default_queue_type="quorum",
    worker_detect_quorum_queues=True,
    worker_prefetch_multiplier=50,
    worker_disable_rate_limits=True,
    worker_enable_remote_control=False,
)
connection = None


@app.task(name="bench.write")  # the same where it is sent from
def write(id_: str, sent_at: float) -> None:
    global connection
    connection = connection or row.connect()
    connection.execute(row.INSERT, (id_, sent_at))


if __name__ == "__main__":
    with app.producer_pool.acquire() as producer:
        row.send_all(lambda id_, at: write.apply_async((id_, at), producer=producer))
