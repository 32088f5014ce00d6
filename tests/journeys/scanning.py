"""Reads every byte a portal keeps, as somebody with the disk would, and says what it gives away."""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from urllib.parse import unquote_to_bytes

from app.envelope.receipts import Receipt
from tests.journeys.canaries import MARK

BLOCK = 1 << 20  # bytes looked at together
OVERLAP = 1024  # bytes that two blocks share: more than anything looked for is long
NEAR = 150  # bytes on either side of a word of a receipt
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")

# What is shorter cannot hold anything looked for.
IN_BASE64 = re.compile(rb"[A-Za-z0-9+/_\-]{12,}(?:\r?\n[A-Za-z0-9+/_\-]+)*")
IN_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]{16,}")
PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}%[0-9A-Fa-f]{2}")
STANDARD = bytes.maketrans(b"-_", b"+/")

Content = bytes | memoryview


@dataclass(frozen=True)
class Finding:
    """Something that should not be there."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.what} in {self.where}"


@dataclass
class Scanner:
    """Knows what must not be found. Blocks that were clean before are not looked at again."""

    address: str
    texts: dict[bytes, str] = field(default_factory=dict)
    keys: dict[bytes, str] = field(default_factory=dict)
    threes: list[tuple[bytes, re.Pattern[bytes]]] = field(default_factory=list)
    clean: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.forbid(MARK, "somebody's words")
        self.forbid(self.address, "the address")
        mapped = bytes(10) + b"\xff\xff" + self.packed_address
        self.keys[mapped] = "the address"

    @property
    def packed_address(self) -> bytes:
        return bytes(int(part) for part in self.address.split("."))

    def forbid(self, text: str, what: str) -> None:
        """Look for `text` in any case, however it is encoded."""
        self.clean.clear()
        self.texts |= {text.lower().encode(encoding): what for encoding in ENCODINGS}

    def forbid_receipt(self, receipt: Receipt) -> None:
        """Look for any three words of it in their order, and for every key that follows."""
        self.clean.clear()
        # Of any three words that follow one another, one is every third.
        for at in range(2, len(receipt.words), 3):
            self.threes += [_three_around(receipt.words, at, encoding) for encoding in ENCODINGS]
        self.keys |= {
            receipt.entropy: "a receipt's entropy",
            receipt.tag: "a receipt's look-up tag",
            receipt.identity.seed: "a reporter's identity",
            receipt.signing_key.seed: "a reporter's signing key",
        }

    def look(self, where: str, content: Content) -> list[Finding]:
        """Return what is found in `content`."""
        found = []
        view = memoryview(content)
        for start in range(0, max(len(view), 1), BLOCK):
            block = bytes(view[start : start + BLOCK + OVERLAP])
            known = blake2b(block, digest_size=16).digest()
            if known in self.clean:
                continue
            here = sorted(set(self._find(block)))
            found += [Finding(f"{where}, from byte {start}", what) for what in here]
            if not here:
                self.clean.add(known)
        return found

    def look_at_files(self, files: Iterable[tuple[str, Content]]) -> list[Finding]:
        """Return what is found in files; their names count as well."""
        return [
            finding
            for where, content in files
            for finding in (
                *self.look("the name of a file", where.encode()),
                *self.look(where, content),
            )
        ]

    def look_at_cells(self, cells: Iterable[tuple[str, object]]) -> list[Finding]:
        """Return what is found in the cells of a database, each looked at by itself."""
        numbers = {int.from_bytes(self.packed_address, order) for order in ("big", "little")}
        found = []
        for where, value in cells:
            if value == self.packed_address or value in numbers:
                found.append(Finding(where, "the address as a number"))
            found += self.look(where, _bytes_of(value))
        return found

    def _find(self, block: bytes) -> Iterator[str]:
        for way, layer in _layers(block):
            yield from (f"{what}{way}" for key, what in self.keys.items() if key in layer)
            lower = layer.lower()
            yield from (f"{what}{way}" for text, what in self.texts.items() if text in lower)
            for word, pattern in self.threes:
                for at in _places(lower, word):
                    if pattern.search(lower, max(0, at - NEAR), at + NEAR):
                        yield f"three words of a receipt{way}"


def _three_around(
    words: tuple[str, ...], at: int, encoding: str
) -> tuple[bytes, re.Pattern[bytes]]:
    """Return a word, and the pattern of any three that it is one of, with little between them."""
    spelt = [re.escape(word.encode(encoding)) for word in words]
    starts = range(max(0, at - 2), min(at, len(words) - 3) + 1)
    each = [rb".{0,48}?".join(spelt[start : start + 3]) for start in starts]
    return words[at].encode(encoding), re.compile(b"|".join(each), re.DOTALL)


def _places(content: bytes, needle: bytes) -> Iterator[int]:
    at = content.find(needle)
    while at >= 0:
        yield at
        at = content.find(needle, at + 1)


def _layers(block: bytes, way: str = "", depth: int = 2) -> Iterator[tuple[str, bytes]]:
    """Yield `block`, and what is encoded in it, and what is encoded in that."""
    yield way, block
    if not depth:
        return
    for name, decoded in _decoded(block):
        yield from _layers(decoded, f"{way}, in {name}", depth - 1)


def _decoded(block: bytes) -> Iterator[tuple[str, bytes]]:
    for run in IN_BASE64.finditer(block):
        text = run[0].translate(STANDARD, b"\r\n")
        # Where one encoded group begins is not known: it is one of four characters.
        for first in range(4):
            rest = text[first:]
            # The last group may be cut; what is filled in decodes to bytes that mean nothing.
            yield "base64", b64decode(rest + b"A" * (-len(rest) % 4))
        # Every run of hexadecimal digits is a run of base64 as well.
        yield from _in_hexadecimal(run[0])
    if PERCENT.search(block):
        yield "percent", unquote_to_bytes(block)


def _in_hexadecimal(text: bytes) -> Iterator[tuple[str, bytes]]:
    for run in IN_HEXADECIMAL.finditer(text):
        for first in range(2):
            whole = run[0][first : first + (len(run[0]) - first) // 2 * 2]
            yield "hexadecimal", bytes.fromhex(whole.decode())


def _bytes_of(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
