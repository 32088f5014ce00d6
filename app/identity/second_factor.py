"""One-time codes: each is good once, and their secret lies sealed.

Source: RFC 6238 (TOTP; six digits, SHA-1, 30 seconds: what every authenticator takes).
"""

import hmac
from datetime import datetime

import pyotp

from app.envelope.derivation import derive
from app.identity.sealing import seal, unseal

STEP = 30  # seconds
DRIFT = (0, -1, 1)  # steps a phone's clock may be off
DIGITS = 6


def new_secret() -> str:
    """Return a fresh secret in base32, 160 bits."""
    return str(pyotp.random_base32())


def seal_secret(secret: str, *, account: str, secret_key: str) -> bytes:
    """Return the secret as it lies in the account's row."""
    return seal(_key(secret_key), secret.encode("ascii"), place=f"totp/{account}")


def open_secret(sealed: bytes, *, account: str, secret_key: str) -> str:
    """Return the secret that `seal_secret` sealed.

    Raises:
        Broken: if it was altered, moved from another account, or sealed under another key.
    """
    return unseal(_key(secret_key), sealed, place=f"totp/{account}").decode("ascii")


def matching_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    """Return the time step that `code` belongs to, if it is near `now` and later than `after`.

    The caller stores the step with a compare-and-swap; pyotp itself would take a code again.
    """
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
    current = int(now.timestamp()) // STEP
    typed = code.encode("ascii", "replace")
    found = None
    for step in (current + drift for drift in DRIFT):
        # Every candidate is compared, whichever matches: the time taken says nothing.
        matches = hmac.compare_digest(totp.generate_otp(step).encode("ascii"), typed)
        if matches and step > after and found is None:
            found = step
    return found


def code_at(secret: str, now: datetime) -> str:
    """Return the code that an authenticator shows at `now`."""
    return str(pyotp.TOTP(secret, digits=DIGITS, interval=STEP).at(now))


def address(secret: str, *, account: str, service: str) -> str:
    """Return the `otpauth:` address that an authenticator reads from a picture."""
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
    return str(totp.provisioning_uri(name=account, issuer_name=service))


def _key(secret_key: str) -> bytes:
    return derive(secret_key.encode(), salt=b"", info=b"candour/totp/v1")
