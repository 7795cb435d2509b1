"""What pages are made of beside HTML: our own files, and what npm brings, served by the service itself.

`python -m shared.web.assets` fetches by package-lock.json (`npm ci`) and puts the few files that pages use,
each with its gzipped twin, into `vendor/`. Nothing of it is committed and nothing is fetched at run time.
"""

import hashlib
import os
import shutil
import subprocess  # nosec B404 # npm, at the time of installing
import sys
from functools import cache
from pathlib import Path

from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from shared.errors import SettingError
from shared.web.headers import protect

HERE = Path(__file__).parent
OWN, VENDOR, MODULES = HERE / "static", HERE / "vendor", HERE / "node_modules"
TAKEN = {  # name it is served by: where npm puts it
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "echarts.js": "echarts/dist/echarts.common.min.js",
}
A_YEAR = 365 * 24 * 3600  # the address changes with the content


def install(*, for_tests: bool = False) -> None:
    """Fetch what package-lock.json names and put what pages use into `vendor/`."""
    npm = shutil.which("npm", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if npm is None:
        raise SettingError("npm is not here: run `make install`, which brings it from requirements-build.txt")
    command = [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"]
    # Node knows its own list of authorities only; an office's proxy is signed by one of the system's.
    trusting = os.environ | {"NODE_USE_SYSTEM_CA": "1"}
    subprocess.run([*command, *(() if for_tests else ("--omit=dev",))], cwd=HERE, env=trusting, check=True)  # nosec B603 # fixed words
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir()
    compressor = Compressor(quiet=True)
    for name, origin in TAKEN.items():
        shutil.copyfile(MODULES / origin, VENDOR / name)
        compressor.compress(str(VENDOR / name))


def serve(application: object) -> WhiteNoise:
    """The WSGI application with our files and npm's under /static, to be kept for a year.

    Raises SettingError where they were never installed.
    """
    missing = [name for name in TAKEN if not (VENDOR / name).exists()]
    if missing:
        raise SettingError(f"files of the pages are missing ({', '.join(missing)}): run `make install`")
    around = WhiteNoise(application, max_age=A_YEAR, allow_all_origins=False, add_headers_function=_headers)
    for folder in (OWN, VENDOR):
        around.add_files(str(folder), prefix="static/")
    return around


def _headers(headers: "dict[str, str]", _path: str, _url: str) -> None:
    protect(headers)


@cache
def fingerprint(name: str) -> str:
    """Eight signs that change with a file's content. Raises KeyError for a file that is not served."""
    for folder in (OWN, VENDOR):
        if (folder / name).is_file():
            return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:8]
    raise KeyError(name)


if __name__ == "__main__":
    try:
        install(for_tests="--for-tests" in sys.argv)
    except (SettingError, subprocess.CalledProcessError) as error:
        sys.exit(f"The files of the pages could not be fetched: {error}")
