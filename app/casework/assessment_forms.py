"""The forms beside the case sheet: how it is assessed, its dates, its people, its links."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Self

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange, ValidationError
from wtforms.widgets import HiddenInput

from app.casework.domain import REFERENCE
from app.casework.forms import tidy, tidy_reference
from app.casework.sheet import LONGEST_LEARNING, CaseSheet
from app.casework.sheet_parts import LONGEST_ACTION, LONGEST_REASON, LinkKind
from app.casework.step_forms import CodesField
from app.casework.vocabulary import Vocabulary

NOT_OFFERED = "Choose one from the list"
NO_DAY = "Enter a day, like 27 3 2026"
EARLIEST = date(2000, 1, 1)
CRITERION_STAYS = (
    "A criterion that was written down stays. If the case is not to be referred, a head of the "
    "desk decides so with reasons: “Decide not to refer it to the IOPC”, among the next steps"
)
LONGEST_ALERT = 4_000  # characters


class OverSheet(FlaskForm):
    """Something that is written over a version of the sheet."""

    version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=0)])

    def seen_version(self) -> int:
        """Return the version of the sheet that was on the screen."""
        return int(self.version.data)

    def follow(self, version: int) -> None:
        """Let the form be sent again over a sheet that is at `version` by now."""
        self.version.data = version
        self.version.raw_data = None

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong with what was typed, by field."""
        return [
            (field.name, str(field.errors[0]))
            for field in self
            if field.errors and field.name != "version"
        ]


def day_of(field: StringField) -> date | None:
    """Return the day that was typed, as 27 3 2026 or 2026-03-27; None if nothing was.

    Raises:
        ValidationError: if it is no day.
    """
    typed = str(field.data or "").strip()
    if not typed:
        return None
    parts = typed.replace("/", " ").replace("-", " ").replace(".", " ").split()
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValidationError(NO_DAY)
    numbers = [int(part) for part in parts]
    year, month, day = numbers if len(parts[0]) == 4 else numbers[::-1]
    try:
        found = date(year, month, day)
    except (ValueError, OverflowError):
        raise ValidationError(NO_DAY) from None
    if found < EARLIEST:
        raise ValidationError(NO_DAY)
    return found


class AssessmentForm(OverSheet):
    """How a case is assessed. Empty is what nobody has said yet."""

    subject = StringField()
    standards = CodesField()
    corruption = StringField()
    source = StringField()
    information = StringField()
    handling = StringField()
    criterion = StringField()
    criterion_on = StringField()
    learning = TextAreaField(
        filters=[tidy],
        validators=[
            Length(
                max=LONGEST_LEARNING,
                message=f"What is to be learnt has {LONGEST_LEARNING:,} characters at most",
            )
        ],
    )

    def __init__(self, words: Vocabulary, today: date, **named: object) -> None:
        super().__init__(**named)
        self._words, self._today = words, today

    @classmethod
    def of(cls, sheet: CaseSheet, words: Vocabulary, today: date) -> Self:
        """Return a form that says what `sheet` says."""
        source, information, handling = list(sheet.grade) or ["", "", ""]
        said = {
            "subject": sheet.subject,
            "standards": list(sheet.standards),
            "corruption": sheet.corruption,
            "source": source,
            "information": information,
            "handling": handling,
            "criterion": sheet.criterion,
            "criterion_on": _written(sheet.criterion_on),
            "learning": sheet.learning,
            "version": sheet.version,
        }
        return cls(words, today, formdata=None, data=said)

    def validate(self, extra_validators: object = None) -> bool:
        """Check what was sent against what the page offered."""
        fits = super().validate(extra_validators)
        for name in ("subject", "corruption", "criterion", "source", "information", "handling"):
            if self[name].data and self[name].data not in self._words[name]:
                self[name].errors, fits = [NOT_OFFERED], False
        if not set(self.standards.data or []) <= self._words["standards"].keys():
            self.standards.errors, fits = [NOT_OFFERED], False
        grade = [bool(self[name].data) for name in ("source", "information", "handling")]
        if any(grade) and not all(grade):
            self.source.errors, fits = ["A grade has all three parts, or none"], False
        return bool(self._day_fits() and fits)

    def _day_fits(self) -> bool:
        try:
            day = day_of(self.criterion_on)
        except ValidationError as error:
            self.criterion_on.errors = [str(error)]
            return False
        if bool(self.criterion.data) != (day is not None):
            self.criterion_on.errors = [
                "Say which criterion applies and since which day, or neither"
            ]
            return False
        if day is not None and day > self._today:
            self.criterion_on.errors = ["This day is still to come"]
            return False
        return True

    def keeps_criterion(self, sheet: CaseSheet) -> bool:
        """Say whether a criterion that stands on the sheet is left there; mark the field if not."""
        if sheet.criterion and not self.criterion.data:
            self.criterion.errors = [CRITERION_STAYS]
            return False
        return True

    def applied_to(self, sheet: CaseSheet) -> CaseSheet:
        """Return `sheet` as it would be with what was typed."""
        return replace(
            sheet,
            subject=str(self.subject.data or ""),
            standards=tuple(sorted(set(self.standards.data or []))),
            corruption=str(self.corruption.data or ""),
            grade="".join(str(self[n].data or "") for n in ("source", "information", "handling")),
            criterion=str(self.criterion.data or ""),
            criterion_on=day_of(self.criterion_on),
            learning=str(self.learning.data or ""),
        )


