"""The parcel: letter, signature and attachments in one tar whose length says little.

Written and read in one pass. Whoever reads one gets exactly what this module would have written,
or a ParcelError.

Source: docs/envelope-spec.md, section 4.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.envelope.errors import ParcelError
from app.envelope.padding import (
    BLOCK,
    CHUNK,
    END_OF_TAR,
    is_sealed_payload_length,
    padded_length,
    sealed_payload_length,
)
from app.envelope.stream import Sink, Source
from app.envelope.ustar import filled, member_header, member_size

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = [
    "AttachmentReader",
    "ParcelReader",
    "ParcelWriter",
    "is_sealed_payload_length",
    "parcel_length",
    "peek_letter",
    "sealed_payload_length",
]
