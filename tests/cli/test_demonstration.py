"""A demonstration stays in its own folder, whatever the shell that starts it names."""

import click
import pytest

from app.casework.domain import CaseState
from app.casework.tables import CaseRow
from app.cli.demo import demonstration_environment, prepare
from app.database import open_database
from app.freeze.witness import Witness
from app.work import look
from config import Settings
from tests.migrating import migrate_statistics


def test_it_never_touches_a_real_store(tmp_path, monkeypatch):
    real = tmp_path / "real"
    witness = Witness(real / "witness")
    witness.mark()
    migrate_statistics(f"sqlite:///{real / 'statistics.sqlite'}")
    before = {path: path.read_bytes() for path in real.rglob("*") if path.is_file()}
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path / "demonstration"))
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{real / 'casework.sqlite'}")
    monkeypatch.setenv("PORTAL_STATISTICS_URL", f"sqlite:///{real / 'statistics.sqlite'}")
    monkeypatch.setenv("PORTAL_WITNESS", str(witness.folder))
    monkeypatch.setenv("PORTAL_KEYRING", str(real / "keyring.json"))
    monkeypatch.setenv("PORTAL_KEYRING_SIGNER", str(real / "signer.pub"))
    settings = prepare()
    assert {path: path.read_bytes() for path in real.rglob("*") if path.is_file()} == before
    assert settings == Settings.from_environment(demonstration_environment())
    inside = (settings.database_url, settings.statistics_url, settings.witness, settings.keyring)
    assert all(str(tmp_path / "demonstration") in str(place) for place in inside)
    # And what happened in it came to its end by the steps of the course.
    database = open_database(settings.database_url)
    with look(database) as work:
        states = [row.state for row in work.session.query(CaseRow)]
    database.engine.dispose()
    assert states.count(CaseState.CLOSED) == 1


def test_it_is_not_started_over_a_real_data_folder(tmp_path, monkeypatch):
    (tmp_path / "secret.key").write_text("a real one")
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path))
    with pytest.raises(click.ClickException, match="no demonstration"):
        prepare()
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
