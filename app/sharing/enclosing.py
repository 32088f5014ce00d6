"""The files of a case as a bundle encloses them: as they were sent, or cleaned copies of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.casework import at_desk, attachments, cleaning
from app.casework.attachments import Checked
from app.casework.cleaning import CannotClean
from app.casework.writing_desk import WritingDesk
from app.identity.access import unlocked
from app.sharing import telling
from app.sharing.bundle import Document, File

# What is cleaned is held until all is: the list of what is in a bundle comes before it.
MOST_CLEANED = 64 * 1024 * 1024  # bytes


class TooMuch(Exception):
    """The cleaned copies of a case's files are too much for one bundle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """What is enclosed, and what the manifest says of it besides."""

    files: list[File] = field(default_factory=list)
    copies: list[Document] = field(default_factory=list)
    said: dict[str, object] = field(default_factory=dict)


def originals(desk: WritingDesk) -> Enclosed:
    """Return every file of a case, each checked to its last byte before the first one goes.

    Raises:
        ForgedAttachment: if one is not what its letter says.
    """
    return Enclosed(
        files=[
            File(name, one.named.size, one.named.sha256, attachments.stream(one))
            for name, one in _checked(desk)
        ]
    )


def cleaned_copies(desk: WritingDesk) -> Enclosed:
    """Return a cleaned copy of every file of a case that can be cleaned, and of the others why not.

    Raises:
        ForgedAttachment: if a file is not what its letter says.
        TooMuch: if the copies are too much for one bundle.
        Busy: if too many files are being cleaned.
    """
    copies: list[Document] = []
    said: dict[str, object] = {}
    for name, one in _checked(desk):
        try:
            made = _cleaned(one)
        except CannotClean as error:
            said[name] = {"left_out": error.obstacle.value}
            continue
        copy = Document(f"{name}-cleaned.{made.kind.ending}", made.content)
        copies.append(copy)
        said[name] = {"copy": copy.name, "taken_out": list(made.removed)}
        if sum(len(each.content) for each in copies) > MOST_CLEANED:
            raise TooMuch(f"cleaned copies of case {desk.case.ref}")
    return Enclosed(copies=copies, said={"cleaned": said})


def _cleaned(one: Checked) -> cleaning.Cleaned:
    obstacle = cleaning.obstacle_to(one.kind, one.named.size)
    if obstacle is not None:
        raise CannotClean(obstacle)
    return cleaning.clean(attachments.read(one), one.kind)


def _checked(desk: WritingDesk) -> Iterator[tuple[str, Checked]]:
    objects, identity = at_desk.objects(), unlocked().identity
    for name, opened, number in telling.files_of(desk):
        yield (
            name,
            attachments.check(
                desk.found.folder,
                opened.entry.id,
                number,
                identity=identity,
                keyring=desk.keyring,
                objects=objects,
            ),
        )
