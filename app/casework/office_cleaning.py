"""Office documents cleaned by mat2, where it is installed: in memory, and in a cage of its own."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from app.casework import confined

CAGE = confined.program("caging_mat2.py")
# A folder that is in memory, and that no system keeps when it stops.
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 -- each copy has a folder of its own in it
# What mat2 cleans, of what is told by its content here. It refuses documents with macros.
ENDINGS = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp"})
SECONDS = 30.0
PATH = "/usr/local/bin:/usr/bin:/bin"


def program() -> str | None:
    """Return where mat2 is, if it is installed and there is a folder in memory to work in."""
    return shutil.which("mat2") if MEMORY_FOLDER.is_dir() else None


def cleaned(content: bytes, ending: str) -> bytes:
    """Return an office document without what mat2 finds in it; nothing if it refuses or fails.

    Raises:
        Busy: if too many files are being read.
    """
    found = program()
    if found is None or ending not in ENDINGS:
        return b""
    with confined.turn(), TemporaryDirectory(dir=MEMORY_FOLDER) as folder:
        path = Path(folder, f"document.{ending}")
        path.write_bytes(content)
        if not _run([found, str(path)], folder) or path.stat().st_size > confined.MOST_BACK:
            return b""
        made = path.read_bytes()
    # It says that it succeeded by writing something else.
    return b"" if made == content else made


def _run(command: list[str], folder: str) -> bool:
    process = subprocess.Popen(  # noqa: S603 -- our own program, and one of the system's
        [sys.executable, "-I", str(CAGE), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": PATH, "TMPDIR": folder, "HOME": folder, "LC_ALL": "C.UTF-8"},
        cwd=folder,
        start_new_session=True,
    )
    try:
        return process.wait(SECONDS) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        # It may have started others: none of them outlives it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
