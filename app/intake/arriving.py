"""Files of one form while they arrive: sealed at once, or cleaned in memory and sealed then.

What goes wrong with a file is noted for the page and does not stop the others; what was typed
before the files is at hand even when the body breaks off.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from app.intake.domain import LARGEST_FILES
from app.intake.flood import Passage, cleaning
from app.intake.pictures import LARGEST as LARGEST_PICTURE
from app.intake.pictures import SNIFFED, CannotClean, FileKind, kind_of, without_hidden_data
from app.intake.spool import TooLarge
from app.intake.waiting import ArrivingFile, PageKey
from app.intake.writing import LONGEST_LABEL, Problems, WaitingFile, tidy_label
from app.work import Work

INPUTS = ("file_1", "file_2", "file_3")
KEPT_AS_IT_IS = {FileKind.PLAIN_TEXT}  # carries nothing beside its words


class UnknownInput(Exception):
    """A file under a name that no form of ours has."""


class Sink(Protocol):
    """Where the bytes of one file go."""

    def write(self, piece: bytes, /) -> object: ...

    def finish(self) -> object: ...


class Arrivals:
    """Takes the files of one body.

    Args:
        folder: of the spool.
        page_key: under which they are sealed.
        passage: through which the body comes.
        waiting: the files that the page has already.
    """

    def __init__(
        self, folder: Path, page_key: PageKey, passage: Passage, waiting: Sequence[WaitingFile]
    ) -> None:
        self.problems: Problems = {}
        self._folder = folder
        self._page_key = page_key
        self._passage = passage
        self._room = LARGEST_FILES - sum(file.size for file in waiting)
        self._numbered = len(waiting)
        self._arrived: list[tuple[ArrivingFile, str]] = []
        self._begun: list[ArrivingFile] = []
        # Numbers of the inputs whose file was taken.
        self.taken: list[str] = []

    def open(self, name: str, fields: Mapping[str, str]) -> Sink:
        """Return where the bytes of the file `name` go.

        Args:
            name: of the form's input.
            fields: that stood before it.

        Raises:
            UnknownInput: if no form of ours has such an input.
            Busy: if too many large bodies are under way.
        """
        if name not in INPUTS:
            raise UnknownInput
        self._passage.enter()
        number = name.removeprefix("file_")
        label = tidy_label(fields.get(f"label_{number}", ""), self._numbered + 1)
        clean = bool(fields.get(f"clean_{number}"))
        return _OneFile(self, number, label, clean=clean)

    @property
    def files(self) -> list[WaitingFile]:
        """The files that arrived whole and well, as the page refers to them."""
        return [file.labelled(label) for file, label in self._arrived]

    def store(self, work: Work) -> None:
        """Store the files that arrived whole and well."""
        for file, _label in self._arrived:
            file.store(work)

    def close(self) -> None:
        """Let go of everything that came, whole or not."""
        for file in self._begun:
            file.close()

    def sealed(self) -> ArrivingFile:
        """Return a new file to write into."""
        self._begun.append(ArrivingFile(self._folder, self._page_key))
        return self._begun[-1]

    def let_through(self, count: int) -> None:
        """Note that bytes came, and slow down what comes too fast."""
        self._passage.let_through(count)

    def take_room(self, count: int) -> None:
        """Note that bytes are to be kept.

        Raises:
            TooLarge: if the files of this page together are more than one letter takes.
        """
        self._room -= count
        if self._room < 0:
            raise TooLarge

    def keep(self, file: ArrivingFile, label: str, number: str) -> None:
        """Keep a file that arrived whole."""
        self._numbered += 1
        self._arrived.append((file, label))
        self.taken.append(number)


class _OneFile:
    """Decides from a file's first bytes what becomes of it, and does that with the rest."""

    def __init__(self, arrivals: Arrivals, number: str, label: str, *, clean: bool) -> None:
        self._arrivals = arrivals
        self._number = number
        self._label = label
        self._clean = clean
        self._size = 0
        self._beginning = b""
        self._kind: FileKind | None = None
        self._picture: bytearray | None = None
        self._file: ArrivingFile | None = None
        self._refused = False
        if len(label) > LONGEST_LABEL:
            self._refuse(f"Shorten the description to {LONGEST_LABEL} characters", "label")

    def write(self, piece: bytes, /) -> None:
        self._arrivals.let_through(len(piece))
        if self._refused:
            # The rest of a refused file is read and dropped, or the page could not be answered.
            return
        self._size += len(piece)
        try:
            self._arrivals.take_room(len(piece))
            self._take(bytes(piece))
        except TooLarge:
            self._refuse("The selected file must be smaller than 32 MB, and all of them than 64 MB")

    def finish(self) -> None:
        if self._refused:
            return
        if not self._size:
            self._refuse("The selected file is empty")
            return
        if self._kind is None:
            self._decide()
        if self._picture is not None:
            self._clean_picture(bytes(self._picture))
        if self._file is not None:
            self._file.finish()
            self._arrivals.keep(self._file, self._label, self._number)

    def _take(self, piece: bytes) -> None:
        if self._file is not None:
            self._file.write(piece)
        elif self._picture is not None:
            self._gather(piece)
        else:
            self._beginning += piece
            if len(self._beginning) >= SNIFFED:
                self._decide()

    def _decide(self) -> None:
        self._kind = kind_of(self._beginning)
        beginning, self._beginning = self._beginning, b""
        if self._clean and self._kind.can_be_cleaned:
            self._picture = bytearray()
            self._gather(beginning)
        elif self._clean and self._kind not in KEPT_AS_IT_IS:
            self._refuse(
                "We cannot remove hidden data from this kind of file. "
                "To send it as it is, untick the box and choose it again"
            )
        else:
            self._file = self._arrivals.sealed()
            self._file.write(beginning)

    def _gather(self, piece: bytes) -> None:
        if self._picture is None:
            return
        self._picture += piece
        if len(self._picture) > LARGEST_PICTURE:
            self._refuse_cleaning("it is larger than 16 MB")

    def _clean_picture(self, content: bytes) -> None:
        if self._kind is None:
            return
        try:
            with cleaning.place():
                cleaned = without_hidden_data(content, self._kind)
        except CannotClean as reason:
            self._refuse_cleaning(str(reason))
            return
        self._file = self._arrivals.sealed()
        self._file.write(cleaned)

    def _refuse_cleaning(self, reason: str) -> None:
        self._refuse(
            f"We cannot remove hidden data from this picture: {reason}. "
            "To send it as it is, untick the box and choose it again"
        )

    def _refuse(self, problem: str, field: str = "file") -> None:
        self._refused = True
        self._picture = None
        if self._file is not None:
            self._file.close()
            self._file = None
        self._arrivals.problems[f"{field}_{self._number}"] = problem
