"""Running portals, on either database, and the people who use them."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import unavailable
from tests.journeys.browsing import CHROMIUM, Browsing
from tests.journeys.case_hands import AtDesk
from tests.journeys.running import RunningPortal, addresses_in, running_portal
from tests.journeys.turning import TurnedPortal, turned_portal
from tests.journeys.visitors import Handler, Reporter
from tests.people import People
from tests.postgresql import copied

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="session")
def staff() -> People:
    """Two desks as of today: the servers here have the real clock."""
    return People.make(datetime.now(UTC).date())


@pytest.fixture(scope="session")
def open_portal(request, tmp_path_factory, staff) -> Callable:
    """Return what runs a portal with a database of its own, of the kind it is given."""

    @contextmanager
    def opened(kind: str, **options) -> Iterator[RunningPortal]:
        database = {"sqlite": _sqlite, "postgresql": _postgresql}[kind]
        with (
            database(request) as databases,
            running_portal(
                tmp_path_factory.mktemp("portal"), databases, people=staff, **options
            ) as portal,
        ):
            yield portal

    return opened


@contextmanager
def _sqlite(request) -> Iterator[Callable[[Path], tuple[str, str]]]:
    casework = request.getfixturevalue("migrated")
    statistics = request.getfixturevalue("migrated_statistics")

    def made(data: Path) -> tuple[str, str]:
        shutil.copy(casework, data / "casework.sqlite")
        shutil.copy(statistics, data / "statistics.sqlite")
        return addresses_in(data)

    yield made


@contextmanager
def _postgresql(request) -> Iterator[Callable[[Path], tuple[str, str]]]:
    server = request.getfixturevalue("postgresql_server")
    with copied(server, "migrated") as casework, copied(server, "migrated_statistics") as counted:
        yield lambda _data: (casework, counted)


@pytest.fixture(scope="module", params=BOTH)
def portal(request, open_portal) -> Iterator[RunningPortal]:
    """The portal of a module's tests; each brings concerns of its own."""
    with open_portal(request.param) as running:
        yield running


@pytest.fixture(params=BOTH)
def own_portal(request, open_portal) -> Iterator[RunningPortal]:
    """A portal that only one test uses."""
    with open_portal(request.param) as running:
        yield running


@pytest.fixture
def reporter(portal) -> Reporter:
    return Reporter(portal)


def _signed_in(name: str):
    @pytest.fixture(scope="module", name=name)
    def handler(portal) -> Handler:
        handler = Handler(portal, name)
        handler.signs_in()
        return handler

    return handler


amara, tom, ruth = (_signed_in(name) for name in ("amara", "tom", "ruth"))


@pytest.fixture
def arriving(portal, amara) -> Callable:
    """Return what makes a collection and says which cases of a handler's it brought."""
    portal.collect()
    waited = set(amara.sees())

    def arrived(handler: Handler = amara) -> list[str]:
        portal.collect()
        return [ref for ref in handler.sees() if ref not in waited]

    return arrived


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every portal here has a port of its own. Shadows the plugin's, which pytest 9 warns about."""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    if not CHROMIUM.exists():
        unavailable("browser", "Debian's package chromium is not installed")
    # In a container without user namespaces Chromium's own sandbox cannot start.
    return {"executable_path": str(CHROMIUM), "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def six_desks(request, tmp_path_factory) -> Iterator[TurnedPortal]:
    """One portal of six desks for all journeys of cases: its clock is turned by hand."""
    with (
        _sqlite(request) as databases,
        turned_portal(tmp_path_factory.mktemp("six"), databases) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def _windows(browser, six_desks) -> Iterator[dict[str, AtDesk]]:
    windows: dict[str, AtDesk] = {}
    yield windows
    for window in windows.values():
        window.page.context.close()


@pytest.fixture
def at_work(browser, six_desks, _windows) -> Iterator[Callable[[str], AtDesk]]:
    """Return what leads to somebody's own window, in which she is signed in."""

    def found(name: str) -> AtDesk:
        if name not in _windows:
            _windows[name] = AtDesk(browser, six_desks, name)
        return _windows[name].is_at_work()

    yield found
    complaints = {name: window.complaints[:] for name, window in _windows.items()}
    for window in _windows.values():
        window.complaints.clear()
    assert not any(complaints.values()), complaints


@pytest.fixture
def at_home(browser, six_desks) -> Iterator[Callable[..., Browsing]]:
    """Return what opens a window of a reporter's own."""
    with ExitStack() as open_windows:

        def opened(**options: object) -> Browsing:
            window = Browsing(browser, six_desks, **options)
            window.inspects = False
            return open_windows.enter_context(window)

        yield opened


@pytest.fixture
def brings(six_desks, at_work) -> Callable[[str], str]:
    """Return what makes a collection, and says which case it brought to somebody's desk."""

    def brought(name: str) -> str:
        desk = at_work(name)
        before = desk.lists()
        six_desks.collect()
        [ref] = set(desk.lists()) - set(before)
        return ref

    return brought
