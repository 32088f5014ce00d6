"""The witness: a folder on another machine in which every freeze is written down, once.

It holds three notes of a freeze, in this order: what is about to be spent, before any noise is
drawn; the release as it was drawn, before this side commits it; and that it was committed. None
is ever overwritten, so whoever restores an older database finds out here that the noise of a
period exists already, and no second noise is drawn to be averaged with the first.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.freeze.domain import WitnessAbsent, WitnessedAlready
from app.trends.ledger import Spent

# A mount that is not mounted is an empty folder: only a folder with this file is the witness.
MARK = "candour-witness"
SPENT, DRAWN, SHOWN = "spent", "drawn", "shown"
WITHDRAWN, CHECKPOINTS = "withdrawn", "checkpoints"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
LONGEST = 4 * 1024 * 1024  # bytes of a note


@dataclass(frozen=True, slots=True)
class Drawn:
    """A release as it was drawn, and the freeze that drew it."""

    intent: bytes
    canonical: bytes
    # Decided at a year's first freeze and written nowhere in a release.
    cadence: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """When and why a release was withdrawn."""

    on: date
    why: str


@dataclass(frozen=True, slots=True)
class Witness:
    """The witness's folder."""

    folder: Path

    def mark(self) -> None:
        """Make this folder the witness. Done once, by hand, where it is mounted."""
        for folder in (self.folder, *(self.folder / name for name in _FOLDERS)):
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if not (self.folder / MARK).exists():
            self._put(self.folder / MARK, b"Candour keeps here what it must not do twice.\n")

    def check(self) -> None:
        """Check that the witness is there.

        Raises:
            WitnessAbsent: if it is not, or not the folder that was marked.
        """
        with _absent():
            if not (self.folder / MARK).is_file():
                raise WitnessAbsent("the folder is not the witness's: it has no mark")

    def check_free(self, spends: tuple[Spent, ...], intent: bytes | None) -> None:
        """Check that nothing of `spends` is spent, unless by this very intent.

        Raises:
            WitnessedAlready: if it is.
        """
        self.check()
        for spent in spends:
            self._refuse_another(spent, self._read(self._of(SPENT, *_key(spent))), intent)

    def reserve(self, spends: tuple[Spent, ...], intent: bytes) -> None:
        """Write down what is about to be spent; the same intent may do it again.

        Raises:
            WitnessedAlready: if another freeze spent any of it.
        """
        self.check()
        for spent in spends:
            note = {"intent": intent.hex(), "rho": str(spent.rho)}
            standing = self._put(self._of(SPENT, *_key(spent)), _written(note))
            self._refuse_another(spent, standing, intent)

    def keep_draw(self, force: str, number: int, drawn: Drawn) -> Drawn:
        """Write down a release as it was drawn, and return the one that stands: the first."""
        self.check()
        note = {
            "intent": drawn.intent.hex(),
            "release": drawn.canonical.decode("ascii"),
            "cadence": drawn.cadence,
        }
        return _drawn(self._put(self._of(DRAWN, force, str(number)), _written(note)))

    def drawn(self, force: str, number: int) -> Drawn | None:
        """Return the release that was drawn in this place of the chain, if any was."""
        self.check()
        found = self._read(self._of(DRAWN, force, str(number)))
        return None if found is None else _drawn(found)

    def confirm(self, force: str, number: int, note: str) -> None:
        """Write down the signed note of a release that was committed.

        Raises:
            WitnessedAlready: if another release was confirmed in its place.
        """
        self.check()
        content = note.encode()
        if self._put(self._of(SHOWN, force, str(number)), content) != content:
            raise WitnessedAlready(f"another release {number} of {force} was confirmed")

    def confirmed(self, force: str, number: int) -> str | None:
        """Return the signed note of a release that was committed, if the witness has it."""
        self.check()
        found = self._read(self._of(SHOWN, force, str(number)))
        return None if found is None else found.decode()

    def keep_withdrawal(self, force: str, number: int, withdrawn: Withdrawn) -> Withdrawn:
        """Write down that a release is withdrawn, and return what stands: the first."""
        self.check()
        note = {"on": withdrawn.on.isoformat(), "why": withdrawn.why}
        return _withdrawn(self._put(self._of(WITHDRAWN, force, str(number)), _written(note)))

    def withdrawn(self, force: str, number: int) -> Withdrawn | None:
        """Return that a release was withdrawn, if it was."""
        self.check()
        found = self._read(self._of(WITHDRAWN, force, str(number)))
        return None if found is None else _withdrawn(found)

    def keep_checkpoint(self, name: str, note: str) -> None:
        """Write down a checkpoint of the audit log."""
        self.check()
        self._put(self._of(CHECKPOINTS, name), note.encode())

    def _of(self, folder: str, *parts: str) -> Path:
        return self.folder / folder / "--".join(parts)

    def _refuse_another(self, spent: Spent, found: bytes | None, intent: bytes | None) -> None:
        if found is None:
            return
        if intent is None or json.loads(found)["intent"] != intent.hex():
            raise WitnessedAlready(
                f"{spent.table.value} of {spent.force}, {spent.period}, was spent before"
            )

    def _read(self, path: Path) -> bytes | None:
        with _absent():
            try:
                with path.open("rb") as file:
                    return file.read(LONGEST)
            except FileNotFoundError:
                return None

    def _put(self, path: Path, content: bytes) -> bytes:
        """Write a note unless it stands, and return what stands.

        It is written beside its place and linked there: it appears whole, once, or not at all.
        """
        with _absent():
            fresh = path.with_name(f".{secrets.token_hex(8)}")
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                with suppress(FileExistsError):
                    os.link(fresh, path)
            finally:
                fresh.unlink()
            _sync_folder(path.parent)
            return path.read_bytes()


_FOLDERS = (SPENT, DRAWN, SHOWN, WITHDRAWN, CHECKPOINTS)


def _key(spent: Spent) -> tuple[str, str, str]:
    return spent.force, spent.table.value, str(spent.period)


def _written(note: dict[str, str]) -> bytes:
    return json.dumps(note, sort_keys=True, separators=(",", ":")).encode("ascii")


def _drawn(content: bytes) -> Drawn:
    note = json.loads(content)
    return Drawn(bytes.fromhex(note["intent"]), note["release"].encode("ascii"), note["cadence"])


def _withdrawn(content: bytes) -> Withdrawn:
    note = json.loads(content)
    return Withdrawn(date.fromisoformat(note["on"]), note["why"])


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _absent() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WitnessAbsent(f"the witness cannot be used: {error.strerror}") from error
