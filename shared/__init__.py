"""What all five services stand on: contracts, the bus, the database plumbing, sign-in, the web shell.

No business rule, no table of one service and no import of a service belongs here.
"""

import os

# openpyxl reads with lxml where that is installed (python-docx brings it), past defusedxml's guard
# against XML bombs; it looks at this once, when it is first imported.
os.environ["OPENPYXL_LXML"] = "False"
