#!/opt/huajie/bin/python
"""Asks the container's own process whether it is well, at HEALTH_URL: a web process or a worker's small port.

A script of its own, because `huajie` would load the whole suite for each question.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit


def main() -> int:
    """0 where the process answers that it is well, else 1 with what it says on standard error."""
    url = urlsplit(os.environ["HEALTH_URL"])
    connection = HTTPConnection(url.netloc, timeout=4)
    try:
        connection.request("GET", url.path)
        answer = connection.getresponse()
        if answer.status == 200:
            return 0
        print(answer.status, answer.read(200).decode("utf-8", "replace"), file=sys.stderr)
    except (OSError, HTTPException) as error:
        print(type(error).__name__, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
