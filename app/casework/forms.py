"""Forms of the desk's pages: what is asked, and what is said of a wrong answer."""

import secrets
from typing import Self

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, NumberRange, Regexp
from wtforms.widgets import HiddenInput

from app.casework.domain import CaseState, Declaration

LONGEST_REPLY = 12_000  # characters; four bytes each still fit a letter of 60,000
CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def _tidy(typed: str | None) -> str:
    # Browsers send two characters for every line end; control characters draw nothing.
    return (typed or "").replace("\r\n", "\n").replace("\r", "\n").translate(CONTROLS).strip()


class DeclareForm(FlaskForm):
    """What a member says before her first opening."""

    # Drawn as radios; the template has the two answers with their hints.
    said = StringField(
        "Do you have a conflict of interest in this case?",
        validators=[
            AnyOf(
                [answer.value for answer in Declaration],
                message="Say whether you have a conflict of interest",
            )
        ],
    )

    def declaration(self) -> Declaration:
        """Return what was declared."""
        return Declaration(str(self.said.data))


class ReplyForm(FlaskForm):
    """What a member writes to a reporter."""

    text = TextAreaField(
        "Your question or answer",
        filters=[_tidy],
        validators=[
            DataRequired("Write what you want to say to the reporter"),
            Length(
                max=LONGEST_REPLY,
                message=f"A letter has {LONGEST_REPLY:,} characters at most. Send the rest in a "
                "second one",
            ),
        ],
    )
    version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1)])
    # Random, so that the same form sent twice is one letter.
    entry = HiddenField(validators=[Regexp("^[0-9a-f]{32}$")])

    @classmethod
    def fresh(cls, version: int) -> Self:
        """Return an empty form for a case at `version`."""
        return cls(formdata=None, data={"version": version, "entry": secrets.token_hex(16)})

    def entry_id(self) -> bytes:
        """Return the 16 bytes the letter is stored under."""
        return bytes.fromhex(str(self.entry.data))

    def words(self) -> str:
        """Return what was written."""
        return str(self.text.data)

    def seen_version(self) -> int:
        """Return the version of the case that was on the screen."""
        return int(self.version.data)

    def refuse(self, why: str) -> None:
        """Say why the letter was not sent. What was written stays in the form."""
        self.text.errors = [why]

    def follow(self, version: int) -> None:
        """Let the form be sent again for a case that is at `version` by now."""
        self.version.data = version
        self.version.raw_data = None


class StepForm(FlaskForm):
    """A step of a case: where to, and from which version."""

    to = HiddenField(validators=[AnyOf([state.value for state in CaseState])])
    version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1)])

    def state(self) -> CaseState:
        """Return the state it is to be taken to."""
        return CaseState(str(self.to.data))

    def seen_version(self) -> int:
        """Return the version of the case that was on the screen."""
        return int(self.version.data)
