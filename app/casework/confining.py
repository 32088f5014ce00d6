"""The cage: a process of its own in which one hostile file meets the library that reads it.

`confined.py` starts it, with the path of a program and its arguments. The process holds no key, has
bounds on its time and memory, can make no process and let no file grow. Once the program has its
libraries, it can open nothing more: no file, and no connection either, since a socket is a file
too. On Linux it gives up the calls by which a process reaches others as well: those of the portal
are the same user's, and their memory has keys.

Standard input is the file, standard output what the program makes of it; it exits with 1 if that
is nothing. What a library writes to its standard error could quote the file: that goes nowhere.

Sources: prctl(2), seccomp(2); the tables of calls in Linux 6.12, `syscall_64.tbl` and
`scripts/syscall.tbl`.
"""

import ctypes
import platform
import resource
import runpy
import struct
import sys
from collections.abc import Mapping, Sequence

MIB = 1024 * 1024
MEMORY = 1024 * MIB
SECONDS = 10  # of a processor

# What the kernel calls each kind of processor, and the numbers of its calls.
PROCESSORS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Reaching other processes: ptrace, process_vm_readv and _writev, kill and its kin, pidfd_*, kcmp,
# shared memory, queues. Lifting bounds: setrlimit, prlimit64, unshare, setns, mount. Keys of the
# kernel, and what is there for watching it: bpf, perf_event_open, userfaultfd, io_uring_setup.
REACHING = {
    "x86_64": (
        29, 30, 62, 64, 68, 101, 129, 160, 165, 200, 234, 248, 249, 250, 272, 297, 298, 302, 308,
        310, 311, 312, 321, 323, 424, 425, 434, 438,
    ),
    "aarch64": (
        40, 97, 117, 129, 130, 131, 138, 164, 186, 190, 194, 196, 217, 218, 219, 240, 241, 261,
        268, 270, 271, 272, 280, 282, 424, 425, 434, 438,
    ),
}  # fmt: skip
# Opening: open, openat, openat2, socket, socketpair, connect. Starting: fork, vfork, clone, clone3,
# execve, execveat.
OPENING = {
    "x86_64": (2, 41, 42, 53, 56, 57, 58, 59, 257, 322, 435, 437),
    "aarch64": (56, 198, 199, 203, 220, 221, 281, 435, 437),
}
# From <linux/prctl.h>, <linux/seccomp.h>, <linux/bpf_common.h>.
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2
LOAD, IF_EQUAL, IF_AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
ALLOWED, NOT_PERMITTED, KILLED = 0x7FFF0000, 0x00050001, 0x80000000
NUMBER_AT, PROCESSOR_AT = 0, 4
OTHER_TABLE = 0x40000000  # numbers from here on are those of the x32 table


def bound() -> None:
    """Bound what this process can take: memory, time, disk, processes."""
    _set(resource.RLIMIT_AS, MEMORY)
    _set(resource.RLIMIT_CPU, SECONDS)
    # No file may grow: whatever goes wrong in here, nothing of it reaches a disk.
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_NPROC, 0)


def close_doors() -> None:
    """Let this process open nothing more, and reach no other; what it was given stays open."""
    _set(resource.RLIMIT_NOFILE, 0)
    give_up(REACHING, OPENING)


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


def give_up(*groups: Mapping[str, tuple[int, ...]]) -> None:
    """Give up calls for good, in this process and all that it starts; on Linux, nowhere else.

    Raises:
        OSError: if the kernel does not take it: then nothing is read.
    """
    machine = platform.machine()
    if sys.platform == "linux" and machine in PROCESSORS:
        _filter(PROCESSORS[machine], [call for group in groups for call in group[machine]])


def _filter(processor: int, calls: Sequence[int]) -> None:
    steps = [
        (LOAD, 0, 0, PROCESSOR_AT),
        (IF_EQUAL, 1, 0, processor),
        (ANSWER, 0, 0, KILLED),
        (LOAD, 0, 0, NUMBER_AT),
        (IF_AT_LEAST, 0, 1, OTHER_TABLE),
        (ANSWER, 0, 0, KILLED),
    ]
    for call in calls:
        steps += [(IF_EQUAL, 0, 1, call), (ANSWER, 0, 0, NOT_PERMITTED)]
    packed = b"".join(struct.pack("HBBI", *step) for step in [*steps, (ANSWER, 0, 0, ALLOWED)])
    held = ctypes.create_string_buffer(packed, len(packed))
    program = struct.pack("HxxxxxxQ", len(packed) // 8, ctypes.addressof(held))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    given = ctypes.create_string_buffer(program, len(program))
    if prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) or prctl(
        SECCOMP, FILTER, ctypes.addressof(given), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter of calls")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
