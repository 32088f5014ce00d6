"""What passes through the spool has no name, and is gone when it is not wanted."""

import pytest

from app.errors import Full
from app.intake.spool import IN_MEMORY, Spool, TooLarge, check_room


@pytest.fixture(params=["memory", "nameless", "unlinked"])
def folder(request, tmp_path, monkeypatch):
    """In memory, with nameless files, and on a file system that has none."""
    if request.param != "memory":
        monkeypatch.setattr("app.intake.spool.IN_MEMORY", 1)
    if request.param == "unlinked":
        monkeypatch.setattr("tempfile._O_TMPFILE_WORKS", False)
    return tmp_path / "spool"


def test_bytes_come_back_and_no_name_is_ever_seen(folder):
    spool = Spool(folder, 1000)
    for piece in (b"one", memoryview(b"two"), b""):
        spool.write(piece)
        assert list(folder.iterdir()) == []
    assert spool.size == 6
    assert spool.rewound().read() == b"onetwo"
    spool.close()
    spool.close()
    assert list(folder.iterdir()) == []


def test_what_is_small_makes_no_file(tmp_path, monkeypatch):
    def no_room(**_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", no_room)
    spool = Spool(tmp_path, 2 * IN_MEMORY)
    spool.write(bytes(IN_MEMORY))
    assert spool.rewound().read() == bytes(IN_MEMORY)
    with pytest.raises(Full):
        spool.write(b"and one byte more")


def test_no_more_than_it_may_take(folder):
    spool = Spool(folder, 5)
    spool.write(b"12345")
    with pytest.raises(TooLarge):
        spool.write(b"6")
    with pytest.raises(ValueError, match="closed"):
        spool.rewound()


def test_a_folder_that_cannot_be_written_to_is_full(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Full):
        Spool(tmp_path / "file", 5)


def test_a_nearly_full_disk(folder, monkeypatch):
    check_room(folder)
    monkeypatch.setattr("app.intake.spool.TOO_LITTLE", 1 << 62)
    with pytest.raises(Full):
        check_room(folder)
