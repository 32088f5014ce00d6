"""The checkpoints that were taken, as files beside the data: for the witness to fetch."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.audit.domain import Checkpoint

FOLDER = "checkpoints"
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A checkpoint that was taken on a day."""

    size: int
    taken_on: date


def keep(data: Path, note: str, *, today: date) -> Path:
    """Write a signed checkpoint into the data folder, by rename, and return where."""
    folder = data / FOLDER
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    size = Checkpoint.parse(_text(note)).size
    path = folder / f"{today.isoformat()}-{size}.txt"
    fresh = path.with_suffix(".new")
    fresh.write_text(note, encoding="utf-8")
    fresh.replace(path)
    return path


def newest(data: Path) -> Taken | None:
    """Return when the last checkpoint was taken and how large the log was; None if never.

    Not to be trusted: whoever writes to the disk writes this too. A witness has the truth.
    """
    found = [path.stem for path in (data / FOLDER).glob("*-*-*-*.txt")]
    taken = [_taken(stem) for stem in found]
    return max(
        (one for one in taken if one is not None),
        key=lambda one: (one.taken_on, one.size),
        default=None,
    )


def _taken(stem: str) -> Taken | None:
    day, _hyphen, size = stem.rpartition("-")
    try:
        return Taken(size=int(size), taken_on=date.fromisoformat(day))
    except ValueError:
        return None


def _text(note: str) -> str:
    return note.rpartition("\n\n")[0] + "\n"
