"""`python -m shared.runtime`: the same as `huajie`."""

from shared.runtime.cli import main

main()
