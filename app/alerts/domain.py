"""Who is on call for which desk, and the words they get: the same for every desk and every matter.

The mail leaves the house over a network that somebody may watch, so it says that somebody should
sign in. Not which desk, not what waits, not how many.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SUBJECT = "Please sign in"
WORDS = (
    "Something that was sent as urgent waits to be read.\n"
    "\n"
    "Please sign in as soon as you can, on a device that you use for this work.\n"
    "This message says nothing of what it is about, and you cannot answer it.\n"
)

MOST_ADDRESSES = 20  # of one desk
LONGEST_ADDRESS = 254  # characters; RFC 5321, section 4.5.3.1.3

# Plain addresses alone: no names, no comments, no quoted local parts, nothing that ends a line.
_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*", re.ASCII)


class UnfitOnCall(Exception):
    """Nobody can be alerted as this says; the message names what is wrong with it."""


@dataclass(frozen=True, slots=True)
class OnCall:
    """The addresses that are told, by desk.

    Raises:
        UnfitOnCall: if an address is none, or a desk has none or too many.
    """

    desks: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        for desk, addresses in self.desks.items():
            if not 1 <= len(set(addresses)) == len(addresses) <= MOST_ADDRESSES:
                raise UnfitOnCall(f"desk {desk} needs 1 to {MOST_ADDRESSES} different addresses")
            if not all(is_address(address) for address in addresses):
                raise UnfitOnCall(f"desk {desk} has an address that is not one")

    def of(self, desk: str) -> tuple[str, ...]:
        """Return the addresses of a desk; none, if nobody is on call for it."""
        return self.desks.get(desk, ())

    def check_covers(self, desks: Iterable[str]) -> None:
        """Check that somebody is on call for each of `desks`.

        What a reporter reads must not depend on the desk, so it is all of them or none.

        Raises:
            UnfitOnCall: naming the desks that nobody is on call for.
        """
        if missing := sorted(set(desks) - self.desks.keys()):
            raise UnfitOnCall(f"nobody is on call for {', '.join(missing)}")


def is_address(text: str) -> bool:
    """Tell whether `text` is a plain mail address."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None
