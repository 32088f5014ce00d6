"""What a matter counts as, and what that asks of its slips. Pure.

A matter is counted once when its triage ends and once when it is first closed. What it counts as
may be put right until its period is frozen: the same slip then says something else. While an
enquiry is covert nothing is written; what lifts later is counted in the period it lifts in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.casework.reference import Reference
from app.casework.sheet import CaseSheet
from app.casework.sheet_parts import SlipRef
from app.envelope.slips import SlipKind


@dataclass(frozen=True, slots=True)
class Count:
    """What one slip says: its force, and two labels of the publication plan."""

    force: str
    says: tuple[str, str]


Counts = dict[SlipKind, Count]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a change of a sheet asks of the slips of its matter."""

    new: Counts
    # The same slips, with the same ids and periods, that say something else from now on.
    corrected: Counts
    # Out of the box again, if they are still in it.
    unwanted: tuple[SlipKind, ...]


def counts_of(
    sheet: CaseSheet, received_on: date, references: Mapping[SlipKind, Reference]
) -> Counts:
    """Return what a matter counts as by its sheet, by kind; nothing while it is not to count.

    Args:
        sheet: what the desk decided.
        received_on: when the concern came.
        references: the reference data of the period that each kind of slip is counted in.
    """
    found: Counts = {}
    if not sheet.counts or not sheet.is_placed:
        return found
    if sheet.triages:
        theme = references[SlipKind.ENTRY].theme_of(sheet.category)
        found[SlipKind.ENTRY] = Count(sheet.force, (theme, sheet.directorate))
    if sheet.closures:
        # A case that was taken up again counts as it was first closed.
        first = sheet.closures[0]
        reference = references[SlipKind.CLOSURE]
        band = reference.band_of(max(0, (first.on - received_on).days))
        outcome = reference.published_outcome(first.outcome)
        found[SlipKind.CLOSURE] = Count(sheet.force, (outcome, band))
    return found


def asked(before: Counts, after: Counts, slips: dict[SlipKind, SlipRef]) -> Asked:
    """Return what going from one count to another asks of the slips there are.

    Args:
        before: what the matter counted as.
        after: what it counts as now.
        slips: the slips it has, by kind.
    """
    return Asked(
        # A matter that counted before and has no slip was left uncounted on purpose: this
        # portal kept no statistics then. It is not counted late.
        new={
            kind: count for kind, count in after.items() if kind not in slips and kind not in before
        },
        corrected={
            kind: count
            for kind, count in after.items()
            if kind in slips and before.get(kind) != count
        },
        unwanted=tuple(kind for kind in slips if kind not in after),
    )


def slips_of(sheet: CaseSheet) -> dict[SlipKind, SlipRef]:
    """Return the slips that a sheet remembers, by kind."""
    pairs = ((SlipKind.ENTRY, sheet.entry_slip), (SlipKind.CLOSURE, sheet.closure_slip))
    return {kind: slip for kind, slip in pairs if slip is not None}
