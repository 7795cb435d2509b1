"""What the images run, as compose.yaml says it, behind the real proxy."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from tests.bus.station import until
from tests.deploy.stack import NAME, Stack
from tests.factories import petition_body
from tests.processes import HOST, wait_until

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres, pytest.mark.slow]
SERVICES = ("intake", "assignment", "supervision", "notify", "reporting")


@pytest.fixture
def outside(stack: Stack) -> Iterator[httpx.Client]:
    """A client at the one door, who claims to come from somewhere."""
    claims = {"X-Forwarded-For": "203.0.113.77", "Forwarded": "for=203.0.113.77", "X-Real-IP": "203.0.113.77"}
    with stack.outside(**claims) as client:
        yield client


def token(outside: httpx.Client, post: str) -> dict[str, str]:
    answer = outside.post("/intake/api/tokens", json={"post": post, "password": "zhuxi-demo"})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


@pytest.mark.parametrize("path", ["/", "/intake/portal?x=1"])
def test_plain_http_is_sent_to_https_under_the_same_name(stack: Stack, path: str) -> None:
    answer = httpx.get(f"http://{HOST}:{stack.proxy.plain_port}{path}", headers={"Host": NAME})
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{NAME}{path}")


def test_the_door_leads_to_the_portal(outside: httpx.Client) -> None:
    answer = outside.get("/", follow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/intake/portal")
    portal = outside.get("/intake/portal")
    assert portal.status_code == 200
    assert portal.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "frame-ancestors 'none'" in portal.headers["Content-Security-Policy"]
    assert "nginx/" not in portal.headers["Server"]
    (style,) = re.findall(r'href="(/intake/static/app\.css[^"]*)"', portal.text)
    assert outside.get(style).status_code == 200


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_answers_under_its_name(outside: httpx.Client, name: str) -> None:
    assert outside.get(f"/{name}/sign-in").status_code in (200, 302, 303)
    assert outside.get(f"/{name}/nothing-here", headers=token(outside, "clerk-1")).status_code == 404


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    "path", ["events", "events/bodies?id=1", "metrics", "health/live", "health/ready", "api/introspection"]
)
def test_what_is_internal_does_not_exist_outside(
    stack: Stack, outside: httpx.Client, name: str, path: str
) -> None:
    for spelling in (f"/{name}/{path}", f"/{name}//{path}", f"/{name}/./{path}", f"/x/../{name}/{path}"):
        request = outside.build_request("GET", spelling)
        request.url = request.url.copy_with(raw_path=spelling.encode())
        answer = outside.send(request)
        assert answer.status_code == 404
        assert "nginx" in answer.text  # the proxy said it, not the service
    inside = httpx.get(f"http://{HOST}:{stack.ports[name]}/{name}/health/live")
    assert inside.status_code == 200


def test_other_paths_are_nobodys(outside: httpx.Client) -> None:
    for path in ("/health/live", "/metrics", "/intakex", "/.env", "/static/app.css"):
        assert outside.get(path).status_code == 404


def test_a_petition_goes_in_through_the_door_and_reaches_the_others(
    stack: Stack, outside: httpx.Client
) -> None:
    clerk = token(outside, "clerk-1")
    made = outside.post("/intake/api/petitions", json=petition_body(), headers=clerk)
    assert made.status_code == 201, made.text
    supervisor = token(outside, "supervisor-1")

    def counted() -> bool:
        board = outside.get("/reporting/api/board", headers=supervisor)
        return board.status_code == 200 and board.json()["totals"]["registered"] >= 1

    until(counted, "the petition at the board", 60)


def test_what_is_too_large_is_refused_by_the_proxy(outside: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(52):
            yield bytes(1024 * 1024)

    size = {"Content-Length": str(52 * 1024 * 1024)}
    answer = outside.post("/intake/import", content=pieces(), headers=size)
    assert answer.status_code == 413


def test_no_log_has_an_address(stack: Stack, outside: httpx.Client) -> None:
    outside.get("/intake/portal?code=SECRET-CODE")
    lines = (stack.proxy.directory / "access.log").read_text()
    assert re.search(r"^\S+ intake GET 200 \d+ [\d.]+$", lines, re.M)
    for log in (stack.proxy.directory / "access.log", stack.proxy.log, *stack.directory.glob("*.log")):
        text = log.read_text(errors="replace")
        assert "203.0.113.77" not in text
        assert "SECRET-CODE" not in text
        assert not re.search(r"client: ", text)
    assert "127.0.0.1" not in lines


def test_one_who_tries_many_passwords_is_slowed_down(outside: httpx.Client) -> None:
    def try_one(_number: int) -> int:
        return outside.post("/notify/sign-in", data={"post": "nobody", "password": "x"}).status_code

    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(try_one, range(60)))
    assert answers.count(429) >= 20
    assert set(answers) == {400, 429}  # what the proxy lets through has no token of a form


def test_no_service_reaches_the_database_of_another(stack: Stack) -> None:
    url = (stack.secrets / "notify" / "database-url").read_text().replace("+psycopg", "")
    psycopg.connect(url).close()
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url.rpartition("/")[0] + "/intake")


def test_a_killed_worker_is_not_well_and_comes_again(stack: Stack) -> None:
    name = "assignment-worker"
    stack.processes[name].kill()
    assert not stack.is_healthy(name)
    stack.processes[name].start()
    assert wait_until(lambda: stack.is_healthy(name), 60)


def test_processes_end_in_order_when_they_are_told_to(stack: Stack) -> None:
    for name in ("notify-worker", "notify"):
        assert stack.processes[name].end() == 0
        stack.processes[name].start()
