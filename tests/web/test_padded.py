"""An answer of one length, which every reader of gzip unpacks to what was put in."""

import gzip
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.padded import LONGEST_BLOCK, TooLong, padded_gzip
from tests.proof import examples

LENGTH = 200_000


@given(st.integers(0, 190_000), st.integers(0, 9), st.binary(min_size=1, max_size=40))
@examples(normal=60)
def test_it_has_one_length_and_unpacks(size, more, piece):
    content = (piece * (size // len(piece) + 1))[:size]
    packed = padded_gzip(content, LENGTH + more)
    assert len(packed) == LENGTH + more
    assert gzip.decompress(packed) == content


@pytest.mark.parametrize("size", [0, LONGEST_BLOCK - 1, LONGEST_BLOCK, LONGEST_BLOCK + 1])
def test_another_reader_takes_it_too(size):
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    read = subprocess.run(["gzip", "-dc"], input=padded_gzip(content, LENGTH), capture_output=True)
    assert (read.returncode, read.stdout, read.stderr) == (0, content, b"")


def test_what_does_not_fit_is_refused():
    fits = next(size for size in range(199_970, 0, -1) if _fits(size))
    assert len(padded_gzip(bytes(fits), LENGTH)) == LENGTH
    with pytest.raises(TooLong):
        padded_gzip(bytes(fits + 1), LENGTH)


def _fits(size):
    try:
        padded_gzip(bytes(size), LENGTH)
    except TooLong:
        return False
    return True
