"""What reads a hostile file is caged: it opens nothing, takes no more than its share, and ends."""

import ctypes
import subprocess
import sys
import time
from io import BytesIO

import pytest
from PIL import Image

from app.casework import confined, pictures
from app.casework.shrinking import MOST_PIXELS, answer
from app.errors import Busy
from tests.casework import files

MIB = 1024 * 1024


@pytest.fixture
def program(tmp_path):
    """Return a function that writes a program and runs it in the cage."""

    def runs(body: str, content=b"a file", before="", **named) -> bytes:
        path = tmp_path / "program.py"
        lines = "\n    ".join(body.splitlines())
        path.write_text(
            f"import ctypes, os, resource, socket\n{before}\ndef answer(content):\n    {lines}\n"
        )
        return confined.run(path, content, **named)

    return runs


def test_it_gives_back_what_the_program_makes(program):
    assert program("return content[::-1]", b"abc") == b"cba"
    whole = bytes(range(256)) * 4096 * 8
    assert program("return content", whole) == whole


@pytest.mark.parametrize(
    "body",
    [
        "return open('/etc/passwd', 'rb').read()",
        "return open('/tmp/candour-cage', 'wb').write(b'x') and b'x'",
        "socket.socket()\nreturn b'a socket'",
        "os.dup(0)\nreturn b'another file'",
        "os.pipe()\nreturn b'a pipe'",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))\nreturn b'a bound lifted'",
        "os.kill(os.getppid(), 0)\nreturn b'the portal is in reach'",
        "os.fork()\nreturn b'two of it'",
        "os.execv('/bin/echo', ['echo', 'another program'])",
        "return bytes(3 * 1024 ** 3)[:1]",
        "return os.environ['PATH'].encode()",
        "raise SystemError",
        "os._exit(1)",
        "os.kill(os.getpid(), 11)",
    ],
    ids=["reads", "writes", "connects", "copies a descriptor", "pipes", "lifts a bound", "signals", "forks", "starts", "memory",
         "environment", "raises", "exits", "crashes"],
)  # fmt: skip
def test_what_it_may_not_do(program, body):
    assert program(body) == b""


READS = """
there = ctypes.create_string_buffer(16)
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
mine = Vector(ctypes.addressof(there), 16)
theirs = Vector(int(content), 16)
count = ctypes.CDLL(None).process_vm_readv(WHOM, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)
return there.raw if count == 16 else b""
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a call of Linux")
def test_the_memory_of_the_portal_is_out_of_reach(program, tmp_path):
    """It belongs to the same user, and has her keys: without the cage this program reads it."""
    secret = ctypes.create_string_buffer(b"a member's key..", 16)
    address = str(ctypes.addressof(secret)).encode()
    body = READS.strip().replace("WHOM", "os.getppid()")
    alone = tmp_path / "alone.py"
    lines = "\n    ".join(body.splitlines())
    alone.write_text(
        f"import ctypes, os, sys\ndef answer(content):\n    {lines}\n"
        "sys.stdout.buffer.write(answer(sys.stdin.buffer.read()))\n"
    )
    done = subprocess.run([sys.executable, "-I", str(alone)], input=address, capture_output=True)
    if done.stdout != secret.raw:
        pytest.skip("this machine keeps processes apart by itself")
    assert program(body, address) == b""


def test_it_ends_and_its_turn_with_it(program, monkeypatch):
    monkeypatch.setattr(confined, "SECONDS", 0.7)
    began = time.monotonic()
    assert program("while True: pass") == b""
    assert program("import time\ntime.sleep(60)") == b""
    # It neither reads what it is given nor stops writing: nobody waits for it, or keeps it all.
    assert program("os.write(1, b'x' * 99) and os._exit(0)", bytes(MIB), most=9) == b""
    assert program("while True: os.write(1, bytes(65536))", most=MIB) == b""
    assert time.monotonic() - began < 10
    assert program("return b'still'") == b"still"


def test_too_many_at_once_are_told_to_come_back(program, monkeypatch):
    monkeypatch.setattr(confined, "SECONDS", 0.05)
    with confined.turn(), confined.turn(), pytest.raises(Busy):
        program("return b'x'")


def test_the_programs_are_nobodys_but_their_own():
    """They run without environment, working folder, or anything of the portal's."""
    for name in ("confining", "shrinking", "page_drawing", "cleaning_pictures", "cleaning_pdf",
                 "caging_mat2"):  # fmt: skip
        code = confined.program(f"{name}.py").read_text(encoding="utf-8")
        assert "from app" not in code, name
        assert "import app" not in code, name


def test_a_mile_wide_page_is_drawn_as_large_as_any():
    wide = files.pdf(pages=1).replace(b"[ 0 0 200 100 ]", b"[ 0 0 99999 1 ]")
    assert b"99999" in wide
    drawn = pictures.page_drawn(wide, 1)
    with Image.open(BytesIO(drawn.content)) as found:
        assert max(found.size) <= 1601


def test_a_picture_bomb_is_not_decoded():
    out = BytesIO()
    Image.new("L", (9000, 5000)).save(out, "PNG", compress_level=1)
    bomb = out.getvalue()
    assert MOST_PIXELS < 9000 * 5000
    with pytest.raises(ValueError, match="too many pixels"):
        answer(bomb)
    assert pictures.redrawn(bomb) is None
