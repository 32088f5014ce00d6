"""The token of the one form of this room that carries a file."""

from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError


def token_holds(token: str) -> bool:
    """Say whether a form's token is the one that this session's page was given."""
    try:
        validate_csrf(token)
    except ValidationError:
        return False
    return True
