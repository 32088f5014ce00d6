"""Forms of the custodians' pages."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.freeze.domain import FEWEST_WORDS_WHY, LONGEST_WHY

# The last two are in no XML: a workbook of the release would spell them out.
CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF])


def _tidy(typed: str | None) -> str:
    return (typed or "").replace("\r\n", "\n").replace("\r", "\n").translate(CONTROLS).strip()


class DecisionForm(FlaskForm):
    """A press of a button: nothing is typed, and the token is all there is."""


class ApproveForm(FlaskForm):
    """The second person's yes; ticked, that both know how many slips are left out."""

    known = IntegerField(validators=[Optional(), NumberRange(min=1)])

    def set_aside(self) -> int:
        """Return how many slips both know to be left out."""
        return 0 if self.known.data is None else int(self.known.data)


class WithdrawForm(FlaskForm):
    """Why a release is to be withdrawn."""

    why = TextAreaField(
        "Why is it withdrawn?",
        filters=[_tidy],
        validators=[
            InputRequired("Say why the release is withdrawn"),
            Length(
                min=FEWEST_WORDS_WHY,
                max=LONGEST_WHY,
                message=f"Say why in {FEWEST_WORDS_WHY} to {LONGEST_WHY} characters",
            ),
        ],
    )

    def reason(self) -> str:
        """Return the reason."""
        return str(self.why.data)
