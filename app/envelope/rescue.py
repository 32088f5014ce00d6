"""The rescue: open an envelope with a key file and nothing else, when the portal is gone or down.

Takes every age file to post-quantum recipients, of ours or not; `age --decrypt` and `tar` do the
same for ours. A file that is refused leaves nothing behind: no half of it on a disk, and not a
byte of it on the standard output.

Source: docs/envelope-spec.md, section 3.3.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from io import BufferedReader
from pathlib import Path

from app.envelope.errors import EnvelopeError, NoMatch, UnfitKey
from app.envelope.format import parse_header
from app.envelope.identities import Identity
from app.envelope.member_keys import parse_identities
from app.envelope.opening import Opened, open_header, open_payload

DONE = 0  # exit statuses
REFUSED = 1


def open_envelope_file(identity_file: Path, source: Path, output: Path | None) -> None:
    """Decrypt the age file `source` to `output`, or to the standard output.

    A file at `output` is replaced in one step after the last byte was verified. For the standard
    output the envelope is read twice: once to verify it whole, then to write it.

    Args:
        identity_file: one or more post-quantum identities; a member's key file will do.
        source: an age file with 1 to 64 hybrid stanzas. It must not be a pipe.
        output: where the plaintext goes, readable by its owner only.

    Raises:
        EnvelopeError: if the key file or the envelope is refused; nothing was written then.
        OSError: if a file cannot be read or written.
    """
    identities = _identities(identity_file)
    with source.open("rb") as envelope:
        if output is None:
            _open(envelope, identities).payload.copy_to(_Nowhere())
            envelope.seek(0)
            _open(envelope, identities).payload.copy_to(sys.stdout.buffer)
            sys.stdout.buffer.flush()
        else:
            _replace(output, _open(envelope, identities))


def rescue_main(arguments: Sequence[str]) -> int:
    """Run the command `candour envelope open` and return its exit status.

    A refusal is one line on the standard error, without content, and status 1.
    """
    parser = argparse.ArgumentParser(
        prog="candour envelope open", description="Open an envelope with a key file."
    )
    parser.add_argument("--identity", type=Path, required=True, metavar="FILE")
    parser.add_argument("--output", type=Path, metavar="OUT")
    parser.add_argument("source", type=Path, metavar="IN.age")
    chosen = parser.parse_args(arguments)
    try:
        open_envelope_file(chosen.identity, chosen.source, chosen.output)
    except EnvelopeError as error:
        sys.stderr.write(f"refused: {error}\n")
        return REFUSED
    except OSError as error:
        # A full disk has no name, a missing file has.
        named = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"refused: {named}{error.strerror}\n")
        return REFUSED
    return DONE


class _Nowhere:
    """Takes what was verified, and keeps none of it."""

    def write(self, content: bytes | memoryview, /) -> int:
        return len(content)


def _identities(identity_file: Path) -> list[Identity]:
    try:
        return parse_identities(identity_file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise UnfitKey("the key file is not text") from None


def _open(envelope: BufferedReader, identities: list[Identity]) -> Opened:
    header = parse_header(envelope)
    for identity in identities:
        try:
            file_key = open_header(header, identity)
        except NoMatch:
            continue
        return Opened(header, file_key, open_payload(file_key, envelope))
    raise NoMatch("no stanza of the header is for an identity in the key file")


def _replace(output: Path, opened: Opened) -> None:
    # Beside the output, so that the last step is a rename; made by mkstemp, so that nobody else
    # can read it meanwhile.
    handle, temporary = tempfile.mkstemp(dir=output.parent, prefix=".candour-")
    try:
        with os.fdopen(handle, "wb") as plain:
            opened.payload.copy_to(plain)
            plain.flush()
            os.fsync(plain.fileno())
        Path(temporary).replace(output)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
