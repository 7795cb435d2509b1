"""The real messages that lie beside the project, where they do: counts only, never a word of theirs."""

from pathlib import Path

import pytest

from services.intake.registration.models import Petition
from tests.ground import Ground
from tests.intake.import_ground import counts, imported

DATA = Path(__file__).parents[3] / "shared" / "data"


def messages(name: str) -> bytes:
    path = DATA / f"messages-{name}.xlsx"
    if not path.exists():
        pytest.skip("the real messages are not on this machine")
    return path.read_bytes()


@pytest.mark.slow
@pytest.mark.data
def test_495_filled_rows_of_65202_and_a_number_given_twice(stepped: Ground) -> None:
    content = messages("labelled")
    job = imported(stepped, content)
    assert job["claimed_rows"] == 65_202
    assert counts(job) == {"registered": 495, "warned": 1, "blank": 65_202 - 495}
    assert [each["code"] for each in job["problems"]] == ["number_twice"]
    assert counts(imported(stepped, content)) == {"known": 495, "blank": 65_202 - 495}
    petitions = stepped.rows("intake", Petition)
    assert len(petitions) == 495
    assert all(petition.content_class for petition in petitions)


@pytest.mark.slow
@pytest.mark.data
def test_1900_messages(stepped: Ground) -> None:
    job = imported(stepped, messages("replied"))
    assert counts(job) == {"registered": 1_900}
    assert len({petition.number for petition in stepped.rows("intake", Petition)}) == 1_900
