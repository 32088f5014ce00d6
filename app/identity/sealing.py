"""Small secrets at rest: sealed under one key, for one purpose, in one place.

Source: RFC 8439 (ChaCha20-Poly1305).
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from app.errors import Broken

NONCE = 12  # bytes
TAG = 16  # bytes


def seal(key: bytes, plaintext: bytes, *, place: str) -> bytes:
    """Return `plaintext` sealed under `key` (32 bytes) for `place`: nonce, then ciphertext.

    Args:
        key: 32 bytes, used for this purpose only.
        plaintext: any bytes.
        place: where it lies, such as `slot/a-singh`; sealed bytes moved elsewhere do not open.
    """
    nonce = secrets.token_bytes(NONCE)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, plaintext, place.encode())


def unseal(key: bytes, sealed: bytes, *, place: str) -> bytes:
    """Return what was sealed.

    Raises:
        Broken: if the bytes were altered or moved, or the key is another.
    """
    if len(sealed) < NONCE + TAG:
        raise Broken(f"what is sealed at {place} was cut")
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except InvalidTag:
        raise Broken(f"what is sealed at {place} does not open") from None
