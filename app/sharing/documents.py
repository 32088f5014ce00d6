"""The documents of an export: texts, JSON, one CSV row, a 3x5x2 report. Pure."""

import json
from collections.abc import Callable, Sequence

from app.cells import write_rows
from app.sharing.domain import BETWEEN, CaseTold, EventTold, LetterTold
from app.sharing.masking import MARK, marked

Words = Callable[[str], str]
SANITISED = (
    "This report was sanitised. It says nothing of where the information comes from, when or how "
    "it came, and is not to be compared with what anybody wrote."
)

CENTURION = (
    "Case reference", "Received", "Source", "Force and department", "Allegation type",
    "Subject type", "Standards of Professional Behaviour", "Status", "Priority",
    "Outcome", "Other reference", "Allegation summary",
)  # fmt: skip


def as_they_are(words: str) -> str:
    """Return words as they are."""
    return words


def marking(phrases: Sequence[str]) -> Words:
    """Return what marks phrases about other people."""
    return lambda words: marked(words, phrases)


def has_marks(case: CaseTold, phrases: Sequence[str]) -> bool:
    """Say whether any of these phrases stands in a case."""
    return MARK[0].encode() in case_json(case, marking(phrases))


def letter_text(letter: LetterTold, words: Words = as_they_are) -> str:
    """Return a letter as plain text."""
    head = f"{letter.kind} by {letter.author}, {letter.postmark}"
    parts = [f"{name}\n{words(text)}" for name, text in letter.parts]
    files = [
        f"File {member}: {words(label)} ({size} bytes)" for member, label, size, _ in letter.files
    ]
    return "\n\n".join([head, *parts, *files]) + "\n"


def case_json(case: CaseTold, words: Words = as_they_are) -> bytes:
    """Return a case in a form for machines."""
    said = {
        "format": "candour-case-export/1",
        "ref": case.ref,
        "desk": case.desk,
        "state": case.state,
        "priority": case.priority,
        "received_on": case.received_on,
        "letters": [
            {
                "entry": one.entry,
                "kind": one.kind,
                "author": one.author,
                "postmark": one.postmark,
                "parts": [{"name": name, "text": words(text)} for name, text in one.parts],
                "files": [
                    {"member": member, "label": words(label), "size": size, "sha256": digest}
                    for member, label, size, digest in one.files
                ],
            }
            for one in case.letters
        ],
        "refused": list(case.refused),
        "sheet": [{"name": name, "text": words(text)} for name, text in case.sheet],
        "events": [_event(one, words) for one in case.events],
        "notes": [
            {"author": author, "written_on": day, "text": words(text)}
            for author, day, text in case.notes
        ],
    }
    return json_bytes(said)


def _event(one: EventTold, words: Words) -> dict[str, object]:
    said: dict[str, object] = {
        "on": one.on,
        "what": words(one.what),
        "who": one.who,
        "reasons": [{"heading": heading, "text": words(text)} for heading, text in one.reasons],
    }
    return said | ({"step": dict(one.step)} if one.step else {})


def audit_json(case: CaseTold) -> bytes:
    """Return the entries of the audit log about a case, as they are hashed."""
    return json_bytes({"format": "candour-audit-extract/1", "entries": list(case.audit)})


def centurion_row(case: CaseTold, summary: str) -> bytes:
    """Return a CSV file with one case, under the headings that Centurion's recording uses.

    The summary is the desk's: no word of the reporter's is in it, and no cell is a formula.
    """
    sheet = dict(case.sheet)
    row = (
        case.ref,
        case.received_on,
        "Internal, anonymous confidential report",
        sheet.get("Force and directorate", ""),
        sheet.get("What it is about", ""),
        sheet.get("Whom it is about", ""),
        sheet.get("Standards engaged", ""),
        case.state,
        case.priority,
        # Each that was recorded; on a case without steps, the class it was closed with.
        BETWEEN.join(case.outcomes) or sheet.get("Outcome", ""),
        sheet.get("Reference in another system", ""),
        summary,
    )
    return write_rows(CENTURION, [row])


def intelligence_report(
    *,
    reference: str,
    written_on: str,
    source: str,
    information: str,
    handling: str,
    conditions: str,
    words: str,
) -> str:
    """Return a 3x5x2 report: grades, handling, and what is known, in the desk's words.

    Of the source it says that it is confidential: no case, no postmark, no letter, no channel.
    """
    return "\n".join(
        [
            "INTELLIGENCE REPORT (3x5x2)",
            "",
            f"Report reference: {reference}",
            f"Date of report: {written_on}",
            "Source: withheld",
            f"Source evaluation: {source}",
            f"Information assessment: {information}",
            f"Handling code: {handling}",
            f"Handling conditions: {conditions or 'none'}",
            "",
            "Information",
            words,
            "",
            SANITISED,
            "",
        ]
    )


def json_bytes(said: object) -> bytes:
    """Return JSON as a person can read it too."""
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()
