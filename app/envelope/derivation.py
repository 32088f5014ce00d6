"""One key from another: HKDF-SHA-256, the only derivation in an envelope.

Source: RFC 5869; c2sp.org/age, "Conventions used in this document".
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DERIVED = 32  # bytes


def derive(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    """Return the 32 bytes that HKDF-SHA-256 gives for `secret`.

    Args:
        secret: bytes that are already uniformly random: a file key, a receipt's entropy.
        salt: any bytes; empty where age says so.
        info: what the result is for. Two uses never share one.
    """
    return HKDF(algorithm=SHA256(), length=DERIVED, salt=salt, info=info).derive(secret)
