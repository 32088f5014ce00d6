"""The browser's scripts and this room are two readers of one specification: they must agree."""

import json
from base64 import b64decode, b64encode
from io import BytesIO

import pytest

from app.envelope.errors import NoMatch
from app.envelope.format import STANZAS, parse_header
from app.envelope.keyring_file import sign_keyring
from app.envelope.letter import Kind, check_place, sign_letter, verify_letter
from app.envelope.opening import open_envelope
from app.envelope.padding import is_sealed_payload_length
from app.envelope.parcel import ParcelReader, parcel_length
from app.envelope.reading import read_attachments
from app.envelope.stream import PayloadReader
from tests.envelope import node, samples
from tests.envelope.samples import ANSWERS, JANE, KEYRING, OMAR, RECEIPT, REPLY, SIGNERS, TODAY

CONTENTS = [b"first", b"", bytes(range(256)) * 600]


@pytest.fixture(scope="module")
def browser() -> dict:
    given = {
        "entropy": text(RECEIPT.entropy),
        "keyring": text(sign_keyring(KEYRING, SIGNERS)),
        "signers": [str(signer.verification_key) for signer in SIGNERS],
        "today": TODAY.isoformat(),
        "answers": ANSWERS,
        "attachments": [
            {"label": item.label, "size": item.size, "sha256": item.sha256}
            for item in samples.attached(CONTENTS)
        ],
        "contents": [text(content) for content in CONTENTS],
        "reply": text(samples.parcel(*sign_letter(REPLY, JANE.signing_key))),
    }
    return json.loads(node.run("browser.mjs", given=json.dumps(given).encode()))


def text(content: bytes) -> str:
    return b64encode(content).decode()


def test_the_same_words_give_the_same_keys(browser):
    assert browser["tag"] == RECEIPT.tag.hex()
    assert browser["mailbox"] == RECEIPT.mailbox_id
    assert browser["recipient"] == str(RECEIPT.identity.recipient)


@pytest.mark.parametrize("identity", [JANE.identity, RECEIPT.identity], ids=["desk", "reporter"])
def test_a_concern_of_the_browser_is_read_here_to_its_last_byte(browser, identity):
    parcel = ParcelReader(open_envelope(envelope(browser), identity).payload)
    letter = verify_letter(parcel.letter_json, parcel.signature)
    check_place(letter, mailbox=RECEIPT.mailbox_id, kinds={Kind.CONCERN})
    found: list[BytesIO] = []
    read_attachments(parcel, letter, lambda *_: found.append(BytesIO()) or found[-1])
    assert [sink.getvalue() for sink in found] == CONTENTS
    assert dict(letter.answers) == ANSWERS
    assert (letter.readers, letter.left_out) == (("jane",), ("omar",))
    assert letter.to_bytes() == parcel.letter_json, "one letter has one text"


def test_whom_the_reporter_left_out_cannot_open_it(browser):
    with pytest.raises(NoMatch):
        open_envelope(envelope(browser), OMAR.identity)


def test_it_has_the_shape_that_intake_asks_for(browser):
    source = envelope(browser)
    assert len(parse_header(source, exactly=STANZAS).stanzas) == 16
    assert is_sealed_payload_length(len(source.read()))
    opened = open_envelope(envelope(browser), JANE.identity)
    assert isinstance(opened.payload, PayloadReader)
    letter = ParcelReader(opened.payload).letter_json
    assert browser["length"] == parcel_length(len(letter), [len(item) for item in CONTENTS])


def test_a_reply_is_read_there(browser):
    assert browser["reply"] == REPLY.text


def envelope(browser: dict) -> BytesIO:
    return BytesIO(b64decode(browser["envelope"]))
