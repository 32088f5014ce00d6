"""How fast the envelope is, beside what others use for the same end.

    .venv/bin/python -m benchmarks.envelope          all figures as JSON
    .venv/bin/python -m benchmarks.envelope seal     one of them: seal, open, stream, memory

Both sides of a ratio run in one process, in turns, so that a busy machine slows both. CPU time
is the firm figure; wall time is given beside it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from app.envelope.file_keys import FileKey
from app.envelope.format import parse_header_bytes
from app.envelope.identities import Identity
from app.envelope.opening import can_open, open_payload
from app.envelope.padding import CHUNK, TAG
from app.envelope.pipes import blocks_of
from app.envelope.recipients import Recipient
from app.envelope.sealing import Sealer, new_file_key, seal_header
from app.envelope.stream import PayloadWriter

REPORT = 4096  # bytes
READERS = 3
ROUNDS = 301
LARGE = 256 << 20  # bytes
LARGE_ROUNDS = 5


def medians(rounds: int, tasks: dict[str, Callable[[], object]]) -> dict[str, dict[str, float]]:
    """Run the tasks in turns; return for each its median CPU and wall time in milliseconds."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(rounds):
        for name, task in tasks.items():
            cpu, wall = time.process_time_ns(), time.perf_counter_ns()
            task()
            spent = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
            taken[name].append((spent[0] / 1e6, spent[1] / 1e6))
    return {
        name: {
            "cpu_ms": round(median(cpu for cpu, _ in times), 4),
            "wall_ms": round(median(wall for _, wall in times), 4),
        }
        for name, times in taken.items()
    }


def our_seal(recipients: list[Recipient], body: bytes, stanzas: int) -> Callable[[], bytes]:
    def seal_report() -> bytes:
        out = BytesIO()
        sealer = Sealer(out, recipients, stanzas=stanzas)
        sealer.write(body)
        sealer.finish()
        return out.getvalue()

    return seal_report


def sealed_boxes(body: bytes) -> Callable[[], bytes]:
    """What GlobaLeaks 5 does for three readers: a key pair, its private half sealed to each.

    Its own functions seal twice more (for the reporter and for the answers); leaving those out
    makes the baseline faster, and the ratio stricter.
    """
    from nacl.public import PrivateKey, SealedBox
    from nacl.secret import SecretBox

    keys = [PrivateKey.generate().public_key for _ in range(READERS)]

    def seal_report() -> bytes:
        pair = PrivateKey.generate()
        wrapped = [SealedBox(key).encrypt(bytes(pair)) for key in keys]
        return b"".join(wrapped) + SecretBox(bytes(pair)).encrypt(body)

    return seal_report


def pyrage_x25519(body: bytes) -> Callable[[], bytes]:
    from pyrage import encrypt, x25519

    keys = [x25519.Identity.generate().to_public() for _ in range(READERS)]
    return lambda: encrypt(body, keys)


def gpg_rsa4096(body: bytes, home: Path) -> Callable[[], bytes] | None:
    """gpg, a process for each call, as SecureDrop-like portals call it; None where it is not."""
    if shutil.which("gpg") is None:
        return None
    gpg = [
        "gpg",
        "--homedir",
        str(home),
        "--batch",
        "--quiet",
        "--no-tty",
        "--trust-model",
        "always",
    ]
    names = [f"reader{number}@example.org" for number in range(READERS)]
    for name in names:
        making = ["--passphrase", "", "--quick-generate-key", name, "rsa4096", "encr", "never"]
        subprocess.run([*gpg, *making], check=True, capture_output=True)
    to = [part for name in names for part in ("--recipient", name)]
    command = [*gpg, "--encrypt", *to]
    return lambda: subprocess.run(command, input=body, check=True, capture_output=True).stdout


def seal_small() -> dict[str, object]:
    """Seal a 4 KiB report for 3 readers: ours, and what others use."""
    body = os.urandom(REPORT)
    recipients = [Identity.generate().recipient for _ in range(READERS)]
    times = medians(
        ROUNDS,
        {
            "ours, 3 stanzas": our_seal(recipients, body, READERS),
            "PyNaCl SealedBox + SecretBox": sealed_boxes(body),
            "ours, 16 stanzas": our_seal(recipients, body, 16),
            "pyrage X25519": pyrage_x25519(body),
        },
    )
    base = times["PyNaCl SealedBox + SecretBox"]["cpu_ms"]
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o700)
        if (gpg := gpg_rsa4096(body, Path(home))) is not None:
            # Another process works, so its wall time counts.
            times |= medians(9, {"gpg RSA-4096": gpg})
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=True)
    return {
        "seal_4k_3_vs_sealedbox": round(times["ours, 3 stanzas"]["cpu_ms"] / base, 2),
        "seal_4k_16_stanzas_vs_sealedbox": round(times["ours, 16 stanzas"]["cpu_ms"] / base, 2),
        "seal_4k": times,
    }


