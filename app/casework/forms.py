"""Forms of the desk's pages: what is asked, and what is said of a wrong answer."""

from dataclasses import replace
from typing import Self

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import (
    AnyOf,
    DataRequired,
    Length,
    NumberRange,
    ValidationError,
)
from wtforms.widgets import HiddenInput

from app.casework.domain import REFERENCE, CaseState, Declaration
from app.casework.reference import Reference
from app.casework.sheet import LONGEST_EXTERNAL, LONGEST_NOTE, CaseSheet
from app.casework.sheet_parts import LONGEST_REASON

CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def tidy(typed: str | None) -> str:
    """Return what was typed with the line ends and without the characters nobody typed."""
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


def tidy_reference(typed: str | None) -> str:
    """Return a case reference in its one form, if what was typed is one."""
    # As it is read out over a desk: small letters, blanks, another dash.
    plain = "".join((typed or "").split()).upper().replace("\N{EN DASH}", "-")
    return f"{plain[:4]}-{plain[4:]}" if len(plain) == 8 and "-" not in plain else plain


class SheetForm(FlaskForm):
    """What a case sheet says that is typed or chosen. Empty is what nobody has said yet."""

    # Force and directorate in one choice, so that they always fit: "a/response".
    place = StringField("Force and directorate")
    category = StringField("What it is about")
    same_as = StringField("The same matter as case", filters=[tidy_reference])
    hold = BooleanField("This is a covert enquiry")
    external = StringField(
        "Reference in another system",
        filters=[tidy],
        validators=[
            Length(
                max=LONGEST_EXTERNAL,
                message=f"A reference has {LONGEST_EXTERNAL} characters at most",
            )
        ],
    )
    note = TextAreaField(
        "Note",
        filters=[tidy],
        validators=[
            Length(max=LONGEST_NOTE, message=f"A note has {LONGEST_NOTE:,} characters at most")
        ],
    )
    # Of the sheet, not of the case: a colleague may write to the reporter meanwhile.
    version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=0)])

    def __init__(self, reference: Reference, ref: str, **named: object) -> None:
        super().__init__(**named)
        self._reference = reference
        self._ref = ref

    @classmethod
    def of(cls, sheet: CaseSheet, reference: Reference) -> Self:
        """Return a form that says what `sheet` says."""
        said = {
            "place": f"{sheet.force}/{sheet.directorate}" if sheet.force else "",
            "category": sheet.category,
            "same_as": sheet.same_as,
            "hold": sheet.hold,
            "external": sheet.external,
            "note": sheet.note,
            "version": sheet.version,
        }
        return cls(reference, sheet.ref, formdata=None, data=said)

    def validate_place(self, field: StringField) -> None:
        """Refuse a choice that the page did not offer."""
        force, _, directorate = str(field.data or "").partition("/")
        if field.data and directorate not in self._reference.directorates.get(force, ()):
            raise ValidationError("Choose a force and directorate from the list")

    def validate_category(self, field: StringField) -> None:
        """Refuse a choice that the page did not offer."""
        known = {category.id for category in self._reference.categories}
        if field.data and field.data not in known:
            raise ValidationError("Choose what it is about from the list")

    def validate_same_as(self, field: StringField) -> None:
        """Refuse what is no reference, and the case's own."""
        if field.data and not REFERENCE.fullmatch(field.data):
            raise ValidationError("A case reference has two groups of four, like BCDF-2345")
        if field.data == self._ref:
            raise ValidationError("A case cannot be the same matter as itself")

    def seen_version(self) -> int:
        """Return the version of the sheet that was on the screen."""
        return int(self.version.data)

    def other_case(self) -> str:
        """Return the reference of the case this is said to be the same matter as, or nothing."""
        return str(self.same_as.data or "")

    def refuse_other_case(self) -> None:
        """Say that there is no such case for her: not there and not hers are the same."""
        self.same_as.errors = ["You have no case with this reference"]

    def applied_to(self, sheet: CaseSheet) -> CaseSheet:
        """Return `sheet` as it would be with what was typed."""
        force, _, directorate = str(self.place.data or "").partition("/")
        return replace(
            sheet,
            force=force,
            directorate=directorate,
            category=str(self.category.data or ""),
            same_as=self.other_case(),
            hold=bool(self.hold.data),
            external=str(self.external.data or ""),
            note=str(self.note.data or ""),
        )

    def follow(self, version: int) -> None:
        """Let the form be sent again over a sheet that is at `version` by now."""
        self.version.data = version
        self.version.raw_data = None


class DecisionForm(FlaskForm):
    """Why triage ends, over which versions of case and sheet."""

    reason = TextAreaField(
        "Why",
        filters=[tidy],
        validators=[
            DataRequired("Say why"),
            Length(max=LONGEST_REASON, message=f"A reason has {LONGEST_REASON} characters at most"),
        ],
    )
    version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1)])
    sheet_version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=0)])

    def why(self) -> str:
        """Return the reason."""
        return str(self.reason.data)

    def seen_version(self) -> int:
        """Return the version of the case that was on the screen."""
        return int(self.version.data)

    def seen_sheet(self) -> int:
        """Return the version of the sheet that was on the screen."""
        return int(self.sheet_version.data)

    def refuse(self, why: str) -> None:
        """Say why the decision was not taken. What was written stays in the form."""
        self.reason.errors = [why]

    def follow(self, version: int, sheet_version: int) -> None:
        """Let the form be sent again over the versions there are by now."""
        for field, now in ((self.version, version), (self.sheet_version, sheet_version)):
            field.data, field.raw_data = now, None
