"""Where a reader's stanzas stand in the headers she opened before, in a form that tells only her.

No stanza says whom it is for, so opening an envelope tries her key on one after another. Once
one opened, its place may be kept for the next time, and nothing else: without her key a place is
of no use to anybody, and with it each header is opened and vouched for as ever. A place that is
wrong, whoever made it so, costs trials and no more.

What is kept always has one length, and for whoever lacks her key every byte of it looks random,
whether anything was found or nothing: see docs/adr/0021-search-remembers-places.md.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hmac import digest as hmac_digest

from app.envelope.derivation import derive
from app.envelope.format import MOST_STANZAS, Header, Stanza
from app.envelope.identities import Identity

SLOTS = 24  # envelopes of one case whose places are kept
KEPT = 72  # bytes: three for each slot

_SLOT = KEPT // SLOTS
_INFO = b"candour/places/v1"


def nothing_found() -> bytes:
    """Return what is kept where nothing was found yet: 72 bytes like any others."""
    return secrets.token_bytes(KEPT)


class Places:
    """The places of one reader's stanzas in the headers of one case.

    Args:
        key: 32 bytes that nobody but the reader has, as `Finder` derives them.
        kept: what `to_bytes` gave before; anything else, and None, is as if nothing was found.
    """

    def __init__(self, key: bytes, kept: bytes | None = None) -> None:
        self._key = key
        self._kept = kept if kept is not None and len(kept) == KEPT else nothing_found()
        self._used: set[int] = set()
        self._asked: dict[bytes, int | None] = {}
        self._new: dict[bytes, int] = {}

    def of(self, header: Header) -> int | None:
        """Return at which stanza of `header` to begin, if that is known. It may be wrong."""
        if header.mac in self._asked:
            return self._asked[header.mac]
        self._asked[header.mac] = place = self._kept_of(header)
        return place

    def note(self, header: Header, place: int) -> None:
        """Note at which stanza `header` opened."""
        if self.of(header) == place:
            return
        self._asked[header.mac] = place
        tag, mask = self._marks(header)
        # One that turned out wrong is written over like one that nobody asked for.
        self._used.difference_update(self._slots_of(tag))
        self._new[tag] = place ^ mask

    def _kept_of(self, header: Header) -> int | None:
        tag, mask = self._marks(header)
        for slot in self._slots_of(tag):
            place = self._kept[slot * _SLOT + len(tag)] ^ mask
            if place < MOST_STANZAS:
                self._used.add(slot)
                return place
        return None

    @property
    def changed(self) -> bool:
        """Whether something was found that is not in what was kept."""
        return bool(self._new)

    def to_bytes(self) -> bytes:
        """Return what is to be kept, 72 bytes: what was kept, with what was found written in.

        What was asked for since stays. If there is more than room, some of it is found by trying.
        """
        kept = bytearray(self._kept)
        free = [slot for slot in range(SLOTS) if slot not in self._used]
        secrets.SystemRandom().shuffle(free)
        for tag, place in self._new.items():
            # Where a wrong one stood under the same tag, it would be found first.
            wrong = [slot for slot in self._slots_of(tag) if slot in free]
            if not free:
                break
            slot = wrong[0] if wrong else free[0]
            free.remove(slot)
            kept[slot * _SLOT : (slot + 1) * _SLOT] = tag + bytes([place])
        return bytes(kept)

    def _slots_of(self, tag: bytes) -> Iterator[int]:
        at = self._kept.find(tag)
        while at >= 0:
            if at % _SLOT == 0:
                yield at // _SLOT
            at = self._kept.find(tag, at + 1)

    def _marks(self, header: Header) -> tuple[bytes, int]:
        # The MAC vouches for the whole header: no two headers that open have the same, and so no
        # two places are written under the same mask.
        marks = hmac_digest(self._key, header.mac, "sha256")
        return marks[: _SLOT - 1], marks[_SLOT - 1]


@dataclass(frozen=True)
class Finder:
    """An identity that looks first where it found its stanzas before. It unwraps as ever."""

    identity: Identity
    places: Places = field(repr=False)

    def unwrap(self, stanza: Stanza, /) -> bytes:
        """Return the file key in `stanza`, as `Identity.unwrap`."""
        return self.identity.unwrap(stanza)


@dataclass(frozen=True)
class FinderKey:
    """What makes finders for one reader: her identity, and the key of her places."""

    identity: Identity

    def finder(self, kept: bytes | None = None) -> Finder:
        """Return a finder for the envelopes of one case, with what was kept of it."""
        return Finder(self.identity, Places(self._key, kept))

    @cached_property
    def _key(self) -> bytes:
        return derive(self.identity.seed, salt=b"", info=_INFO)
