"""The two kinds of words a desk writes: for the reporter, and for its own. Pure.

They are different types and have no common one, so that a note can be handed to nothing that
writes to a reporter: `dialogue` takes `ForReporter` alone, `notes` takes `ForDesk` alone, and
neither knows of the other.
"""

from dataclasses import dataclass, field

LONGEST_REPLY = 4_000  # characters; what does not fit the one sealed size is refused besides
LONGEST_NOTE = 6_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file for a reporter, cleaned, with the label that she sees before she saves it."""

    label: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForReporter:
    """What a reporter is to read. `template` is the id of the approved text, if it is one.

    Free words reach a mailbox only after a second reader, see `drafts`, and a file with no others.

    Raises:
        ValueError: if a file is to go with an approved text, past a second reader.
    """

    words: str = field(repr=False)
    template: str = ""
    enclosed: Enclosure | None = None

    def __post_init__(self) -> None:
        if self.template and self.enclosed is not None:
            raise ValueError("a file goes to a second reader first")

    @property
    def is_approved(self) -> bool:
        """Whether this was approved as it stands, for every desk alike, before anybody chose it."""
        return bool(self.template)


@dataclass(frozen=True, slots=True)
class ForDesk:
    """What stays on the desk: why something was done, what to look into."""

    words: str = field(repr=False)
