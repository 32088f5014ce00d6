"""What a browser with scripts asks and sends, answered as docs/intake-protocol.md says."""

import json
import secrets
from base64 import b64decode
from datetime import timedelta
from io import BytesIO

import pytest

from app.envelope.padding import CHUNK, NONCE, TAG
from app.envelope.receipts import Receipt
from app.intake.domain import LARGEST_ENVELOPE
from app.intake.sealing import concern as concern_letter
from app.intake.sealing import message as message_letter
from app.intake.sealing import readers_of
from app.intake.writing import Draft
from app.routing.service import table_bytes
from tests.intake.desk import collect, envelope, opened, parts_of, reply, waiting
from tests.intake.reporter import MULTIPART
from tests.intake.test_deposit import NOTHING, rows

ON_SQLITE_UNLESS_PROVING = True


@pytest.fixture
def client(portal):
    return portal.test_client()


class Script:
    """Does what the sealing script does."""

    def __init__(self, browser, people):
        self.browser = browser
        self.people = people
        self.receipt = Receipt.generate()
        self.readers = readers_of(people.keyring, "psd", ["tom"])

    def ticket(self):
        from bs4 import BeautifulSoup

        page = BeautifulSoup(self.browser.get("/report").text, "html.parser")
        return page.select_one("main")["data-ticket"]

    def sealed(self, letter=None):
        letter = letter or concern_letter(
            self.receipt, Draft(answers={**Draft().answers, "what": "By script."}), self.readers, ()
        )
        recipients = [self.receipt.identity.recipient]
        recipients += [member.recipient for member in self.readers.members]
        return b"".join(envelope(recipients, letter, self.receipt.signing_key))

    def fields(self, **changes):
        return {
            "ticket": changes.get("ticket") or self.ticket(),
            "desk": "psd",
            "tag": self.receipt.tag.hex(),
            "mailbox": self.receipt.mailbox_id,
            "urgent": "",
            **changes,
        }

    def posts(self, path="/report/envelope", sealed=None, **changes):
        content = self.sealed() if sealed is None else sealed
        fields = self.fields(**changes)
        return self.browser.post(
            path,
            data={**fields, "envelope": (BytesIO(content), "envelope")},
            content_type=MULTIPART,
        )

    def message(self, text, place, previous, entry=None):
        letter = message_letter(self.receipt, text, self.readers, (), after=(place, previous))
        return self.browser.post(
            "/mailbox/envelope",
            data={
                "ticket": self.ticket(),
                "tag": self.receipt.tag.hex(),
                "entry": entry or secrets.token_hex(16),
                "envelope": (BytesIO(self.sealed(letter)), "envelope"),
            },
            content_type=MULTIPART,
        )

    def opens(self, tag=None):
        return self.browser.post("/mailbox/open", data={"tag": tag or self.receipt.tag.hex()})


@pytest.fixture
def script(client, people):
    return Script(client, people)


def test_the_public_files_are_the_same_for_everybody(client, settings):
    assert client.get("/report/keyring.json").data == settings.keyring.read_bytes()
    assert client.get("/report/routing.json").data == table_bytes(1)


def test_an_envelope_is_stored_once(portal, script, people):
    answer = script.posts(urgent="yes")
    assert answer.status_code == 201
    assert answer.json == {"look_again": "2026-11-29", "collected_after": "2026-11-21"}
    assert script.posts().status_code == 200
    collect(portal)
    assert script.posts().status_code == 200
    assert waiting(portal) == []


def test_the_envelope_waits_as_it_came(portal, script, people):
    sealed = script.sealed()
    script.posts(sealed=sealed, urgent="yes")
    [(letter, payload)] = waiting(portal)
    assert letter.header + payload == sealed
    assert (letter.desk, letter.urgent, letter.first) == ("psd", True, True)
    inside, _files = opened(letter.header, payload, people.keys["amara"])
    assert inside.answers["what"] == "By script."


def refused(answer, status, code):
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    assert answer.json.keys() == {"error", "message", "ticket"}
    assert answer.json["error"] == code
    assert (answer.json["ticket"] is not None) == (status in {409, 503, 507})
    assert "Set-Cookie" not in answer.headers
    return answer


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"ticket": ""}, 400, "malformed"),
        ({"ticket": "A" * 48}, 400, "malformed"),
        ({"tag": "ab"}, 400, "malformed"),
        ({"tag": "AB" * 32}, 400, "malformed"),
        ({"mailbox": ""}, 400, "malformed"),
        ({"desk": "made-up"}, 400, "unknown_desk"),
        ({"desk": ""}, 400, "unknown_desk"),
        ({"sealed": b""}, 400, "not_an_envelope"),
        ({"sealed": b"-----BEGIN PGP MESSAGE-----\nplain"}, 400, "not_an_envelope"),
        ({"sealed": b"age-encryption.org/v1\n-> scrypt a 18\n"}, 400, "not_an_envelope"),
        ({"sealed": b"x" * 300_000}, 400, "not_an_envelope"),
    ],
)
def test_what_is_wrong_is_said(portal, script, change, status, code):
    refused(script.posts(**change), status, code)
    assert rows(parts_of(portal)["database"]) == NOTHING


def test_a_header_of_another_number_of_stanzas_is_no_envelope(script, people):
    from app.envelope.sealing import Sealer

    out = BytesIO()
    sealer = Sealer(out, [people.keys["amara"].recipient], stanzas=15)
    sealer.write(bytes(8192))
    sealer.finish()
    refused(script.posts(sealed=out.getvalue()), 400, "not_an_envelope")


@pytest.mark.parametrize("more", [b"x", b"", bytes(16), bytes(100)])
def test_a_length_that_no_letter_has(portal, script, more):
    sealed = script.sealed()
    refused(
        script.posts(sealed=sealed[:-1] + more if not more else sealed + more), 400, "wrong_length"
    )
    assert waiting(portal) == []


