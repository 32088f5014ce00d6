"""What reporters do in the journeys of cases, at a browser or without one."""

from collections.abc import Sequence

from tests.journeys.browsing import Browsing
from tests.journeys.turning import TurnedPortal
from tests.journeys.visitors import Reporter


def tells(
    hers: Browsing, concern: str, *about: str, category: str = "", leaves_out: Sequence[str] = ()
) -> str:
    """Go all the way of a concern at a browser; the twelve words."""
    hers.chooses(*about, category=category, leaves_out=leaves_out)
    hers.writes({"what": concern})
    receipt = hers.seals()
    hers.proves(receipt)
    return " ".join(receipt.words)


def posts(portal: TurnedPortal, concern: str, *about: str, category: str = "") -> str:
    """Go all the way of a concern without a browser, where the journey is about the desk."""
    reporter = Reporter(portal)
    receipt = reporter.seals({"what": concern}, about=about or ("colleague",), category=category)
    return " ".join(receipt.words)


def reads(portal: TurnedPortal, words: str) -> str:
    """Return what the page of a thread says to the reporter who comes back."""
    return Reporter(portal).returns(words.split()).main
