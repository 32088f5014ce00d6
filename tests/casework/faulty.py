"""A desk whose database can be put back: cases in every state, for requests that should fail."""

import html
import re
import shutil
import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta

from tests.casework.sheets import PLACED, in_triage, path

NOWHERE = "ZZZZ-9999"
LONG = "Kept as it was typed. " * 400  # longer than any field of these but a letter's
LETTER = "Kept as it was typed. " * 1_000


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one route is sent, and what it says when that does not fit.

    A pair is a status and words that have to be on the page.
    """

    case: str
    # The page that has the form, and where the form goes; both after the case's reference.
    page: str
    end: str = ""
    by: str = "amara"
    typed: dict[str, object] = field(default_factory=dict)
    # Fields of free text, which are sent too long; each has to be on the page again.
    texts: tuple[str, ...] = ()
    # Fields that take one of some codes, and those that the page fills and nobody types into.
    codes: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    # Sent over an old page, sent twice, sent for a closed case.
    stale: tuple[int, str] | None = None
    twice: tuple[int, str] = (303, "")
    closed: tuple[int, str] = (303, "")
    # Where the form of its page goes, if another button of it goes here.
    form: str = ""


FULL = dict.fromkeys(("information", "risk", "powers", "options", "action"), "Because")
OVER = ("version",)
MEANWHILE = "while you were writing"
ROWS: dict[str, Row] = {
    "casework.declare": Row(
        case="plain", page="declare", typed={"said": "no conflict"}, codes=("said",),
    ),
    "casework.take_step": Row(
        case="opened", page="", end="state", hidden=("version", "to"),
        stale=(409, "Start the triage on the page of the case"),
        twice=(409, "Its triage can end once"),
        closed=(409, "This case is closed"),
    ),
    "replies.reply": Row(
        case="plain", page="reply", typed={"text": "A question of ours."}, texts=("text",),
        hidden=("version", "entry"), stale=(409, MEANWHILE),
    ),
    "replies.send_approved": Row(
        case="plain", page="approved", typed={"text": "TEXT"}, codes=("text",),
        hidden=("version", "entry"), stale=(409, MEANWHILE),
    ),
    "drafts.approve": Row(
        case="drafted", page="draft", end="draft/approve", hidden=("draft", "version"),
        stale=(409, "while you were reading"), twice=(409, "No text waits"),
        closed=(409, "No text waits"),
    ),
    "drafts.give_back": Row(
        case="drafted", page="draft", end="draft/return", typed={"remark": "Say when"},
        texts=("remark",), hidden=("draft",), twice=(409, "came back"),
        closed=(409, "No text waits"),
    ),
    "drafts.withdraw": Row(
        case="drafted", by="helen", page="draft", end="draft/withdraw",
        hidden=("draft",), twice=(409, "No text waits"), closed=(409, "No text waits"),
    ),
    "sheets.save_sheet": Row(
        case="plain", page="sheet", typed=PLACED | {"note": "New"}, texts=("note",),
        codes=("place", "category"), hidden=OVER,
        stale=(409, "What you wrote"), twice=(409, "What you wrote"),
    ),
    "decisions.end_triage": Row(
        case="plain", page="triage-ends", typed={"reason": "It is clear"}, texts=("reason",),
        hidden=("version", "sheet_version"), stale=(409, MEANWHILE),
        twice=(409, "has ended already"), closed=(409, "This case is closed"),
    ),
    "steps.take_step": Row(
        case="plain", by="helen", page="next/refer-iopc", typed=FULL | {"code": "voluntary"},
        texts=("information", "risk"), codes=("code",), hidden=("version", "sheet_version"),
        stale=(409, MEANWHILE), twice=(409, "not open to you now"),
        closed=(409, "not open to you now"),
    ),
    "steps.confirm": Row(
        case="proposed", page="next", end="second/confirm", hidden=("version", "proposal"),
        stale=(409, MEANWHILE), twice=(409, MEANWHILE), closed=(409, MEANWHILE),
    ),
    "steps.end_proposal": Row(
        case="proposed", page="next", end="second/end", hidden=("proposal",),
        twice=(409, "does not wait any more"), closed=(409, "does not wait any more"),
    ),
    "assessments.save_assessment": Row(
        case="plain", page="assessment", typed={"subject": "officer", "learning": "To ask"},
        texts=("learning",), codes=("subject", "corruption", "criterion"), hidden=OVER,
        stale=(409, MEANWHILE), twice=(409, MEANWHILE),
    ),
    "assessments.add_milestone": Row(
        case="plain", page="clocks", end="clocks/milestone",
        typed={"what": "iopc-answered", "on": "20 11 2026"}, codes=("what",), texts=("on",),
        hidden=OVER, stale=(409, MEANWHILE), twice=(409, MEANWHILE),
    ),
    "assessments.add_action": Row(
        case="plain", page="clocks", end="clocks/action",
        typed={"text": "Ask the control room", "due": "27 11 2026"}, texts=("text", "due"),
        hidden=OVER, stale=(409, MEANWHILE), twice=(409, MEANWHILE),
    ),
    "assessments.end_action": Row(
        case="acted", page="clocks", end="clocks/done", hidden=("version", "number"),
        stale=(409, MEANWHILE), twice=(409, MEANWHILE), closed=(400, "did not arrive whole"),
    ),
    "people.save_people": Row(
        case="plain", page="people", typed={"assignee": "helen", "investigator": "amara"},
        codes=("assignee", "investigator", "access", "left_out"), hidden=OVER,
        stale=(409, MEANWHILE), twice=(409, MEANWHILE),
    ),
    "links.add_link": Row(
        case="plain", page="links", typed={"other": "OTHER", "kind": "linked"},
        codes=("other", "kind"), hidden=OVER, stale=(409, MEANWHILE), twice=(409, MEANWHILE),
    ),
    "links.alert": Row(
        case="plain", page="links", end="links/alert", typed={"words": "She was moved."},
        texts=("words",), hidden=OVER, stale=(409, MEANWHILE), twice=(409, MEANWHILE),
    ),
    "notes.add_note": Row(
        case="plain", page="notes/", typed={"note": "Look at the rota"}, texts=("note",),
        hidden=("seen",), twice=(409, "wrote a note meanwhile"),
    ),
    "sharing.export": Row(
        case="plain", by="helen", page="export", codes=("kind", "reason", "key"),
        typed={"kind": "bundle", "reason": "proceedings", "why": "A hearing", "to": "Counsel",
               "key": "KEY"},
        texts=("why", "to"), twice=(200, ""), closed=(200, ""),
    ),
    "redaction.preview": Row(
        case="plain", by="helen", page="redact", end="redact/preview", form="redact", codes=("readers",),
        typed={"phrases": "files", "readers": "ruth"}, texts=("phrases",), hidden=OVER,
        twice=(200, ""), closed=(200, ""),
    ),
    "redaction.redact": Row(
        case="plain", by="helen", page="redact", codes=("readers",),
        typed={"phrases": "files", "readers": "ruth"}, texts=("phrases",), hidden=OVER,
    ),
    "redaction.withdraw": Row(
        case="shared", by="helen", page="redacted/{redacted}/withdraw",
        twice=(404, ""), closed=(404, ""),
    ),
    "unlinking.unlink": Row(
        case="linked", page="links/{mate}/remove", typed={"reason": "Another station"},
        texts=("reason",), hidden=OVER, stale=(409, MEANWHILE), twice=(404, ""), closed=(404, ""),
    ),
}  # fmt: skip


CASES = (
    "plain", "other", "drafted", "proposed", "acted", "closed", "shared", "linked", "mate",
)  # fmt: skip


class House:
    """Cases in every state, their desk, and a way back to how it was."""

    def __init__(self, desk, folder):
        self.desk, self._folder = desk, folder
        self._now, self._filled = desk.clock.now, {}
        self.people = {name: desk.person(name) for name in ("amara", "helen", "ruth", "sam")}
        amara, helen, ruth = (self.people[name] for name in ("amara", "helen", "ruth"))
        self.refs = {"opened": desk.receives(desk.reporter())}
        amara.reads(self.refs["opened"])
        for name in CASES:
            ref = self.refs[name] = in_triage(desk, amara)
            helen.reads(ref)
            amara.places(ref)
        self._further(amara, helen)
        self.refs["elsewhere"] = desk.receives(desk.reporter(desk="independent"))
        ruth.reads(self.refs["elsewhere"])
        self._keep()

    def _further(self, amara, helen):
        refs = self.refs
        helen.drafts(refs["drafted"], "Words of Helen's.")
        helen.takes(refs["proposed"], "close-at-triage", outcomes="out-of-scope")
        clocks = path(refs["acted"], "clocks")
        amara.submits(clocks, f"{clocks}/action", text="Ask the control room", due="27 11 2026")
        links, shares = path(refs["linked"], "links"), path(refs["shared"], "redact")
        amara.submits(links, links, other=refs["mate"], kind="linked")
        helen.submits(shares, shares, phrases="files", readers="ruth")
        refs["redacted"] = self._rows("sharing_redaction", "lower(hex(id))")[0][0]
        amara.ends_triage(refs["closed"])
        amara.closes(refs["closed"])

    @property
    def _database(self):
        return self.desk.settings.data / "casework.sqlite"

    def _keep(self):
        with sqlite3.connect(self._database) as live, sqlite3.connect(self._folder / "kept") as to:
            live.backup(to)
        shutil.copytree(self.desk.settings.objects, self._folder / "objects")

    def put_back(self):
        """Let everything be as it was when the house was built."""
        with sqlite3.connect(self._folder / "kept") as kept, sqlite3.connect(self._database) as to:
            kept.backup(to)
        shutil.copytree(self._folder / "objects", self.desk.settings.objects, dirs_exist_ok=True)
        self.desk.clock.now = self._now

    def later(self, days):
        """Let days go by; everybody signs in again."""
        self.desk.clock.now += timedelta(days=days)
        return {name: self.desk.person(name) for name in ("amara", "helen")}

    def fields(self, row, ref="", *, fresh=False):
        """Return what the page of a route would send, with what is typed into it."""
        key = row.by, ref or row.case, row.page, row.end
        if fresh or key not in self._filled:
            found = self._fill(row, ref or self.refs[row.case])
            if fresh:
                return found
            self._filled[key] = found
        return dict(self._filled[key])

    def _fill(self, row, ref):
        person = self.people[row.by]
        there = path(ref, row.page.format(**self.refs))
        page = person.opens(there.rstrip("/") + ("/" if row.page[-1:] == "/" else ""))
        action = path(ref, row.form) if row.form else self.action(row, ref)
        there = {form["action"] for form in page.soup.select("form")}
        found = page.form(action, having=next(reversed(row.typed), "")) if action in there else {}
        typed = dict(row.typed)
        if typed.get("text") == "TEXT":
            typed["text"] = page.soup.select_one("input[name=text]")["value"] if found else "x"
        if typed.get("other") == "OTHER":
            typed["other"] = self.refs["other"]
        if typed.get("key") == "KEY":
            typed["key"] = str(self.desk.people.keys["ruth"].recipient)
        if "csrf_token" not in found:
            found["csrf_token"] = self.token(person)
        return found | typed

    def action(self, row, ref):
        return path(ref, (row.end or row.page).format(**self.refs))

    def token(self, person):
        page = person.opens("/staff/search/")
        return page.form("/staff/search/")["csrf_token"]

    def written(self):
        """Return everything the casework database holds of cases, without the log.

        Nor where a reader's stanzas stand: that is learnt by reading, whatever comes of it.
        """
        names = [name for (name,) in self._rows(
            "sqlite_master WHERE type = 'table' AND (name LIKE 'casework%' OR name LIKE 'mailbox%' "
            "OR name LIKE 'sharing%' OR name LIKE 'approval%')", "name"
        )]  # fmt: skip
        columns = dict.fromkeys(names, "*") | {"casework_reader": "member, ref, may_read"}
        return {name: self._rows(name, columns[name]) for name in names}

    def _rows(self, table, columns):
        with sqlite3.connect(self._database) as live:
            return live.execute(f"SELECT {columns} FROM {table}").fetchall()


def words_of(answer):
    """Return the words of a page. A parser takes as long as the page did."""
    [main] = re.findall(r"<main.*?</main>", answer.text, re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())
