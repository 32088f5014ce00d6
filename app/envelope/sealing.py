"""Sealing: a header for some readers among decoys, and the payload behind it.

Holds no private key: a process that only seals cannot open what it sealed.
Source: c2sp.org/age; docs/envelope-spec.md, section 3.
"""

import secrets
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.envelope.errors import UnfitReaders
from app.envelope.file_keys import FileKey
from app.envelope.format import BODY, STANZAS, Stanza, hybrid_stanza, with_mac, without_mac
from app.envelope.pipes import Sink, Source, blocks_of
from app.envelope.recipients import Recipient
from app.envelope.stream import PayloadWriter


def new_file_key() -> FileKey:
    """Return a key for one envelope: 16 bytes nobody else has, never used again."""
    return FileKey.generate()


def seal_header(
    recipients: Sequence[Recipient],
    file_key: FileKey,
    *,
    stanzas: int = STANZAS,
    placed: Recipient | None = None,
) -> bytes:
    """Return an age header from which each of `recipients`, and nobody else, takes `file_key`.

    Decoys fill it up to `stanzas`, and the order is shuffled: whoever holds the header learns
    neither who nor how many may read.

    Args:
        recipients: 1 to `stanzas` of them, no two alike.
        file_key: the key of the payload behind this header.
        stanzas: 16 for everything that is stored.
        placed: one of `recipients` whose stanza is to stand where she looks first, her `place`:
            the reporter's, in every letter of her thread.

    Raises:
        UnfitReaders: if there is nobody to read, too many, or one twice.
    """
    _check_readers(recipients, stanzas, placed)
    others = [recipient.wrap(file_key.raw) for recipient in recipients if recipient != placed]
    hers = [] if placed is None else [placed.wrap(file_key.raw)]
    others += _decoys(stanzas - len(others) - len(hers))
    secrets.SystemRandom().shuffle(others)
    at = 0 if placed is None else placed.place(stanzas)
    text = without_mac([*others[:at], *hers, *others[at:]])
    return with_mac(text, file_key.header_mac(text))


class Sealer:
    """Seals what is written to it for `recipients`, in one pass and bounded memory.

    Args:
        sink: receives the header, then the payload.
        recipients: as for `seal_header`.
        stanzas: 16 for everything that is stored.
        placed: as for `seal_header`.
        write_header: False where header and payload are stored apart: the sink then receives
            the payload alone, and the header waits in `header`.
    """

    def __init__(
        self,
        sink: Sink,
        recipients: Sequence[Recipient],
        *,
        stanzas: int = STANZAS,
        placed: Recipient | None = None,
        write_header: bool = True,
    ) -> None:
        file_key = new_file_key()
        self.header = seal_header(recipients, file_key, stanzas=stanzas, placed=placed)
        if write_header:
            sink.write(self.header)
        self._payload = PayloadWriter(sink, file_key)

    def write(self, content: bytes | bytearray | memoryview) -> int:
        """Seal `content` and return its length in bytes."""
        return self._payload.write(content)

    def finish(self) -> None:
        """Write the final chunk. Without it there is no envelope, and every reader refuses."""
        self._payload.finish()


def seal(
    recipients: Sequence[Recipient], source: Source, sink: Sink, *, stanzas: int = STANZAS
) -> None:
    """Seal all of `source` for `recipients` into `sink`, as one age file.

    Raises:
        UnfitReaders: before anything is written, as `seal_header`.
    """
    sealer = Sealer(sink, recipients, stanzas=stanzas)
    for block in blocks_of(source):
        sealer.write(block)
    sealer.finish()


def _check_readers(recipients: Sequence[Recipient], stanzas: int, placed: Recipient | None) -> None:
    if not recipients:
        raise UnfitReaders("an envelope needs somebody to read it")
    if len(recipients) > stanzas:
        raise UnfitReaders(f"an envelope has room for {stanzas} readers, not {len(recipients)}")
    if len(set(recipients)) != len(recipients):
        raise UnfitReaders("an envelope is sealed once to each reader")
    if placed is not None and placed not in recipients:
        raise UnfitReaders("only a reader has a place")


def _decoys(count: int) -> list[Stanza]:
    """Return `count` stanzas that nobody opens and nobody can tell from the others.

    Each is a real encapsulation to a recipient whose identity is thrown away, and a real X25519
    share: the coefficients inside an ML-KEM ciphertext are not uniform, and neither is a share.
    Only the body is drawn: sealed under a key nobody has, it would be as random, at twice the cost.
    """
    if not count:
        return []
    # One for all of them: the public key is in no stanza, so that they share it does not show.
    nobody = MLKEM768PrivateKey.generate().public_key()
    return [_decoy(nobody) for _ in range(count)]


def _decoy(nobody: MLKEM768PublicKey) -> Stanza:
    _, ciphertext = nobody.encapsulate()
    share = X25519PrivateKey.generate().public_key().public_bytes_raw()
    return hybrid_stanza(ciphertext + share + secrets.token_bytes(BODY))
