"""A stand-in for the server: the protocol's pages and answers, and everything that was sent.

The real portal has its own tests. This one can be told to be busy, to lose a connection, to serve
another keyring: what a browser must bear and a real server seldom does.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from flask import Flask, Response, jsonify, request, send_from_directory
from werkzeug.serving import make_server

from app.envelope.keyring import sign_keyring
from app.routing.service import table_bytes
from app.web.headers import HEADERS, INLINE_SCRIPT
from tests.people import People

HERE = Path(__file__).parent
BUILT = HERE.parents[1] / "app" / "static" / "built"
# The portal's policy and stricter: no inline script at all, and no text that becomes markup.
POLICY = (
    HEADERS["Content-Security-Policy"].replace(f" '{INLINE_SCRIPT}'", "")
    + "; require-trusted-types-for 'script'; trusted-types 'none'"
)
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
class StandIn:
    """The stand-in's state, for a test to set and to look at."""

    people: People = field(default_factory=lambda: People.make(date.today()))  # noqa: DTZ011
    keyring: bytes = b""
    posted: list[Posted] = field(default_factory=list)
    # Called in turn for requests to store; when none is left, everything is stored.
    answers: list[Callable[[], Response | tuple[Response, int]]] = field(default_factory=list)
    mailbox: dict[str, object] = field(default_factory=dict)
    address: str = ""

    def __post_init__(self) -> None:
        self.keyring = sign_keyring(self.people.keyring, self.people.signer)

    def envelopes(self) -> list[bytes]:
        return [posted.envelope for posted in self.posted if posted.envelope is not None]


def refusal(status: int, error: str, **headers: str) -> Callable[[], Response]:
    """Return an answer that refuses with `error`, once."""

    def answer() -> Response:
        response = jsonify({"error": error, "message": "No.", "ticket": "ticket-2"})
        response.status_code = status
        response.headers.update({name.replace("_", "-"): text for name, text in headers.items()})
        return response

    return answer


def pages(state: StandIn) -> Flask:
    """Return the stand-in's application."""
    # An application of its own: its folder is not the portal's.
    server = Flask("stand-in", root_path=str(HERE), static_folder=None)

    @server.after_request
    def _as_the_portal(response: Response) -> Response:
        response.headers.update(HEADERS | {"Content-Security-Policy": POLICY})
        return response

    @server.get("/<any(report, mailbox):page>")
    def _page(page: str) -> str:
        return _filled((HERE / "fixture" / f"{page}.html").read_text(encoding="utf-8"), state)

    @server.get("/static/built/<path:name>")
    def _built(name: str) -> Response:
        return send_from_directory(BUILT, name)

    @server.get("/leave")
    def _leave() -> str:
        return "<!DOCTYPE html><title>Weather</title><h1>Nothing here</h1>"

    @server.get("/report/keyring.json")
    def _keyring() -> Response:
        return Response(state.keyring, mimetype="application/json")

    @server.get("/report/routing.json")
    def _routing() -> Response:
        return Response(table_bytes(), mimetype="application/json")

    @server.post("/mailbox/open")
    def _open() -> Response:
        _keep(state)
        return jsonify(state.mailbox)

    @server.post("/report/envelope")
    @server.post("/mailbox/envelope")
    def _store() -> Response | tuple[Response, int]:
        _keep(state)
        if state.answers:
            return state.answers.pop(0)()
        return jsonify(STORED), 201

    return server


def _keep(state: StandIn) -> None:
    body = request.get_data(cache=True)
    file = request.files.get("envelope")
    state.posted.append(
        Posted(
            path=request.path,
            fields=list(request.form.items(multi=True)),
            envelope=None if file is None else file.read(),
            headers=dict(request.headers),
            body=body,
        )
    )


def _filled(page: str, state: StandIn) -> str:
    members = "".join(
        f'<input type="checkbox" name="leave_out" id="leave-{member.id}" value="{member.id}">'
        f'<label for="leave-{member.id}">{member.name}</label>'
        for member in state.people.keyring.members
    )
    signer = str(state.people.signer.verification_key)
    return page.replace("@signer@", signer).replace("@members@", members)


class Running:
    """The stand-in, listening on a free port of this machine."""

    def __init__(self, state: StandIn) -> None:
        self._server = make_server("127.0.0.1", 0, pages(state), threaded=True)
        state.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Running":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
