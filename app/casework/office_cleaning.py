"""Office documents cleaned by mat2, where it is installed: in memory, and in a cage of its own."""

import shutil
import sys
from functools import cache

from app.casework import confined

CAGE = confined.program("caging_mat2.py")
# What mat2 cleans, of what is told by its content here. It refuses documents with macros.
ENDINGS = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp"})
SECONDS = 30.0
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
TRYING = "--try"


def program() -> str | None:
    """Return where mat2 is, if it is installed and there is a place that vanishes with it."""
    found = shutil.which("mat2")
    return found if found is not None and has_place() else None


@cache
def has_place() -> bool:
    """Say whether this system lets a process have files in memory that nobody else sees."""
    return sys.platform == "linux" and _run(b"", TRYING) == b"yes"


def cleaned(content: bytes, ending: str) -> bytes:
    """Return an office document without what mat2 finds in it; nothing if it refuses or fails.

    Raises:
        Busy: if too many files are being read.
    """
    found = program()
    if found is None or ending not in ENDINGS:
        return b""
    made = _run(content, found, ending)
    # It says that it succeeded by writing something else.
    return b"" if made == content else made


def _run(content: bytes, *arguments: str) -> bytes:
    return confined.run_in(CAGE, content, *arguments, seconds=SECONDS, environment=ENVIRONMENT)
