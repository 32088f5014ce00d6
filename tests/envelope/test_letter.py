"""A letter is its author's, whole, and where it belongs; or it is refused by name."""

import json
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.envelope.errors import LetterError, ParcelError
from app.envelope.keyring import Former
from app.envelope.letter import (
    LARGEST_ENCLOSED,
    LONGEST_LABEL,
    Attachment,
    Kind,
    check_place,
    letter_digest,
    parse_letter,
    sign_letter,
    verify_letter,
    verify_reply,
)
from app.envelope.padding import ENCLOSING, FLOOR
from app.envelope.parcel import LONGEST_LETTER, ParcelReader, parcel_length
from app.envelope.reading import read_attachments
from app.envelope.receipts import Receipt
from app.envelope.signing import SigningKey
from tests.envelope import samples
from tests.envelope.damage import damaged
from tests.envelope.samples import (
    ANSWERS,
    CONCERN,
    JANE,
    KEYRING,
    LEFT,
    MESSAGE,
    OMAR,
    RECEIPT,
    REPLY,
)
from tests.proof import PARSER, examples

CONTENTS = [b"first", b"", bytes(100_000)]
FILE = Attachment(label="A leaflet", size=5, sha256="0" * 64)
WITH_FILES = replace(CONCERN, attachments=samples.attached(CONTENTS))
SOUND = WITH_FILES.to_bytes()
STRANGER = Receipt(bytes(16))
KEYS = KEYRING.verification_keys()

ODD = [
    None, True, False, 0, 1, -1, 2**53, 1.0, "", "x", "reporter", "jane", "0" * 64, "A" * 64, [],
    ["jane"], ["omar", "jane"], ["jane", "jane"], ["Jane"], [1], [None], {}, {"a": "b"},
    {"what": 1}, [{}], [[]], [{"label": "x", "size": 1, "sha256": "0" * 64}] * 11, "a" * 70_000,
    ANSWERS, ANSWERS | {"danger": "perhaps"}, ANSWERS | {"more": ""},
]  # fmt: skip


def changed(letter, **changes) -> bytes:
    return json.dumps(json.loads(letter.to_bytes()) | changes).encode()


@pytest.mark.parametrize("letter", [CONCERN, MESSAGE, REPLY, WITH_FILES], ids=lambda it: it.kind)
def test_what_was_written_is_read(letter):
    assert parse_letter(letter.to_bytes()) == letter


def test_the_bytes_are_those_of_the_specification():
    found = json.loads(SOUND)
    assert list(found) == [
        "format", "kind", "mailbox", "author", "verification_key", "recipient", "place",
        "previous", "desk", "readers", "left_out", "keyring", "answers", "text", "attachments",
    ]  # fmt: skip
    assert found["format"] == "candour-letter/1"
    assert "🗂".encode() in SOUND


@examples(proof=PARSER)
@given(damaged(SOUND))
def test_a_damaged_letter_is_refused_by_name(content):
    try:
        parse_letter(content)
    except LetterError as error:
        fault = str(error)
    else:
        return
    assert "altered" not in fault, "an error quotes no content"


@examples()
@given(
    st.sampled_from([CONCERN, MESSAGE, REPLY, WITH_FILES]),
    st.sampled_from(list(json.loads(SOUND))),
    st.sampled_from(ODD),
)
def test_an_odd_value_is_refused_by_name_or_makes_another_letter(letter, name, value):
    content = changed(letter, **{name: value})
    try:
        found = parse_letter(content)
    except LetterError:
        return
    assert parse_letter(found.to_bytes()) == found


@pytest.mark.parametrize("name", list(json.loads(SOUND)))
def test_every_name_is_needed(name):
    found = json.loads(SOUND)
    del found[name]
    with pytest.raises(LetterError):
        parse_letter(json.dumps(found).encode())


