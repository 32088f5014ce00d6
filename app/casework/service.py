"""The life of a case: received, listed, declared upon, moved on. Never its words."""

import secrets
from datetime import date

from app.casework.domain import ALPHABET, Case
from app.casework.store import Cases
from app.work import Work


def open_case(work: Work, *, mailbox: bytes, desk: str, urgent: bool, received_on: date) -> str:
    """Open a case for a mailbox's concern on `desk`, and return its random reference.

    Asked by the collection. Calls are written in their order, so many of them come shuffled.
    """
    cases = Cases(work.session)
    case = Case.received(
        ref=_new_reference(cases),
        mailbox=mailbox,
        desk=desk,
        urgent=urgent,
        received_on=received_on,
    )
    cases.add(case)
    return case.ref


def letter_came(work: Work, *, mailbox: bytes) -> None:
    """Note that the reporter wrote again: somebody is to read and answer that.

    Asked by the collection. A handler who is writing to this reporter in the same moment is
    refused: she would not have read what she seems to answer.
    """
    cases = Cases(work.session)
    case = cases.held_in_mailbox(mailbox)
    if case is not None and (written_to := case.written_to_on(work.today)) != case:
        cases.save(written_to)


def _new_reference(cases: Cases) -> str:
    while True:
        letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
        ref = f"{letters[:4]}-{letters[4:]}"
        if not cases.has(ref):
            return ref
