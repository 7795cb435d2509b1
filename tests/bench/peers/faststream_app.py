"""FastStream on a quorum queue: 50 messages prefetched and handled side by side, a pool of 10 connections."""

import asyncio
import os
import sys
import time
from contextlib import asynccontextmanager
from uuid import uuid4

import row
from faststream import FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from psycopg_pool import AsyncConnectionPool

QUEUE = RabbitQueue("bench-faststream", durable=True, queue_type=QueueType.QUORUM)
broker = RabbitBroker(os.environ["BROKER"], default_channel=Channel(prefetch_count=50), log_level=40)
pool = AsyncConnectionPool(os.environ["DATABASE"], min_size=10, max_size=10, open=False,
                           kwargs={"autocommit": True})  # fmt: skip


@asynccontextmanager
async def lifespan():
    await pool.open(wait=True)
    yield
    await pool.close()


app = FastStream(broker, lifespan=lifespan)


@broker.subscriber(QUEUE)
async def write(body: dict) -> None:
    async with pool.connection() as connection:
        await connection.execute(row.INSERT, (body["id"], body["sent_at"]))


async def send() -> None:
    async with broker:
        await broker.declare_queue(QUEUE)
        begun = asyncio.get_running_loop().time()
        for number in range(row.COUNT):
            if row.RATE:
                await asyncio.sleep(max(0.0, begun + number / row.RATE - asyncio.get_running_loop().time()))
            await broker.publish({"id": str(uuid4()), "sent_at": time.time()}, QUEUE, persist=True)


if __name__ == "__main__":
    asyncio.run(app.run() if sys.argv[1:] == ["work"] else send())
