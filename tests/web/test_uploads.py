"""Uploads are read part by part, and nothing of them touches a disk."""

import io
import tempfile

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge

from app.web.uploads import CandourRequest, receive

BOUNDARY = "----candour"


class Kept:
    def __init__(self, seen):
        self.seen = seen
        self.pieces = []
        self.complete = False

    def write(self, piece):
        self.pieces.append(bytes(piece))

    def finish(self):
        self.complete = True


def body(*parts):
    out = b""
    for name, filename, content in parts:
        out += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if filename is not None:
            out += f'; filename="{filename}"\r\nContent-Type: application/octet-stream'.encode()
        out += b"\r\n\r\n" + content + b"\r\n"
    return out + f"--{BOUNDARY}--\r\n".encode()


def request_of(data, content_type=f"multipart/form-data; boundary={BOUNDARY}", length=None):
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(data) if length is None else length),
        "wsgi.input": io.BytesIO(data),
        "wsgi.url_scheme": "http",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
    }
    return CandourRequest(environ)


def read(data, **options):
    sinks = {}

    def open_sink(name, fields):
        sinks[name] = Kept(dict(fields))
        return sinks[name]

    limits = {"largest": 10_000_000, "most_text": 10_000}
    fields = receive(request_of(data, **options), open_sink, **limits)
    return fields, sinks


def test_a_file_sees_the_fields_before_it():
    fields, sinks = read(
        body(
            ("clean_1", None, b"yes"), ("file_1", "her name.jpg", b"x" * 200_000), ("b", None, b"c")
        )
    )
    assert sinks["file_1"].seen == {"clean_1": "yes"}
    assert b"".join(sinks["file_1"].pieces) == b"x" * 200_000
    assert sinks["file_1"].complete
    assert fields["b"] == "c"


def test_an_unused_file_input_is_no_file():
    fields, sinks = read(body(("file_1", "", b""), ("a", None, b"b")))
    assert sinks == {}
    assert fields["a"] == "b"


def test_a_broken_upload_is_never_finished():
    whole = body(("file_1", "n", b"y" * 100_000))
    sinks = []

    def open_sink(name, fields):
        sinks.append(Kept(fields))
        return sinks[-1]

    cut = request_of(whole[:60_000])
    with pytest.raises(BadRequest):
        receive(cut, open_sink, largest=10_000_000, most_text=100)
    assert not sinks[0].complete


def test_too_much_text_is_refused():
    with pytest.raises(RequestEntityTooLarge):
        read(body(("a", None, b"x" * 20_000)))


def test_too_large_a_body_is_refused_before_it_is_read():
    data = body(("file_1", "n", b"y"))
    request = request_of(data, length=20_000_000)
    with pytest.raises(RequestEntityTooLarge):
        receive(request, lambda name, fields: Kept(fields), largest=10_000_000, most_text=10)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/form-data", "multipart/form-data; boundary="]
)
def test_another_kind_of_body_is_refused(content_type):
    with pytest.raises(BadRequest):
        read(body(), content_type=content_type)


@given(st.binary(max_size=600), st.integers(0, 500))
def test_mutated_bodies_are_refused_with_a_page(junk, at):
    good = body(("a", None, b"text"), ("file_1", "n", b"z" * 300))
    data = good[:at] + junk + good[at:]
    code = 200
    try:
        read(data)
    except HTTPException as error:
        code = error.code
    assert code in {200, 400, 413}


def test_every_other_view_refuses_files_and_spools_nothing(monkeypatch):
    def never(*_args, **_named):
        raise AssertionError("an upload went to a temporary file")

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", never)
    monkeypatch.setattr(tempfile, "TemporaryFile", never)

    class Small(Flask):
        request_class = CandourRequest

    small = Small("small")

    @small.post("/")
    def form():
        from flask import request

        return str(len(request.form))

    answer = small.test_client().post(
        "/",
        data=body(("f", "n", b"q" * 400_000)),
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
    )
    assert answer.status_code == 400