def test_a_stale_ticket_is_exchanged(portal, script, clock):
    old = script.ticket()
    clock.now += timedelta(days=2)
    answer = refused(script.posts(ticket=old), 409, "stale_ticket")
    assert script.posts(ticket=answer.json["ticket"]).status_code == 201


def test_an_envelope_too_large_is_refused(portal, script, monkeypatch):
    monkeypatch.setattr("app.intake.json_views.LARGEST_ENVELOPE", 50_000)
    refused(script.posts(sealed=bytes(60_000)), 413, "too_large")
    monkeypatch.setattr("app.intake.json_views.LARGEST_BODY", 50_000)
    refused(script.posts(sealed=bytes(60_000)), 413, "too_large")
    assert list(parts_of(portal)["settings"].spool.iterdir()) == []


def test_the_largest_letter_is_an_envelope_that_fits():
    from app.envelope.padding import padded_length, sealed_payload_length

    longest = padded_length(64 * 1024 * 1024 + 60_000 + 20_000)
    assert sealed_payload_length(longest) + 30_000 < LARGEST_ENVELOPE


def test_a_body_that_breaks_off_leaves_nothing(portal, script):
    body = b"".join(
        b'--cut\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (name.encode(), value.encode())
        for name, value in script.fields().items()
    )
    body += b'--cut\r\nContent-Disposition: form-data; name="envelope"; filename="e"\r\n\r\n'
    body += script.sealed()[:-100]
    answer = portal.test_client().post(
        "/report/envelope",
        input_stream=BytesIO(body),
        headers={"Content-Length": str(len(body) + 200)},
        content_type=f"{MULTIPART}; boundary=cut",
    )
    refused(answer, 400, "malformed")
    assert rows(parts_of(portal)["database"]) == NOTHING
    assert list(parts_of(portal)["settings"].spool.iterdir()) == []


@pytest.mark.parametrize(
    "order", [["envelope", "ticket"], ["envelope"], ["ticket", "envelope", "envelope"]]
)
def test_fields_out_of_order(portal, script, order):
    parts = {
        "ticket": f'--b\r\nContent-Disposition: form-data; name="ticket"\r\n\r\n{script.ticket()}\r\n',
        "envelope": '--b\r\nContent-Disposition: form-data; name="envelope"; filename="e"\r\n\r\nx\r\n',
    }
    body = "".join(parts[name] for name in order) + "--b--\r\n"
    answer = portal.test_client().post(
        "/report/envelope", data=body, content_type=f"{MULTIPART}; boundary=b"
    )
    refused(answer, 400, "malformed")


def test_a_mailbox_opens_with_its_tag(portal, script, people):
    script.posts()
    answer = script.opens()
    assert answer.status_code == 200
    found = answer.json
    assert found.keys() == {
        "mailbox", "desk", "status", "look_again", "promised", "closed", "ticket", "entries",
    }  # fmt: skip
    assert (found["promised"], found["closed"]) == (None, False)
    assert (found["mailbox"], found["desk"]) == (script.receipt.mailbox_id, "psd")
    assert found["look_again"] is None
    [entry] = found["entries"]
    assert (entry["side"], entry["postmark"]) == ("reporter", None)
    [(letter, payload)] = waiting(portal)
    assert b64decode(entry["header"]) == letter.header
    assert b64decode(entry["head"]) == payload

    inside, _files = opened(letter.header, payload, people.keys["amara"])
    collect(portal)
    reply(portal, people, "amara", inside, "A question.")
    entries = script.opens().json["entries"]
    assert sorted(entry["side"] for entry in entries) == ["desk", "reporter"]
    assert {entry["postmark"] for entry in entries} == {"2026-11-21"}
    assert script.opens().json["look_again"] == "2026-11-28"
    assert script.opens().json["promised"] == "2026-12-19"


def test_only_the_beginning_of_a_large_letter_is_sent(portal, script):
    sealed = script.sealed()
    script.posts(sealed=sealed)
    head = NONCE + 2 * (CHUNK + TAG)
    collect(portal)
    for path in parts_of(portal)["settings"].objects.iterdir():
        path.write_bytes(bytes(2 * head))
    [entry] = script.opens().json["entries"]
    assert len(b64decode(entry["head"])) == head


@pytest.mark.parametrize(("tag", "status"), [("", 400), ("zz" * 32, 400), ("ab" * 32, 404)])
def test_a_tag_without_a_mailbox(client, tag, status):
    answer = client.post("/mailbox/open", data={"tag": tag})
    refused(answer, status, {400: "malformed", 404: "no_mailbox"}[status])


def test_messages_are_stored_once_under_their_entry(portal, script):
    script.posts()
    entry = secrets.token_hex(16)
    assert script.message("More.", 1, "0" * 64, entry).status_code == 201
    assert script.message("More.", 1, "0" * 64, entry).status_code == 200
    assert script.message("More.", 1, "0" * 64).status_code == 201
    assert len(waiting(portal)) == 3


def test_a_message_without_a_mailbox(script):
    refused(script.message("More.", 1, "0" * 64), 404, "no_mailbox")


def test_a_full_letterbox_says_so(portal, script, settings, monkeypatch):
    monkeypatch.setattr("app.intake.service.MIB", 1)
    answer = refused(script.posts(), 507, "full")
    assert json.loads(answer.data)["ticket"]


def test_everything_here_can_be_parsed_strictly(script):
    script.posts()
    for answer in (script.opens(), script.posts()):
        pairs = json.loads(answer.data, object_pairs_hook=lambda pairs: pairs)
        names = [name for name, _value in pairs]
        assert len(names) == len(set(names))