class MilestoneForm(OverSheet):
    """That something a clock asks for happened."""

    what = StringField()
    on = StringField()

    def __init__(self, known: Collection[str], today: date, **named: object) -> None:
        super().__init__(**named)
        self._known, self._today = known, today

    def validate_what(self, field: StringField) -> None:
        """Refuse what the page did not offer."""
        if field.data not in self._known:
            raise ValidationError("Choose what happened")

    def validate_on(self, field: StringField) -> None:
        """Refuse no day, and one that is still to come."""
        day = day_of(field)
        if day is None or day > self._today:
            raise ValidationError("Enter the day on which it happened, today at the latest")

    def applied_to(self, sheet: CaseSheet) -> CaseSheet:
        """Return `sheet` with the milestone."""
        day = day_of(self.on)
        return sheet.with_milestone(str(self.what.data), day) if day else sheet


class ActionForm(OverSheet):
    """Something that is to be done about a case, and until when."""

    text = StringField(
        filters=[tidy],
        validators=[
            Length(max=LONGEST_ACTION, message=f"An action has {LONGEST_ACTION} characters at most")
        ],
    )
    due = StringField()

    def validate_text(self, field: StringField) -> None:
        """Refuse an action that says nothing."""
        if not field.data:
            raise ValidationError("Say what is to be done")

    def validate_due(self, field: StringField) -> None:
        """Refuse no day."""
        if day_of(field) is None:
            raise ValidationError("Enter the day until which it is to be done")

    def said(self) -> tuple[str, date]:
        """Return what is to be done, and until when."""
        day = day_of(self.due)
        if day is None:
            raise ValueError("validate first")
        return str(self.text.data), day


class DoneForm(OverSheet):
    """That an action is done."""

    number = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=0, max=999)])

    def chosen(self) -> int:
        """Return which, counted from 0."""
        return int(self.number.data)


