"""Worlds, what the rehearsal publishes of them, and the figures that the proof measured."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.releases import group
from tests.attacks.reading import Row, read_meta, read_run
from tests.attacks.world import World, make_world
from tests.proof import PROVING

SEEDS = (1, 2) if PROVING else (1,)
RUNS = 30 if PROVING else 6


@dataclass(frozen=True)
class Published:
    """A world, and the independent runs of its releases."""

    world: World
    runs: list[list[Row]]
    meta: dict
    folder: Path

    @property
    def sigma(self) -> dict:
        return self.meta["error"]["sigma"]


@pytest.fixture(scope="session", params=SEEDS, ids=lambda seed: f"seed {seed}")
def published(request, tmp_path_factory) -> Published:
    folder = tmp_path_factory.mktemp(f"world{request.param}")
    world = make_world(request.param)
    world.write(folder / "matters.csv")
    out = folder / "out"
    ran = CliRunner().invoke(
        group,
        [
            "rehearse",
            "--matters",
            str(folder / "matters.csv"),
            "--out",
            str(out),
            "--runs",
            str(RUNS),
        ],
        catch_exceptions=False,
    )
    assert ran.exit_code == 0, ran.output
    runs = [read_run(out / f"{run:03}") for run in range(RUNS)]
    return Published(world, runs, read_meta(out / "000"), out)


_TOLD: list[str] = []


@pytest.fixture
def tell():
    """Keep a measured figure for the end of the test run, where `make proof` shows it."""
    return lambda what, figure: _TOLD.append(f"{what}: {figure}")


def pytest_terminal_summary(terminalreporter):
    if _TOLD:
        terminalreporter.section(f"figures of the attack suite, {RUNS} runs a seed")
        for line in _TOLD:
            terminalreporter.line(line)
