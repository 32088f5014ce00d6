"""The cage for mat2, which is a program of its own: bounds, a place of its own, and then mat2.

It works on a file with temporary ones beside it, and starts others of its kind, so that it cannot
be kept from that as our own programs are (`confining.py`). Its files are in memory, in a place
that no other process sees and that is gone with this one, however it ends: killed in the middle,
it leaves nothing behind. It has no network, and reaches no process but its own. Where the system
lets nobody have that, nothing is cleaned.

Standard input is the document, standard output the cleaned one; it exits with 1 if there is none.

Sources: user_namespaces(7), mount_namespaces(7), tmpfs(5).
"""

import ctypes
import os
import resource
import runpy
import subprocess
import sys
from pathlib import Path

MIB = 1024 * 1024
MEMORY = 1024 * MIB
LARGEST_FILE = 64 * MIB
SECONDS = 20  # of a processor
# From <linux/sched.h> and <linux/mount.h>.
OWN_MOUNTS, OWN_USER, OWN_NETWORK = 0x00020000, 0x10000000, 0x40000000
NO_SETUID, NO_DEVICES, RECURSIVE, PRIVATE = 2, 4, 1 << 14, 1 << 18
PLACE = "/dev/shm"  # noqa: S108 -- it covers what lies there with a folder that it alone sees
HOLDS = b"size=256m,mode=0700"
TRYING = "--try"


def main(program: str, ending: str = "") -> int:
    """Clean the document of standard input by `program`; or try whether there is a place for it."""
    content = sys.stdin.buffer.read()
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    hide()
    cage = runpy.run_path(str(Path(__file__).with_name("confining.py")))
    cage["give_up"](cage["REACHING"])
    made = b"yes" if program == TRYING else cleaned(program, content, ending)
    sys.stdout.buffer.write(made)
    return 0 if made else 1


def cleaned(program: str, content: bytes, ending: str) -> bytes:
    """Return what `program` makes of a document; nothing if it refuses or fails."""
    path = Path(PLACE, f"document.{ending}")
    path.write_bytes(content)
    # What it writes to its standard error could quote the document.
    done = subprocess.run(  # noqa: S603 -- found by ourselves
        [program, "--inplace", str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": PLACE, "HOME": PLACE},
        cwd=PLACE,
        check=False,
    )
    return path.read_bytes() if done.returncode == 0 else b""


def hide() -> None:
    """Go where no other process looks: an own network with nothing in it, and an own folder.

    Raises:
        OSError: if this system lets nobody do that.
    """
    user, group = os.geteuid(), os.getegid()
    system = ctypes.CDLL(None, use_errno=True)
    _done(system.unshare(OWN_USER | OWN_MOUNTS | OWN_NETWORK))
    # It stays who it was, or nothing could be written.
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    mount = system.mount
    mount.argtypes = [ctypes.c_char_p] * 3 + [ctypes.c_ulong, ctypes.c_char_p]
    _done(mount(b"none", b"/", None, RECURSIVE | PRIVATE, None))
    _done(mount(b"tmpfs", PLACE.encode(), b"tmpfs", NO_SETUID | NO_DEVICES, HOLDS))


def _done(answer: int) -> None:
    if answer:
        raise OSError(ctypes.get_errno(), "this system gives no place of its own")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
