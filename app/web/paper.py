"""A page as a tagged PDF, where WeasyPrint and its libraries are installed.

The page is the print view; this only puts it on paper. Nothing is fetched: the style
sheet is read from our own folder, and every other address is refused.
"""

import threading
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

STYLE_SHEET = "/static/built/paper.css"
BUILT = Path(__file__).parents[1] / "static" / "built"
HERE = "https://pack.invalid"  # a name that is nobody's (RFC 2606); it is never asked
UNIVERSAL = "pdf/ua-1"

_one_at_a_time = threading.Lock()


class NoAddress(ValueError):
    """A page asked for something that is not part of it."""


@cache
def can_print() -> bool:
    """Say whether this installation can make a PDF."""
    try:
        _weasyprint()
    except (ImportError, OSError):  # the library, or Pango below it, is not there
        return False
    return True


def write_pdf(html: str) -> bytes:
    """Return a page as a PDF, tagged, and PDF/UA where the installed version offers it.

    Call it only where `can_print`. The same page gives the same bytes.
    """
    weasyprint = _weasyprint()
    page = weasyprint.HTML(string=html, base_url=f"{HERE}/", url_fetcher=_fetcher())
    with _one_at_a_time:  # its fonts and counters are not made for two threads
        # The file's identifier would otherwise be of the moment.
        made: bytes = page.write_pdf(pdf_identifier=b"candour", **_options())
    return made


def _weasyprint() -> ModuleType:
    return import_module("weasyprint")


@cache
def _options() -> dict[str, object]:
    offered = import_module("weasyprint.pdf").VARIANTS
    return {"pdf_variant": UNIVERSAL} if UNIVERSAL in offered else {"pdf_tags": True}


def _fetcher() -> object:
    urls = import_module("weasyprint.urls")
    if not hasattr(urls, "URLFetcher"):  # before WeasyPrint 68 a function was asked
        return lambda url, **_asked: {"string": own_file(url), "mime_type": "text/css"}

    class OwnFiles(urls.URLFetcher):  # type: ignore[misc,name-defined]  # known only at run time
        """Reads the style sheet and refuses everything else."""

        def fetch(self, url: str, headers: object = None) -> object:  # noqa: ARG002 -- its name there
            """Return the style sheet."""
            return urls.URLFetcherResponse(url, own_file(url), {"Content-Type": "text/css"})

    return OwnFiles()


def drawing_style() -> str:
    """Return the rules of the drawings, which on paper are carried in each of them."""
    return (BUILT / "drawings.css").read_text(encoding="utf-8")


def own_file(url: str) -> bytes:
    """Return the style sheet.

    Raises:
        NoAddress: if `url` is anything else.
    """
    if url != f"{HERE}{STYLE_SHEET}":
        raise NoAddress(url)
    return (BUILT / "paper.css").read_bytes()
