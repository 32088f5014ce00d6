"""What is posted to an endpoint, in the two spellings of forms, and what a page carries."""

import re
from base64 import urlsafe_b64encode
from urllib.parse import urlencode

from app.envelope.receipts import Receipt

Body = tuple[bytes, str]  # what is posted, and its type

# The report script has one of its own as well, always the same: assets/report/post.js.
BOUNDARY = "candour-8f1d0c6e7b5a49f2a3c4d5e6f7081923"


def multipart(
    fields: dict[str, str], name: str = "", content: bytes = b"", kind: str = "application/x-age"
) -> Body:
    boundary = BOUNDARY
    out = bytearray()
    for field_name, value in fields.items():
        out += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field_name}"\r\n\r\n'.encode()
        )
        out += value.encode() + b"\r\n"
    if name:
        out += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        ).encode()
        out += content + b"\r\n"
    return bytes(out) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def urlencoded(fields: dict[str, str]) -> Body:
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def entropy(receipt: Receipt) -> str:
    return urlsafe_b64encode(receipt.entropy).decode().rstrip("=")


def hidden(page: bytes, name: str) -> str:
    """Return what a hidden field of a page carries."""
    found = re.search(rf'name="{name}" value="([^"]*)"'.encode(), page)
    assert found, f"the page carries no {name}"
    return found[1].decode()
