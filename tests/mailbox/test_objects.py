"""Payloads as files: whole or not there, under names that say nothing and lead nowhere."""

import os
from io import BytesIO

import pytest

from app.errors import Missing
from app.mailbox.objects import Objects


@pytest.fixture
def objects(tmp_path) -> Objects:
    return Objects(tmp_path / "objects")


def test_what_was_put_is_read(objects):
    content = os.urandom(3_000_000)
    name = objects.put(BytesIO(content))
    assert len(name) == 32
    with objects.open(name) as file:
        assert file.read() == content
    assert [found for found, _ in objects.names()] == [name]


def test_names_are_random(objects):
    names = {objects.put(BytesIO(b"the same")) for _ in range(20)}
    assert len(names) == 20


def test_only_the_portals_user_reads_them(objects, tmp_path):
    name = objects.put(BytesIO(b"x"))
    assert (tmp_path / "objects").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "objects" / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "name", ["", "x", "../secret.key", "0" * 31, "0" * 33, "A" * 32, "0" * 32 + ".unfinished"]
)
def test_a_name_never_leaves_the_folder(objects, tmp_path, name):
    (tmp_path / "secret.key").write_text("secret", encoding="ascii")
    with pytest.raises(Missing):
        objects.open(name)
    with pytest.raises(Missing):
        objects.delete(name)


def test_what_is_gone_is_missing(objects):
    name = objects.put(BytesIO(b"x"))
    objects.delete(name)
    objects.delete(name)
    with pytest.raises(Missing):
        objects.open(name)


def test_a_source_that_breaks_leaves_nothing_to_open(objects):
    class Breaks(BytesIO):
        def read(self, size=-1):
            piece = super().read(10)
            if not piece:
                raise OSError("the disk went away")
            return piece

    with pytest.raises(OSError, match="went away"):
        objects.put(Breaks(b"half of it"))
    assert list(objects.names()) == []


def test_what_is_half_written_is_swept_when_it_is_old(objects, tmp_path):
    objects.put(BytesIO(b"whole"))
    half = tmp_path / "objects" / ("0" * 32 + ".unfinished")
    half.write_bytes(b"half")
    objects.sweep_unfinished(older_than=3600)
    assert half.exists()
    os.utime(half, (0, 0))
    objects.sweep_unfinished(older_than=3600)
    assert not half.exists()
    assert len(list(objects.names())) == 1


def test_an_empty_store_is_no_error(objects):
    assert list(objects.names()) == []
    objects.sweep_unfinished(older_than=0)
