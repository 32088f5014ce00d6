"""The approved texts: what a desk may write to a reporter without a second reader.

The project's own reference data, in versions with the day each begins. The texts are the same for
every desk, hold no name and no blank to fill in, and fit the one size in which everything for a
reporter is sealed.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from app.casework.messages import ForReporter
from app.editions import in_force
from app.envelope.strict_json import (
    UnfitJson,
    integer_in,
    names_of,
    objects_in,
    read_object,
    text_in,
    texts_in,
)

FOLDER = Path(__file__).with_name("data")
FORMAT = "candour-reporter-texts/1"
# The group of texts that say somebody has looked again who did not decide before.
REVIEWED = "reviewed"


@dataclass(frozen=True, slots=True)
class ApprovedText:
    """One text: what the desk calls it, and its words."""

    id: str
    label: str
    text: str

    def to_send(self) -> ForReporter:
        """Return it as what a reporter is to read."""
        return ForReporter(self.text, template=self.id)


@dataclass(frozen=True, slots=True)
class Group:
    """Texts for one moment; for outcomes, with the classes they are for."""

    id: str
    label: str
    classes: tuple[str, ...]
    texts: tuple[ApprovedText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One version of all of them."""

    version: int
    effective_from: date
    groups: tuple[Group, ...]

    def for_outcomes(
        self, outcomes: frozenset[str], *, decided_before: bool = False
    ) -> tuple[Group, ...]:
        """Return the groups that fit a case with these outcomes, or with none yet.

        Args:
            outcomes: their classes.
            decided_before: whether whoever writes decided in this case. What says that somebody
                looked who did not is then not hers to send.
        """
        return tuple(
            group
            for group in self.groups
            if (not group.classes or outcomes & set(group.classes))
            and not (decided_before and group.id == REVIEWED)
        )


def texts_on(day: date) -> Texts:
    """Return the version in force on `day`, or the first before there was one."""
    return in_force(_versions(), day)


@cache
def _versions() -> tuple[Texts, ...]:
    return tuple(
        read_texts(file.read_bytes()) for file in sorted(FOLDER.glob("reporter-texts-*.json"))
    )


def read_texts(content: bytes) -> Texts:
    """Return the texts in a file.

    Raises:
        UnfitJson: if it is malformed, or an id stands twice.
    """
    found = read_object(content)
    names_of(found, ("format", "version", "effective_from", "groups"))
    if text_in(found, "format") != FORMAT:
        raise UnfitJson("the texts are of another format")
    groups = tuple(
        Group(
            id=text_in(group, "id"),
            label=text_in(group, "label"),
            classes=texts_in(group, "classes"),
            texts=tuple(
                ApprovedText(text_in(one, "id"), text_in(one, "label"), text_in(one, "text"))
                for one in objects_in(group, "texts")
            ),
        )
        for group in objects_in(found, "groups")
    )
    ids = [text.id for group in groups for text in group.texts]
    if len(set(ids)) != len(ids) or not all(ids):
        raise UnfitJson("an id stands twice, or there is none")
    return Texts(
        version=integer_in(found, "version", least=1),
        effective_from=date.fromisoformat(text_in(found, "effective_from")),
        groups=groups,
    )
