"""Word files laid out by LibreOffice, to be measured on paper: converted to PDF and read back."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pdfplumber
import pytest
from pdfplumber.pdf import PDF

from tests.documents import samples

Convert = Callable[[dict[str, bytes]], dict[str, PDF]]


def _libreoffice() -> str:
    found = next(filter(None, map(shutil.which, ("soffice", "libreoffice"))), None)
    if found is None:
        pytest.fail("no LibreOffice here: run deploy/system-packages.sh", pytrace=False)
    return found


@pytest.fixture(scope="session")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """Makes PDFs of Word files by name, all in one run of LibreOffice with a profile of its own."""
    profile = tmp_path_factory.mktemp("profile")
    program = _libreoffice()

    def run(files: dict[str, bytes]) -> dict[str, PDF]:
        folder = tmp_path_factory.mktemp("pdf")
        for name, data in files.items():
            (folder / f"{name}.docx").write_bytes(data)
        command = [
            program,
            f"-env:UserInstallation={Path(profile).as_uri()}",
            *("--headless", "--convert-to", "pdf", "--outdir", folder),
            *(folder / f"{name}.docx" for name in files),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr
        return {name: pdfplumber.open(folder / f"{name}.pdf") for name in files}

    return run


@pytest.fixture(scope="session")
def laid_out(convert: Convert) -> dict[str, PDF]:
    """The samples on paper: ordinary, letter, and ordinary-N with N last paragraphs."""
    files = {"ordinary": samples.ordinary(), "letter": samples.letter()}
    files |= {f"ordinary-{n}": samples.ordinary(paragraphs=n, rows=8) for n in range(1, 9)}
    return convert({name: document.to_bytes() for name, document in files.items()})
