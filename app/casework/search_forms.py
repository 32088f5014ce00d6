"""The form of a search."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length, Regexp, ValidationError

from app.casework.search_index import LONGEST_QUERY, Term, parse_query


class SearchForm(FlaskForm):
    """What is looked for."""

    words = StringField(
        "Words to look for",
        validators=[
            DataRequired("Write the words to look for"),
            Length(max=LONGEST_QUERY, message=f"Use {LONGEST_QUERY} characters at most"),
        ],
    )

    # Of what was found. A new search says none.
    page = HiddenField(
        default="1", validators=[Regexp(r"[1-9][0-9]{0,3}\Z", message="There is no such page")]
    )

    def validate_words(self, field: StringField) -> None:
        """Refuse what holds no word."""
        if not parse_query(str(field.data)):
            raise ValidationError("Write at least one word with letters or digits")

    def terms(self) -> list[Term]:
        """Return what is asked for."""
        return parse_query(str(self.words.data))

    def wanted_page(self) -> int:
        """Return the number of the page that is asked for."""
        return int(str(self.page.data))
