"""The cage: a process of its own in which one hostile file meets the library that reads it.

`confined.py` starts it, with the path of a program and its arguments. The process holds no key, has
bounds on its time and memory, can make no process and let no file grow; once the program has its
libraries, it can open nothing more: no file, and no connection either, since a socket is a file
too. Standard input is the file, standard output what the program makes of it; it exits with 1 if
that is nothing. What a library writes to its standard error could quote the file: that goes
nowhere.
"""

import resource
import runpy
import sys

MIB = 1024 * 1024
MEMORY = 1024 * MIB
SECONDS = 10  # of a processor


def bound() -> None:
    """Bound what this process can take: memory, time, disk, processes."""
    _set(resource.RLIMIT_AS, MEMORY)
    _set(resource.RLIMIT_CPU, SECONDS)
    # No file may grow: whatever goes wrong in here, nothing of it reaches a disk.
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_NPROC, 0)


def close_doors() -> None:
    """Let this process open nothing more; what it was given stays open."""
    _set(resource.RLIMIT_NOFILE, 0)


def main(program: str, *arguments: str) -> int:
    """Run what `program` calls `answer` over standard input."""
    bound()
    answer = runpy.run_path(program)["answer"]
    close_doors()
    try:
        made: bytes = answer(sys.stdin.buffer.read(), *arguments)
    except Exception:  # noqa: BLE001 -- whatever a hostile file makes its reader raise
        return 1
    sys.stdout.buffer.write(made)
    return 0


def _set(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
