"""The one form of tar header that a parcel has: 512 bytes, decided by a name and a size.

Everything else a tar can say (owners, times, links, long names, sparse files) could carry
something about the person or the machine that wrote it, so there is exactly one header for each
name and size, and a reader compares all of it.

Source: POSIX.1-2017, pax, "ustar Interchange Format"; docs/envelope-spec.md, section 4.2.
"""

from app.envelope.errors import ParcelError
from app.envelope.padding import BLOCK

LARGEST_MEMBER = 8**11 - 1  # bytes: eleven octal digits, 8 GiB less one

_NAME = 100  # bytes of the name field
_SIZE = slice(124, 136)
_CHECKSUM = slice(148, 156)


def member_header(name: str, size: int) -> bytes:
    """Return the 512 bytes before the content of member `name` (ASCII), `size` bytes long.

    Raises:
        ParcelError: if the size is 8 GiB or more.
    """
    if not 0 <= size <= LARGEST_MEMBER:
        raise ParcelError("a member of a parcel is too large")
    fields = (
        name.encode("ascii").ljust(_NAME, b"\0"),
        b"0000600\0",  # mode
        b"0000000\0",  # uid
        b"0000000\0",  # gid
        b"%011o\0" % size,
        b"00000000000\0",  # time
        b" " * 8,  # checksum, counted as spaces
        b"0",  # a regular file
        bytes(100),  # link name
        b"ustar\x0000",
        bytes(32 + 32),  # user name, group name; then device numbers, prefix and filling
    )
    header = bytearray(b"".join(fields).ljust(BLOCK, b"\0"))
    header[_CHECKSUM] = b"%06o\0 " % sum(header)
    return bytes(header)


def member_size(header: bytes, name: str) -> int:
    """Return the size that `header` gives for the member `name`.

    Raises:
        ParcelError: if these are not the very bytes that `member_header` writes.
    """
    digits = header[_SIZE][:-1]
    if not digits or digits.translate(None, b"01234567"):
        raise ParcelError("a member of the parcel has no readable size")
    size = int(digits, 8)
    if header != member_header(name, size):
        raise ParcelError("a member of the parcel is not the regular file expected here")
    return size


def filled(size: int) -> int:
    """Return `size` rounded up to whole blocks of 512 bytes, as a member takes in a tar."""
    return -(-size // BLOCK) * BLOCK
