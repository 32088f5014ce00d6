"""Forms of sharing: what is taken out, for whom, why; what is removed or marked."""

from collections.abc import Collection

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, Regexp, ValidationError

from app.casework.forms import tidy
from app.envelope.errors import UnfitKey
from app.envelope.recipients import Recipient
from app.sharing.domain import (
    LONGEST_NAME,
    LONGEST_PHRASE,
    LONGEST_SUMMARY,
    MOST_PHRASES,
    ExportKind,
    Reason,
    phrases_in,
)
from app.sharing.service import Export


def _check_phrases(field: TextAreaField) -> None:
    phrases = phrases_in(str(field.data or ""))
    if len(phrases) > MOST_PHRASES:
        raise ValidationError(f"Use {MOST_PHRASES} phrases at most")
    if any(len(phrase) > LONGEST_PHRASE for phrase in phrases):
        raise ValidationError(f"A phrase has {LONGEST_PHRASE} characters at most, one a line")


class ExportForm(FlaskForm):
    """An export."""

    kind = StringField(
        "What", validators=[AnyOf([k.value for k in ExportKind], message="Choose what to export")]
    )
    reason = StringField(
        "Reason", validators=[AnyOf([r.value for r in Reason], message="Choose a reason")]
    )
    why = TextAreaField(
        "Why, in your words",
        filters=[tidy],
        validators=[
            DataRequired("Say why"),
            Length(max=1_000, message="Use 1,000 characters at most"),
        ],
    )
    to = StringField(
        "Who receives it",
        filters=[tidy],
        validators=[
            DataRequired("Say who receives it"),
            Length(max=LONGEST_NAME, message=f"Use {LONGEST_NAME} characters at most"),
        ],
    )
    key = StringField("Public key of the recipient", filters=[tidy])
    cleaned = BooleanField("Enclose cleaned copies instead of the files as they were sent")
    phrases = TextAreaField("Names and details of other people", filters=[tidy])
    nobody = BooleanField("Nobody else is named in it")
    words = TextAreaField(
        "In your own words",
        filters=[tidy],
        validators=[
            Length(max=LONGEST_SUMMARY, message=f"Use {LONGEST_SUMMARY:,} characters at most")
        ],
    )

    def validate_key(self, field: StringField) -> None:
        """Refuse what is no key of the hybrid type."""
        try:
            Recipient.parse(str(field.data or ""))
        except UnfitKey:
            raise ValidationError(
                "Paste the public key of the recipient. It begins with age1pq"
            ) from None

    def validate_phrases(self, field: TextAreaField) -> None:
        """Refuse too many phrases, too long ones, and none at all without a word about it."""
        _check_phrases(field)
        if self.kind.data != ExportKind.SUBJECT_ACCESS.value:
            return
        if not self.marked() and not self.nobody.data:
            raise ValidationError(
                "Write what shows other people, one phrase a line, or tick that nobody else is "
                "named in it"
            )
        if self.marked() and self.nobody.data:
            raise ValidationError("Take away the tick that nobody else is named, or the phrases")

    def validate_words(self, field: TextAreaField) -> None:
        """Ask for the desk's own words where an export is made of them."""
        kinds = {ExportKind.CENTURION.value, ExportKind.INTELLIGENCE.value}
        if self.kind.data in kinds and not field.data:
            raise ValidationError("Write in your own words what is known")

    def export(self) -> Export:
        """Return what was asked for."""
        return Export(
            kind=self.what(),
            reason=Reason(str(self.reason.data)),
            to=str(self.to.data),
            why=str(self.why.data),
            recipient=self.recipient(),
            cleaned=self.cleans(),
            nobody_else=self.what() is ExportKind.SUBJECT_ACCESS and not self.marked(),
        )

    def what(self) -> ExportKind:
        """Return what is exported."""
        return ExportKind(str(self.kind.data))

    def cleans(self) -> bool:
        """Return whether cleaned copies are enclosed; only a bundle encloses anything."""
        return bool(self.cleaned.data) and self.what() is ExportKind.BUNDLE

    def recipient(self) -> Recipient:
        """Return whom it is sealed to."""
        return Recipient.parse(str(self.key.data))

    def marked(self) -> list[str]:
        """Return the phrases about other people."""
        return phrases_in(str(self.phrases.data or ""))

    def refuse_phrases(self) -> None:
        """Say that nothing of the phrases stands in the case."""
        self.phrases.errors = [
            "Nothing of this stands in the case: look at how it is written there"
        ]

    def refuse_words(self, run: str) -> None:
        """Say that the words are too much the reporter's."""
        self.words.errors = [
            f"Say it otherwise: “{run}” stands like that in a letter, and would show who wrote it"
        ]


class RedactForm(FlaskForm):
    """What is taken out of a case's letters, and who may read the rest."""

    phrases = TextAreaField(
        "What is taken out",
        filters=[tidy],
        validators=[DataRequired("Write what is to be taken out, one phrase a line")],
    )
    # Checkboxes; the template draws them.
    readers = SelectMultipleField("Who may read it", validate_choice=False)
    # Random, so that the same form sent twice is one version; what was changed in it is another.
    version = HiddenField(validators=[Regexp("^[0-9a-f]{32}$")])

    def __init__(self, offered: Collection[str], **named: object) -> None:
        super().__init__(**named)
        self._offered = offered

    def validate_phrases(self, field: TextAreaField) -> None:
        """Refuse too many phrases, or too long ones."""
        _check_phrases(field)

    def validate_readers(self, field: SelectMultipleField) -> None:
        """Refuse nobody, and who was not offered."""
        chosen = field.data or []
        if not chosen:
            raise ValidationError("Choose who may read it")
        if not set(chosen) <= set(self._offered):
            raise ValidationError("Choose from the list")

    def taken_out(self) -> list[str]:
        """Return the phrases."""
        return phrases_in(str(self.phrases.data))

    def access(self) -> list[str]:
        """Return the ids of those who may read it."""
        return sorted(set(self.readers.data or []))
