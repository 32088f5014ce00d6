"""The form of a step: the code it asks for, the outcomes it records, and why it is taken."""

from collections.abc import Collection
from typing import Self

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, StringField, TextAreaField
from wtforms.validators import Length, NumberRange
from wtforms.widgets import HiddenInput

from app.casework.course import Course, Transition
from app.casework.forms import tidy
from app.casework.guards import Asked
from app.casework.sheet_parts import HEADINGS, LONGEST_REASON
from app.casework.stepping import Wish, headings_of, needed

TOO_LONG = f"Each reason has {LONGEST_REASON} characters at most"
# The stages of the National Decision Model, as questions.
QUESTIONS = {
    "information": "What is known, and from where",
    "risk": "What is at risk, and for whom",
    "powers": "Which powers and policies apply",
    "options": "Which other ways there were, and why not those",
    "action": "What is decided, and why",
}


class CodesField(Field):
    """Any number of ticked boxes."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was ticked."""
        self.data = list(valuelist)


def _reason() -> TextAreaField:
    return TextAreaField(filters=[tidy], validators=[Length(max=LONGEST_REASON, message=TOO_LONG)])


class CourseStepForm(FlaskForm):
    """A step of the course: what it asks for, and over which versions it is taken."""

    code = StringField()
    outcomes = CodesField()
    desk = StringField()
    information = _reason()
    risk = _reason()
    powers = _reason()
    options = _reason()
    action = _reason()
    version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1)])
    sheet_version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=0)])

    def __init__(
        self, course: Course, step: Transition, desks: Collection[str], **named: object
    ) -> None:
        super().__init__(**named)
        self._course, self._step, self._desks = course, step, desks

    @classmethod
    def fresh(
        cls,
        course: Course,
        step: Transition,
        desks: Collection[str],
        *,
        version: int,
        sheet_version: int,
    ) -> Self:
        """Return an empty form over these versions."""
        said = {"version": version, "sheet_version": sheet_version, "outcomes": []}
        return cls(course, step, desks, formdata=None, data=said)

    def validate(self, extra_validators: object = None) -> bool:
        """Check what was sent, against what this step asks for."""
        fits = super().validate(extra_validators)
        wrong = {
            "code": self._wrong_code(),
            "outcomes": self._wrong_outcomes(),
            "desk": self._wrong_desk(),
        } | {
            name: f"Say {QUESTIONS[name][0].lower()}{QUESTIONS[name][1:]}"
            for name in needed(self._step.reasons)
            if not self[name].data
        }
        for name, why in wrong.items():
            if why:
                self[name].errors = [why]
                fits = False
        return bool(fits)

    def _wrong_code(self) -> str:
        known = {choice.id for choice in self._course.lists.get(self._step.asks, ())}
        return "Choose one from the list" if known and self.code.data not in known else ""

    def _wrong_outcomes(self) -> str:
        chosen = set(self.outcomes.data or [])
        if not self._step.outcomes:
            return ""
        return "" if chosen and chosen <= set(self._step.outcomes) else "Choose an outcome"

    def _wrong_desk(self) -> str:
        if not self._step.moves or self.desk.data in self._desks:
            return ""
        return "Choose the desk that it goes to"

    def wish(self) -> Wish:
        """Return the step as it was asked for."""
        ticked = set(self.outcomes.data or []) if self._step.outcomes else set[str]()
        asked = Asked(
            code=str(self.code.data or "") if self._step.asks else "",
            outcomes=tuple(one for one in self._step.outcomes if one in ticked),
        )
        said = {name: str(self[name].data or "") for name in headings_of(self._step.reasons)}
        reasons = {name: text for name, text in said.items() if text}
        return Wish(step=self._step.id, asked=asked, reasons=reasons)

    def chosen_desk(self) -> str:
        """Return the desk it goes to."""
        return str(self.desk.data or "")

    def seen_version(self) -> int:
        """Return the version of the case that was on the screen."""
        return int(self.version.data)

    def seen_sheet(self) -> int:
        """Return the version of the sheet that was on the screen."""
        return int(self.sheet_version.data)

    def follow(self, version: int, sheet_version: int) -> None:
        """Let the form be sent again over the versions there are by now."""
        for field, now in ((self.version, version), (self.sheet_version, sheet_version)):
            field.data, field.raw_data = now, None

    def problems(self) -> list[tuple[str, str]]:
        """Return what is wrong with what was typed, by field, in the order of the page."""
        names = ("desk", "code", "outcomes", *HEADINGS)
        return [(name, str(self[name].errors[0])) for name in names if self[name].errors]


class AnswerForm(FlaskForm):
    """A button that answers a proposal, over the versions that were on the screen."""

    proposal = StringField(widget=HiddenInput())
    version = IntegerField(widget=HiddenInput(), validators=[NumberRange(min=1)])

    def seen_version(self) -> int:
        """Return the version of the case that was on the screen."""
        return int(self.version.data)

    def seen_proposal(self) -> str:
        """Return the id of the proposal that was on the screen."""
        return str(self.proposal.data or "")
