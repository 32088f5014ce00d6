"""Where the bytes of an upload go: never to a temporary file of the framework's.

Werkzeug spools a file of more than 500 kB to disk in plaintext. A view that takes files
reads the body with `receive` instead and says, part by part and while the bytes still
arrive, what each file becomes. Every other view refuses files.
"""

from collections.abc import Callable
from typing import IO, Any, Protocol, TypeVar

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

PIECE = 64 * 1024  # bytes read from the connection at a time
MOST_PARTS = 200


class FileSink(Protocol):
    """What takes the bytes of one file while they arrive."""

    def write(self, piece: bytes, /) -> object:
        """Take the next piece."""

    def finish(self) -> object:
        """Note that the file is complete. Never called for a broken upload."""


# Given the field's name and the fields that stood before it in the body.
OpenSink = Callable[[str, MultiDict[str, str]], FileSink]

View = TypeVar("View", bound=Callable[..., object])


def reads_its_own_body(view: View) -> View:
    """Mark a view of a staff page that takes a file.

    Nobody may read its body before it, not even for the form's token: the view checks that
    itself, once it has received the fields.
    """
    view.reads_its_own_body = True  # type: ignore[attr-defined]  # read by the factory
    return view


class CandourRequest(Request):
    """A request that takes text alone; see `receive` for files."""

    max_content_length = 512 * 1024
    max_form_memory_size = 512 * 1024
    max_form_parts = MOST_PARTS

    def _get_file_stream(self, *_args: object, **_named: object) -> Any:  # noqa: ANN401
        raise BadRequest


class _Parts:
    """The parts of one body, in their order."""

    def __init__(self, open_sink: OpenSink, most_text: int) -> None:
        self.fields: MultiDict[str, str] = MultiDict()
        self._open_sink = open_sink
        self._room = most_text
        self._name = ""
        self._text: list[bytes] = []
        self._sink: FileSink | None = None
        self._empty_file = False

    def take(self, event: object) -> None:
        if isinstance(event, Field):
            self._name, self._text, self._sink, self._empty_file = event.name, [], None, False
        elif isinstance(event, File):
            # A browser sends an unused file input as a nameless empty file.
            self._name, self._empty_file = event.name, not event.filename
            self._sink = None if self._empty_file else self._open_sink(event.name, self.fields)
        elif isinstance(event, Data):
            self._data(event)

    def _data(self, event: Data) -> None:
        if self._sink is not None:
            self._sink.write(event.data)
            if not event.more_data:
                self._sink.finish()
            return
        self._room -= len(event.data)
        if self._room < 0:
            raise RequestEntityTooLarge
        if self._empty_file:
            return
        self._text.append(bytes(event.data))
        if not event.more_data:
            self.fields.add(self._name, b"".join(self._text).decode("utf-8", "replace"))


def receive(
    request: Request, open_sink: OpenSink, *, largest: int, most_text: int
) -> MultiDict[str, str]:
    """Read a multipart body once, as it arrives, and return its text fields.

    Args:
        request: whose body has not been read yet.
        open_sink: called at the start of each file; what it returns gets the bytes. The name
            the file had on the reporter's machine is dropped here.
        largest: bytes the whole body may have.
        most_text: bytes all text fields may have together.

    Raises:
        RequestEntityTooLarge: if there is more.
        BadRequest: if the body is not multipart, or ends early.
    """
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise BadRequest
    request.max_content_length = largest
    if (request.content_length or 0) > largest:
        raise RequestEntityTooLarge
    parts = _Parts(open_sink, most_text)
    decoder = MultipartDecoder(boundary, max_form_memory_size=None, max_parts=MOST_PARTS)
    try:
        ended = _feed(decoder, request.stream, parts)
    except ValueError as error:
        raise BadRequest from error
    if not ended:
        raise BadRequest
    return parts.fields


def _feed(decoder: MultipartDecoder, stream: IO[bytes], parts: _Parts) -> bool:
    while True:
        piece = stream.read(PIECE)
        decoder.receive_data(piece or None)
        while not isinstance(event := decoder.next_event(), NeedData):
            if isinstance(event, Epilogue):
                return True
            parts.take(event)
        if not piece:
            return False
