"""Mailbox ids: where a reporter's thread lives, decided by her keys so that none can be swapped.

Source: docs/envelope-spec.md, section 2.4.
"""

from hashlib import sha256

from app.envelope.recipients import Recipient
from app.envelope.signing import VerificationKey


def mailbox_id(verification_key: VerificationKey, recipient: Recipient) -> str:
    """Return the id, 64 hexadecimal digits, of the mailbox that belongs to these two keys."""
    return sha256(b"candour/mailbox/v1\0" + verification_key.raw + recipient.raw).hexdigest()
