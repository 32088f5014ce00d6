"""What age has and this portal refuses: X25519 and scrypt stanzas, and ASCII armour.

They live here so that every one of age's vectors reaches the verdict it expects through the
portal's own header parser and payload reader.
"""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.envelope import bech32
from app.envelope.derivation import derive
from app.envelope.errors import EnvelopeError, HeaderError, NoMatch
from app.envelope.format import Header, Stanza, decode_base64

HIGHEST_WORK_FACTOR = 18
BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
END = b"-----END AGE ENCRYPTED FILE-----"


class ArmorError(EnvelopeError):
    """The ASCII armour is not the one form that age writes."""


@dataclass(frozen=True)
class X25519Identity:
    key: bytes

    @classmethod
    def parse(cls, text: str) -> "X25519Identity":
        return cls(bech32.decode("age-secret-key-", text))

    def unwrap(self, stanza: Stanza) -> bytes:
        share = _checked(stanza, "X25519", arguments=2)
        if len(share) != 32:
            raise HeaderError("share")
        private = X25519PrivateKey.from_private_bytes(self.key)
        try:
            secret = private.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:
            raise HeaderError("small order") from None
        salt = share + private.public_key().public_bytes_raw()
        return _unwrapped(derive(secret, salt=salt, info=b"age-encryption.org/v1/X25519"), stanza)


@dataclass(frozen=True)
class ScryptIdentity:
    passphrase: str

    def unwrap(self, stanza: Stanza) -> bytes:
        salt = _checked(stanza, "scrypt", arguments=3)
        factor = stanza.arguments[2]
        if len(salt) != 16 or not re.fullmatch(r"[1-9][0-9]*", factor):
            raise HeaderError("salt or work factor")
        if int(factor) > HIGHEST_WORK_FACTOR:
            raise HeaderError("work factor")
        salted = b"age-encryption.org/v1/scrypt" + salt
        hashing = Scrypt(salt=salted, length=32, n=1 << int(factor), r=8, p=1)
        return _unwrapped(hashing.derive(self.passphrase.encode()), stanza)


def check_mix(header: Header) -> None:
    """An scrypt stanza stands alone in its header."""
    types = [stanza.arguments[0] for stanza in header.stanzas]
    if "scrypt" in types and len(types) > 1:
        raise HeaderError("scrypt is not alone")


def without_armor(text: bytes) -> bytes:
    lines = text.strip(b" \t\r\n").replace(b"\r\n", b"\n").split(b"\n")
    if len(lines) < 2 or lines[0] != BEGIN or lines[-1] != END:
        raise ArmorError("first or last line")
    body = lines[1:-1]
    if any(len(line) != 64 for line in body[:-1]) or (body and not 0 < len(body[-1]) <= 64):
        raise ArmorError("line length")
    try:
        content = b64decode(b"".join(body), validate=True)
    except ValueError:
        raise ArmorError("base64") from None
    if b64encode(content) != b"".join(body):
        raise ArmorError("canonical")
    return content


def _checked(stanza: Stanza, name: str, *, arguments: int) -> bytes:
    if stanza.arguments[0] != name:
        raise NoMatch("another type")
    if len(stanza.arguments) != arguments or len(stanza.body) != 32:
        raise HeaderError("arguments or body")
    return decode_base64(stanza.arguments[1].encode())


def _unwrapped(key: bytes, stanza: Stanza) -> bytes:
    try:
        return ChaCha20Poly1305(key).decrypt(bytes(12), stanza.body, None)
    except InvalidTag:
        raise NoMatch("not for this identity") from None