@pytest.mark.parametrize(
    "content",
    [
        changed(CONCERN, more=1),
        SOUND.replace(b'"place":0', b'"place":0,"place":0'),
        SOUND.replace(b'"place":0', b'"place":0.0'),
        SOUND.replace(b"candour-letter/1", b"candour-letter/2"),
        SOUND.replace(b'"size":5', b'"size":5,"name":"x"'),
        SOUND.replace(b'"size":5', b'"size":8589934592'),
        SOUND.replace(b'"File 1"', b'"\\ud800"'),
        SOUND.ljust(LONGEST_LETTER + 1),
        b"\xef\xbb\xbf" + SOUND,
        changed(CONCERN, kind="slip"),
        changed(CONCERN, verification_key=(1).to_bytes(32, "little").hex()),
        changed(CONCERN, verification_key="AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        changed(CONCERN, recipient=str(RECEIPT.identity.recipient)[:-1]),
        changed(CONCERN, attachments=[{"label": "x", "size": 1}]),
    ],
)
def test_a_letter_of_another_form_is_refused(content):
    with pytest.raises(LetterError):
        parse_letter(content)


@pytest.mark.parametrize(
    ("letter", "changes"),
    [
        (CONCERN, {"place": 1, "previous": "0" * 64}),
        (CONCERN, {"place": -1}),
        (CONCERN, {"previous": "0" * 64}),
        (CONCERN, {"text": "words"}),
        (CONCERN, {"answers": {}}),
        (CONCERN, {"answers": ANSWERS | {"danger": "perhaps"}}),
        (CONCERN, {"recipient": None}),
        (CONCERN, {"author": "jane"}),
        (CONCERN, {"mailbox": "0" * 63}),
        (CONCERN, {"mailbox": "F" * 64}),
        (CONCERN, {"desk": "PSD"}),
        (CONCERN, {"desk": ""}),
        (CONCERN, {"keyring": 0}),
        (CONCERN, {"readers": ()}),
        (CONCERN, {"readers": ("omar", "jane")}),
        (CONCERN, {"readers": ("jane", "jane")}),
        (CONCERN, {"readers": tuple(f"m{number:02}" for number in range(16))}),
        (CONCERN, {"left_out": ("jane",)}),
        (CONCERN, {"left_out": ("x",)}),
        (CONCERN, {"attachments": samples.attached([b""] * 11)}),
        (MESSAGE, {"place": 0, "previous": ""}),
        (MESSAGE, {"previous": ""}),
        (MESSAGE, {"previous": "0" * 65}),
        (MESSAGE, {"answers": ANSWERS}),
        (REPLY, {"recipient": RECEIPT.identity.recipient}),
        (REPLY, {"author": "reporter"}),
        (REPLY, {"author": "Jane"}),
        (REPLY, {"place": 3}),
        (REPLY, {"answers": {"what": ""}}),
        (REPLY, {"attachments": samples.attached([b"", b""])}),
        (REPLY, {"attachments": (replace(FILE, size=LARGEST_ENCLOSED + 1),)}),
    ],
)
def test_parts_that_do_not_fit_together_make_no_letter(letter, changes):
    with pytest.raises(LetterError):
        replace(letter, **changes)


def test_a_desks_letter_with_a_file_is_padded_to_a_length_of_its_own():
    assert (CONCERN.floor, MESSAGE.floor, REPLY.floor) == (FLOOR, FLOOR, FLOOR)
    assert replace(MESSAGE, attachments=(FILE,)).floor == FLOOR
    largest = replace(FILE, size=LARGEST_ENCLOSED)
    for file in (replace(FILE, size=0), FILE, largest):
        assert replace(REPLY, attachments=(file,)).floor == ENCLOSING
    # Whatever such a letter says, it fits.
    assert parcel_length(LONGEST_LETTER, [LARGEST_ENCLOSED], floor=ENCLOSING) == ENCLOSING


@pytest.mark.parametrize(
    "changes", [{"label": "x" * 81}, {"size": -1}, {"size": 8**11}, {"sha256": "x"}]
)
def test_an_attachment_is_within_bounds(changes):
    with pytest.raises(LetterError):
        replace(Attachment(label="🗂" * LONGEST_LABEL, size=1, sha256="0" * 64), **changes)


def test_a_letter_too_long_or_with_half_a_character_is_not_written():
    for text in ("x" * LONGEST_LETTER, "\ud800"):
        with pytest.raises(LetterError):
            replace(MESSAGE, text=text).to_bytes()


def test_what_somebody_wrote_does_not_show():
    shown = repr(WITH_FILES) + repr(MESSAGE)
    for words in ("altered", "One thing more", "File 1", "ruth"):
        assert words not in shown


class TestReporter:
    def test_her_letter_verifies(self):
        content, signature = sign_letter(CONCERN, RECEIPT.signing_key)
        assert verify_letter(content, signature) == CONCERN
        assert len(letter_digest(content)) == 64

    def test_one_altered_byte_is_noticed(self):
        content, signature = sign_letter(MESSAGE, RECEIPT.signing_key)
        assert b"thing" in content
        for spoilt, signed in [
            (content.replace(b"thing", b"thong"), signature),
            (content, bytes(64)),
            (content, signature[:63]),
        ]:
            with pytest.raises(LetterError, match="signature"):
                verify_letter(spoilt, signed)

    def test_her_recipient_cannot_be_swapped(self):
        """Whoever writes to the store would read the replies."""
        key = SigningKey.generate()
        swapped = replace(CONCERN, verification_key=key.verification_key, recipient=JANE.recipient)
        with pytest.raises(LetterError, match="mailbox"):
            verify_letter(*sign_letter(swapped, key))

    def test_another_mailboxs_letter_is_out_of_place(self):
        theirs = replace(
            CONCERN,
            mailbox=STRANGER.mailbox_id,
            verification_key=STRANGER.verification_key,
            recipient=STRANGER.identity.recipient,
        )
        letter = verify_letter(*sign_letter(theirs, STRANGER.signing_key))
        with pytest.raises(LetterError, match="another mailbox"):
            check_place(letter, mailbox=RECEIPT.mailbox_id, kinds={Kind.CONCERN})

    def test_a_letter_of_another_kind_is_out_of_place(self):
        check_place(MESSAGE, mailbox=RECEIPT.mailbox_id, kinds={Kind.MESSAGE, Kind.CONCERN})
        with pytest.raises(LetterError, match="kind"):
            check_place(MESSAGE, mailbox=RECEIPT.mailbox_id, kinds={Kind.CONCERN})

    def test_she_signs_with_the_key_she_names(self):
        with pytest.raises(LetterError, match="another"):
            sign_letter(CONCERN, JANE.signing_key)

    def test_a_reply_is_not_hers(self):
        with pytest.raises(LetterError, match="reply"):
            verify_letter(*sign_letter(REPLY, JANE.signing_key))


class TestMember:
    def test_a_members_and_a_former_members_reply_verify(self):
        lena = replace(REPLY, author="lena", verification_key=LEFT.verification_key)
        assert isinstance(KEYRING.former[0], Former)
        for letter, key in [(REPLY, JANE.signing_key), (lena, LEFT)]:
            assert verify_reply(*sign_letter(letter, key), KEYS) == letter

    @pytest.mark.parametrize(
        ("author", "key"),
        [
            ("jane", OMAR.signing_key),
            ("omar", JANE.signing_key),
            ("nobody", JANE.signing_key),
            ("jane", SigningKey(bytes(32))),
        ],
    )
    def test_a_reply_by_a_key_the_keyring_has_not_for_its_author_is_forged(self, author, key):
        forged = replace(REPLY, author=author, verification_key=key.verification_key)
        with pytest.raises(LetterError, match="keyring"):
            verify_reply(*sign_letter(forged, key), KEYS)

    def test_a_name_without_its_signature_is_forged(self):
        content, _ = sign_letter(REPLY, JANE.signing_key)
        signature = OMAR.signing_key.sign("candour/letter/v1", content)
        with pytest.raises(LetterError, match="signature"):
            verify_reply(content, signature, KEYS)

    def test_a_reporters_letter_is_no_reply(self):
        with pytest.raises(LetterError, match="not a reply"):
            verify_reply(*sign_letter(MESSAGE, RECEIPT.signing_key), KEYS)


class TestAttachments:
    def read(self, contents, letter=WITH_FILES, sinks=True):
        parcel = ParcelReader(BytesIO(samples.parcel(SOUND, bytes(64), contents)))
        found = {}

        def sink_for(number, named):
            assert named == letter.attachments[number - 1]
            return found.setdefault(number, BytesIO()) if sinks else None

        read_attachments(parcel, letter, sink_for)
        return [found[number].getvalue() for number in sorted(found)]

    def test_those_the_letter_names_come_out(self):
        assert self.read(CONTENTS) == CONTENTS
        assert self.read(CONTENTS, sinks=False) == []

    @pytest.mark.parametrize(
        "contents",
        [
            CONTENTS[:2],
            [],
            [*CONTENTS, b""],
            [b"First", *CONTENTS[1:]],
            [b"first!", *CONTENTS[1:]],
            [CONTENTS[1], CONTENTS[0], CONTENTS[2]],
        ],
        ids=["one missing", "none", "one more", "altered", "longer", "swapped"],
    )
    def test_any_other_is_refused(self, contents):
        with pytest.raises(LetterError):
            self.read(contents)

    def test_the_parcel_is_sound_to_its_end(self):
        spoilt = samples.parcel(SOUND, bytes(64), CONTENTS)[:-1] + b"\1"
        with pytest.raises(ParcelError):
            read_attachments(ParcelReader(BytesIO(spoilt)), WITH_FILES, lambda *_: None)
