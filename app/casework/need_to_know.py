"""Who may read a case: of those whom it was sealed to, whom the sheet does not take off. Pure.

Four lists narrow one another: the readers whom the reporter's letter (or the letter that passed
the case on) names, who is on the desk by the keyring today, who declared a conflict, and what the
case sheet says: an access list, and whom it leaves out. None of them can add anybody.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from app.casework.sheet import CaseSheet
from app.errors import Conflict


class NobodyLeft(Conflict):
    """After this nobody could read the case any more."""


def readers(
    sheet: CaseSheet, *, named: Collection[str], on_desk: Collection[str], gone: Collection[str]
) -> frozenset[str]:
    """Return the ids of those who may read a case.

    Args:
        sheet: its newest version.
        named: whom the verified letters name.
        on_desk: who is on its desk by the keyring.
        gone: who declared a conflict.
    """
    found = frozenset(named) & frozenset(on_desk) - frozenset(gone) - frozenset(sheet.left_out)
    return found & frozenset(sheet.access) if sheet.access else found


def destinations(
    sheet: CaseSheet,
    *,
    desk: str,
    desks: Mapping[str, Collection[str]],
    left_out: Collection[str],
    gone: Collection[str],
    barred: Collection[str],
    fewest: int,
) -> dict[str, frozenset[str]]:
    """Return the desks a case could be passed to, with those who would read it there.

    Never the desk it is on, never one it was taken from because of a conflict, none that its
    reporter's answers bar, and none where too few are left to read: as at the first sealing.

    Args:
        sheet: its newest version.
        desk: where it is.
        desks: the members of each desk in the keyring.
        left_out: whom the reporter left out.
        gone: who declared a conflict.
        barred: the desks that must not read it, by what its reporter answered.
        fewest: how many have to be left to read.
    """
    without = {*left_out, *gone, *sheet.left_out}
    never = {desk, *sheet.left_desks, *barred}
    left = {
        other: frozenset(members) - without
        for other, members in desks.items()
        if other not in never
    }
    return {other: readers for other, readers in left.items() if len(readers) >= fewest}


def with_access(sheet: CaseSheet, access: Collection[str], may: Collection[str]) -> CaseSheet:
    """Return a sheet after only `access` are to read, or everybody on the desk if it is empty.

    Args:
        sheet: its newest version.
        access: ids.
        may: who may read without an access list.

    Raises:
        NobodyLeft: if none of them may.
    """
    chosen = frozenset(access) & frozenset(may)
    if access and not chosen:
        raise NobodyLeft(f"nobody would read case {sheet.ref}")
    kept = chosen or frozenset(may)
    return replace(
        sheet,
        access=tuple(sorted(chosen)),
        assignee=sheet.assignee if sheet.assignee in kept else "",
        investigator=sheet.investigator if sheet.investigator in kept else "",
    )


def without(sheet: CaseSheet, member: str, may: Collection[str]) -> CaseSheet:
    """Return a sheet after `member` is left out of the case, from now on.

    Args:
        sheet: its newest version.
        member: an id.
        may: who may read now.

    Raises:
        NobodyLeft: if she is the last reader: the case has to go to another desk instead.
    """
    left = frozenset(may) - {member}
    if not left:
        raise NobodyLeft(f"{member} is the last who reads case {sheet.ref}")
    return replace(
        sheet,
        left_out=tuple(sorted({*sheet.left_out, member})),
        access=tuple(one for one in sheet.access if one != member),
        assignee="" if sheet.assignee == member else sheet.assignee,
        investigator="" if sheet.investigator == member else sheet.investigator,
    )


def passed_on(sheet: CaseSheet, *, left_desk: str, conflict: bool) -> CaseSheet:
    """Return a sheet after its case left a desk: nobody there is assigned to it any more."""
    left = {*sheet.left_desks, left_desk} if conflict else set(sheet.left_desks)
    return replace(sheet, access=(), assignee="", investigator="", left_desks=tuple(sorted(left)))
