"""Words that stand nowhere unless somebody put them there.

All begin with one mark, so that a search for the mark finds each of them.
"""

MARK = "vexqurzol"


def canary(name: str) -> str:
    """Return a word for `name` that no other text has."""
    return f"{MARK}{name}"