class PeopleForm(OverSheet):
    """Whose case it is, who investigates, who may read, and who is left out."""

    assignee = StringField()
    investigator = StringField()
    access = CodesField()
    left_out = CodesField()

    def __init__(self, offered: Mapping[str, str], **named: object) -> None:
        super().__init__(**named)
        self._offered = offered

    @classmethod
    def of(cls, sheet: CaseSheet, offered: Mapping[str, str]) -> Self:
        """Return a form that says what `sheet` says."""
        said = {
            "assignee": sheet.assignee,
            "investigator": sheet.investigator,
            "access": list(sheet.access),
            "left_out": [],
            "version": sheet.version,
        }
        return cls(offered, formdata=None, data=said)

    def validate(self, extra_validators: object = None) -> bool:
        """Check that everybody named is somebody the page offered, and the lists agree."""
        fits = bool(super().validate(extra_validators))
        out, access = set(self.left_out.data or []), set(self.access.data or [])
        for name, chosen in (
            ("assignee", {self.assignee.data} - {"", None}),
            ("investigator", {self.investigator.data} - {"", None}),
            ("access", access),
            ("left_out", out),
        ):
            if not chosen <= self._offered.keys():
                self[name].errors, fits = [NOT_OFFERED], False
            elif name != "left_out" and chosen & out:
                self[name].errors, fits = ["Somebody who is left out cannot have this case"], False
            elif name in {"assignee", "investigator"} and access and not chosen <= access:
                self[name].errors, fits = ["Choose somebody who may read it"], False
        return fits

    def chosen_access(self) -> frozenset[str]:
        """Return who may read it, of those on the desk; nobody chosen is everybody."""
        return frozenset(self.access.data or [])

    def chosen_left_out(self) -> frozenset[str]:
        """Return who is left out from now on."""
        return frozenset(self.left_out.data or [])

    def roles(self) -> dict[str, str]:
        """Return whose case it is and who investigates."""
        return {
            "assignee": str(self.assignee.data or ""),
            "investigator": str(self.investigator.data or ""),
        }


class LinkForm(OverSheet):
    """That another case belongs to this one."""

    other = StringField(filters=[tidy_reference])
    kind = StringField()
    KINDS = (LinkKind.LINKED, LinkKind.DUPLICATE_OF)

    def __init__(self, ref: str, **named: object) -> None:
        super().__init__(**named)
        self._ref = ref

    def validate_other(self, field: StringField) -> None:
        """Refuse what is no reference, and the case's own."""
        if not REFERENCE.fullmatch(str(field.data or "")):
            raise ValidationError("A case reference has two groups of four, like BCDF-2345")
        if field.data == self._ref:
            raise ValidationError("A case cannot be linked to itself")

    def validate_kind(self, field: StringField) -> None:
        """Refuse what the page did not offer."""
        if field.data not in {kind.value for kind in self.KINDS}:
            raise ValidationError("Say how the two belong together")

    def other_case(self) -> str:
        """Return the other case's reference."""
        return str(self.other.data)

    def chosen(self) -> LinkKind:
        """Return how the two belong together."""
        return LinkKind(str(self.kind.data))

    def refuse_other_case(self) -> None:
        """Say that there is no such case for her: not there and not hers are the same."""
        self.other.errors = ["You have no case with this reference that you have read"]


class UnlinkForm(OverSheet):
    """Why two cases do not belong together after all."""

    reason = TextAreaField(
        filters=[tidy],
        validators=[
            Length(max=LONGEST_REASON, message=f"A reason has {LONGEST_REASON} characters at most")
        ],
    )

    def __init__(self, refs: Collection[str], **named: object) -> None:
        super().__init__(**named)
        self._refs = refs

    def validate_reason(self, field: TextAreaField) -> None:
        """Refuse no reason, and one that tells readers of one case of the other."""
        said = str(field.data or "")
        if not said:
            raise ValidationError("Say why the two do not belong together")
        letters = "".join(sign for sign in said.upper() if sign.isalnum())
        if any(ref.replace("-", "") in letters for ref in self._refs):
            raise ValidationError(
                "Say it without naming the cases: not everybody who reads one may know of the other"
            )

    def said(self) -> str:
        """Return the reason."""
        return str(self.reason.data)


class AlertForm(OverSheet):
    """What a reporter says was done to her for speaking up."""

    words = TextAreaField(
        filters=[tidy],
        validators=[
            Length(max=LONGEST_ALERT, message=f"An alert has {LONGEST_ALERT:,} characters at most")
        ],
    )

    def validate_words(self, field: TextAreaField) -> None:
        """Refuse an alert that says nothing."""
        if not field.data:
            raise ValidationError("Say what the reporter told you")

    def said(self) -> str:
        """Return the words."""
        return str(self.words.data)


def _written(day: date | None) -> str:
    return "" if day is None else f"{day.day} {day.month} {day.year}"
