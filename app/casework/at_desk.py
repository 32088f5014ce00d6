"""What every page of a case begins with: may she, has she declared, and what lies there."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.casework import readers, reading, service
from app.casework.domain import Case, Declaration, Refusal
from app.casework.reading import Folder, Thread
from app.casework.sheet import CaseSheet
from app.envelope.keyring import Keyring
from app.envelope.places import Finder, FinderKey
from app.errors import Missing
from app.identity.access import signed_in, unlocked
from app.keyring.service import KeyringFiles, signed
from app.mailbox.objects import Objects
from app.routing.service import labels
from app.web.request_work import begin_work, look_work, settings
from app.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class AtDesk:
    """A case on a member's desk, its envelopes still closed, and the keyring to read by."""

    folder: Folder
    keyring: Keyring
    # The key of whoever is signed in, which knows where its stanzas stood before.
    finder: Finder

    def open(self) -> Thread:
        """Open the envelopes with the key of whoever is signed in."""
        return reading.open_folder(self.folder, self.finder, self.keyring, objects())

    def keep_places(self, work: Work) -> None:
        """Keep where her stanzas stand, as far as it was not known, for the next opening."""
        readers.keep_places(work, {self.folder.case.ref: self.finder.places}, by=signed_in())


def objects() -> Objects:
    """Return the object store of this portal."""
    return Objects(settings().objects)


def take(ref: str) -> AtDesk | Response:
    """Return a case, or the way to its declaration where she has not made one yet.

    Raises:
        Missing: if she may not read it, or there is none: the same page, after the same work.
    """
    member = signed_in()
    try:
        with look_work() as work:
            folder = reading.take_out(work, ref, by=member)
            declared = service.declared(work, ref, by=member)
            keyring = signed(work, KeyringFiles.of(settings()))
            kept = readers.places(work, [ref], by=member).get(ref)
    except Missing:
        refuse(ref)
        raise
    if declared is not Declaration.NO_CONFLICT:
        return redirect(url_for("casework.ask_declaration", ref=ref), code=303)
    finder = FinderKey(unlocked().identity).finder(kept)
    return AtDesk(folder=folder, keyring=keyring, finder=finder)


def not_now(case: Case, sheet: CaseSheet | None = None) -> Response:
    """Return the page that says why something cannot be done in this case now, and what can."""
    return make_response(render_template("casework/not_now.html", case=case, sheet=sheet), 409)


def subjects() -> Mapping[str, Mapping[str, str]]:
    """Return the routing table's words for the codes of its answers, by question."""
    return labels()


def refuse(ref: str) -> None:
    """Record that she asked for a case that is not for her, or not there."""
    with begin_work() as work:
        service.record_refusal(work, ref, by=signed_in())


def refuse_step(ref: str, what: Refusal) -> None:
    """Record that something was refused to her in a case that she reads.

    Raises:
        Missing: if she may not read it any more.
    """
    try:
        with begin_work() as work:
            service.record_step_refusal(work, ref, what, by=signed_in())
    except Missing:
        refuse(ref)
        raise
