"""The two kinds of words a desk writes: for the reporter, and for its own. Pure.

They are different types and have no common one, so that a note can be handed to nothing that
writes to a reporter: `dialogue` takes `ForReporter` alone, `notes` takes `ForDesk` alone, and
neither knows of the other.
"""

from dataclasses import dataclass, field

LONGEST_REPLY = 4_000  # characters; what does not fit the one sealed size is refused besides
LONGEST_NOTE = 6_000  # characters


@dataclass(frozen=True, slots=True)
class ForReporter:
    """What a reporter is to read. `template` is the id of the approved text, if it is one.

    Free words reach a mailbox only after a second reader: see `drafts`.
    """

    words: str = field(repr=False)
    template: str = ""

    @property
    def is_approved(self) -> bool:
        """Whether this was approved as it stands, for every desk alike, before anybody chose it."""
        return bool(self.template)


@dataclass(frozen=True, slots=True)
class ForDesk:
    """What stays on the desk: why something was done, what to look into."""

    words: str = field(repr=False)