def open_small() -> dict[str, object]:
    """Look through a stored header of 16 stanzas, and through an inbox of such headers."""
    identity, other = Identity.generate(), Identity.generate()
    header = seal_header([identity.recipient], new_file_key())
    parsed = parse_header_bytes(header)
    times = medians(
        ROUNDS,
        {
            "not mine: parse and try 16 stanzas": lambda: can_open(header, other),
            "mine": lambda: can_open(header, identity),
            "parse": lambda: parse_header_bytes(header),
            "try 16 stanzas": lambda: can_open(parsed, other),
        },
    )
    stanza = times["try 16 stanzas"]["cpu_ms"] / 16
    return {"open_header": times, "open_ms_a_stanza": round(stanza, 4)}


def bare_seal(source: Path, target: Path) -> None:
    cipher = ChaCha20Poly1305(bytes(32))
    with source.open("rb") as plain, target.open("wb") as sealed:
        counter = 0
        while chunk := plain.read(CHUNK):
            sealed.write(cipher.encrypt(counter.to_bytes(12, "big"), chunk, None))
            counter += 1


def bare_open(source: Path, target: Path) -> None:
    cipher = ChaCha20Poly1305(bytes(32))
    with source.open("rb") as sealed, target.open("wb") as plain:
        counter = 0
        while chunk := sealed.read(CHUNK + TAG):
            plain.write(cipher.decrypt(counter.to_bytes(12, "big"), chunk, None))
            counter += 1


def stream_seal(source: Path, target: Path, file_key: FileKey) -> None:
    with source.open("rb") as plain, target.open("wb") as sealed:
        writer = PayloadWriter(sealed, file_key)
        for block in blocks_of(plain):
            writer.write(block)
        writer.finish()


def stream_open(source: Path, target: Path, file_key: FileKey) -> None:
    with source.open("rb") as sealed, target.open("wb") as plain:
        open_payload(file_key, sealed).copy_to(plain)


def stream_large(folder: Path | None = None) -> dict[str, object]:
    """Seal and open 256 MiB from file to file, beside a bare loop over the same cipher.

    The files lie in memory (/dev/shm) where there is such a place: it is the code that is
    measured, and a disk would hide it.
    """
    with tempfile.TemporaryDirectory(dir=folder or _in_memory()) as name:
        place = Path(name)
        _write_large(place / "plain")
        file_key = new_file_key()
        times = medians(
            LARGE_ROUNDS,
            {
                "bare seal": lambda: bare_seal(place / "plain", place / "bare"),
                "our seal": lambda: stream_seal(place / "plain", place / "ours", file_key),
                "bare open": lambda: bare_open(place / "bare", place / "opened"),
                "our open": lambda: stream_open(place / "ours", place / "opened", file_key),
            },
        )
    speeds = {name: (LARGE >> 20) / (taken["cpu_ms"] / 1000) for name, taken in times.items()}
    return {
        **_ratios(times, "cpu_ms", ""),
        **_ratios(times, "wall_ms", "_wall"),
        "stream_mib_a_second_cpu": {name: round(speed) for name, speed in speeds.items()},
    }


def _ratios(times: dict[str, dict[str, float]], unit: str, suffix: str) -> dict[str, float]:
    return {
        f"stream_{verb}_vs_bare{suffix}": round(
            times[f"bare {verb}"][unit] / times[f"our {verb}"][unit], 3
        )
        for verb in ("seal", "open")
    }


# The peak that getrusage gives outlives exec: it would be the peak of whoever started this.
MEMORY = """
import re, sys
from pathlib import Path
from app.envelope.file_keys import FileKey
from benchmarks import envelope

def mib(field):
    status = Path("/proc/self/status").read_text()
    return int(re.search(field + r":\\s+(\\d+) kB", status)[1]) / 1024

key, place = FileKey(bytes(16)), Path(sys.argv[1])
Path("/proc/self/clear_refs").write_text("5")
idle = mib("VmRSS")
envelope.stream_seal(place / "plain", place / "sealed", key)
envelope.stream_open(place / "sealed", place / "opened", key)
print(mib("VmHWM") - idle)
"""


def stream_memory() -> dict[str, object]:
    """Measure by how much sealing and opening 256 MiB raises a process above its idle size."""
    with tempfile.TemporaryDirectory(dir=_in_memory()) as name:
        _write_large(Path(name) / "plain")
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, name], check=True, capture_output=True, text=True
        )
    return {"stream_rss_over_idle_mib": round(float(done.stdout), 2)}


def measure(chosen: str = "all") -> dict[str, object]:
    """Return the figures asked for: those with targets under the names the targets have."""
    parts = {
        "seal": seal_small,
        "open": open_small,
        "stream": stream_large,
        "memory": stream_memory,
    }
    figures: dict[str, object] = {}
    for name, part in parts.items():
        if chosen in (name, "all"):
            figures |= part()
    return figures


def _in_memory() -> str | None:
    shared = Path("/dev/shm")
    room = shutil.disk_usage(shared).free if shared.is_dir() else 0
    return str(shared) if room > 5 * LARGE else None


def _write_large(path: Path) -> None:
    block = os.urandom(1 << 20)
    with path.open("wb") as out:
        for _ in range(LARGE >> 20):
            out.write(block)


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:2]), indent=2))
