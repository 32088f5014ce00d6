"""Rewrapping: new readers for an old payload.

Only somebody who can open the envelope can do this; the payload is neither read nor changed.
What a dropped reader opened before stays known to them: that is for authorisation to say.
Source: docs/envelope-spec.md, section 3.4.
"""

from collections.abc import Sequence

from app.envelope.format import STANZAS, Header
from app.envelope.opening import Unwraps, open_header
from app.envelope.recipients import Recipient
from app.envelope.sealing import seal_header


def rewrap(
    header: bytes | Header,
    identity: Unwraps,
    recipients: Sequence[Recipient],
    *,
    stanzas: int = STANZAS,
) -> bytes:
    """Return a new header over the same file key, with fresh stanzas for `recipients`.

    Args:
        header: the header that stands now.
        identity: of somebody it opens for.
        recipients: everybody who is to read from now on, whoever rewraps included or not.
        stanzas: 16 for everything that is stored.

    Raises:
        HeaderError, NoMatch, MacError: as `open_header`.
        UnfitReaders: as `seal_header`.
    """
    return seal_header(recipients, open_header(header, identity), stanzas=stanzas)
