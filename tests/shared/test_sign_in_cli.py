"""What the operator does about posts on the command line, and what it means for who signs in."""

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from shared import clock
from shared.identity.credentials import Credential
from shared.runtime.cli import main
from tests.ground import Ground
from tests.web.test_sign_in import OWN, POST, ask_token, close, opened, with_token


@pytest.fixture
def operator(stepped: Ground, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name in ("DATABASE_URL", "BUS_URL", "SIGN_IN_AT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(stepped.settings.data_dir))
    return CliRunner()


def run(operator: CliRunner, *words: str) -> Result:
    return operator.invoke(main, words)


def test_a_password_of_the_operator_is_to_be_changed_and_ends_sessions(
    stepped: Ground, operator: CliRunner
) -> None:
    before = opened(stepped)
    done = run(operator, "password", POST, "--password", OWN)
    assert done.exit_code == 0, done.output
    assert OWN not in done.output
    assert with_token(stepped, "intake", before) == 401
    assert ask_token(stepped, POST, OWN).status_code == 403  # not before it is changed
    (kept,) = stepped.rows("intake", Credential, Credential.post == POST)
    assert kept.must_change


@pytest.mark.parametrize(
    ("post", "password", "said"),
    [(POST, "short", "at least 12"), (POST, "password1234", "guessed"), ("nobody", OWN, "no post")],
)
def test_what_cannot_be_is_told(operator: CliRunner, post: str, password: str, said: str) -> None:
    done = run(operator, "password", post, "--password", password)
    assert done.exit_code != 0
    assert said in done.output


def test_sessions_and_closed_posts_are_listed_ended_and_opened(stepped: Ground, operator: CliRunner) -> None:
    token = opened(stepped, "head")
    assert "head  password  since" in run(operator, "sessions").output
    assert run(operator, "sessions", "head", "--end").output == "1 ended\n"
    assert with_token(stepped, "intake", token) == 401
    with clock.travel(clock.now()):
        close(stepped, POST, tries=4)
        assert ask_token(stepped, POST, "zhuxi-demo").status_code == 401
        assert "may try again now" in run(operator, "unlock", POST).output
        assert ask_token(stepped, POST, "zhuxi-demo").status_code == 200


def test_a_closed_post_is_in_the_list(stepped: Ground, operator: CliRunner) -> None:
    with clock.travel(clock.now()) as move:
        close(stepped, POST, move=move)
        move(timedelta(minutes=-1))
        assert f"`huajie unlock {POST}`" in run(operator, "sessions").output
