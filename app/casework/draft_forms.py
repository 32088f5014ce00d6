"""The forms of what waits for a second reader, of approved texts, and of internal notes."""

import secrets
from collections.abc import Sequence
from typing import Self

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Regexp, ValidationError
from wtforms.widgets import HiddenInput

from app.casework.drafts import Draft
from app.casework.forms import tidy
from app.casework.messages import LONGEST_NOTE, ForDesk, ForReporter
from app.casework.reporter_texts import Group


class ApprovedForm(FlaskForm):
    """Which approved text is sent."""

    text = StringField("Which text", validators=[DataRequired("Choose a text")])
    version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1)])
    # Random, so that the same form sent twice is one letter.
    entry = HiddenField(validators=[Regexp("^[0-9a-f]{32}$")])

    def __init__(self, groups: Sequence[Group], **named: object) -> None:
        super().__init__(**named)
        self._offered = {text.id: text for group in groups for text in group.texts}

    @classmethod
    def fresh(cls, groups: Sequence[Group], version: int) -> Self:
        """Return an empty form for a case at `version`."""
        return cls(groups, formdata=None, data={"version": version, "entry": secrets.token_hex(16)})

    def validate_text(self, field: StringField) -> None:
        """Refuse a choice that the page did not offer."""
        if str(field.data) not in self._offered:
            raise ValidationError("Choose a text from the list")

    def to_send(self) -> ForReporter:
        """Return what the reporter is to read."""
        return self._offered[str(self.text.data)].to_send()

    def entry_id(self) -> bytes:
        """Return the 16 bytes the letter is stored under."""
        return bytes.fromhex(str(self.entry.data))

    def seen_version(self) -> int:
        """Return the version of the case that was on the screen."""
        return int(self.version.data)

    def refuse(self, why: str) -> None:
        """Say why it was not sent."""
        self.text.errors = [why]

    def follow(self, version: int) -> None:
        """Let the form be sent again for a case that is at `version` by now."""
        self.version.data, self.version.raw_data = version, None


class AnswerForm(FlaskForm):
    """What a second reader says of a draft. An approval has no words of its own."""

    draft = HiddenField(validators=[Regexp("^[0-9a-f]{32}$")])
    # Of the letter: its id could be used again, by whoever wrote it, for other words.
    digest = HiddenField(validators=[Regexp("^[0-9a-f]{64}$")])
    version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1)])
    looked = BooleanField("I looked at the file to its end")

    @classmethod
    def of(cls, draft: Draft, version: int) -> Self:
        """Return a form about one draft, in a case at `version`."""
        known = {"draft": draft.stored.id.hex(), "digest": draft.digest, "version": version}
        return cls(formdata=None, data=known)

    def is_about(self, draft: Draft) -> bool:
        """Say whether this very draft was on the screen, to the byte."""
        return (self.draft.data, self.digest.data) == (draft.stored.id.hex(), draft.digest)

    def seen_version(self) -> int:
        """Return the version of the case that was on the screen."""
        return int(self.version.data)

    def follow(self, draft: Draft, version: int) -> None:
        """Let the form be sent again, about the draft that is on the screen now."""
        self.draft.data, self.digest.data = draft.stored.id.hex(), draft.digest
        self.version.data, self.version.raw_data = version, None


class ReturnForm(AnswerForm):
    """Why a draft goes back to its author."""

    remark = TextAreaField(
        "What should be written otherwise",
        filters=[tidy],
        validators=[
            DataRequired("Say what should be written otherwise"),
            Length(max=1_000, message="Use 1,000 characters at most"),
        ],
    )

    def why(self) -> ForDesk:
        """Return the remark: for the desk, and never for the reporter."""
        return ForDesk(f"A text for the reporter was returned.\n\n{self.remark.data}")


class NoteForm(FlaskForm):
    """An internal note."""

    note = TextAreaField(
        "New note",
        filters=[tidy],
        validators=[
            DataRequired("Write the note"),
            Length(max=LONGEST_NOTE, message=f"A note has {LONGEST_NOTE:,} characters at most"),
        ],
    )
    # How many notes were on the screen: the same form sent twice is one note.
    seen = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=0)])

    def text(self) -> ForDesk:
        """Return what was written."""
        return ForDesk(str(self.note.data))
