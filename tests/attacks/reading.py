"""What anybody can read: the CSV of the releases, and nothing else."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.trends.domain import ALL, Period


@dataclass(frozen=True)
class Row:
    """One published figure."""

    release: str
    table: str
    period: Period
    force: str
    members: tuple[str, ...]
    value: int

    @property
    def place(self) -> tuple[str, str, str]:
        """The table it stands in: code, force, period."""
        return (self.table, self.force, str(self.period))


def read_run(folder: Path) -> list[Row]:
    """Return the figures of a run in the order of their release."""
    rows = []
    for path in sorted((folder / "releases").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for told in csv.DictReader(file):
                key = told["theme"] if told["table"] == "TH" else told["directorate"]
                other = told["directorate"] if told["table"] == "TH" else told["theme"]
                assert other == ALL
                rows.append(
                    Row(
                        told["release"], told["table"], Period.parse(told["period"]),
                        told["force"], tuple(key.split("|")), int(told["value"]),
                    )
                )  # fmt: skip
    return rows


def read_meta(folder: Path) -> dict:
    return json.loads((folder / "meta.json").read_text(encoding="utf-8"))


def by_table(rows: Iterable[Row]) -> dict[tuple[str, str, str], list[Row]]:
    """Return the rows of each table, force and period."""
    found = defaultdict(list)
    for row in rows:
        found[row.place].append(row)
    return found
