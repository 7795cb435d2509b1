"""The private servers do what the tests of lost messages rely on: real kills, the same port, nothing left."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pika
import psycopg
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.processes import HOST, ServerError, free_port, wait_until
from tests.servers import PostgreSQL, RabbitMQ

ROOT = Path(__file__).parent.parent
BODY = b"a message that was confirmed"


def is_alive(pid: int) -> bool:
    """Whether that process still runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def mentioning(text: str) -> list[int]:
    """Processes whose command line or environment holds that text, without this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if text.encode() in seen and int(process.name) != os.getpid() and is_alive(int(process.name)):
            found.append(int(process.name))
    return found


def rows(postgres: PostgreSQL) -> int:
    with postgres_connection(postgres) as connection:
        return connection.execute("SELECT count(*) FROM kept").fetchall()[0][0]


def postgres_connection(postgres: PostgreSQL) -> psycopg.Connection[tuple[int]]:
    return psycopg.connect(postgres.url("county").replace("+psycopg", ""))


def channel_to(rabbitmq: RabbitMQ) -> BlockingChannel:
    return pika.BlockingConnection(pika.ConnectionParameters(HOST, rabbitmq.port)).channel()


def send_one(rabbitmq: RabbitMQ) -> None:
    channel = channel_to(rabbitmq)
    channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
    channel.confirm_delivery()
    channel.basic_publish("", "kept", BODY, pika.BasicProperties(delivery_mode=2), mandatory=True)
    channel.connection.close()


@pytest.fixture(scope="module", params=[True, False], ids=["fsync", "no fsync"])
def postgres(request: pytest.FixtureRequest) -> Iterator[PostgreSQL]:
    with PostgreSQL(fsync=request.param) as server:
        server.create_database("county")
        with postgres_connection(server) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        yield server


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[RabbitMQ]:
    with RabbitMQ() as server:
        yield server


def test_free_ports_are_distinct_and_below_the_ephemeral_range() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert max(ports) < 32768


@pytest.mark.postgres
def test_postgresql_keeps_what_was_committed_over_a_kill(postgres: PostgreSQL) -> None:
    url = postgres.url("county")
    connection = postgres_connection(postgres)
    postgres.kill()
    assert mentioning(str(postgres.directory)) == []
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    postgres.start()
    assert postgres.url("county") == url
    assert rows(postgres) == 1


@pytest.mark.postgres
def test_postgresql_restarts_while_a_client_holds_a_connection(postgres: PostgreSQL) -> None:
    with postgres_connection(postgres):
        postgres.restart()
    assert rows(postgres) == 1


@pytest.mark.postgres
def test_postgresql_tells_a_second_start_and_a_second_database(postgres: PostgreSQL) -> None:
    with pytest.raises(ServerError, match="runs already"):
        postgres.start()
    with pytest.raises(psycopg.errors.DuplicateDatabase):
        postgres.create_database("county")
    assert rows(postgres) == 1


@pytest.mark.postgres
def test_a_server_that_cannot_start_shows_its_log() -> None:
    with PostgreSQL() as server:
        server.stop()
        (server.directory / "data" / "PG_VERSION").write_text("7.1\n")
        with pytest.raises(ServerError, match="version"):
            server.start()
        assert not server.is_running
    assert not server.directory.exists()


@pytest.mark.postgres
def test_a_server_does_not_take_the_answer_of_another_for_its_own(postgres: PostgreSQL) -> None:
    second = PostgreSQL()
    second.port = postgres.port
    with pytest.raises(ServerError, match=f"port {postgres.port} is in use"):
        second.start()
    second.close()


@pytest.mark.postgres
@pytest.mark.rabbitmq
@pytest.mark.parametrize("kind", ["PostgreSQL", "RabbitMQ"])
@pytest.mark.parametrize(
    "end", ["os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 15)", "1 / 0", "sys.exit(0)"]
)
def test_nothing_is_left_however_its_owner_ends(kind: str, end: str) -> None:
    script = (
        f"import os, sys; from tests.servers import {kind}\n"
        f"server = {kind}(); server.start(); print(server.directory, flush=True); {end}"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    directory = Path(done.stdout.strip())
    assert directory.is_absolute(), done.stderr
    assert wait_until(lambda: not directory.exists(), 30)
    assert wait_until(lambda: not mentioning(str(directory)), 30)


@pytest.mark.rabbitmq
def test_rabbitmq_keeps_confirmed_messages_over_a_kill(rabbitmq: RabbitMQ) -> None:
    url = rabbitmq.url
    send_one(rabbitmq)
    # RabbitMQ 3.10 writes a new quorum queue into its directory only some half a second later; killed before
    # that, it forgets confirmed messages and leaves the queue without a leader
    rabbitmq.ctl("eval", "[dets:sync(Table) || Table <- dets:all()].")
    rabbitmq.kill()
    assert mentioning(str(rabbitmq.directory)) == []
    rabbitmq.start()
    assert rabbitmq.url == url
    channel = channel_to(rabbitmq)
    assert channel.basic_get("kept", auto_ack=True)[2] == BODY
    channel.connection.close()


@pytest.mark.rabbitmq
def test_rabbitmq_comes_back_empty_on_the_same_port_after_a_wipe(rabbitmq: RabbitMQ) -> None:
    url = rabbitmq.url
    send_one(rabbitmq)
    with pytest.raises(ServerError, match="stop"):
        rabbitmq.wipe()
    rabbitmq.kill()
    rabbitmq.wipe()
    rabbitmq.start()
    assert rabbitmq.url == url
    assert rabbitmq.ctl("list_queues", "name").split() == []
    send_one(rabbitmq)


@pytest.mark.rabbitmq
def test_rabbitmq_restarts_in_order_and_answers_rabbitmqctl(rabbitmq: RabbitMQ) -> None:
    send_one(rabbitmq)
    rabbitmq.restart()
    assert "kept" in rabbitmq.ctl("list_queues", "name").split()
    with pytest.raises(ServerError, match="no_such_command"):
        rabbitmq.ctl("no_such_command")


@pytest.mark.rabbitmq
def test_a_second_node_with_plugin_and_definitions(rabbitmq: RabbitMQ, tmp_path: Path) -> None:
    definitions = tmp_path / "definitions.json"
    queue = {
        "name": "north.intake.inbox",
        "vhost": "north",
        "durable": True,
        "auto_delete": False,
        "arguments": {},
    }
    definitions.write_text(json.dumps({"vhosts": [{"name": "north"}], "queues": [queue]}))
    with RabbitMQ(plugins=["rabbitmq_management"], definitions=definitions) as second:
        assert "north.intake.inbox" in second.ctl("list_queues", "--vhost", "north", "name").split()
        send_one(second)
        page = httpx.get(f"http://{HOST}:{second.management_port}/api/overview", auth=("guest", "guest"))
        assert page.json()["node"] == "huajie@localhost"
        assert "north" not in rabbitmq.ctl("list_vhosts", "name").split()


@pytest.mark.rabbitmq
def test_stop_ends_all_of_it_and_may_be_called_again() -> None:
    server = RabbitMQ()
    server.start()
    pids = mentioning(str(server.directory))
    assert len(pids) >= 2  # the Erlang VM and its port mapper at least
    server.stop()
    server.stop()
    assert [pid for pid in pids if is_alive(pid)] == []
    server.close()
