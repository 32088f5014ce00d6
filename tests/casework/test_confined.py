"""What reads a hostile file is caged: it opens nothing, takes no more than its share, and ends."""

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
            f"import os, socket, subprocess\n{before}\ndef answer(content):\n    {lines}\n"
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
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1, 1)) if os.getuid() else open('/')\nreturn b'x'",
        "return bytes(3 * 1024 ** 3)[:1]",
        "return os.environ['PATH'].encode()",
        "raise SystemError",
        "os._exit(1)",
        "os.kill(os.getpid(), 11)",
    ],
    ids=["reads", "writes", "connects", "copies a descriptor", "pipes", "lifts a bound", "memory",
         "environment", "raises", "exits", "crashes"],
)  # fmt: skip
def test_what_it_may_not_do(program, body):
    assert program(body) == b""


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
