"""The reporter's process on both databases, and a reporter at her browser."""

from dataclasses import replace

import pytest

from app.factory import build
from config import Surface
from tests.intake.reporter import Reporter


@pytest.fixture
def portal(settings, clock):
    """The reporter's side alone, as it is run beside a staff side."""
    flask_app = build(replace(settings, surfaces=Surface.REPORTER), clock=clock)
    yield flask_app
    flask_app.extensions["candour"]["database"].engine.dispose()


@pytest.fixture
def reporter(portal):
    return Reporter(portal)
