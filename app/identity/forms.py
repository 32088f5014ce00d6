"""Forms of the sign-in and account pages: what is asked, and what is said of a wrong answer."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app.identity import passwords
from app.identity.domain import ID, LONGEST_NAME

NOT_RIGHT = (
    "The name, password or code is not right, or the account is locked for a while "
    "after several failures"
)


def _without_spaces(typed: str | None) -> str:
    # Authenticators show 123 456, and keyboards add a space after a name.
    return "".join((typed or "").split())


def _small(typed: str | None) -> str:
    return _without_spaces(typed).lower()


class SignInForm(FlaskForm):
    """Name, password and one-time code, asked together: none is confirmed without the others."""

    name = StringField(
        "User name",
        filters=[_small],
        validators=[
            InputRequired("Enter your user name"),
            Length(max=LONGEST_NAME, message=NOT_RIGHT),
        ],
    )
    password = PasswordField(
        "Password",
        validators=[
            InputRequired("Enter your password"),
            Length(max=passwords.LONGEST, message="The password is too long"),
        ],
    )
    code = StringField(
        "One-time code",
        filters=[_without_spaces],
        validators=[
            InputRequired("Enter the code from your authenticator"),
            Length(max=20, message="A code has six digits"),
        ],
    )
    next = HiddenField(validators=[Length(max=200)])

    def typed(self) -> tuple[str, str, str]:
        """Return name, password and code; a name that cannot be one becomes none."""
        name = str(self.name.data)
        return name if ID.fullmatch(name) else "", str(self.password.data), str(self.code.data)

    def way_back(self) -> str:
        """Return the page that was asked for, as it was sent: not to be trusted."""
        return str(self.next.data or "")

    def refuse(self) -> None:
        """Say that the attempt failed, and nothing of why."""
        self.name.errors = [NOT_RIGHT]


class ChangePasswordForm(FlaskForm):
    """The old password opens the slot; the new one, typed twice, closes it."""

    old = PasswordField(
        "Password now",
        validators=[
            InputRequired("Enter the password you have now"),
            Length(max=passwords.LONGEST, message="The password is too long"),
        ],
    )
    new = PasswordField(
        "New password",
        validators=[
            InputRequired("Enter a new password"),
            Length(
                passwords.SHORTEST,
                passwords.LONGEST,
                f"The new password needs {passwords.SHORTEST} to {passwords.LONGEST} characters",
            ),
        ],
    )
    again = PasswordField(
        "New password again",
        validators=[EqualTo("new", "The two new passwords are not the same")],
    )

    def typed(self) -> tuple[str, str]:
        """Return the old and the new password."""
        return str(self.old.data), str(self.new.data)

    def refuse(self) -> None:
        """Say that the old password is wrong."""
        self.old.errors = ["The password you have now is not right"]
