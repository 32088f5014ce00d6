"""The documents of an export, and the tar that they go in."""

import json
from hashlib import sha256

import pytest

from app.envelope.identities import Identity
from app.sharing.bundle import File, FileChanged, sealed_bundle
from app.sharing.documents import as_they_are, case_json
from app.sharing.domain import CaseTold

RECIPIENT = Identity.generate().recipient


def test_a_file_that_changed_breaks_the_bundle_off():
    file = File("attachments/1-1", 3, sha256(b"two").hexdigest(), [b"tw", b"x"])
    with pytest.raises(FileChanged):
        list(sealed_bundle({}, [], [file], RECIPIENT))
    short = File("attachments/1-1", 3, sha256(b"two").hexdigest(), [b"tw"])
    with pytest.raises(FileChanged):
        list(sealed_bundle({}, [], [short], RECIPIENT))


def test_the_json_of_a_case_is_json():
    case = CaseTold(
        ref="BCDF-2345", desk="", state="", priority="", received_on="", letters=(), refused=(),
        sheet=(), notes=(("a", "b", '"\u2028</script>'),), audit=(),
    )  # fmt: skip
    assert json.loads(case_json(case, as_they_are))["notes"][0]["text"] == '"\u2028</script>'
