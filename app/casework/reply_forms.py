"""The form of a letter in a member's own words, and the file that may go with it."""

import secrets
from typing import Self

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Regexp
from wtforms.widgets import HiddenInput

from app.casework.enclosures import LARGEST, LONGEST_NAME
from app.casework.forms import tidy
from app.casework.messages import LONGEST_REPLY
from app.web.uploads import FileSink

FILE = "file"  # the input's name
NO_NAME = "Say in a few words what the file is: the reporter sees this before saving it"
NO_FILE = "Choose the file, or leave empty what it is"
CHOOSE_AGAIN = "Choose the file again: it was not kept, because this letter was not taken"


def tidy_name(typed: str | None) -> str:
    """Return what a file is said to be, in one line."""
    return " ".join(tidy(typed).split())


class ChosenFile:
    """The bytes of a file as they arrive, in memory. What is too large is read and dropped."""

    def __init__(self) -> None:
        self.came = False
        self.is_too_large = False
        self._content = bytearray()

    def open(self, name: str, _fields: MultiDict[str, str]) -> FileSink:
        """Take the file of this form, and drop any other."""
        if name != FILE:
            return _Dropped()
        self.came = True
        return self

    def write(self, piece: bytes, /) -> None:
        """Take the next piece."""
        if len(self._content) + len(piece) > LARGEST:
            self.is_too_large = True
            self._content.clear()
        elif not self.is_too_large:
            self._content += piece

    def finish(self) -> None:
        """Nothing is left to do: it is judged with the rest of the form."""

    @property
    def content(self) -> bytes:
        """What came of it; empty if it is too large."""
        return bytes(self._content)


class _Dropped:
    """A file that the form does not have."""

    def write(self, piece: bytes, /) -> None:
        """Drop the next piece."""

    def finish(self) -> None:
        """Nothing is left to do."""


class ReplyForm(FlaskForm):
    """What a member writes to a reporter."""

    text = TextAreaField(
        "Your question or answer",
        filters=[tidy],
        validators=[
            DataRequired("Write what you want to say to the reporter"),
            Length(
                max=LONGEST_REPLY,
                message=f"A letter has {LONGEST_REPLY:,} characters at most. Send the rest in a "
                "second one",
            ),
        ],
    )
    name = StringField(
        "What the file is, in a few words",
        filters=[tidy_name],
        validators=[
            Length(max=LONGEST_NAME, message=f"Use {LONGEST_NAME} characters at most"),
        ],
    )
    # The file of a text that came back is sent again: it lies in that draft.
    keep = BooleanField("Send the same file again")
    # The digest of that draft's letter: another may have come back meanwhile.
    kept = HiddenField(validators=[Regexp("^([0-9a-f]{64})?$")])
    version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1)])
    # Random, so that the same form sent twice is one letter.
    entry = HiddenField(validators=[Regexp("^[0-9a-f]{32}$")])

    @classmethod
    def fresh(cls, version: int) -> Self:
        """Return an empty form for a case at `version`."""
        return cls(formdata=None, data={"version": version, "entry": secrets.token_hex(16)})

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)
        self.file_problem = ""

    def accepts(self, chosen: ChosenFile) -> bool:
        """Say whether everything is there that a letter takes; what is not, stands in the form."""
        fits = bool(self.validate())
        if chosen.came and not self.name.data:
            self.name.errors = [*self.name.errors, NO_NAME]
            fits = False
        if self.name.data and not chosen.came and not self.keep.data:
            self.file_problem = NO_FILE
            fits = False
        if chosen.came and not fits:
            self.file_problem = CHOOSE_AGAIN
        return fits

    def file_name(self) -> str:
        """Return what the file is said to be."""
        return str(self.name.data)

    def entry_id(self) -> bytes:
        """Return the 16 bytes the letter is stored under."""
        return bytes.fromhex(str(self.entry.data))

    def words(self) -> str:
        """Return what was written."""
        return str(self.text.data)

    def seen_version(self) -> int:
        """Return the version of the case that was on the screen."""
        return int(self.version.data)

    def refuse(self, why: str, *, chosen: ChosenFile) -> None:
        """Say why the letter was not sent. What was written stays in the form; no file can."""
        self.text.errors = [why]
        self.file_problem = CHOOSE_AGAIN if chosen.came else ""

    def follow(self, version: int) -> None:
        """Let the form be sent again for a case that is at `version` by now."""
        self.version.data = version
        self.version.raw_data = None
