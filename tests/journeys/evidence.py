"""What somebody with the machine in front of them could read of a portal that runs."""

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool


def files_under(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file under `folders` with its content, without touching when it was read."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                content = _read(path)
                if content is not None:
                    yield str(path), content
            elif path.is_dir():
                yield str(path), b""


def paths_under(*folders: Path) -> list[Path]:
    """Return the folders themselves and everything in them."""
    return [path for folder in folders for path in (folder, *sorted(folder.rglob("*")))]


def nameless_files(processes: list[int]) -> Iterator[tuple[str, bytes]]:
    """Yield the content of files that have no name any more, and that a process holds open."""
    for process in processes:
        for descriptor in _listed(Path(f"/proc/{process}/fd")):
            try:
                named = str(descriptor.readlink())
                if "(deleted)" in named and "memfd" not in named:
                    yield f"{named} of process {process}", descriptor.read_bytes()
            except OSError:
                continue  # closed meanwhile


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _read(path: Path) -> bytes | None:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOATIME)
    except FileNotFoundError:
        return None  # gone since it was listed
    with os.fdopen(handle, "rb") as file:
        return file.read()


def engine_for(url: str) -> Engine:
    """Return a way to look into the database that keeps no connection."""
    return create_engine(url, poolclass=NullPool)


def cells_of(engine: Engine) -> Iterator[tuple[str, object]]:
    """Yield every cell of every table as it is stored."""
    tables = inspect(engine).get_table_names()
    with engine.connect() as connection:
        for table in tables:
            rows = connection.execute(text(f'SELECT * FROM "{table}"'))
            names = list(rows.keys())
            for row in rows:
                for name, value in zip(names, row, strict=True):
                    yield f"{table}.{name}", value


def folder_of_server(engine: Engine) -> Path | None:
    """Return where a PostgreSQL server keeps its files, if it can be read here."""
    if engine.dialect.name != "postgresql":
        return None
    with engine.connect() as connection:
        # What is still in the server's memory goes to its files first.
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.scalar(text("SHOW data_directory")))
    return folder if os.access(folder, os.R_OK) else None
