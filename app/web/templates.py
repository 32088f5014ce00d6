"""How Jinja behaves in this house."""

from collections.abc import MutableMapping
from datetime import date
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader, Undefined

from config import ROOT, Settings


class LoudUndefined(Undefined):
    """An undefined name that may be tested but not printed, looped over or compared.

    StrictUndefined would also forbid `if params.hint`, which every GOV.UK macro does.
    """

    __slots__ = ()
    __str__ = __iter__ = __len__ = __contains__ = Undefined._fail_with_undefined_error


class PlainGlobals(Environment):
    """An environment whose templates all see one dictionary of globals, the environment's own.

    Jinja would put a ChainMap before it for each template, and copy that with every macro it
    imports: a page of ours imports eight files of macros, and lost half a millisecond to it.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template; names given for one template alone are refused."""
        if d:
            raise ValueError("a template is given its names when it is rendered")
        return self.globals


def in_words(day: date) -> str:
    """Return a date as GOV.UK writes it: 21 November 2026."""
    return f"{day.day} {day:%B %Y}"


def install(flask_app: Flask, settings: Settings) -> None:
    """Teach the application its templates, its filters and the few names every page has."""
    flask_app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(ROOT / "templates"),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    environment = flask_app.jinja_env
    environment.undefined = LoudUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.auto_reload = False
    environment.filters["in_words"] = in_words
    environment.globals.update(
        service_name=settings.service_name,
        force_name=settings.force_name,
        demonstration=settings.demonstration,
        surfaces=settings.surfaces.value,
        alerts=settings.alerts,
    )
    # Templates have no business reading the configuration, which holds the secret key.
    environment.globals.pop("config", None)
