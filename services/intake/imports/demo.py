"""The sample spreadsheet that `huajie run` brings in once, through the real import."""

from pathlib import Path

from services.intake.imports.commands import last_confirmed
from services.intake.imports.models import Import
from services.intake.imports.private import PrivateFolder
from services.intake.imports.rules import Choices
from services.intake.imports.terminal import Say, begin, receive, run_through, summary
from shared.county import load_county
from shared.runtime.service import Instance

SAMPLE = Path(__file__).parents[1] / "sample" / "petitions.xlsx"


def _as_screened(job: Import) -> Choices:
    """As a county would bring in what it has screened before, so that a first look shows cases too."""
    return Choices(job.mapping, accept_as="appeal")


def load_sample(instance: Instance, say: Say) -> None:
    """Import the sample, unless that was done or begun before; says what became of it."""
    say("导入样例 Importing the sample spreadsheet …")
    clerk = next(post for post in load_county(instance.settings.county_dir).posts if post.role == "clerk")
    with PrivateFolder() as folder:
        received = receive(instance, SAMPLE, folder.path)
        with instance.db.read() as session:
            if last_confirmed(session, received.sha256) is not None:
                say("  导入过了 It was imported before.")
                return
        job = begin(instance, received, by=clerk.code, choose=_as_screened)
    assert job is not None
    done = run_through(instance, job, say)
    say(f"  {summary(instance, done)}")
    say(f"  详情 Details  {instance.settings.address_of('intake')}/imports/{done.id} ({clerk.code})")
