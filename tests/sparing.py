"""What a test run need not do again for every test, and what no test can tell from the real thing.

A thousand portals are built in a run, each with databases of its own. Nothing here changes what a
portal answers or what a database holds; programs that tests start know nothing of it.
"""

import pytest
import sqlalchemy
from sqlalchemy import Engine
from werkzeug.routing import rules

from app import database

KEPT_STATEMENTS = 4_000


def spare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare this run what it can be spared."""
    _compile_addresses_once(monkeypatch)
    _compile_statements_once(monkeypatch)
    _write_without_waiting_for_the_disk(monkeypatch)


def _compile_addresses_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # werkzeug writes two functions for every address of every portal, always the same ones.
    known: dict[object, object] = {}
    compile_builder = rules.Rule._compile_builder

    def builder(self: rules.Rule, append_unknown: bool = True) -> object:
        if self.defaults:
            return compile_builder(self, append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in known:
            known[key] = compile_builder(self, append_unknown)
        return known[key]

    monkeypatch.setattr(rules.Rule, "_compile_builder", builder)


def _compile_statements_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # A statement's text belongs to its dialect, and each engine would make both anew.
    first: dict[str, Engine] = {}

    def create(url: str, **options: object) -> Engine:
        made = sqlalchemy.create_engine(url, query_cache_size=KEPT_STATEMENTS, **options)
        like = first.setdefault(made.dialect.name, made)
        made.dialect, made._compiled_cache = like.dialect, like._compiled_cache
        return made

    monkeypatch.setattr(database, "create_engine", create)


def _write_without_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    # No test pulls the plug of its machine; those that kill a process need no disk for it.
    pragmas = [pragma.replace("= FULL", "= OFF") for pragma in database.SQLITE_PRAGMAS]
    monkeypatch.setattr(database, "SQLITE_PRAGMAS", tuple(pragmas))
