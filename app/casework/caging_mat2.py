"""The cage for mat2, which is a program of its own: bounds, and then mat2 in this process's place.

It works on a file with temporary ones beside it, and starts others of its kind, so that it cannot
be kept from that as our own programs are (`confining.py`): `office_cleaning.py` gives it a folder
in memory. No file of it may grow beyond a bound; it reaches no process but its own, and where the
system lets a process give up its network, it has none.
"""

import ctypes
import os
import resource
import runpy
import sys
from pathlib import Path

MIB = 1024 * 1024
MEMORY = 1024 * MIB
LARGEST_FILE = 64 * MIB
SECONDS = 20  # of a processor
# From <linux/sched.h>: a user of its own, and a network of its own, in which nothing is.
OWN_USER, OWN_NETWORK = 0x10000000, 0x40000000


def main(program: str, path: str) -> None:
    """Become `program`, cleaning the file at `path` in its place."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    leave_network()
    cage = runpy.run_path(str(Path(__file__).with_name("confining.py")))
    cage["give_up"](cage["REACHING"])
    os.execv(program, [program, "--inplace", path])  # noqa: S606 -- found by ourselves


def leave_network() -> None:
    """Give up the network, if this system lets a process do that without being its master."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None:
        unshare(OWN_USER | OWN_NETWORK)


if __name__ == "__main__":
    main(*sys.argv[1:])
