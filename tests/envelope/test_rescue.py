"""With a key file and nothing else an envelope opens; a refused one leaves nothing behind."""

import os
from io import BytesIO

import pytest

from app.envelope.errors import NoMatch
from app.envelope.member_keys import MemberKey
from app.envelope.parcel import ParcelReader
from app.envelope.rescue import open_envelope_file, rescue_main
from app.envelope.sealing import seal
from tests.envelope import cctv, samples
from tests.envelope.samples import JANE, OMAR
from tests.envelope.test_cctv import HYBRID_ONLY, MIXED

PLAIN = samples.parcel(b"{}", bytes(64), [bytes(300_000)])


@pytest.fixture
def folder(tmp_path):
    out = BytesIO()
    seal([JANE.recipient], BytesIO(PLAIN), out)
    (tmp_path / "in.age").write_bytes(out.getvalue())
    (tmp_path / "jane.key").write_text(JANE.to_text())
    return tmp_path


def rescue(folder, *more: str, identity: str = "jane.key", source: str = "in.age") -> int:
    return rescue_main(["--identity", str(folder / identity), *more, str(folder / source)])


def spoil(folder, how) -> None:
    content = (folder / "in.age").read_bytes()
    (folder / "in.age").write_bytes(how(content))


FAULTS = {
    "cut": lambda content: content[:-1],
    "cut at a chunk": lambda content: content[: -(len(PLAIN) % 65536) - 16],
    "altered at the end": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "longer": lambda content: content + b"\0",
    "no payload": lambda content: content[: content.index(b"--- ") + 48],
    "no header": lambda content: content[5:],
    "another mac": lambda content: content.replace(b"--- ", b"--- AAAA", 1)[:-4],
    "empty": lambda _: b"",
}


def test_it_opens_to_a_file_that_only_its_owner_reads(folder, capfd):
    assert rescue(folder, "--output", str(folder / "out.tar")) == 0
    assert (folder / "out.tar").read_bytes() == PLAIN
    assert (folder / "out.tar").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["in.age", "jane.key", "out.tar"]
    assert capfd.readouterr() == ("", "")
    ParcelReader(BytesIO((folder / "out.tar").read_bytes())).finish()


def test_it_opens_to_the_standard_output(folder, capfdbinary):
    assert rescue(folder) == 0
    assert capfdbinary.readouterr() == (PLAIN, b"")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_refused_file_leaves_no_output(folder, capfdbinary, fault):
    spoil(folder, FAULTS[fault])
    (folder / "kept.tar").write_bytes(b"from before")
    for output in ("out.tar", "kept.tar"):
        assert rescue(folder, "--output", str(folder / output)) == 1
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["in.age", "jane.key", "kept.tar"]
    assert (folder / "kept.tar").read_bytes() == b"from before"
    assert rescue(folder) == 1
    out, err = capfdbinary.readouterr()
    assert out == b""
    assert err.count(b"\n") == 3
    assert all(line.startswith(b"refused: ") for line in err.splitlines())


def test_another_key_is_refused(folder, capfd):
    (folder / "omar.key").write_text(OMAR.to_text())
    assert rescue(folder, identity="omar.key") == 1
    assert capfd.readouterr().err == (
        "refused: no stanza of the header is for an identity in the key file\n"
    )
    with pytest.raises(NoMatch):
        open_envelope_file(folder / "omar.key", folder / "in.age", folder / "out.tar")


def test_any_identity_in_the_key_file_will_do(folder):
    several = f"# two\n{OMAR.identity}\n{JANE.identity}\n"
    (folder / "both.key").write_text(several)
    assert rescue(folder, "--output", str(folder / "out"), identity="both.key") == 0


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"words", str(JANE.recipient).encode()])
def test_an_unfit_key_file_is_refused(folder, capfd, content):
    (folder / "jane.key").write_bytes(content)
    assert rescue(folder) == 1
    assert "refused: " in capfd.readouterr().err


def test_a_file_that_is_not_there_is_said(folder, capfd):
    assert rescue(folder, source="nothing.age") == 1
    assert rescue(folder, "--output", str(folder / "no" / "such" / "folder")) == 1
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "nothing.age" in lines[0]


def test_an_output_that_cannot_be_written_whole_is_not_there(folder, monkeypatch, capfd):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert rescue(folder, "--output", str(folder / "out.tar")) == 1
    assert capfd.readouterr().err == "refused: No space left on device\n"
    assert sorted(path.name for path in folder.iterdir()) == ["in.age", "jane.key"]


def test_it_asks_for_what_it_needs(folder):
    with pytest.raises(SystemExit) as caught:
        rescue_main([])
    assert caught.value.code == 2


@pytest.mark.parametrize("vector", HYBRID_ONLY + MIXED, ids=lambda vector: vector.name)
def test_it_opens_cctv_files_for_hybrid_recipients_alone(tmp_path, vector: cctv.Vector):
    (tmp_path / "in.age").write_bytes(vector.file)
    (tmp_path / "key").write_text("\n".join(vector.identities))
    status = rescue(tmp_path, "--output", str(tmp_path / "out"), identity="key")
    assert (status == 0) == (vector in HYBRID_ONLY) == (tmp_path / "out").exists()


@pytest.mark.parametrize("stanzas", [1, 64])
def test_it_opens_1_to_64_stanzas(tmp_path, stanzas):
    out = BytesIO()
    seal([MemberKey.generate().recipient] * (stanzas > 1) + [JANE.recipient], BytesIO(b"words"), out,
         stanzas=stanzas)  # fmt: skip
    (tmp_path / "in.age").write_bytes(out.getvalue())
    (tmp_path / "key").write_text(JANE.to_text())
    assert rescue(tmp_path, "--output", str(tmp_path / "out"), identity="key") == 0
    assert (tmp_path / "out").read_bytes() == b"words"
