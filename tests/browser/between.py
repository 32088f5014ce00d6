"""The real portal, with somebody standing in front of it.

Everything the page sends passes through here and is kept for a test to look at. A test may also
have some requests answered here: what a browser must bear, and a real server seldom does.
"""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from flask import Flask
from werkzeug.formparser import FormDataParser
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.people import People

SENDS = ("/report/envelope", "/mailbox/envelope", "/mailbox/open", "/mailbox/enclosure")
STORED = {"look_again": "2026-11-29", "collected_after": "2026-11-21"}


@dataclass
class Posted:
    """One request that the page made, as it arrived."""

    path: str
    fields: list[tuple[str, str]]
    envelope: bytes | None
    headers: dict[str, str]
    body: bytes


@dataclass
class Between:
    """What passed, and what a test wants answered here instead."""

    portal: Flask
    people: People
    address: str = ""
    posted: list[Posted] = field(default_factory=list)
    # Answers to what is posted, in turn; when none is left, the portal answers.
    answers: list[Response] = field(default_factory=list)
    keyring: bytes | None = None

    def envelopes(self) -> list[bytes]:
        return [posted.envelope for posted in self.posted if posted.envelope is not None]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        return self._answer(environ)(environ, start)

    def _answer(self, environ: dict[str, Any]) -> Callable[..., Iterable[bytes]]:
        path = environ["PATH_INFO"]
        if path == "/report/keyring.json" and self.keyring is not None:
            return Response(self.keyring, mimetype="application/json")
        if path in SENDS:
            self._keep(environ)
            if self.answers:
                return self.answers.pop(0)
        return self.portal

    def _keep(self, environ: dict[str, Any]) -> None:
        body = Request(environ).get_data()
        environ["wsgi.input"] = BytesIO(body)
        parser = FormDataParser(stream_factory=lambda *_, **__: BytesIO())
        _, fields, files = parser.parse_from_environ(environ | {"wsgi.input": BytesIO(body)})
        file = files.get("envelope")
        self.posted.append(
            Posted(
                path=environ["PATH_INFO"],
                fields=list(fields.items(multi=True)),
                envelope=None if file is None else file.read(),
                headers=dict(Request(environ).headers),
                body=body,
            )
        )


def answer(status: int, says: dict[str, object], **headers: str) -> Response:
    """Return an answer in JSON."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(json.dumps(says), status, named, mimetype="application/json")


def refusal(status: int, error: str, *, ticket: str | None = None, **headers: str) -> Response:
    """Return a refusal as the protocol words it."""
    return answer(status, {"error": error, "message": "No.", "ticket": ticket}, **headers)


class Running:
    """Somebody between, listening on a free port of this machine."""

    def __init__(self, between: Between) -> None:
        self._server = make_server("127.0.0.1", 0, between, threaded=True)
        between.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Running":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
